#!/usr/bin/env python3
"""Runs every example of README.md and of the manual pages, as printed there, and compares what
comes out with what is printed.

In a document a block whose lines begin with `$ ` is a session in a shell: each such line is typed,
with the lines behind it that begin with `> `; the rest is what must be printed. `...` stands for
anything: any lines when it stands alone, any part of a line otherwise. A block is written to a file
first when `<!-- file: NAME -->` (in a manual `.\\" file: NAME`) stands before it.

One shell for each document, in a folder of its own, from nothing: also the sandbox is started as the
document says. Only ports are exchanged for free ones.
"""

import argparse
import difflib
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile

import run_cases

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MARK = "\x1e"
ADDRESS = re.compile(r"127\.0\.0\.1:(\d{4,5})\b")


# --- reading ---------------------------------------------------------------------------------------


def blocks(text, is_manual):
    """(file name or None, lines) of each block."""
    begin, end = (r"\.Bd -literal.*", r"\.Ed") if is_manual else (r"```(?:console|ya?ml)", "```")
    named = r'\.\\" file: (\S+)' if is_manual else r"<!-- file: (\S+) -->"
    name, block = None, None
    for line in text.splitlines():
        if block is None:
            match = re.fullmatch(named, line)
            name = match.group(1) if match else name
            block = [] if re.fullmatch(begin, line) else None
        elif re.fullmatch(end, line):
            yield name, block
            name, block = None, None
        else:
            block.append(unescape(line) if is_manual else line)


def unescape(line):
    return line.replace("\\&", "").replace("\\-", "-").replace("\\(ti", "~").replace("\\e", "\\")


def steps(text, is_manual):
    """("file", name, content) and ("type", command, expected), in order."""
    for name, block in blocks(text, is_manual):
        if name:
            yield "file", name, "\n".join(block) + "\n"
        if not block or not block[0].startswith("$ "):
            continue
        command, expected = None, []
        for line in block:
            if line.startswith("$ "):
                if command is not None:
                    yield "type", command, expected
                command, expected = line[2:], []
            elif line.startswith("> ") and not expected:
                command += "\n" + line[2:]
            else:
                expected.append(line)
        yield "type", command, expected


# --- running ---------------------------------------------------------------------------------------


def free_ports(text):
    """A free port for each that the document speaks of."""
    found, sockets = {}, []
    for port in sorted(set(ADDRESS.findall(text))):
        sockets.append(socket.create_server(("127.0.0.1", 0)))
        found[port] = str(sockets[-1].getsockname()[1])
    for item in sockets:
        item.close()
    return found


def exchange(text, ports):
    return ADDRESS.sub(lambda match: "127.0.0.1:" + ports.get(match.group(1), match.group(1)), text)


def script(plan, ports, output):
    """A shell script that does the steps, with a mark before the output of each."""
    lines = ["trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    for number, (kind, what, content) in enumerate(plan):
        if kind == "file":
            lines.append(f"mkdir -p {shlex.quote(os.path.dirname(what) or '.')}")
            lines.append(f"printf %s {shlex.quote(content)} >{shlex.quote(what)}")
            continue
        command = exchange(what, ports)
        lines += [f"printf '{MARK}%d\\n' {number}", command]
        if command.endswith("&"):
            ready = "listening on http://" + ADDRESS.search(command).group(0)
            lines.append(f"for _ in $(seq 200); do grep -q '{ready}' {output} && break; sleep 0.05; done")
    return "\n".join(lines) + "\n"


def run(plan, ports, build, scratch):
    """What each step printed."""
    work, home, output = scratch / "work", scratch / "home", scratch / "output"
    work.mkdir()
    home.mkdir()
    shutil.copytree(ROOT / "examples", work / "examples")
    env = {"PATH": f"{build / 'bin'}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb",
           "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
           "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}
    env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
    with open(output, "wb") as out:
        subprocess.run(["bash", "-c", script(plan, ports, output)], cwd=work, env=env, stdin=subprocess.DEVNULL,
                       stdout=out, stderr=subprocess.STDOUT, timeout=120, check=False)
    text = output.read_text("utf-8", "backslashreplace")
    parts = re.split(f"{MARK}(\\d+)\n", exchange(text, {real: shown for shown, real in ports.items()}))
    return dict(zip(map(int, parts[1::2]), parts[2::2])), work


# --- comparing -------------------------------------------------------------------------------------


def pattern(lines):
    made = ""
    for line in lines:
        made += r"(?:.*\n)*?" if line == "..." else ".*?".join(map(re.escape, line.split("..."))) + r"\n"
    return re.compile(made)


def problem_of(document, command, expected, actual, work):
    expected = run_cases.normalise("".join(line + "\n" for line in expected), work).splitlines()
    actual = run_cases.normalise(actual + ("" if not actual or actual.endswith("\n") else "\n"), work)
    if pattern(expected).fullmatch(actual):
        return ""
    diff = difflib.unified_diff(expected, actual.splitlines(), document, "what is printed", lineterm="")
    return f"$ {command}\n" + "\n".join(diff) + "\n"


def check(path, build):
    text = path.read_text("utf-8")
    is_manual = path.suffix != ".md"
    plan = list(steps(text, is_manual))
    if not any(kind == "type" for kind, _, _ in plan):
        return f"{path.name}: no example was found\n"
    ports = free_ports(text)
    with tempfile.TemporaryDirectory(prefix="audiencectl-examples-") as scratch:
        printed, work = run(plan, ports, build, pathlib.Path(scratch))
    problems = ""
    for number, (kind, command, expected) in enumerate(plan):
        if kind == "type":
            problems += problem_of(path.name, command, expected, printed.get(number, "<not reached>\n"), work)
    return problems


def main():
    parser = argparse.ArgumentParser(description="runs the examples of the documents")
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build directory, with bin/ in it")
    parser.add_argument("documents", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    failed = False
    for path in options.documents:
        problems = check(path, options.build.resolve())
        sys.stdout.write(problems)
        failed = failed or bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
