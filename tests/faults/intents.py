#!/usr/bin/env python3
"""Every create is in the journal when it arrives: the server looks.

usage: intents.py --bin DIR
"""
import argparse
import glob
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

COUNT = 100
AHEAD = 8 + 32  # RCN_APPLY_IN_FLIGHT and JOURNAL_AHEAD


class Server(http.server.ThreadingHTTPServer):
    """Creates, keeps what it created, and reads the journal at each create."""

    def __init__(self, state):
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = state
        self.lock = threading.Lock()
        self.syncs = []
        self.problems = []

    def look(self, name):
        text = "".join(open(path).read() for path in glob.glob(self.state + "/audiencectl/*"))
        named = sum('"audienceName": "%s"' % name in line for line in text.splitlines())
        if named != 1:
            self.problems.append("%s has %d intents when it arrives" % (name, named))
        ahead = text.count('"intent"') - len(self.syncs)
        if ahead > AHEAD:
            self.problems.append("%d intents are ahead of %s" % (ahead, name))

    def create(self, asked):
        with self.lock:
            self.look(asked["audienceName"])
            sync = {"id": "sync_%d" % len(self.syncs), "isActive": True, **asked}
            self.syncs.append(sync)
        time.sleep(0.01)
        return {"success": True, "audienceSync": sync}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        company = {"id": "comp_1", "name": "Acme"}
        self.answer({
            "/api/v1/account": {"companies": [company], "currentCompanyId": company["id"]},
            "/api/v1/ad-accounts": {"adAccounts": [{"id": "act_1", "name": "Main"}]},
            "/api/v1/segments": {"segments": [{"id": "seg_1", "name": "VIPs"}]},
            "/api/v1/audience-syncs": {"audienceSyncs": self.server.syncs}}[self.path])

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(self.server.create(asked))

    def answer(self, body):
        data = json.dumps({"success": True, **body}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="where the program is")
    program = os.path.abspath(parser.parse_args().bin) + "/audiencectl"
    with tempfile.TemporaryDirectory(prefix="intents-") as work:
        server = Server(work + "/state")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        rows = ["  - {audienceName: N%03d, adAccountId: act_1, segmentId: seg_1}" % i
                for i in range(COUNT)]
        with open(work + "/m.yaml", "w") as manifest:
            manifest.write("\n".join(["apiVersion: audiencectl/v1", "audienceSyncs:", *rows]))
        env = dict(os.environ, HOME=work, XDG_STATE_HOME=work + "/state", SEQUENZY_API_KEY="key",
                   SEQUENZY_API_URL="http://127.0.0.1:%d" % server.server_port)
        code = subprocess.run([program, "apply", work + "/m.yaml", "--yes", "-q", "--rate", "off"],
                              env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
        server.shutdown()
    for problem in server.problems:
        print(problem)
    print("exit %d, %d creates arrived, %d problems" % (code, len(server.syncs),
                                                        len(server.problems)))
    return 0 if (code, len(server.syncs), server.problems) == (0, COUNT, []) else 1


if __name__ == "__main__":
    sys.exit(main())
