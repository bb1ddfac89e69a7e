#!/usr/bin/env python3
"""Runs the cases in tests/cases: each folder is one, and a new case is a new folder.

What a folder may hold is explained in tests/README.md. Called by ctest; by hand:

    tests/support/run_cases.py --build build/dev [--update] [NAME...]
"""

import argparse
import concurrent.futures
import contextlib
import datetime
import difflib
import http.server
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

CASES = pathlib.Path(__file__).resolve().parent.parent / "cases"
API_KEY = "seq_test_key"
STEP_TIMEOUT_S = 120
START_TIMEOUT_S = 30
# Files of a case that are not part of the folder that the command sees.
OWN_FILES = {"cmd", "live.json", "sandbox", "answers.json", "stdout", "stderr", "code", "requests",
             "expect"}
# A time so near to now was made by this run; others are data of the case.
NEAR_NOW = datetime.timedelta(minutes=15)


class CaseError(Exception):
    """The case cannot be run as it stands."""


# --- volatile pieces -------------------------------------------------------------------------------

# JUnit's have no zone; all of ours are UTC.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?")


def hide_time(match):
    text = match.group(0)
    with contextlib.suppress(ValueError):
        when = datetime.datetime.fromisoformat(text.rstrip("Z") + "+00:00")
        if abs(datetime.datetime.now(datetime.timezone.utc) - when) < NEAR_NOW:
            return "<time>"
    return text


def normalise(text, work):
    """Replaces what differs from run to run. Ids that the sandbox made up are numbered in the order
    of appearance, so that the same id twice still shows."""
    ids = {}

    def number_id(match):
        return ids.setdefault(match.group(0), f"<sync-{len(ids) + 1}>")

    text = text.replace(str(work), "<work>")
    text = re.sub(r"http://127\.0\.0\.1:\d+", "http://127.0.0.1:<port>", text)
    text = re.sub(r"\b127\.0\.0\.1 port \d+", "127.0.0.1 port <port>", text)
    text = re.sub(r"\bsync_[0-9a-f]{16}\b", number_id, text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:<digest>", text)
    text = re.sub(r'("generator": \{"name": "audiencectl", "version": )"[^"]*"', r'\1"<version>"',
                  text)
    text = re.sub(r'"waitedMs": \d+', '"waitedMs": <ms>', text)
    text = re.sub(r"((?:GET|POST) \S+ -> .*), \d+ bytes, \d+ ms", r"\1, <n> bytes, <ms> ms", text)
    return sort_exchanges(TIME.sub(hide_time, text))


def sort_exchanges(text):
    """Reads run at the same time: which of them ends first is chance."""
    lines = text.splitlines(True)
    is_exchange = [bool(re.match(r"audiencectl: (GET|POST) ", line)) for line in lines]
    begin = 0
    while begin < len(lines):
        end = begin
        while end < len(lines) and is_exchange[end]:
            end += 1
        lines[begin:end] = sorted(lines[begin:end])
        begin = end + 1
    return "".join(lines)


# --- servers ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def sandbox(build, case, work):
    """The stand-in for the API, with the case's data and faults."""
    port_file = work.parent / "port"
    # Without a rate limit: which request of several commands is one too many depends on the machine.
    command = [str(build / "bin" / "audience-sandbox"), "--listen", "127.0.0.1:0", "--rate", "off",
               "--port-file", str(port_file)]
    extra = shlex.split((case / "sandbox").read_text(), comments=True) if (case / "sandbox").exists() else []
    if "--api-key" not in extra:
        command += ["--api-key", API_KEY]
    if (case / "live.json").exists():
        command += ["--seed", str(case / "live.json")]
    with open(work.parent / "sandbox.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command + extra, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{wait_for_port(port_file, process, work)}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(port_file, process, work):
    end = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        text = port_file.read_text() if port_file.exists() else ""
        if text.endswith("\n"):
            return int(text)
        time.sleep(0.01)
    raise CaseError("the sandbox did not start: " + (work.parent / "sandbox.log").read_text())


@contextlib.contextmanager
def canned(case):
    """Answers word for word, for bodies that no sandbox would send: {"GET /api/v1/account":
    {"status": 200, "headers": {}, "body": "..."}} or a list of those, the last one repeated. A body
    that is no string is sent as JSON."""
    answers = json.loads((case / "answers.json").read_text())
    counts = {}
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.answer()

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer()

        def answer(self):
            key = f"{self.command} {self.path}"
            choice = answers.get(key, {"status": 404, "body": {"success": False, "error": "Not found"}})
            with lock:
                index = counts.get(key, 0)
                counts[key] = index + 1
            if isinstance(choice, list):
                choice = choice[min(index, len(choice) - 1)]
            body = choice.get("body", "")
            data = (body if isinstance(body, str) else json.dumps(body)).encode("utf-8", "surrogateescape")
            self.send_response(choice.get("status", 200))
            for name, value in {"Content-Type": "application/json", **choice.get("headers", {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data) + choice.get("missingBytes", 0)))
            self.end_headers()
            self.wfile.write(data)
            if choice.get("missingBytes"):
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", counts
    finally:
        server.shutdown()
        server.server_close()


# --- one case --------------------------------------------------------------------------------------


def parse_steps(case):
    """Each line of `cmd` is the arguments of one call; `NAME=VALUE` before them sets the
    environment, `<FILE` feeds standard input."""
    steps = []
    for line in (case / "cmd").read_text().splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        env = {}
        while words and re.match(r"[A-Z_][A-Z0-9_]*=", words[0]):
            name, value = words.pop(0).split("=", 1)
            env[name] = value
        stdin = [word[1:] for word in words if word.startswith("<")]
        steps.append((line, [w for w in words if not w.startswith("<")], env, stdin[0] if stdin else None))
    if not steps:
        raise CaseError("'cmd' has no command")
    return steps


def environment(work, url):
    home = work.parent / "home"
    home.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "GCOV_PREFIX", "GCOV_PREFIX_STRIP")
            or name.endswith("SAN_OPTIONS")}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
            "SEQUENZY_API_URL": url, "SEQUENZY_API_KEY": API_KEY}


def run_steps(build, steps, work, url):
    out, err, codes = "", "", ""
    for line, words, extra, stdin in steps:
        program = str(build / "bin" / "audiencectl")
        with open(work / stdin if stdin else os.devnull, "rb") as source:
            done = subprocess.run([program] + words, cwd=work, stdin=source, capture_output=True,
                                  env={**environment(work, url), **extra}, timeout=STEP_TIMEOUT_S,
                                  check=False)
        header = f"# {line}\n" if len(steps) > 1 else ""
        out += header + done.stdout.decode("utf-8", "backslashreplace")
        err += header + done.stderr.decode("utf-8", "backslashreplace")
        codes += f"{done.returncode}\n"
    return {"stdout": out, "stderr": err, "code": codes}


def count_requests(log):
    counts = {"GET": 0, "POST": 0}
    for method in log:
        counts[method] = counts.get(method, 0) + 1
    return "".join(f"{method} {count}\n" for method, count in sorted(counts.items()))


def read_log(url):
    with urllib.request.urlopen(url + "/__sandbox/log", timeout=10) as answer:
        requests = json.load(answer)["requests"]
    return [r["method"] for r in requests if not r["path"].startswith("/__sandbox")]


def execute(build, case, work):
    steps = parse_steps(case)
    if (case / "answers.json").exists():
        with canned(case) as (url, counts):
            actual = run_steps(build, steps, work, url)
            methods = [key.split()[0] for key, count in counts.items() for _ in range(count)]
    elif (case / "live.json").exists() or (case / "sandbox").exists():
        with sandbox(build, case, work) as url:
            actual = run_steps(build, steps, work, url)
            methods = read_log(url)
    else:
        # Nobody listens there: a command that must not use the network would fail.
        actual = run_steps(build, steps, work, "http://127.0.0.1:1")
        methods = []
    if (case / "requests").exists():
        actual["requests"] = count_requests(methods)
    if (case / "expect").is_dir():
        for path in sorted((case / "expect").rglob("*")):
            if path.is_file():
                name = str(path.relative_to(case))
                made = work / path.relative_to(case / "expect")
                actual[name] = made.read_text("utf-8", "backslashreplace") if made.exists() else "<no such file>\n"
    return {name: normalise(text, work) for name, text in actual.items()}


def compare(case, actual, update):
    problems = []
    for name, text in actual.items():
        path = case / name
        expected = path.read_bytes().decode("utf-8") if path.exists() else ("0\n" if name == "code" else "")
        if text == expected:
            continue
        if update:
            path.write_bytes(text.encode("utf-8"))
            continue
        diff = difflib.unified_diff(expected.splitlines(True), text.splitlines(True),
                                    f"{case.name}/{name} (expected)", f"{case.name}/{name} (actual)")
        problems.append("".join(line if line.endswith("\n") else line + "\n" for line in diff))
    return "".join(problems)


def run_case(build, case, update):
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="audiencectl-case-") as scratch:
        work = pathlib.Path(scratch) / "work"
        try:
            shutil.copytree(case, work, symlinks=True,
                            ignore=lambda folder, names: OWN_FILES & set(names) if folder == str(case) else set())
            problem = compare(case, execute(build, case, work), update)
        except (CaseError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            problem = f"{case.name}: {error}\n"
    return problem, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description="runs the cases in tests/cases")
    parser.add_argument("--build", required=True, type=pathlib.Path, help="build directory, with bin/ in it")
    parser.add_argument("--update", action="store_true", help="rewrite what is expected; read the diff")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*", help="cases to run; all when none is named")
    options = parser.parse_args()
    build = options.build.resolve()
    cases = sorted(path.parent for path in CASES.glob("*/cmd"))
    unknown = set(options.names) - {case.name for case in cases}
    if unknown:
        parser.error("no such case: " + ", ".join(sorted(unknown)))
    if options.names:
        cases = [case for case in cases if case.name in options.names]
    failed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda case: run_case(build, case, options.update), cases)
        for number, (case, (problem, seconds)) in enumerate(zip(cases, results), 1):
            verdict = "***Failed" if problem else "   Passed"
            print(f"{number:4}/{len(cases)} case/{case.name} ".ljust(64, ".") + f"{verdict} {seconds:7.2f} sec",
                  flush=True)
            if problem:
                failed.append(case.name)
                print(problem, flush=True)
    passed = len(cases) - len(failed)
    print(f"\n{100 * passed // max(len(cases), 1)}% cases passed, {len(failed)} failed out of {len(cases)}")
    for name in failed:
        print(f"    {name}")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
