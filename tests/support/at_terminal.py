#!/usr/bin/env python3
"""Runs a command at a terminal of its own, answers what it asks, and prints all that it showed.

    at_terminal.py [--columns N] [--when TEXT [--run SHELL] --type KEYS]... -- COMMAND...

When TEXT has appeared, SHELL is run, then KEYS are typed: \\r ends a line, \\x03 is Ctrl-C, \\x04
Ctrl-D. Each --when waits for what follows the one before. Exits as the command does; 99 when it
does not end within a minute, or ends before a TEXT has appeared.
"""
import argparse
import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT_S = 60


class Expectation(argparse.Action):
    """Gathers --when, --run and --type in their order: [text, shell, keys]."""

    def __call__(self, parser, namespace, value, option=None):
        steps = getattr(namespace, "steps")
        if option == "--when":
            steps.append([value.encode(), "", b""])
        elif option == "--run":
            steps[-1][1] = value
        else:
            steps[-1][2] = codecs.decode(value, "unicode_escape").encode()


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--columns", type=int, default=80)
    for name in ("--when", "--run", "--type"):
        parser.add_argument(name, action=Expectation)
    parser.add_argument("command", nargs="+")
    parser.set_defaults(steps=[])
    return parser.parse_args()


def start(options):
    try:
        child, terminal = pty.fork()
    except OSError as problem:
        sys.exit(f"at_terminal: no terminal can be made: {problem}; is /dev/pts mounted?")
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, options.columns, 0, 0))
        os.execvp(options.command[0], options.command)
    return child, terminal


def read(child, terminal, until):
    """What the terminal shows next; empty at the end."""
    ready, _, _ = select.select([terminal], [], [], max(0, until - time.monotonic()))
    if not ready:
        os.kill(child, signal.SIGKILL)
        print("at_terminal: it does not end", file=sys.stderr)
        sys.exit(99)
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so instead of an end
        return b""


def act(terminal, step):
    if step[1]:
        subprocess.run(step[1], shell=True, check=True, stdout=sys.stderr)
    os.write(terminal, step[2])


def main():
    options = parse()
    child, terminal = start(options)
    until = time.monotonic() + LIMIT_S
    unseen = b""
    while True:
        shown = read(child, terminal, until)
        if not shown:
            break
        sys.stdout.buffer.write(shown)
        sys.stdout.buffer.flush()
        unseen += shown
        while options.steps and options.steps[0][0] in unseen:
            step = options.steps.pop(0)
            unseen = unseen.split(step[0], 1)[1]
            act(terminal, step)
    _, status = os.waitpid(child, 0)
    if options.steps:
        print(f"at_terminal: {options.steps[0][0]!r} has not appeared", file=sys.stderr)
        return 99
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
