#!/usr/bin/env python3
"""Measures what a create costs, and what the rate limit costs, against the sandbox.

    tests/bench/creates.py                    both tables: four minutes, of which most is waiting
    tests/bench/creates.py cost               --rate off: one create, and 1,000 with eight in flight
    tests/bench/creates.py --counts 10,100 pace

`cost` stands beside the ideal (creates / in flight x latency) and beside curl, which sends the same
requests to the same sandbox, as many at once, each on a connection of its own, with no journal. The
whole run also reads: the state, the list again before the first create, which goes alone, and the
list at the end.

`pace` runs apply under each reading of "100 a minute, 20 a second" that a server may have. The
ideal is what a client that knew the reading could do, reads counted in: it sends each request as
soon as that limiter takes it.
"""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
IN_FLIGHT = 8  # RCN_APPLY_IN_FLIGHT
RATE = "100/min,20/s"
READINGS = ("sliding", "fixed", "bucket-20", "bucket-100")
KEY = "seq_sandbox_key"


class Sandbox:
    """One sandbox with a folder of its own, for the time of a `with`."""

    def __init__(self, options, *arguments):
        self.options = options
        self.arguments = arguments

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="audiencectl-bench-")
        port_file = os.path.join(self.folder.name, "port")
        self.process = subprocess.Popen(
            [self.options.bin / "audience-sandbox", "--port-file", port_file, *self.arguments],
            stdout=subprocess.DEVNULL)
        while not os.path.exists(port_file):
            if self.process.poll() is not None:
                sys.exit("creates: the sandbox did not start")
            time.sleep(0.01)
        self.url = "http://127.0.0.1:" + Path(port_file).read_text().strip()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def log(self):
        with urllib.request.urlopen(self.url + "/__sandbox/log", timeout=60) as answer:
            return json.load(answer)["requests"]


def apply(options, sandbox, count, rate):
    """Creates so many; the seconds from the start of the program to its end."""
    folder = Path(sandbox.folder.name)
    rows = ["  - {audienceName: Audience %05d, segmentId: seg_vips}" % i for i in range(count)]
    (folder / "m.yaml").write_text("\n".join(
        ["apiVersion: audiencectl/v1", "companyId: comp_123",
         "defaults: {adAccountId: act_1234567890}", "audienceSyncs:", *rows]))
    environment = {"PATH": os.environ["PATH"], "HOME": sandbox.folder.name, "LC_ALL": "C.UTF-8",
                   "SEQUENZY_API_KEY": KEY, "SEQUENZY_API_URL": sandbox.url}
    began = time.monotonic()
    done = subprocess.run([options.bin / "audiencectl", "apply", folder / "m.yaml", "--yes", "-q",
                           "--max-creates", str(count), "--rate", rate],
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    took = time.monotonic() - began
    if done.returncode:
        sys.exit(f"creates: apply: exit code {done.returncode}: {done.stderr}")
    return took


def curl(sandbox, count):
    """The same creates by curl, in a transfer that goes on while others are in flight."""
    lines = []
    for i in range(count):
        body = json.dumps({"segmentId": "seg_vips", "adAccountId": "act_1234567890",
                           "audienceName": "Curl %05d" % i, "frequency": "daily"})
        lines += ["next"] if i else []
        lines += [f'url = "{sandbox.url}/api/v1/audience-syncs"', f"data = {json.dumps(body)}",
                  f'header = "Authorization: Bearer {KEY}"', 'header = "Connection: close"',
                  'header = "Content-Type: application/json"', 'output = "/dev/null"']
    config = Path(sandbox.folder.name) / "curl"
    config.write_text("\n".join(lines))
    began = time.monotonic()
    subprocess.run(["curl", "-s", "-Z", "--parallel-immediate", "--parallel-max", str(IN_FLIGHT),
                    "-K", config], check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def measure_one(options, count, latency):
    """Seconds of the whole run, of its creates alone, and of curl."""
    settings = ("--rate", "off", "--latency", str(latency))
    with Sandbox(options, *settings) as sandbox:
        whole = apply(options, sandbox, count, "off")
        creates = [request for request in sandbox.log() if request["method"] == "POST"]
    with Sandbox(options, *settings) as sandbox:
        floor = curl(sandbox, count)
    alone = max(request["endMs"] for request in creates) - creates[0]["ms"]
    return whole, alone / 1000, floor


def measure_cost(options):
    print("Creates, --rate off                     whole run  creates alone, beside ideal   curl")
    for count in options.creates:
        in_flight = min(count, IN_FLIGHT)
        for latency in (0, 50):
            rows = [measure_one(options, count, latency) for _ in range(options.runs)]
            whole, alone, floor = (statistics.median(column) for column in zip(*rows))
            ideal = count / in_flight * latency / 1000
            print("{:<38} {:8.3f} s {:8.3f} s {:>14} {:8.3f} s".format(
                f"{count:,}, {in_flight} in flight, latency {latency} ms", whole, alone,
                f"{alone / ideal:.3f}" if ideal else "-", floor), flush=True)


# --- the limiter of each reading, as a client that knows it would use it ---


def next_in_windows(taken, now, is_fixed):
    for count, window in ((20, 1.0), (100, 60.0)):
        if is_fixed:
            begin = now // window * window
            if sum(at >= begin for at in taken[-count:]) >= count:
                now = begin + window
        elif len(taken) >= count:
            now = max(now, taken[-count] + window)
    return now


def find_ideal(reading, count, began):
    """Seconds until the last of so many requests, each sent as soon as it is taken."""
    taken, now = [], began
    buckets = {"bucket-20": [[20.0, 20, 100 / 60]],
               "bucket-100": [[20.0, 20, 20.0], [100.0, 100, 100 / 60]]}.get(reading)
    for _ in range(count):
        if buckets:
            wait = max(0.0, max((1 - tokens) / rate for tokens, _, rate in buckets))
            for bucket in buckets:
                bucket[0] = min(bucket[1], bucket[0] + wait * bucket[2]) - 1
            now += wait
        else:
            for _ in range(2):  # one limit may push it into the reach of the other
                now = next_in_windows(taken, now, reading == "fixed")
        taken.append(now)
    return now - began


def pace_once(options, reading, count):
    with Sandbox(options, "--rate", RATE, "--set", "rate-limit=" + reading, "--latency",
                 str(options.latency)) as sandbox:
        wall_began = time.time()
        took = apply(options, sandbox, count, RATE)
        log = sandbox.log()
    accepted = [request for request in log if request["status"] != 429]
    last = max(i for i, request in enumerate(accepted) if request["method"] == "POST")
    until_last = (accepted[last]["ms"] - accepted[0]["ms"]) / 1000
    ideal = find_ideal(reading, last + 1, wall_began)
    refused = len(log) - len(accepted)
    return (f"{count:>4} creates, {reading:<11} {until_last:8.1f} s {ideal:8.1f} s "
            f"{until_last / ideal if ideal >= 1 else 0:8.2f} {refused:6} {took:9.1f} s")


def measure_pace(options):
    print(f"\nUnder the limit, latency {options.latency} ms   last create     ideal    ratio"
          "    429s  whole run")
    # They mostly sleep.
    with concurrent.futures.ThreadPoolExecutor(len(READINGS) * len(options.counts)) as pool:
        rows = [pool.submit(pace_once, options, reading, count)
                for count in options.counts for reading in READINGS]
        for row in rows:
            print(row.result(), flush=True)


PARTS = {"cost": measure_cost, "pace": measure_pace}


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=ROOT / "build/release/bin", type=Path)
    parser.add_argument("--runs", default=7, type=int, help="of each row of cost")
    parser.add_argument("--creates", default="1,1000", type=numbers, help="for cost")
    parser.add_argument("--counts", default="10,100,300", type=numbers, help="for pace")
    parser.add_argument("--latency", default=50, type=int, help="of the sandbox, for pace")
    parser.add_argument("parts", nargs="*", help="cost, pace; both when none")
    options = parser.parse_args()
    options.bin = options.bin.resolve()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"unknown part '{part}'")
    for part in options.parts or PARTS:
        PARTS[part](options)


if __name__ == "__main__":
    main()
