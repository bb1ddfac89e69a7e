#!/usr/bin/env python3
"""Apply against every fault at every position: what it says of each create.

Each step has one fault, at the first, second or last create, or at all of them, with and without a
list that lags. What apply must say follows from the kind alone, so it is compared exactly:

  * the outcome of the create that was hit, and of the others
  * how many creates were sent: each sync once, whatever came back (but for a 429)
  * the next run, without faults, sends only what is not there, and the one after that nothing

The same for the reads: a list that fails at any moment of a run. And a run that is killed at any
moment, and run again.

usage: sweep.py --bin DIR [--long] [--jobs N] [--only TEXT] [--keep]
"""
import argparse
import concurrent.futures
import os
import signal
import sys

from campaign import READ_FAULTS, Broken, Schedule, run_steps

COUNT = 4
LAG_MS = 1200  # longer than the wait after a 429, and under the settle window
SETTLE_MS = 2500
DEADLINE_S = 4
KILLED_COUNT = 20
KILLED_MS = 600  # a whole run takes about as long

# kind of fault: what becomes of the create that it hits
CREATED, CONFIRMED, UNKNOWN, FAILED, STOPS, RESENT, RENAMED = range(7)
KINDS = {
    "drip:1": CREATED,
    "reset-after": CONFIRMED, "timeout-after": CONFIRMED, "cut-after": CONFIRMED,
    "invalid-json-after": CONFIRMED, "success-false-after": CONFIRMED, "html-after": CONFIRMED,
    "huge-after": CONFIRMED, "commit-late:200": CONFIRMED,
    "status-after:302": CONFIRMED, "status-after:400": CONFIRMED, "status-after:404": CONFIRMED,
    "status-after:408": CONFIRMED, "status-after:409": CONFIRMED, "status-after:500": CONFIRMED,
    "status-after:502": CONFIRMED, "status-after:504": CONFIRMED,
    "reset-before": UNKNOWN, "timeout-before": UNKNOWN, "success-false-before": UNKNOWN,
    "html-before": UNKNOWN, "status-before:302": UNKNOWN, "status-before:408": UNKNOWN,
    "status-before:500": UNKNOWN, "status-before:503:1": UNKNOWN,
    "status-before:400": FAILED, "status-before:404": FAILED, "status-before:409": FAILED,
    "status-before:422": FAILED,
    "status-before:401": STOPS, "status-before:403": STOPS,
    "status-before:429": RESENT, "status-before:429:1": RESENT, "status-after:429": RESENT,
    "rename": RENAMED, "rename:upper": RENAMED,
}
POSITIONS = {"first": "nth=1", "second": "nth=2", "last": "nth=%d" % COUNT, "all": "every=1"}
OUTCOME = {CREATED: "created", CONFIRMED: "created", UNKNOWN: "unknown", FAILED: "failed",
           STOPS: "failed", RESENT: "created", RENAMED: "unknown"}


class Step(Schedule):
    """One fault at one position."""

    settle_ms = SETTLE_MS

    def __init__(self, bin_dir, kind, position, lag):
        self.kind = kind
        self.position = position
        self.rule = "POST /audience-syncs %s %s" % (POSITIONS[position], kind)
        super().__init__(bin_dir, {"seed": 1, "lag": lag, "count": COUNT, "segments": True,
                                   "rate": "off", "renames": KINDS[kind] == RENAMED})

    def is_endless(self):
        return KINDS[self.kind] == RESENT and self.position == "all"

    def outcomes(self, document):
        return sorted(row["result"]["outcome"] for row in document["syncs"])

    def must(self, is_so, what):
        if not is_so:
            raise Broken(what)

    def check_first(self, code, document, posts):
        effect = KINDS[self.kind]
        hit = COUNT if self.position == "all" else 1
        said = self.outcomes(document)
        if self.is_endless():
            self.must(code == 3, "exit %d although every create is answered 429" % code)
            return
        if effect in (STOPS, RENAMED):
            self.check_stopped(code, said, posts)
            return
        if effect == UNKNOWN and self.position == "all":
            # The first is looked for, then the second goes alone; after that nothing is sent.
            self.must(said == ["not-attempted"] * 2 + ["unknown"] * 2, "said %s" % said)
            self.must((code, posts) == (3, 2), "exit %d, %d creates were sent" % (code, posts))
            return
        want = sorted([OUTCOME[effect]] * hit + ["created"] * (COUNT - hit))
        self.must(said == want, "said %s, not %s" % (said, want))
        self.must(code == (3 if effect in (UNKNOWN, FAILED) else 0), "exit %d" % code)
        resent = hit if self.kind.startswith("status-before:429") else 0
        self.must(posts == COUNT + resent, "%d creates were sent" % posts)

    def check_stopped(self, code, said, posts):
        """Nothing new goes out after it; what was in flight with it ends."""
        bad = OUTCOME[KINDS[self.kind]]
        self.must(code == 3, "exit %d" % code)
        self.must(said.count(bad) >= 1, "said %s" % said)
        self.must(set(said) <= {bad, "created", "not-attempted"}, "said %s" % said)
        self.must(posts == COUNT - said.count("not-attempted"), "%d creates were sent" % posts)
        if self.position in ("first", "all"):
            self.must(posts == 1, "%d creates were sent behind the first" % posts)

    def run_first(self):
        self.start_sandbox([self.rule])
        options = ["--deadline", "%ds" % DEADLINE_S] if self.is_endless() else []
        code, document = self.apply(options=options)
        live = self.truth()
        self.check_no_duplicate(live)
        self.check_report(code, document, live)
        self.check_first(code, document, self.count_posts())
        self.stop_sandbox()

    def run_again(self):
        """Without faults: only what is not there is sent, and then nothing."""
        self.start_sandbox([])
        # What a renaming server made has the segment of all: they are withheld as renamed.
        absent = 0 if self.s["renames"] else COUNT - len(self.truth())
        for posts in (absent, absent):
            code, document = self.apply()
            live = self.truth()
            self.check_no_duplicate(live)
            self.check_report(code, document, live)
            self.must(self.count_posts() == posts, "%d creates were sent again, not %d"
                      % (self.count_posts(), posts))
            self.must(code == 0 or self.s["renames"], "exit %d without faults" % code)

    def steps(self):
        self.write_manifest()
        self.run_first()
        self.run_again()


class ReadStep(Schedule):
    """The list fails at one moment of a run whose second create lost its answer."""

    settle_ms = SETTLE_MS

    def __init__(self, bin_dir, kind, number):
        self.rules = ["POST /audience-syncs nth=2 reset-after",
                      "GET /audience-syncs nth=%d %s" % (number, kind)]
        super().__init__(bin_dir, {"seed": 1, "lag": LAG_MS, "count": COUNT, "segments": True,
                                   "rate": "off", "renames": False})

    def steps(self):
        self.write_manifest()
        self.start_sandbox(self.rules)
        for _ in range(4):
            code, document = self.apply()
            live = self.truth()
            self.check_no_duplicate(live)
            self.check_report(code, document, live)
        if code or len(live) != COUNT:
            raise Broken("exit %d, %d live" % (code, len(live)))


class KillStep(Schedule):
    """Killed after so long, and run again: each sync is sent once, in one run or the other."""

    settle_ms = SETTLE_MS

    def __init__(self, bin_dir, after_ms):
        self.after_ms = after_ms
        super().__init__(bin_dir, {"seed": 1, "lag": LAG_MS, "count": KILLED_COUNT,
                                   "segments": True, "rate": "off", "renames": False,
                                   "latency_ms": 60})

    def steps(self):
        self.write_manifest()
        self.start_sandbox([])
        self.apply(signal.SIGKILL, self.after_ms / 1000)
        code, document = self.apply()
        live = self.truth()
        self.check_no_duplicate(live)
        self.check_report(code, document, live)
        if (code, len(live), self.count_posts()) != (0, KILLED_COUNT, KILLED_COUNT):
            raise Broken("exit %d, %d live, %d sent" % (code, len(live), self.count_posts()))


def make_steps(bin_dir, is_long):
    steps = []
    for number, kind in enumerate(KINDS):
        for place, position in enumerate(POSITIONS):
            for lag in (0, LAG_MS):
                # The short run takes each kind once, at positions in turn, or where it does most.
                turn = 0 if KINDS[kind] in (STOPS, RENAMED) else number % len(POSITIONS)
                if is_long or (lag == LAG_MS and place == turn):
                    steps.append(("%s at the %s, lag %d" % (kind, position, lag),
                                  Step, (bin_dir, kind, position, lag)))
    for place, kind in enumerate(READ_FAULTS):
        for number in range(1, 7):
            if is_long or number == 1 + place % 6:
                steps.append(("list %d fails: %s" % (number, kind), ReadStep,
                              (bin_dir, kind, number)))
    for after_ms in range(0, KILLED_MS, 5 if is_long else 100):
        steps.append(("killed after %d ms" % after_ms, KillStep, (bin_dir, after_ms)))
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="where the two programs are")
    parser.add_argument("--long", action="store_true", help="every position, with and without lag")
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--only", default="", help="steps whose name has this text")
    parser.add_argument("--keep", action="store_true", help="keep the folders of what fails")
    args = parser.parse_args()
    steps = [step for step in make_steps(os.path.abspath(args.bin), args.long)
             if args.only in step[0]]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = {pool.submit(run_steps, make, rest, args.keep): name for name, make, rest in steps}
        for job in concurrent.futures.as_completed(jobs):
            problem = job.result()[0]
            if problem:
                failed += 1
                print("%s: %s" % (jobs[job], problem), flush=True)
    print("%d passed, %d failed" % (len(steps) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
