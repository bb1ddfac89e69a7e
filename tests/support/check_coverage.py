#!/usr/bin/env python3
"""Checks that every diagnostic rule and every option appears in at least one case.

Rules are taken from the sources that give them, options from the programs' own help, so that a new
one without a case is found by itself.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CASES = ROOT / "tests" / "cases"
# A rule is the first string of a call that adds a diagnostic.
RULE = re.compile(r'\b\w*(?:error|warning|diag|problem|fail|add|report)\w*\(\s*[^"();]*?,\s*"([a-z]+(?:-[a-z]+)*)",')
# Or one that a table or a variable holds.
HELD_RULE = re.compile(r'"((?:bad|duplicate|missing|no|undefined|unknown|unreadable|wrong)-[a-z-]+)"')
ROOMS = ("source", "manifest", "plan")
# Rules of SPEC that must be among them, so that a change of style cannot empty the list.
KNOWN = {"syntax", "encoding", "api-version", "unknown-key", "duplicate-key", "wrong-type", "missing-field",
         "segment-choice", "bad-ad-account", "bad-frequency", "bad-name", "duplicate-sync",
         "undefined-variable", "limit", "unreadable", "no-manifest", "similar-name", "unknown-template"}
# Seen by other tests, with the reason why no case can.
ELSEWHERE = {
    "--git": "needs a repository: tests/cli/git*.bats",
    "--ref": "needs a repository: tests/cli/git*.bats",
    "--path": "needs a repository: tests/cli/git*.bats",
    "--git-token-file": "needs a server: tests/cli/git*.bats",
    "--ssh-key": "needs a server: tests/cli/git*.bats",
    "--no-cache": "needs a repository: tests/cli/git*.bats",
    "--ca-file": "needs a TLS server: tests/cli",
}


def rules():
    found = set(KNOWN)
    for room in ROOMS:
        for path in (ROOT / "reconcile" / room).glob("*.c"):
            if path.name.startswith("git_"):
                continue
            text = path.read_text("utf-8")
            found.update(RULE.findall(text) + HELD_RULE.findall(text))
    return found


def options(program):
    found = set()
    overview = subprocess.run([program, "help"], capture_output=True, text=True, check=True).stdout
    for command in re.findall(r"^  ([a-z]+) ", overview, re.M):
        if command.isdigit():
            continue
        text = subprocess.run([program, "help", command], capture_output=True, text=True, check=False).stdout
        found.update(re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", text, re.M))
    return found


def main():
    parser = argparse.ArgumentParser(description="rules and options without a case")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    program = str(parser.parse_args().build / "bin" / "audiencectl")
    outputs = "".join(p.read_text("utf-8") for p in CASES.glob("*/std*"))
    outputs += "".join(p.read_text("utf-8") for p in CASES.glob("*/expect/**/*") if p.is_file())
    words = set()
    for path in CASES.glob("*/cmd"):
        words.update(word.split("=")[0] for word in path.read_text("utf-8").split())
    missing = [f"rule {rule}" for rule in sorted(rules()) if f"[{rule}]" not in outputs]
    missing += [f"option {option}" for option in sorted(options(program))
                if option not in words and option not in ELSEWHERE]
    for item in missing:
        print(f"no case has {item}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
