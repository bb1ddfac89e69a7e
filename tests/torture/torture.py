#!/usr/bin/env python3
"""Every command with one call failing: each write, fsync, rename, open in turn.

For each command a run without a failure says how many calls there are and what comes out. Then the
first call fails, then the second, and so on (see fail_calls.c). Whatever fails:

  * no crash, no finding of a sanitizer, no leak, no hang
  * either all comes out as without the failure, or the exit code says that it failed and a line why
  * a file that a command writes is whole, or is what was there before; where it may not be on the
    disk, that is no success
  * apply: no desired sync is ever two live ones; what it created it names, and never with an exit
    code that says that nothing was written; no create goes out when its intent may not be on the
    disk; run again without a failure, everything is there once

By default some dozens of calls of each command fail, chosen anew by --seed; --every is all of them.

usage: torture.py --build DIR [--every] [--seed N] [--jobs N] [COMMAND[:CALL]]...
"""
import argparse
import concurrent.futures
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import run_cases  # noqa: E402

CASES = run_cases.CASES
RUN_LIMIT_S = 60
# How many calls of a kind fail in the run by default.
SAMPLE = 2

# What reaches the disk is our own code alone.
WRITING = ["program"]
ENOSPC, EIO, EROFS = 28, 5, 30
CALLS = {
    "write": (WRITING, ENOSPC),
    "fsync": (WRITING, EIO),
    "ftruncate": (WRITING, EIO),
    "rename": (WRITING, EROFS),
    "mkdir": (WRITING, EROFS),
    "open": (WRITING, EROFS),
    "flock": (WRITING, EIO),
    "fchmod": (WRITING, EROFS),
    "fstat": (WRITING, EIO),
    "read": (WRITING, EIO),
}

REPORTS = [word for name in ("text", "json", "markdown", "html", "junit", "sarif", "github")
           for word in ("-o", f"{name}=report.{name}")]
APPLIED = ["Recent buyers", "VIPs", "Lapsed", "Caf\u00e9"]


class Command:
    """What is run, where, and against what. `case` is a folder of tests/cases that lends its
    manifests and its live state."""

    def __init__(self, words, case, before=None, applies=False, is_online=True):
        self.words = words
        self.case = CASES / case if case else None
        self.before = before or []
        self.applies = applies
        self.is_online = is_online


COMMANDS = {
    "validate": Command(["validate", "."] + REPORTS, "manifest-everything", is_online=False),
    "validate-wrong": Command(["validate", "."] + REPORTS, "manifest-fields", is_online=False),
    "validate-variables": Command(["validate", ".", "--var", "ACCOUNT=act_1", "--var-file", "values.txt"],
                                  "validate-variables", is_online=False),
    "plan": Command(["plan", ".", "--out", "saved.json"] + REPORTS, "plan-statuses"),
    # The names of ad accounts are for people; where they cannot be read drift goes without.
    "drift": Command(["drift", ".", "--history", "history", "--no-preflight"] + REPORTS, "plan-statuses",
                     before=[["drift", ".", "--history", "history"]] * 2),
    "show": Command(["show", "saved.json"] + REPORTS, "plan-statuses",
                    before=[["plan", ".", "--out", "saved.json"]]),
    "export": Command(["export", "--dir", "made", "--no-preflight"], "plan-statuses"),
    "get": Command(["get", "syncs"] + REPORTS, "plan-statuses"),
    "get-segments": Command(["get", "segments"], "plan-statuses"),
    "apply": Command(["apply", ".", "--yes", "--settle", "300ms"] + REPORTS, None, applies=True),
    "apply-plan": Command(["apply", "--plan", "saved.json", "--settle", "300ms"], None,
                          before=[["plan", ".", "--out", "saved.json"]], applies=True),
}


class Broken(Exception):
    """Something that must hold does not."""


# --- a place to run in -----------------------------------------------------------------------------


class Place:
    """A folder, and a sandbox when the command needs one."""

    def __init__(self, build, command, scratch):
        self.build = build
        self.command = command
        self.root = pathlib.Path(scratch)
        self.work = self.root / "work"
        self.sandbox = None
        self.url = "http://127.0.0.1:1"

    def __enter__(self):
        if self.command.is_online:
            case = self.command.case or self.root
            self.sandbox = run_cases.sandbox(self.build, case, self.work)
            self.url = self.sandbox.__enter__()
        return self

    def __exit__(self, *what):
        if self.sandbox:
            self.sandbox.__exit__(*what)

    def fill(self):
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.rmtree(self.root / "home", ignore_errors=True)
        if self.command.case:
            shutil.copytree(self.command.case, self.work, symlinks=True,
                            ignore=lambda folder, names: run_cases.OWN_FILES & set(names))
        else:
            self.work.mkdir()
            (self.work / "a.yaml").write_text(manifest(), "utf-8")
        for words in self.command.before:
            self.run(words)

    def run(self, words, **failure):
        env = run_cases.environment(self.work, self.url)
        env["ASAN_OPTIONS"] = "exitcode=99:verify_asan_link_order=0:detect_leaks=1:" + env.get("ASAN_OPTIONS", "")
        env["AUDIENCECTL_TIMEOUT"] = "5s"
        env.update(failure)
        return subprocess.run([str(self.build / "bin" / "audiencectl")] + words, cwd=self.work, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=RUN_LIMIT_S, check=False)

    def fail(self, call, at, onward=False):
        objects, error = CALLS[call]
        failure = {"LD_PRELOAD": preload(self.build), "FAIL_CALL": call, "FAIL_AT": str(at),
                   "FAIL_OBJECTS": ":".join(objects), "FAIL_ERRNO": str(error),
                   "FAIL_LOG": str(self.root / "count")}
        if onward:
            failure["FAIL_ONWARD"] = "1"
        (self.root / "count").unlink(missing_ok=True)
        return self.run(self.command.words, **failure)

    def counted(self):
        path = self.root / "count"
        if not path.exists():
            raise Broken("the library that makes calls fail was not loaded, or the process was ended")
        count, place = path.read_text("utf-8").rstrip("\n").split(" ", 1)
        return int(count), place

    def live(self):
        with urllib.request.urlopen(self.url + "/__sandbox/syncs", timeout=10) as answer:
            return json.load(answer)["audienceSyncs"]


def manifest():
    lines = ["apiVersion: audiencectl/v1", "defaults: {adAccountId: act_1234567890}", "audienceSyncs:"]
    for name in APPLIED:
        lines += [f"  - audienceName: {name}", "    segmentId: seg_vips"]
    return "\n".join(lines) + "\n"


def preload(build):
    return str(build / "tests" / "torture" / "libfail_calls.so")


# --- what must hold --------------------------------------------------------------------------------


def hide(text):
    """What differs from run to run, and how many requests a read took."""
    text = re.sub(r'"requests": \{[^}]*\}', '"requests": {}', text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "<time>", text)
    text = re.sub(r"\d+ GET, \d+ POST, \d+ of them repeated", "<requests>", text)
    return re.sub(r'points="[^"]*"', 'points="..."', text)


def outputs(place, done):
    """Everything that came out, by name."""
    found = {"stdout": done.stdout.decode("utf-8", "backslashreplace")}
    for path in sorted(place.work.rglob("*")):
        if path.is_file():
            found[str(path.relative_to(place.work))] = path.read_text("utf-8", "backslashreplace")
    return {name: hide(run_cases.normalise(text, place.work)) for name, text in found.items()}


def check_process(done):
    err = done.stderr.decode("utf-8", "backslashreplace")
    if done.returncode < 0 or done.returncode in (98, 99, 134, 139):
        raise Broken(f"ended by {done.returncode}\n{err}")
    if re.search(r"(Address|Leak|UndefinedBehavior)Sanitizer|runtime error:", err):
        raise Broken(f"a sanitizer complains\n{err}")
    return err


def check_document(name, text, code):
    if name.endswith(".json") and text.strip() and json.loads(text)["exitCode"] not in (code, 0):
        raise Broken(f"{name} speaks of another exit code than {code}")


def check_files(before, good, found, code):
    """Whole and of this run, or whole and of before; a report of the failure in place of a report."""
    for name, text in found.items():
        if name == "stdout" or text in (before.get(name), good.get(name)):
            continue
        # A line that a full disk has cut is taken away by the next run.
        if name == "history" and text.startswith(before[name]):
            continue
        if name not in good:
            raise Broken(f"a file is left behind: {name}")
        if not name.startswith("report.") and name != "saved.json":
            raise Broken(f"half a file: {name}\n{text}")
        check_document(name, text, code)


def check_read(call, good, good_code, before, place, done):
    err = check_process(done)
    found = outputs(place, done)
    if done.returncode == good_code and found == good and call != "fsync":
        return
    if done.returncode not in (1, 4):
        others = [name for name in sorted(set(good) | set(found)) if good.get(name) != found.get(name)]
        raise Broken(f"exit {done.returncode}, other than without the failure: {others}\n{err}")
    if not re.search(r"error: .*\S", err):
        raise Broken(f"exit {done.returncode} without a word\n{err}")
    check_files(before, good, found, done.returncode)


def names_of(syncs):
    return [sync["audienceName"] for sync in syncs]


def check_once(syncs):
    names = names_of(syncs)
    for name in names:
        if names.count(name) > 1:
            raise Broken(f"'{name}' was created {names.count(name)} times")


def is_lost(call, onward):
    """A full disk has room again after one write; the other calls do not work the second time."""
    return call in ("fsync", "open", "flock") or (call == "write" and onward)


def check_apply(place, done):
    if done.returncode == 0 and "journal" in where(place):
        raise Broken("exit 0, although the intent may not be on the disk")
    check_apply_anyway(place, done)


def check_apply_anyway(place, done):
    err = check_process(done)
    text = done.stdout.decode("utf-8", "replace") + err
    created = place.live()
    check_once(created)
    if done.returncode not in (0, 1, 3, 4):
        raise Broken(f"exit {done.returncode}\n{err}")
    if done.returncode == 0 and sorted(names_of(created)) != sorted(APPLIED):
        raise Broken(f"exit 0, but only these are there: {names_of(created)}\n{err}")
    if done.returncode in (1, 4) and created:
        raise Broken(f"exit {done.returncode}, but these are there: {names_of(created)}\n{err}")
    if done.returncode and not re.search(r"(error|warning): .*\S|Apply: ", text):
        raise Broken(f"exit {done.returncode} without a word\n{err}")
    for name in names_of(created):
        if name not in text:
            raise Broken(f"'{name}' was created and is not reported\n{text}")
    again = place.run(["apply", ".", "--yes", "--settle", "300ms"])
    check_once(place.live())
    if again.returncode or sorted(names_of(place.live())) != sorted(APPLIED):
        raise Broken("run again: exit %d\n%s%s" % (again.returncode, err, again.stderr.decode()))


# --- the campaign ----------------------------------------------------------------------------------


def choose(call, count, options, rng):
    """(number, onward) of the calls that are to fail: one of each stretch of equal length."""
    if options.every:
        return [(number, onward) for number in range(1, count + 1) for onward in (False, True)]
    sample = min(count, SAMPLE)
    return [(rng.randint(i * count // sample + 1, (i + 1) * count // sample), rng.random() < 0.3)
            for i in range(sample)]


def run_reads(place, call, failures):
    """The sandbox does not change, so one serves all runs."""
    place.fill()
    before = outputs(place, subprocess.CompletedProcess([], 0, b"", b""))
    done = place.run(place.command.words)
    good, good_code = outputs(place, done), done.returncode
    for number, onward in failures:
        place.fill()
        yield from attempt(place, call, number, onward,
                           lambda done: check_read(call, good, good_code, before, place, done))


def run_applies(options, name, call, failures):
    for number, onward in failures:
        with tempfile.TemporaryDirectory(prefix="audiencectl-torture-") as scratch:
            with Place(options.build, COMMANDS[name], scratch) as place:
                place.fill()
                check = check_apply if is_lost(call, onward) else check_apply_anyway
                yield from attempt(place, call, number, onward,
                                   lambda done, check=check, place=place: check(place, done))


def attempt(place, call, number, onward, check):
    """Yields the problem, if there is one."""
    try:
        check(place.fail(call, number, onward))
    except (Broken, ValueError) as problem:
        yield f"{call} {number}{' and all later ones' if onward else ''} {where(place)}: {problem}"
    except subprocess.TimeoutExpired:
        yield f"{call} {number}{' and all later ones' if onward else ''} {where(place)}: no end in {RUN_LIMIT_S} s"


def where(place):
    """The function whose call failed, as far as it is known."""
    try:
        failed = place.counted()[1]
    except Broken:
        return "at an unknown place"
    if not failed.startswith("program+"):
        return f"in {failed}"
    program = place.build / "bin" / "audiencectl"
    line = subprocess.run(["addr2line", "-fs", "-e", program, failed.split("+")[1]], capture_output=True,
                          text=True, check=False).stdout.split()
    return "in " + " ".join(line)


def count_calls(options, name, call):
    with tempfile.TemporaryDirectory(prefix="audiencectl-torture-") as scratch:
        with Place(options.build, COMMANDS[name], scratch) as place:
            place.fill()
            place.fail(call, 0)
            return place.counted()[0]


def run_part(options, name, call, failures):
    """Some of the calls of one command. Returns the problems."""
    try:
        if COMMANDS[name].applies:
            problems = list(run_applies(options, name, call, failures))
        else:
            with tempfile.TemporaryDirectory(prefix="audiencectl-torture-") as scratch:
                with Place(options.build, COMMANDS[name], scratch) as place:
                    problems = list(run_reads(place, call, failures))
    except (run_cases.CaseError, OSError) as problem:
        problems = [str(problem)]
    return [f"{name}: {problem}" for problem in problems]


def list_parts(options, rng):
    """(command, call, failures), in pieces that keep every worker busy to the end."""
    parts = []
    for name, command in COMMANDS.items():
        for call in CALLS:
            if options.chosen and name not in options.chosen and f"{name}:{call}" not in options.chosen:
                continue
            count = count_calls(options, name, call)
            failures = choose(call, count, options, rng)
            size = 20 if command.applies else 100
            for at in range(0, len(failures), size):
                parts.append((name, call, failures[at:at + size]))
            if count:
                print(f"{name}: {call}: {count} calls, {len(failures)} runs", flush=True)
    return parts


def main():
    parser = argparse.ArgumentParser(description="every command with one call failing")
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build directory, with bin/ in it")
    parser.add_argument("--every", action="store_true", help="fail every call, not some dozens of each command")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("chosen", nargs="*", metavar="COMMAND[:CALL]")
    options = parser.parse_args()
    options.build = options.build.resolve()
    print(f"seed {options.seed}", flush=True)
    parts = list_parts(options, random.Random(options.seed))
    problems = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for found in pool.map(lambda part: run_part(options, *part), parts):
            for problem in found:
                print(problem, flush=True)
            problems += found
    runs = sum(len(failures) for _, _, failures in parts)
    print(f"{runs} runs, {len(problems)} problems")
    return 1 if problems or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
