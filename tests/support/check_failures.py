#!/usr/bin/env python3
"""Every format of every kind of failure, written by the real program and read by other parsers.

An API of our own answers with names and errors that hold whatever could hurt a terminal, a CI system
or a browser. However a command ends, each report is there, is whole, says why, and two runs write
equal bytes but for times.
"""

import argparse
import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

import jsonschema

import check_reports

FORMATS = ["text", "json", "markdown", "html", "junit", "sarif", "github"]
HOSTILE = ("\x1b[31m\r\n::error::x\n\n##[error]y ##vso[a]b | `c` *d* <script>alert(1)</script> ]]> --> &amp; 5% "
           "@octocat #1 [l](javascript:x) \u202e\u200b \"q\" 'a' \\ %0A ${{ x }} \x9b \u2028 ")
NAME = HOSTILE.replace("\r\n", " ").replace("\n", " ")
LONG = "n" * 10240
WORD = "reason-of-the-test"
MANIFEST = """apiVersion: audiencectl/v1
defaults: {adAccountId: act_1}
audienceSyncs:
  - {audienceName: VIPs, segmentId: seg_1}
  - {audienceName: "50% | `a` <b> @you #1 ]]> ::error::", segmentId: seg_2}
"""
TIME = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC)?|\d\.\d+ s\b")
TIMED = {"down", "timeout", "deadline", "nul", "halted"}  # what such a run came to differs
WAITED = re.compile(rb'("waitedMs": )\d+|sha256:[0-9a-f]{64}')


class Api(http.server.BaseHTTPRequestHandler):
    """Answers as self.server.answers says: PATH -> (status, body), body bytes or JSON."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.server.answers[self.command + " " + self.path.split("?")[0].removeprefix("/api/v1/")]
        if status == "wait":
            self.server.waiting.set()
            self.server.release.wait(20)
            status = 200
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    do_GET = do_POST = answer


def live(number, name, **more):
    return {"id": f"sync_{number}", "segmentId": "seg_1", "adAccountId": "act_1", "audienceName": name, **more}


def good_answers():
    syncs = [live(1, NAME), live(2, NAME, syncStatus="error", lastSyncError=HOSTILE), live(3, LONG),
             live(4, "VIPs", frequency=HOSTILE, syncStatus="error", lastSyncError=HOSTILE)]
    return {
        "GET account": (200, {"success": True, "companies": [{"id": "comp_1", "name": HOSTILE}],
                              "currentCompanyId": "comp_1"}),
        "GET audience-syncs": (200, {"success": True, "audienceSyncs": syncs}),
        "GET ad-accounts": (200, {"success": True, "adAccounts": [{"id": "act_1", "name": HOSTILE}]}),
        "GET segments": (200, {"success": True, "segments": [{"id": "seg_1", "name": HOSTILE}, {"id": "seg_2", "name": "VIPs"}]}),
        "POST audience-syncs": (422, {"success": False, "error": HOSTILE + WORD}),
    }


class Bench:
    """A folder with manifests, the API, and the program."""

    def __init__(self, program, folder, server):
        self.program = program
        self.folder = folder
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "SEQUENZY_API_KEY": "key",
                            "SEQUENZY_API_URL": self.url, "AUDIENCECTL_RATE": "off"}
        (folder / "a.yaml").write_text(MANIFEST)
        (folder / "wrong.yaml").write_text(MANIFEST.replace("segmentId", "segmentID"))
        (folder / "::error::x ##[error]y.yaml").write_text(MANIFEST.replace("segmentId", "segmentID"))
        (folder / "other.txt").write_text("something else\n")
        self.reset()

    def reset(self):
        self.server.answers = good_answers()
        self.server.release = threading.Event()
        self.server.waiting = threading.Event()

    def run(self, name, arguments, interrupt=False, **environment):
        """All formats of one run as NAME.FORMAT; returns the exit code and what the streams held."""
        reports = self.folder / "reports"
        reports.mkdir(exist_ok=True)
        options = [word for each in FORMATS for word in ("-o", f"{each}={reports / name}.{each}")]
        process = subprocess.Popen([self.program, *arguments, *options], cwd=self.folder, text=True, errors="replace",
                                   env=self.environment | environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if interrupt:
            self.server.waiting.wait(20)
            process.send_signal(signal.SIGTERM)
            threading.Timer(0.3, self.server.release.set).start()
        out, err = process.communicate(timeout=60)
        self.server.release.set()
        return process.returncode, out + err


def failures(bench):
    """NAME, exit code, what every report has to say, and how to run it."""
    answers = bench.server.answers

    def unauthorised():
        answers["GET audience-syncs"] = (401, {"success": False, "error": HOSTILE + WORD})
        return bench.run("unauthorised", ["plan", "a.yaml"])

    def page():
        answers["GET audience-syncs"] = (200, b"<html>" + HOSTILE.encode() + b"</html>")
        return bench.run("page", ["drift", "a.yaml", "--history", "h.jsonl"])

    def cut():
        answers["GET audience-syncs"] = (200, b'{"success": true, "audienceSyncs": [{"id": "' + b"x" * 10240)
        return bench.run("cut", ["apply", "--yes", "a.yaml"])

    def nul():
        answers["GET audience-syncs"] = (500, b'{"error": "a\\u0000b \0 ' + WORD.encode() + b'"}')
        return bench.run("nul", ["drift", "a.yaml", "--deadline", "300ms"])

    def name_with_nul():
        answers["GET audience-syncs"] = (200, b'{"success": true, "audienceSyncs": [{"id": "a\\u0000", '
                                              b'"adAccountId": "act_1", "audienceName": "b"}]}')
        return bench.run("name-with-nul", ["drift", "a.yaml"])

    def halted():
        answers["GET audience-syncs"] = (200, {"success": True, "audienceSyncs": []})
        answers["POST audience-syncs"] = ("wait", {"success": True, "audienceSync": live(7, "VIPs")})
        return bench.run("halted", ["apply", "--yes", "a.yaml", "--settle", "100ms"], interrupt=True)

    def wait(name, arguments, **more):
        answers["GET audience-syncs"] = ("wait", {})
        return bench.run(name, arguments, **more)

    def stale():
        bench.run("saved", ["plan", "a.yaml", "--out", "saved.json"])
        answers["GET audience-syncs"][1]["audienceSyncs"].append(
            live(9, "50% | `a` <b> @you #1 ]]> ::error::"))
        return bench.run("stale", ["apply", "--plan", "saved.json"])

    return [
        ("manifest", 1, "unknown key", lambda: bench.run("manifest", ["plan", "wrong.yaml"])),
        ("invalid", 1, "unknown key", lambda: bench.run("invalid", ["validate", "."])),
        ("nothing", 1, "no-such-folder", lambda: bench.run("nothing", ["drift", "no-such-folder"])),
        ("down", 1, "127.0.0.1", lambda: bench.run("down", ["plan", "a.yaml", "--deadline", "300ms"],
                                                   SEQUENZY_API_URL="http://127.0.0.1:1")),
        ("unauthorised", 1, WORD, unauthorised),
        ("page", 1, "audience-syncs", page),
        ("cut", 1, "audience-syncs", cut),
        ("company", 4, "comp_nope", lambda: bench.run("company", ["plan", "a.yaml", "--company", "comp_nope"])),
        ("unapproved", 4, "--yes", lambda: bench.run("unapproved", ["apply", "a.yaml"])),
        ("stale", 4, "50%", stale),
        ("deadline", 1, "deadline", lambda: wait("deadline", ["plan", "a.yaml", "--deadline", "500ms"])),
        ("timeout", 1, "audience-syncs", lambda: wait("timeout", ["get", "syncs", "--timeout", "500ms",
                                                                  "--deadline", "1500ms"])),
        ("interrupted", 143, "interrupted", lambda: wait("interrupted", ["drift", "a.yaml"], interrupt=True)),
        ("nul", 1, "500", nul),
        ("name-with-nul", 1, "audience-syncs", name_with_nul),
        ("halted", 143, "sync_7", halted),
        ("history", 1, "other.txt", lambda: bench.run("history", ["drift", "a.yaml", "--history", "other.txt"])),
        ("create", 3, WORD, lambda: bench.run("create", ["apply", "--yes", "a.yaml", "--settle", "100ms"])),
        ("drift", 2, "", lambda: bench.run("drift", ["drift", "a.yaml"])),
        ("listed", 0, "", lambda: bench.run("listed", ["get", "syncs"])),
    ]


def read(path):
    """What a run writes, without what may differ between two of them."""
    return WAITED.sub(b"", TIME.sub(b"TIME", path.read_bytes()))


def check_run(bench, number, first):
    """One failure; with what the run before wrote, if it was the same one."""
    bench.reset()
    name, wanted, word, start = failures(bench)[number]
    code, streams = start()
    problems = [] if code == wanted else [f"{name}: exit code {code}, not {wanted}: {streams[-300:]}"]
    for line in streams.split("\n"):
        if line.lstrip().startswith("::") or "##[" in line or "\x1b" in line:
            problems.append(f"{name}: a command in the log: {line[:100]!r}")
    seen = {}
    for each in FORMATS:
        path = bench.folder / "reports" / f"{name}.{each}"
        if not path.exists():
            problems.append(f"{path.name}: it was not written")
            continue
        seen[each] = read(path)
        # Diagnostics go to standard error: text alone leaves them there.
        text = path.read_text()
        if each == "markdown":
            text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
        if word not in text and not (each == "text" and word in streams):
            problems.append(f"{path.name}: nothing about '{word}'")
        if first and first.get(each) != seen[each] and name not in TIMED:
            problems.append(f"{path.name}: two runs differ")
    return problems, seen


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("schema", type=pathlib.Path)
    arguments = parser.parse_args()
    schema = jsonschema.Draft202012Validator(json.loads(arguments.schema.read_text()))
    problems = []
    with tempfile.TemporaryDirectory(prefix="audiencectl-failures-") as scratch:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        bench = Bench(arguments.program.resolve(), pathlib.Path(scratch), server)
        count = len(failures(bench))
        for number in range(count):
            found, first = check_run(bench, number, None)
            again, _ = check_run(bench, number, first)
            problems += found + again
        left = [path.name for path in bench.folder.glob("reports/*") if path.suffix[1:] not in FORMATS]
        problems += [f"left behind: {left}"] if left else []
        failed = check_reports.check_files(sorted((bench.folder / "reports").iterdir()), schema)
        server.shutdown()
    print("\n".join(problems) or f"{count} ways to end, all reported")
    return 1 if problems or failed else 0


if __name__ == "__main__":
    sys.exit(main())
