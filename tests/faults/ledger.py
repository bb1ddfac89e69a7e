#!/usr/bin/env python3
"""Ten machines share a ledger: they apply at the same time what is partly the same, and are killed.

Each round is made from its seed: ten machines with homes of their own, one bare repository that some
of them reach by `git http-backend` and the others by sshd, a sandbox with faults and a list that lags.
Answers to pushes get lost before and after they take effect. Processes are killed at random, and some
of them are started again at once. Then:

  * no desired sync is live twice
  * what a report calls created is live
  * once the time of the dead runs' lines is over, one clean run makes everything live exactly once

That time is minutes. It is not waited for: when every process has ended and the settle window is
over, the times in `open.jsonl` are moved to the past, which is what a later run would find.

usage: ledger.py --bin DIR [--rounds COUNT] [--seed FIRST] [--jobs COUNT] [--keep]
"""
import argparse
import collections
import concurrent.futures
import getpass
import http.server
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

MACHINES = 10
SYNCS = 24
ASKED = 12  # of each machine
SETTLE_MS = 1500
TIMEOUT_MS = 6000  # ten logins over SSH at once take seconds
LATEST_MS = 500
FAULTS = ["reset-before", "reset-after", "timeout-before", "timeout-after", "status-after:500",
          "status-before:503", "cut-after", "invalid-json-after", "commit-late:300"]
BRANCH = "audiencectl-ledger"
# What a network does to a push over SSH: the process that would answer it ends, before the branch has
# changed or after it.
HOOK = """#!/bin/sh
[ "$LOSES_ANSWERS" ] || exit 0
luck=$(od -An -N1 -tu1 /dev/urandom)
case $1 in
prepared) [ "$luck" -ge 13 ] || { echo >>lost && kill -TERM $PPID; } ;;
committed) [ "$luck" -ge 26 ] || { echo >>lost && kill -KILL $PPID; } ;;
esac
"""


class Broken(Exception):
    """A promise does not hold."""


class Git(http.server.BaseHTTPRequestHandler):
    """git http-backend, and what a network does to it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while True:
                size = int(self.rfile.readline(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
        path, _, query = self.path.partition("?")
        is_push = path.endswith("/git-receive-pack")
        with self.server.lock:
            luck = self.server.rng.random() if is_push else 0.5
        time.sleep(self.server.delay_s)
        is_lost = luck < self.server.lose_before or luck > 1 - self.server.lose_after
        if is_lost:
            self.server.lost += 1
            self.close_connection = True
        if luck < self.server.lose_before:
            return
        environment = dict(
            os.environ, GIT_PROJECT_ROOT=self.server.root, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
            QUERY_STRING=query, REQUEST_METHOD=self.command, REMOTE_ADDR="127.0.0.1",
            CONTENT_TYPE=self.headers.get("Content-Type", ""), CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""))
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if is_lost:
            return
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        status, headers = 200, []
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            elif name:
                headers.append((name, value))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class GitServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, root, certificate, seed, lose_before=0.0, lose_after=0.0, delay_s=0.0):
        super().__init__(("127.0.0.1", 0), Git)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True,
                                          do_handshake_on_connect=False)
        self.root, self.rng, self.lock = root, random.Random(seed), threading.Lock()
        self.lose_before, self.lose_after, self.delay_s = lose_before, lose_after, delay_s
        self.lost = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that was killed


def make_certificate(path):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", path + ".key", "-out",
                    path + ".crt"], check=True, stderr=subprocess.DEVNULL)
    with open(path, "w") as out:
        for part in (".key", ".crt"):
            out.write(open(path + part).read())
    return path


class SshServer:
    """sshd on loopback, for every round. It listens as long as the program runs."""

    def __init__(self, directory):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        host, key, config = (os.path.join(directory, name) for name in ("host", "key", "sshd"))
        for path in (host, key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        program = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin")
        lines = ["ListenAddress 127.0.0.1", "Port %d" % self.port, "HostKey " + host,
                 "AuthorizedKeysFile %s.pub" % key, "StrictModes no", "PermitRootLogin yes",
                 "UsePAM no", "PidFile none", "MaxStartups 500", "LogLevel QUIET",
                 "ForceCommand export LOSES_ANSWERS=1; eval \"exec $SSH_ORIGINAL_COMMAND\""]
        with open(config, "w") as out:
            out.write("\n".join(lines) + "\n")
        # OpenSSH 10 shuts out an address whose logins have failed, as those of killed processes do.
        newer = ["-o", "PerSourcePenalties=no"]
        if subprocess.run([program, "-t", "-f", config, *newer], check=False,
                          stderr=subprocess.DEVNULL).returncode:
            newer = []
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.process = subprocess.Popen([program, "-D", "-f", config, *newer],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        known = os.path.join(directory, "known")
        with open(known, "w") as out:
            out.write("[localhost]:%d %s" % (self.port, open(host + ".pub").read()))
        self.command = "ssh -F /dev/null -i %s -o IdentitiesOnly=yes -o UserKnownHostsFile=%s" % (
            shlex.quote(key), shlex.quote(known))

    def url(self, repository):
        return "ssh://%s@localhost:%d%s" % (getpass.getuser(), self.port, repository)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Round:
    def __init__(self, bin_dir, seed, certificate, sshd):
        self.bin, self.seed, self.rng = bin_dir, seed, random.Random(seed)
        self.dir = tempfile.mkdtemp(prefix="ledger-%d-" % seed)
        self.names = ["Sync %02d" % i for i in range(SYNCS)]
        self.sandbox = None
        self.repository = self.path("root/ledger.git")
        subprocess.run(["git", "init", "-q", "--bare", self.repository], check=True)
        subprocess.run(["git", "-C", self.repository, "config", "http.receivepack", "true"],
                       check=True)
        hook = os.path.join(self.repository, "hooks/reference-transaction")
        with open(hook, "w") as out:
            out.write(HOOK)
        os.chmod(hook, 0o755)
        self.server = GitServer(self.path("root"), certificate, seed, 0.05, 0.1,
                                self.rng.choice([0, 0, 0.05]))
        self.urls = ["https://localhost:%d/ledger.git" % self.server.server_address[1],
                     sshd.url(self.repository)]
        self.certificate, self.sshd = certificate, sshd
        with open(self.path("m.yaml"), "w") as out:
            out.write("apiVersion: audiencectl/v1\n"
                      "defaults: {adAccountId: act_1234567890}\n"
                      "audienceSyncs:\n")
            for name in self.names:
                out.write("  - {audienceName: %s, segmentId: seg_vips}\n" % name)

    def path(self, name):
        return os.path.join(self.dir, name)

    def start_sandbox(self, options):
        port_file = self.path("port")
        if os.path.exists(port_file):
            os.unlink(port_file)
        self.sandbox = subprocess.Popen(
            [os.path.join(self.bin, "audience-sandbox"), "--db", self.path("db"), "--port-file",
             port_file, "--rate", "off", "--random-seed", str(self.seed), "--listen",
             "127.0.0.1:%d" % getattr(self, "port", 0), *options],
            stdout=subprocess.DEVNULL, stderr=open(self.path("sandbox.log"), "a"))
        for _ in range(1000):
            if os.path.exists(port_file) and open(port_file).read():
                self.port = int(open(port_file).read())
                return
            time.sleep(0.01)
        raise Broken("the sandbox did not start")

    def stop(self):
        if self.sandbox:
            self.sandbox.kill()
            self.sandbox.wait()
            self.sandbox = None

    def truth(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/__sandbox/syncs" % self.port) as answer:
            return json.load(answer)["audienceSyncs"]

    def start(self, machine, names=()):
        home = self.path("home-%d" % machine)
        os.makedirs(home, exist_ok=True)
        url = self.urls[machine % 2]
        environment = {
            "PATH": os.environ["PATH"], "HOME": home, "SEQUENZY_API_KEY": "seq_sandbox_key",
            "SEQUENZY_API_URL": "http://127.0.0.1:%d" % self.port, "AUDIENCECTL_LEDGER": url,
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_SSH_COMMAND": self.sshd.command}
        return subprocess.Popen(
            [os.path.join(self.bin, "audiencectl"), "apply", "m.yaml", "--yes", "--rate", "off",
             "--settle", "%dms" % SETTLE_MS, "--timeout", "%dms" % TIMEOUT_MS, "--ca-file",
             self.certificate + ".crt", "--report", "json=" + self.path("report-%d" % machine),
             *(word for name in names for word in ("--name", name))],
            cwd=self.dir, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.path("err-%d" % machine), "w"))

    def check(self, when):
        counts = collections.Counter(sync["audienceName"] for sync in self.truth())
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise Broken("%s: live more than once: %s" % (when, ", ".join(twice)))
        return counts

    def check_report(self, number):
        ids = {sync["id"] for sync in self.truth()}
        try:
            document = json.load(open(self.path("report-%d" % number)))
        except (OSError, ValueError):
            return  # killed
        for row in document["syncs"]:
            result = row.get("result") or {}
            if result.get("outcome") == "created" and result["id"] not in ids:
                raise Broken("machine %d reports %s as created" % (number, result["id"]))

    def be_killed(self, process, after_s, end, restart):
        """Ends the process then, and maybe begins another one on the same machine at once."""
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(end)
            process.wait()
            if restart:
                self.start(*restart).wait()

    def pass_time(self):
        """The times of all open lines are over: a commit as a run would make it."""
        clone = self.path("clone")
        shutil.rmtree(clone, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", "-b", BRANCH, self.repository, clone], check=True)
        for folder, _, files in os.walk(clone):
            if "open.jsonl" in files:
                path = os.path.join(folder, "open.jsonl")
                text = re.sub(r'("until": "|"at": ")20', r"\g<1>19", open(path).read())
                open(path, "w").write(text)
        head = json.load(open(os.path.join(clone, "ledger.json")))
        head["sequence"] += 1
        json.dump(head, open(os.path.join(clone, "ledger.json"), "w"))
        subprocess.run(["git", "-C", clone, "-c", "user.name=x", "-c", "user.email=x@x", "commit",
                        "-qam", "time passes"], check=True)
        subprocess.run(["git", "-C", clone, "push", "-q"], check=True)

    def run(self):
        rules = []
        for _ in range(self.rng.randint(0, 3)):
            rules += ["--fault", "POST /audience-syncs p=%.2f %s"
                      % (self.rng.uniform(0.05, 0.3), self.rng.choice(FAULTS))]
        lag = self.rng.choice([0, LATEST_MS])
        self.start_sandbox([*rules, "--list-lag", str(lag), "--list-flicker",
                            str(self.rng.choice([0, LATEST_MS])), "--latency",
                            str(self.rng.choice([0, 100, 400]))])
        # Something is in the ledger already: no machine waits before it begins.
        self.start(MACHINES, self.names[:1]).wait()
        threads, processes = [], []
        for machine in range(MACHINES):
            names = self.rng.sample(self.names, ASKED)
            process = self.start(machine, names)
            processes.append(process)
            after_s = self.rng.uniform(0.2, 6) if self.rng.random() < 0.5 else 120
            end = self.rng.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
            restart = (machine, names) if self.rng.random() < 0.5 else None
            threads.append(threading.Thread(target=self.be_killed,
                                            args=(process, after_s, end, restart)))
            threads[-1].start()
            time.sleep(self.rng.choice([0, 0, 0.1, 0.4]))
        for thread in threads:
            thread.join()
        for process in processes:
            process.wait()
        counts = self.check("after the faults")
        for number in range(MACHINES):
            self.check_report(number)
        time.sleep((SETTLE_MS + LATEST_MS) / 1000)
        self.check("later")
        self.stop()
        self.server.lose_before = self.server.lose_after = 0
        self.start_sandbox([])
        if subprocess.run(["git", "-C", self.repository, "rev-parse", "-q", "--verify", BRANCH],
                          stdout=subprocess.DEVNULL, check=False).returncode == 0:
            self.pass_time()
        clean = self.start(MACHINES)
        code = clean.wait()
        live = self.check("at the end")
        if code != 0 or sorted(live) != self.names:
            raise Broken("the clean run exits with %d, and is short of %s\n%s" % (
                code, sorted(set(self.names) - set(live)),
                open(self.path("err-%d" % MACHINES)).read()))
        changes = subprocess.run(["git", "-C", self.repository, "rev-list", "--count", BRANCH],
                                 stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
        lost = self.server.lost
        if os.path.exists(os.path.join(self.repository, "lost")):
            lost += len(open(os.path.join(self.repository, "lost")).read())
        return sum(counts.values()), changes, lost, [p.returncode for p in processes]


def run_one(bin_dir, seed, certificate, sshd, keep):
    one = Round(bin_dir, seed, certificate, sshd)
    try:
        result = one.run()
        print("round %d: %d syncs before the clean run, %s changes, %d answers lost, exit codes %s"
              % (seed, *result), flush=True)
    except Exception as problem:
        print("round %d: BROKEN: %s; see %s" % (seed, problem, one.dir), flush=True)
        return False
    finally:
        one.stop()
        one.server.shutdown()
    if not keep:
        shutil.rmtree(one.dir)
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        certificate = make_certificate(os.path.join(work, "certificate"))
        sshd = SshServer(work)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            seeds = range(options.seed, options.seed + options.rounds)
            good = list(pool.map(
                lambda seed: run_one(options.bin, seed, certificate, sshd, options.keep), seeds))
        sshd.stop()
    print("%d rounds, %d broken" % (len(good), good.count(False)))
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
