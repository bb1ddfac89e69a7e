#!/usr/bin/env python3
"""Measures audiencectl beside the least that its libraries allow, and prints a table.

    tests/bench/speed.py                    everything in README.md: several minutes
    tests/bench/speed.py --sizes 1000 --files 1 --runs 3 start scale

The floor is measured in the same round of the same run: libyaml reading the events of the same
bytes, curl getting the same list over loopback, jansson loading it (floor.c). So ratios mean
something on a busy machine, where times do not. Wall time and processor time are medians; the peak
of memory is what the kernel says.
"""
import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ACCOUNTS = 20
SEGMENTS = 200
FREQUENCIES = ("hourly", "daily", "weekly")


# --- manifests and what is live ---


def make_syncs(size):
    return [{"audienceName": f"Sequenzy - Audience {number:06}",
             "adAccountId": f"act_{1000000000 + number % ACCOUNTS}",
             "segmentId": f"seg_{number % SEGMENTS:04}",
             "frequency": FREQUENCIES[number % 3]} for number in range(size)]


def write_manifests(folder, syncs, files, spoil=None):
    """Writes the syncs into so many files; spoil turns the lines of one sync into others."""
    folder.mkdir(parents=True)
    paths = []
    for index in range(files):
        part = syncs[index * len(syncs) // files:(index + 1) * len(syncs) // files]
        lines = ["apiVersion: audiencectl/v1", "companyId: comp_bench", "audienceSyncs:"]
        for sync in part:
            item = [f"    {key}: {value}" for key, value in sync.items()]
            item[0] = "  - " + item[0].lstrip()
            lines += spoil(item) if spoil else item
        path = folder / f"{index:04}.yaml"
        path.write_text("\n".join(lines) + "\n" if part else "\n".join(lines) + " []\n")
        paths.append(str(path))
    return paths


def write_ignores(folder, syncs):
    """A manifest that wants no sync, and knows each of these by its name."""
    [path] = write_manifests(folder, [], 1)
    names = [f"  - audienceName: {sync['audienceName']}" for sync in syncs]
    with open(path, "a", encoding="utf-8") as manifest:
        manifest.write("\n".join(["ignore:", *names]) + "\n")
    return [path]


def make_live(syncs, copies=1, change=None):
    rows = []
    for number, sync in enumerate(syncs):
        for copy in range(copies):
            rows.append({"id": f"sync_{number:08x}{copy:02x}", "segmentId": sync["segmentId"],
                         "segmentName": "Segment " + sync["segmentId"][4:],
                         "adAccountId": sync["adAccountId"],
                         "audienceName": sync["audienceName"],
                         "frequency": change or sync["frequency"], "isActive": True,
                         "syncStatus": "idle", "lastSyncAt": "2099-01-01T10:00:00.000Z",
                         "lastSyncError": None, "lastSyncedCount": 1000 + number % 5000,
                         "createdAt": "2026-06-12T10:00:00.000Z"})
    body = {"success": True, "audienceSyncs": rows}
    return json.dumps(body, separators=(",", ":")).encode()


# --- a server that does nothing but send what it has ---


class Server:
    """Serves bytes by path over kept connections; each read is answered by one send."""

    def __init__(self):
        company = {"id": "comp_bench", "name": "Bench"}
        self.bodies = {
            "/api/v1/account": {
                "success": True, "companies": [company], "currentCompanyId": company["id"],
                "apiKeyPermissions": {"activeKey": {"type": "company"}}},
            "/api/v1/ad-accounts": {
                "success": True, "adAccounts": [{"id": f"act_{1000000000 + n}", "name": f"Shop {n}"}
                                                for n in range(ACCOUNTS)]},
            "/api/v1/segments": {
                "success": True, "segments": [{"id": f"seg_{n:04}", "name": f"Segment {n:04}"}
                                              for n in range(SEGMENTS)]},
        }
        self.bodies = {path: json.dumps(body).encode() for path, body in self.bodies.items()}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.list_url = self.url + "/api/v1/audience-syncs"

    def set_list(self, body):
        self.bodies["/api/v1/audience-syncs"] = body

    def __enter__(self):
        """In a process of its own: the interpreter that measures must not slow it down."""
        self.child = os.fork()
        if self.child == 0:
            try:
                while True:
                    connection, _ = self.listener.accept()
                    threading.Thread(target=self.serve, args=(connection,), daemon=True).start()
            finally:
                os._exit(0)
        return self

    def __exit__(self, *_):
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        try:
            while True:
                while b"\r\n\r\n" not in received:
                    more = connection.recv(65536)
                    if not more:
                        return
                    received += more
                head, received = received.split(b"\r\n\r\n", 1)
                body = self.bodies.get(head.split(b" ")[1].decode())
                status = b"200 OK" if body is not None else b"404 Not Found"
                connection.sendall(b"HTTP/1.1 " + status +
                                   b"\r\nContent-Type: application/json\r\nContent-Length: " +
                                   str(len(body or b"")).encode() + b"\r\n\r\n")
                connection.sendall(body or b"")
        except OSError:
            pass
        finally:
            connection.close()


# --- measuring ---


class Bench:
    def __init__(self, work, program, runs):
        self.work = work
        self.program = str(program)
        self.runs = runs
        self.measure = self.build("measure", [])
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl", "yaml-0.1",
                                "jansson"], check=True, capture_output=True, text=True).stdout
        self.floor = self.build("floor", flags.split())
        self.folders = 0

    def build(self, name, flags):
        target = str(self.work / name)
        subprocess.run(["cc", "-O2", "-o", target, str(HERE / f"{name}.c"), *flags], check=True)
        return target

    def new_folder(self):
        self.folders += 1
        return self.work / f"manifests-{self.folders}"

    def run(self, commands, url=""):
        """Medians of each command, run in turn so that what disturbs one disturbs all."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("SEQUENZY_", "AUDIENCECTL_"))}
        environment.update({"HOME": str(self.work), "SEQUENZY_API_KEY": "seq_live_bench",
                            "SEQUENZY_API_URL": url})
        samples = {name: [] for name in commands}
        for _ in range(self.runs):
            for name, (command, code) in commands.items():
                output = subprocess.run([self.measure, *command], env=environment, check=True,
                                        capture_output=True, text=True).stdout
                *sample, got = map(int, output.split())
                if got != code:
                    sys.exit(f"speed: {' '.join(command)[:200]}: exit code {got}, not {code}")
                samples[name].append(sample)
        return {name: Sample(*(statistics.median(column) for column in zip(*rows)))
                for name, rows in samples.items()}

    def ours(self, command, *arguments, code=0):
        return [self.program, command, *arguments], code

    def base(self, mode, *arguments):
        return [self.floor, mode, *arguments], 0


class Sample:
    def __init__(self, wall_us, cpu_us, peak_kib):
        self.wall_us = wall_us
        self.cpu_us = cpu_us
        self.peak_kib = peak_kib

    def __str__(self):
        return f"{self.wall_us / 1000:9.1f} ms {self.peak_kib / 1024:7.1f} MiB"

    def beside(self, time, memory=None):
        text = f"wall {self.wall_us / time.wall_us:5.2f}  cpu {self.cpu_us / time.cpu_us:5.2f}"
        return text + f"  peak {self.peak_kib / memory.peak_kib:5.2f}" if memory else text


def print_row(*columns):
    print("{:<36}".format(columns[0]), *columns[1:], flush=True)


# --- what is measured ---


def measure_start(bench, options):
    """Start-up: beside a program with the same libraries that does nothing."""
    print("\nStart-up                                        beside `floor nothing`")
    server = Server()
    syncs = make_syncs(1)
    server.set_list(make_live(syncs))
    paths = write_manifests(bench.new_folder(), syncs, 1)
    with server:
        taken = bench.run({"floor nothing": bench.base("nothing"),
                           "version": bench.ours("version"),
                           "validate, one sync": bench.ours("validate", *paths),
                           "plan, one sync": bench.ours("plan", *paths)}, server.url)
    for name, sample in taken.items():
        print_row(name, sample, sample.beside(taken["floor nothing"]))


def measure_scale(bench, options):
    """validate and plan, all in sync, beside the floor of the same bytes."""
    print("\nEverything in sync                              beside the floor")
    walls = {}
    for size in options.sizes:
        syncs = make_syncs(size)
        body = make_live(syncs)
        body_file = bench.work / f"list-{size}.json"
        body_file.write_bytes(body)
        for files in options.files:
            if files > size:
                continue
            folder = bench.new_folder()
            paths = write_manifests(folder, syncs, files)
            server = Server()
            server.set_list(body)
            with server:
                taken = bench.run({"yaml": bench.base("yaml", *paths),
                                   "json": bench.base("json", str(body_file)),
                                   "all": bench.base("all", server.list_url, *paths),
                                   "validate": bench.ours("validate", str(folder)),
                                   "plan": bench.ours("plan", str(folder))}, server.url)
            what = f"{size:,} syncs in {files:,} file{'s' if files > 1 else ''}"
            print_row("validate " + what, taken["validate"], taken["validate"].beside(
                taken["yaml"]))
            print_row("plan     " + what, taken["plan"], taken["plan"].beside(
                taken["all"], taken["json"]))
            if options.verbose:
                for name in ("yaml", "json", "all"):
                    print_row("  floor " + name, taken[name])
            walls[size, files] = taken
    for files in options.files:
        for size in options.sizes:
            if (size, files) in walls and (size * 10, files) in walls:
                small, large = walls[size, files], walls[size * 10, files]
                print_row(f"{size:,} to {size * 10:,} in {files:,} files",
                          *(f"{name} x{large[name].wall_us / small[name].wall_us:.1f} "
                            f"(cpu x{large[name].cpu_us / small[name].cpu_us:.1f})"
                            for name in ("validate", "plan")))


def unknown_key(item):
    return item[:2] + [item[2].replace("segmentId", "segmentID")] + item[3:]


def unlike_key(item):
    return item + ["    zzzzzzzz: 1"]


def bad_values(item):
    return [item[0]] + ["    adAccountId: 17", "    segmentId: ''", "    frequency: dayly"]


def same_name(item):
    return ["  - audienceName: Same", "    adAccountId: act_1"] + item[2:]


def merged(item):
    return [item[0], "    <<: {adAccountId: act_1, segmentId: seg_0001}"]


def undefined_variable(item):
    return item[:2] + ["    segmentId: ${SEGMENT}"] + item[3:]


def measure_worst(bench, options):
    """Everything missing, drifted, ...: beside everything in sync."""
    size = max(options.sizes)
    print(f"\nThe worst of {size:,} syncs                      beside in sync")
    syncs = make_syncs(size)
    renamed = [{**sync, "audienceName": sync["audienceName"] + " (old)"} for sync in syncs]
    shouted = [{**sync, "audienceName": sync["audienceName"].upper()} for sync in syncs]
    lives = {"in sync": make_live(syncs), "missing": make_live([]),
             "drifted": make_live(syncs, change="monthly"),
             "withheld": make_live(shouted),
             "renamed": make_live(renamed),
             "duplicate (twice the list)": make_live(syncs, copies=2),
             "unmanaged": make_live(syncs),
             "ignored": make_live(syncs)}
    good = write_manifests(bench.new_folder(), syncs, 1)
    others = {"unmanaged": write_manifests(bench.new_folder(), [], 1),
              "ignored": write_ignores(bench.new_folder(), syncs[:1000])}
    base = None
    for name, body in lives.items():
        server = Server()
        server.set_list(body)
        paths = others.get(name, good)
        with server:
            taken = bench.run({"plan": bench.ours("plan", *paths),
                               "drift": bench.ours("drift", *paths, code=0 if name in (
                                   "in sync", "withheld", "renamed", "unmanaged", "ignored") else 2)},
                              server.url)
        base = base or taken
        for command in ("plan", "drift"):
            print_row(f"{command}, {name}", taken[command],
                      taken[command].beside(base["plan"], base["plan"]))
    spoilers = {"in sync": None, "merge keys": merged, "unknown key, near": unknown_key,
                "unknown key, far": unlike_key, "three bad values": bad_values,
                "same identity": same_name, "undefined variable": undefined_variable}
    wrong = [name for name, spoil in spoilers.items() if spoil not in (None, merged)]
    base = None
    for name, spoil in spoilers.items():
        paths = write_manifests(bench.new_folder(), syncs, 1, spoil)
        taken = bench.run({"validate": bench.ours("validate", *paths, code=1 if name in wrong else 0)})
        base = base or taken["validate"]
        print_row(f"validate, {name}", taken["validate"], taken["validate"].beside(base, base))


def measure_formats(bench, options):
    """Every report format of everything missing and drifted: beside the text of what is in sync."""
    size = max(options.sizes)
    print(f"\nReports of {size:,} syncs                        beside in sync as text")
    syncs = make_syncs(size)
    paths = write_manifests(bench.new_folder(), syncs, 1)
    base = None
    for name, body in {"in sync": make_live(syncs), "missing": make_live([]),
                       "drifted": make_live(syncs, change="monthly")}.items():
        server = Server()
        server.set_list(body)
        with server:
            taken = bench.run({form: bench.ours("plan", *paths, "-o", form) for form in (
                "text", "json", "markdown", "html", "junit", "sarif", "github")}, server.url)
        base = base or taken["text"]
        for form, sample in taken.items():
            print_row(f"{name}, {form}", sample, sample.beside(base, base))


PARTS = {"start": measure_start, "scale": measure_scale, "worst": measure_worst,
         "formats": measure_formats}


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/bin/audiencectl", type=Path)
    parser.add_argument("--sizes", default="100,1000,10000,100000", type=numbers)
    parser.add_argument("--files", default="1,100,1000", type=numbers)
    parser.add_argument("--runs", default=7, type=int)
    parser.add_argument("--verbose", action="store_true", help="also print the floor itself")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when none")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"unknown part '{part}'")
    if not options.program.exists():
        parser.error(f"no {options.program}: cmake --workflow --preset release builds it")
    with tempfile.TemporaryDirectory(prefix="audiencectl-bench-") as work:
        bench = Bench(Path(work), options.program.resolve(), options.runs)
        for part in options.parts or PARTS:
            PARTS[part](bench, options)


if __name__ == "__main__":
    main()
