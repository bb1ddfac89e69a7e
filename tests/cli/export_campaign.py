#!/usr/bin/env python3
"""Exports random live syncs that are hard to write down, and plans what was written.

Whatever the API lists, `export` ends well, `validate` takes what it wrote, a reader of YAML that is
not ours parses it, and the plan has every sync in sync but those that were left out with a warning,
which are unmanaged. Each seed is one list of syncs.

    tests/cli/export_campaign.py --bin build/dev/bin --seeds 1:100
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import yaml

SYNCS = 200
PIECES = ["\u2028", "\u2029", "\u0085", "\x1b[31m", "\r", "\n", "\t", "\u202e", "\ufeff", "\u200b", "\u200d", "\u00a0",
          "\u3000", "#", " #", ": ", ":", "-", "- ", "?", "? ", "[", "]", "{", "}", ",", "&", "*", "!", "|", ">", "'",
          '"', "%", "@", "`", "\\", "$", "${", "$${", "${X}", "~", "null", "yes", "no", "on", "true", "0x1F", "1e3",
          "2024-01-01", "12:30", "1_000", "0b1", "off", "+1_0", "<<", "=", "---", "...", "é", "e\u0301", "日本", "👨‍👩‍👧", "x" * 70, " ", "  ", "\ud7ff",
          "\ue000", "\ufffd", "\U0010ffff", "\ufdd0", "\uffff", "\U0001f600", "::error::x", "a", "B", "VIPs"]
ACCOUNTS = ["act_1", "act_22", "act_333"]
ODD_ACCOUNTS = ["act_", "ACT_1", "act_1 ", "x/y", "..", "act_１", ""]


def text(rng):
    kind = rng.random()
    if kind < 0.05:
        return "x" * rng.choice([1, 1000, 10240, 65535, 65536, 65537])
    if kind < 0.2:
        ranges = [(0x20, 0x7f), (0xa0, 0xd800), (0xe000, 0x10ffff)]
        return "".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(rng.randrange(1, 20)))
    if kind < 0.7:  # one piece alone, in each place: most of these can be declared
        return rng.choice(["", "a", "VIPs 1"]) + rng.choice(PIECES) + rng.choice(["", "b", " 2"])
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(0, 6)))


def make_sync(rng, number, earlier):
    repeats = earlier and rng.random() < 0.15
    sync = {"id": f"sync_{number}" if rng.random() < 0.9 else f"{text(rng)}{number}",
            "adAccountId": rng.choice(ACCOUNTS if rng.random() < 0.9 else ODD_ACCOUNTS),
            "audienceName": rng.choice(earlier)["audienceName"] if repeats else text(rng),
            "segmentId": rng.choice(["seg_vips"] * 6 + ["12", "null", text(rng), None]),
            "segmentName": rng.choice([None, text(rng)]),
            "frequency": rng.choice(["hourly", "daily", "weekly"] * 5 + ["monthly", None]),
            "isActive": rng.choice([True, True, False, None])}
    for field in ("segmentId", "segmentName", "frequency", "isActive"):
        if rng.random() < 0.05:
            del sync[field]
    return sync


def make_seed(rng):
    syncs = []
    for number in range(SYNCS):
        syncs.append(make_sync(rng, number, syncs))
    return {"companies": [{"id": "comp_123", "name": text(rng) or "Acme"}],
            "adAccounts": [{"companyId": "comp_123", "id": account, "name": text(rng) or "x"} for account in ACCOUNTS],
            "segments": [{"companyId": "comp_123", "id": "seg_vips", "name": text(rng) or "x"}],
            "audienceSyncs": [{"raw": sync} for sync in syncs]}


def start_sandbox(programs):
    sandbox = subprocess.Popen([programs / "audience-sandbox", "--rate", "off", "--api-key", "seq_test_key", "--seed",
                                "seed.json", "--port-file", "port"], stdout=subprocess.DEVNULL)
    for _ in range(1000):
        if os.path.exists("port") and pathlib.Path("port").read_text().endswith("\n"):
            return sandbox
        time.sleep(0.01)
    sandbox.kill()
    sandbox.wait()
    raise RuntimeError("the sandbox did not start")


class Wrong(Exception):
    """The promise is broken."""


def call(programs, *arguments):
    env = {"PATH": os.environ["PATH"], "HOME": os.getcwd(), "LANG": "C.UTF-8", "SEQUENZY_API_KEY": "seq_test_key",
           "SEQUENZY_API_URL": "http://127.0.0.1:" + pathlib.Path("port").read_text().strip(), "AUDIENCECTL_RATE": "off"}
    env.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
    done = subprocess.run([programs / "audiencectl", *arguments], env=env, capture_output=True, check=False)
    if done.returncode:
        raise Wrong(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return done


def summary_of(programs, source):
    return json.loads(call(programs, "plan", source, "-o", "json").stdout)["summary"]


def read_by_others(path):
    """PyYAML reads YAML 1.1, where more words are no strings."""
    try:
        documents = list(yaml.safe_load_all(path.read_text("utf-8")))
    except yaml.reader.ReaderError:
        return  # it takes fewer characters than YAML does
    except yaml.YAMLError as error:
        raise Wrong(f"{path}: {error}") from error
    for sync in [sync for document in documents for sync in document["audienceSyncs"]]:
        if not all(isinstance(value, (bool if key == "isActive" else str)) for key, value in sync.items()):
            raise Wrong(f"{path}: PyYAML reads {sync}")


def check(programs):
    told = call(programs, "export", "--dir", "out").stderr.decode("utf-8").splitlines()
    left_out = sum(line.startswith("audiencectl: warning: left out ") for line in told)
    for path in pathlib.Path("out").iterdir():
        read_by_others(path)
    call(programs, "validate", "out")
    summary = summary_of(programs, "out")
    declared = SYNCS - left_out
    if (summary["desired"], summary["inSync"], summary["unmanaged"]) != (declared, declared, left_out):
        raise Wrong(f"{left_out} were left out, and the plan says {summary}")
    pathlib.Path("all.yaml").write_bytes(call(programs, "export").stdout)
    if summary_of(programs, "all.yaml") != summary:
        raise Wrong("standard output is not what the folder is")


def run(programs, seed):
    with tempfile.TemporaryDirectory(prefix="audiencectl-export-") as scratch:
        os.chdir(scratch)
        pathlib.Path("seed.json").write_text(json.dumps(make_seed(random.Random(seed))), "utf-8")
        sandbox = start_sandbox(programs)
        try:
            check(programs)
        finally:
            sandbox.terminate()
            sandbox.wait()
            os.chdir("/")


def main():
    parser = argparse.ArgumentParser(description="export, validate and plan random live syncs")
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="folder with the programs")
    parser.add_argument("--seeds", default="1:10", help="FIRST:LAST")
    options = parser.parse_args()
    first, last = map(int, options.seeds.split(":"))
    programs = options.bin.resolve()
    failed = 0
    for seed in range(first, last + 1):
        try:
            run(programs, seed)
        except Wrong as problem:
            print(f"seed {seed}: {problem}")
            failed += 1
    print(f"{last - first + 1} seeds, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
