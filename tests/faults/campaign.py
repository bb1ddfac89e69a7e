#!/usr/bin/env python3
"""Apply under random faults, crashes and re-runs: no duplicate, and nothing unreported.

Each schedule is made from its seed alone: manifests, faults of the sandbox, list lag, signals,
deadlines, a rival apply, damage to the journal; and what changes between two runs: the selection,
the rows of the manifest, a plan that was saved earlier, a pause that is longer than the time-out of a
request. It runs `apply` several times against a sandbox with faults, then without faults until
nothing is left to do, and compares what apply said with what the sandbox holds:

  * one desired sync is never two live ones, not at any time
  * exit 0 only when every desired sync is there exactly once, or reported as withheld
  * `created` and `exists` name a sync that is there; what is `failed` or `not-attempted` is not there
  * at the end everything is there exactly once (but for renaming servers: at most once)

usage: campaign.py --bin DIR [--seeds FIRST:COUNT] [--jobs N] [--keep]
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SETTLE_MS = 1500
TIMEOUT_MS = 600
LATEST_MS = 600  # list lag and commit-late together stay well under the settle window
FAULTY_RUNS = 3
CLEAN_RUNS = 4
RUN_LIMIT_S = 240

CREATE_FAULTS = [
    "reset-before", "reset-after", "timeout-before", "timeout-after",
    "status-before:400", "status-before:408", "status-before:429:1", "status-before:429",
    "status-before:500", "status-before:503:1", "status-before:302",
    "status-after:400", "status-after:404", "status-after:408", "status-after:409",
    "status-after:429", "status-after:500", "status-after:502", "status-after:504",
    "commit-late", "cut-after", "invalid-json-after", "success-false-before",
    "success-false-after", "html-before", "html-after", "huge-after", "drip:1",
    "status-before:401", "status-before:403",
]
READ_FAULTS = [
    "reset-before", "timeout-before", "status-before:500", "status-before:429:1",
    "status-before:503", "html-before", "invalid-json-after", "cut-after", "success-false-before",
]
# What may become of the journal between two runs. A lost line is waited for as if it had spoken of
# every create; but if the server renames too, nobody can know what its create has become.
DAMAGES = ["torn", "garbage", "future", "past"]
LOST_LINE = "line"
RENAMES = ["rename", "rename:upper", "rename:squeeze"]
# What a faulty run is about: all rows, some by --name, a manifest without some, a saved plan.
SCOPES = ["all", "all", "all", "selected", "removed", "saved"]
PAUSE_S = 1.0  # longer than TIMEOUT_MS, shorter than the settle window


class Broken(Exception):
    """An invariant does not hold."""


def choose_schedule(seed):
    rng = random.Random(seed)
    renames = rng.random() < 0.1
    lag = rng.choice([0, 0, rng.randint(50, LATEST_MS // 2)])
    rules = []
    for _ in range(rng.randint(1, 5)):
        kind = rng.choice(CREATE_FAULTS)
        if kind == "commit-late":
            kind += ":%d" % rng.randint(20, LATEST_MS // 2)
        when = rng.choice(["nth=%d" % rng.randint(1, 9), "every=%d" % rng.randint(2, 5),
                           "p=%.2f" % rng.uniform(0.1, 0.6)])
        rules.append("POST /audience-syncs %s %s" % (when, kind))
    if renames:
        rules.insert(0, "POST /audience-syncs nth=%d %s"
                     % (rng.randint(1, 4), rng.choice(RENAMES)))
    for _ in range(rng.choice([0, 0, 1, 2])):
        rules.append("GET /audience-syncs nth=%d %s"
                     % (rng.randint(2, 8), rng.choice(READ_FAULTS)))
    schedule = {
        "seed": seed,
        "renames": renames,
        "lag": lag,
        "rules": rules,
        "count": rng.choice([1, 2, 3, 5, 8, 13, 20]),
        "segments": rng.random() < 0.7,
        "rate": rng.choice(["off", "off", "off", "50/s", "100/min,20/s"]),
        "signals": [rng.choice([None, None, signal.SIGKILL, signal.SIGKILL, signal.SIGINT,
                                signal.SIGTERM]) for _ in range(FAULTY_RUNS)],
        "signal_after_s": [rng.uniform(0.0, 1.5) for _ in range(FAULTY_RUNS)],
        "twice": [rng.random() < 0.2 for _ in range(FAULTY_RUNS)],
        "deadline_ms": [rng.choice([0, 0, 0, rng.randint(200, 3000)]) for _ in range(FAULTY_RUNS)],
        "rival_after_s": [rng.choice([None, None, None, rng.uniform(0.0, 0.3)])
                          for _ in range(FAULTY_RUNS)],
        "latency_ms": rng.choice([0, 0, 30, 80]),
        "damage": [rng.choice([None, None, None, *DAMAGES, DAMAGES[0] if renames else LOST_LINE])
                   for _ in range(FAULTY_RUNS)],
        "forbidden": rng.random() < 0.15,
        "flicker": rng.choice([0, 0, LATEST_MS]),
        "scope": [rng.choice(SCOPES) for _ in range(FAULTY_RUNS)],
        "some": [rng.random() for _ in range(FAULTY_RUNS)],
        "pause": [rng.random() < 0.3 for _ in range(FAULTY_RUNS)],
    }
    if schedule["forbidden"]:
        forbid_account(schedule, rng)
    return schedule


def forbid_account(schedule, rng):
    """Nobody can say whose the key is, and some runs name the company. A lost line may
    be in the journal of the other, and no one knows which of them has to wait."""
    schedule["named"] = [rng.random() < 0.5 for _ in range(FAULTY_RUNS + CLEAN_RUNS)]
    schedule["rival_after_s"] = [None] * FAULTY_RUNS
    schedule["damage"] = [None if damage == LOST_LINE else damage for damage in schedule["damage"]]


class Schedule:
    settle_ms = SETTLE_MS

    def __init__(self, bin_dir, schedule):
        self.bin = bin_dir
        self.s = schedule
        self.dir = tempfile.mkdtemp(prefix="faults-%d-" % schedule["seed"])
        self.sandbox = None
        self.port = 0
        self.names = ["Audience  %02d" % i for i in range(schedule["count"])]
        self.tally = collections.Counter()
        self.rival_code = None
        self.run_number = 0

    # -- the two programs

    def path(self, name):
        return os.path.join(self.dir, name)

    def start_sandbox(self, rules):
        port_file = self.path("port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        command = [os.path.join(self.bin, "audience-sandbox"), "--listen",
                   "127.0.0.1:%d" % self.port, "--port-file", port_file, "--db", self.path("db"),
                   "--rate", "off", "--random-seed", str(self.s["seed"]),
                   "--list-lag", str(self.s["lag"]), "--latency", str(self.s.get("latency_ms", 0)),
                   "--list-flicker", str(self.s.get("flicker", 0))]
        if self.s.get("forbidden"):
            rules = ["GET /account every=1 status-before:403", *rules]
        for rule in rules:
            command += ["--fault", rule]
        self.sandbox = subprocess.Popen(command, stdout=open(self.path("sandbox.log"), "a"),
                                        stderr=subprocess.STDOUT)
        for _ in range(1000):
            if os.path.exists(port_file):
                self.port = int(open(port_file).read())
                return
            if self.sandbox.poll() is not None:
                raise Broken("the sandbox ended: %s" % open(self.path("sandbox.log")).read())
            time.sleep(0.01)
        raise Broken("the sandbox did not start")

    def stop_sandbox(self):
        if self.sandbox and self.sandbox.poll() is None:
            self.sandbox.kill()
            self.sandbox.wait()

    def write_manifest(self, names=None):
        lines = ["apiVersion: audiencectl/v1", "defaults:", "  adAccountId: act_1234567890"]
        if not self.s.get("forbidden"):
            lines.append("companyId: comp_123")
        lines.append("audienceSyncs:")
        for name in self.names if names is None else names:
            segment = "segmentId: seg_vips" if self.s["segments"] else \
                "predefinedSegmentId: recent-buyers"
            lines += ["  - audienceName: %s" % name, "    %s" % segment]
        with open(self.path("m.yaml"), "w") as manifest:
            manifest.write("\n".join(lines) + "\n")

    def start(self, command, log, options):
        env = dict(os.environ, SEQUENZY_API_URL="http://127.0.0.1:%d" % self.port,
                   SEQUENZY_API_KEY="seq_sandbox_key", XDG_STATE_HOME=self.path("state"),
                   HOME=self.dir)
        return subprocess.Popen(
            [os.path.join(self.bin, "audiencectl"), *command, "--rate", self.s["rate"], "--timeout",
             "%dms" % TIMEOUT_MS, *options],
            cwd=self.dir, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_apply(self, log, report, options=(), what=("m.yaml", "--yes")):
        return self.start(["apply", *what], log, ["--settle", "%dms" % self.settle_ms, "--report",
                                                  "json=" + report, *options])

    def choose_scope(self, i):
        """What the run is about: operands of apply. The manifest is whole again afterwards."""
        scope = self.s["scope"][i] if "scope" in self.s else "all"
        rest = self.names[int(self.s["some"][i] * len(self.names)):] if scope != "all" else []
        if scope == "selected":
            return ["m.yaml", "--yes", "--name", rest[0]]
        if scope == "removed":
            self.write_manifest(rest)
        if scope == "saved" and os.path.exists(self.path("saved.json")):
            self.tally["saved plans"] += 1
            return ["--plan", "saved.json"]
        return ["m.yaml", "--yes"]

    def save_plan(self):
        """For a later run; a plan that cannot be made leaves the one that is there."""
        with open(self.path("plan.log"), "ab") as log:
            options = self.choose_company()
            self.start(["plan", "m.yaml", "--out", "saved.json"], log, options).wait(RUN_LIMIT_S)

    def wait(self, process, signal_number=None):
        try:
            code = process.wait(RUN_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Broken("apply hangs")
        self.tally["runs"] += 1
        self.tally["exit %d" % code] += 1
        if code < 0 and code != -(signal_number or 0):
            raise Broken("apply died of signal %d" % -code)
        return code

    def choose_company(self):
        """How this run is told whose the syncs are."""
        if not self.s.get("forbidden"):
            return []
        named = self.s["named"][self.run_number]
        return ["--no-preflight", "--company", "comp_123"] if named else ["--no-preflight"]

    def apply(self, signal_number=None, after_s=0.0, twice=False, options=(),
              what=("m.yaml", "--yes")):
        options = [*options, *([] if "--plan" in what else self.choose_company())]
        if "--plan" in what and self.s.get("forbidden"):
            options.append("--no-preflight")
        self.run_number += 1
        report = self.path("report.json")
        if os.path.exists(report):
            os.unlink(report)
        with open(self.path("apply.log"), "ab") as log:
            process = self.start_apply(log, "report.json", options, what)
            if signal_number:
                time.sleep(after_s)
                process.send_signal(signal_number)
                if twice:
                    time.sleep(0.1)
                    process.send_signal(signal_number)
            code = self.wait(process, signal_number)
        document = json.load(open(report)) if os.path.exists(report) else None
        return code, document

    def start_rival(self, after_s):
        """A second apply on the same machine: whoever has the journal goes on, the other ends."""
        def run():
            time.sleep(after_s)
            with open(self.path("rival.log"), "ab") as log:
                self.rival_code = self.wait(self.start_apply(log, "rival.json"))
        rival = threading.Thread(target=run)
        rival.start()
        return rival

    def damage_journal(self, kind):
        for path in glob.glob(self.path("state/audiencectl/*.pending")):
            text = open(path).read()
            lines = text.splitlines(True)
            if kind == "torn":
                text += '{"intent": 99, "at": "20'
            elif kind == "garbage":
                text += "\0\377 garbage\n"
            elif kind == LOST_LINE and lines:
                lines[len(lines) // 2] = "{}\n"
                text = "".join(lines)
            elif kind == "future":
                text = text.replace('"at": "20', '"at": "21')
            elif kind == "past":
                text = text.replace('"at": "20', '"at": "19')
            with open(path, "w") as journal:
                journal.write(text)

    def ask_sandbox(self, what):
        url = "http://127.0.0.1:%d/__sandbox/%s" % (self.port, what)
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)

    def truth(self):
        return self.ask_sandbox("syncs")["audienceSyncs"]

    def count_posts(self):
        return sum(request["method"] == "POST" for request in self.ask_sandbox("log")["requests"])

    # -- what must hold

    def original(self, name):
        """The desired name that a renaming server made this of."""
        bare = name[:-4] if name.endswith(" (1)") else name
        for desired in self.names:
            if bare in (desired, desired.upper(), " ".join(desired.split())):
                return desired
        return None

    def check_no_duplicate(self, live):
        count = collections.Counter(self.original(sync["audienceName"]) for sync in live)
        for name, times in count.items():
            if name is None:
                raise Broken("a sync that nobody asked for")
            if times > 1:
                raise Broken("DUPLICATE: %r is live %d times" % (name, times))

    def check_report(self, code, document, live, is_cut=False, is_whole=True):
        by_name = {sync["audienceName"]: sync for sync in live}
        # What a renaming server made of it is near enough to be withheld, and reported so.
        withheld = {row["audienceName"] for row in (document or {}).get("syncs", [])
                    if row["status"] == "withheld"}
        absent = [name for name in self.names if name not in by_name and name not in withheld]
        if code == 0 and absent and is_whole:
            raise Broken("exit 0, but %r is not there" % absent[0])
        for row in (document or {}).get("syncs", []):
            result = row.get("result")
            if not result:
                continue
            there = by_name.get(row["audienceName"])
            outcome = result["outcome"]
            self.tally[outcome] += 1
            if outcome in ("created", "exists") and not there:
                raise Broken("%r is reported as %s and is not there"
                             % (row["audienceName"], outcome))
            if outcome in ("created", "exists") and there["id"] != result["id"]:
                raise Broken("%r is reported under another id" % row["audienceName"])
            if outcome in ("failed", "not-attempted") and there and not is_cut:
                raise Broken("%r is reported as %s and is there" % (row["audienceName"], outcome))

    def run_faulty(self):
        for i in range(FAULTY_RUNS):
            deadline_ms, rival_after_s = self.s["deadline_ms"][i], self.s["rival_after_s"][i]
            rival = None if rival_after_s is None else self.start_rival(rival_after_s)
            what = self.choose_scope(i)
            code, document = self.apply(self.s["signals"][i], self.s["signal_after_s"][i],
                                        self.s["twice"][i],
                                        ["--deadline", "%dms" % deadline_ms] if deadline_ms else [],
                                        what)
            self.write_manifest()
            if rival:
                rival.join()
                if self.rival_code not in (0, 1, 3, 4):
                    raise Broken("the rival ends with %d" % self.rival_code)
            live = self.truth()
            self.check_no_duplicate(live)
            # Left at once: what was in flight may commit after the report was written. A rival may
            # have done what this run left. A deadline can keep the list from having the last word.
            is_left = self.s["signals"][i] and self.s["twice"][i]
            if not is_left and not rival:
                self.check_report(code, document, live, is_cut=deadline_ms > 0,
                                  is_whole=self.s["scope"][i] == "all")
            if self.s["damage"][i]:
                self.damage_journal(self.s["damage"][i])
            if "saved" in self.s["scope"][i + 1:]:
                self.save_plan()
            if self.s["pause"][i]:
                time.sleep(PAUSE_S)

    def run_clean(self):
        for _ in range(CLEAN_RUNS):
            code, document = self.apply()
            live = self.truth()
            self.check_no_duplicate(live)
            self.check_report(code, document, live)
            if code == 0:
                return
        if not self.s["renames"]:
            raise Broken("does not converge: exit %d" % code)

    def steps(self):
        self.write_manifest()
        self.start_sandbox(self.s["rules"])
        self.run_faulty()
        self.stop_sandbox()
        self.start_sandbox([])
        self.run_clean()


def run_steps(make, arguments, keep):
    """What went wrong (None: nothing) and the counts of one schedule."""
    schedule = make(*arguments)
    problem = None
    try:
        schedule.steps()
    except Broken as broken:
        problem = str(broken)
    except Exception as error:  # the runner's own fault is a failure too
        problem = "%s: %s" % (type(error).__name__, error)
    finally:
        schedule.stop_sandbox()
    if problem and keep:
        print("kept in %s" % schedule.dir, flush=True)
    else:
        shutil.rmtree(schedule.dir, ignore_errors=True)
    return problem, schedule.tally


def run_one(bin_dir, seed, keep):
    schedule = choose_schedule(seed)
    problem, tally = run_steps(Schedule, (bin_dir, schedule), keep)
    return seed, problem, tally, schedule


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="where the two programs are")
    parser.add_argument("--seeds", default="1:24", help="FIRST:COUNT")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--keep", action="store_true", help="keep the folders of what fails")
    args = parser.parse_args()
    first, count = (int(part) for part in args.seeds.split(":"))
    total = collections.Counter()
    failed = 0
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(run_one, os.path.abspath(args.bin), seed, args.keep)
                for seed in range(first, first + count)]
        for job in concurrent.futures.as_completed(jobs):
            seed, problem, tally, schedule = job.result()
            total.update(tally)
            if problem:
                failed += 1
                print("seed %d: %s\n  %s" % (seed, problem, json.dumps(schedule)), flush=True)
    print("%s in %.0f s" % (", ".join("%s %d" % item for item in sorted(total.items())),
                            time.monotonic() - began))
    print("%d passed, %d failed" % (count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
