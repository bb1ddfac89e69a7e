#!/usr/bin/env python3
"""Checks the manual pages as they were built: two formatters have nothing to complain about, and
everything is in them that the programs, the schema and the sources know."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import check_coverage

ROOT = check_coverage.ROOT


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def complaints(page):
    """What mandoc and groff say. That a page of another program is not installed is no fault."""
    lint = run("mandoc", "-T", "lint", "-W", "style", page)
    groff = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page)
    lines = (lint.stdout + lint.stderr + groff.stderr).splitlines()
    return [line for line in lines if "referenced manual not found" not in line and "mandoc.db" not in line]


def rendered(page):
    text = run("mandoc", "-T", "utf8", "-O", "width=1000", page).stdout
    return re.sub(r".\x08", "", text)


def options_of_audiencectl(program):
    known = check_coverage.options(program)
    help_texts = [run(program, "help", command).stdout
                  for command in re.findall(r"^  ([a-z]+) ", run(program, "help").stdout, re.M)]
    twins = set(re.findall(r"\[\$([A-Z_]+)\]", "".join(help_texts)))
    return known | twins | {"--help"}


def entries_of_sandbox(program):
    return set(re.findall(r"^  (--[a-z-]+|[a-z][a-z-]+)", run(program, "--help").stdout, re.M))


def keys_of_schema(node):
    if isinstance(node, list):
        return set().union(*map(keys_of_schema, node))
    if not isinstance(node, dict):
        return set()
    own = set(node["properties"]) if isinstance(node.get("properties"), dict) else set()
    return own.union(*map(keys_of_schema, node.values()))


def main():
    parser = argparse.ArgumentParser(description="manual pages against the programs")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    build = parser.parse_args().build
    schema = json.loads((ROOT / "reconcile/manifest/manifest.schema.json").read_text("utf-8"))
    known = {
        "audiencectl.1": options_of_audiencectl(str(build / "bin/audiencectl")),
        "audience-sandbox.1": entries_of_sandbox(str(build / "bin/audience-sandbox")),
        "audiencectl-manifest.5": keys_of_schema(schema) | check_coverage.rules(),
    }
    failed = False
    for name, words in known.items():
        page = str(build / "cmd/manual" / name)
        problems = complaints(page)
        text = rendered(page)
        problems += [f"cmd/manual/{name} does not speak of {word}" for word in sorted(words)
                     if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]
        if len(words) < 10:
            problems.append(f"{name}: only {len(words)} words were looked for")
        for problem in problems:
            print(problem, file=sys.stderr)
        failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
