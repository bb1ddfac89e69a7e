#!/usr/bin/env python3
"""Checks the answers of audience-sandbox against the schemas of openapi.yaml.

usage: check_openapi.py AUDIENCE-SANDBOX OPENAPI-YAML

Every endpoint of the description is called so that every status it names is answered once, good
and bad, and each body is validated against the schema of its status. What the description names
and was never seen fails too, so that a new endpoint cannot be forgotten.
"""
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import jsonschema
import yaml

KEY = "seq_sandbox_key"
CREATE = {"segmentId": "seg_vips", "adAccountId": "act_1234567890", "audienceName": "VIPs"}
TEMPLATE = {
    "predefinedSegmentId": "recent-buyers",
    "adAccountId": "act_1234567890",
    "audienceName": "Sequenzy - Recent buyers",
    "frequency": "weekly",
}
SEED = {
    "keys": [{"key": KEY}, {"key": "seq_few", "scopes": []}],
    "segments": [
        {"id": "seg_vips", "name": "VIPs", "activeSubscriberCount": 5},
        {"id": "seg_high", "name": "High spenders", "filters": []},
    ],
    "audienceSyncs": [
        {**CREATE, "id": "sync_seed"},
        {**CREATE, "id": "sync_paused", "isActive": False, "lastSyncAt": "2026-01-02T03:04:05.000Z"},
        {**CREATE, "id": "sync_bad", "syncStatus": "error", "lastSyncError": "no terms accepted"},
    ],
}
SHAPES = ["natural", "bare", "coded", "friendly", "nested", "issues", "string"]


class Sandbox:
    """A running sandbox with these options; ends with the `with` block."""

    def __init__(self, program, *options):
        self.program = program
        self.options = options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        port_file = os.path.join(self.folder.name, "port")
        seed_file = os.path.join(self.folder.name, "seed")
        with open(seed_file, "w", encoding="utf-8") as seed:
            json.dump(SEED, seed)
        self.process = subprocess.Popen(
            [self.program, "--seed", seed_file, "--port-file", port_file, *self.options],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not os.path.exists(port_file):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the sandbox did not start")
            time.sleep(0.02)
        with open(port_file, encoding="utf-8") as port:
            self.port = int(port.read())
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self.folder.cleanup()
        if code:
            raise SystemExit(f"the sandbox ended with {code}")

    def request(self, method, path, body=None, key=KEY, company=None):
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        if company:
            headers["x-company-id"] = company
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        text = None if body is None else json.dumps(body)
        connection.request(method, "/api/v1" + path, text, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheader("Content-Type"), content


class Checker:
    """Validates answers, and remembers which statuses of which operation were seen."""

    def __init__(self, description):
        self.description = description
        self.seen = set()
        self.failures = []
        self.count = 0

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.description
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def find_operation(self, method, path):
        for pattern, item in self.description["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path):
                return pattern, item[method.lower()]
        raise SystemExit(f"{method} {path} is not described")

    def validator(self, schema):
        root = {**schema, "components": self.description["components"]}
        return jsonschema.Draft202012Validator(root, format_checker=jsonschema.FormatChecker())

    def check(self, method, path, expected, answer):
        status, content_type, content = answer
        self.count += 1
        name = f"{method} {path} -> {status}"
        pattern, operation = self.find_operation(method, path)
        if status != expected:
            self.failures.append(f"{name}: expected {expected}: {content[:200]!r}")
            return
        response = operation["responses"].get(str(status))
        self.seen.add((method, pattern, str(status) if response else "default"))
        response = self.resolve(response or operation["responses"]["default"])
        if content_type != "application/json":
            self.failures.append(f"{name}: Content-Type is {content_type}")
        schema = response["content"]["application/json"]["schema"]
        for error in self.validator(schema).iter_errors(json.loads(content)):
            self.failures.append(f"{name}: {error.json_path}: {error.message[:300]}")
        if status == 200:
            self.check_members(name, schema, json.loads(content))

    def check_members(self, name, schema, body):
        """The schemas require nothing; a faithful answer still has every known member."""
        optional = {"audienceSyncId", "jobId"}
        for member in self.resolve(schema)["properties"].keys() - body.keys() - optional:
            self.failures.append(f"{name}: '{member}' is missing")
        if body.get("success") is not True:
            self.failures.append(f"{name}: success is not true")
        known = self.description["components"]["schemas"]["AudienceSync"]["properties"].keys()
        for sync in [*body.get("audienceSyncs", []), *filter(None, [body.get("audienceSync")])]:
            if sync.keys() != known:
                self.failures.append(f"{name}: members are {sorted(sync)}")

    def check_all_seen(self):
        for pattern, item in self.description["paths"].items():
            for method in ("get", "post", "patch", "delete"):
                for status in item.get(method, {}).get("responses", {}):
                    if (method.upper(), pattern, status) not in self.seen:
                        self.failures.append(f"{method.upper()} {pattern}: no {status} was seen")


OPERATIONS = [
    ("GET", "/audience-syncs"),
    ("POST", "/audience-syncs"),
    ("PATCH", "/audience-syncs/sync_seed"),
    ("DELETE", "/audience-syncs/sync_seed"),
    ("POST", "/audience-syncs/sync_seed/sync"),
    ("GET", "/ad-accounts"),
    ("GET", "/segments"),
    ("GET", "/segments/seg_vips/count"),
    ("GET", "/account"),
]


def check_success(program, checker):
    with Sandbox(program, "--rate", "off") as sandbox:
        for method, path, body in [
            ("GET", "/audience-syncs", None),
            ("POST", "/audience-syncs", CREATE),
            ("POST", "/audience-syncs", TEMPLATE),
            ("PATCH", "/audience-syncs/sync_seed", {"frequency": "hourly", "isActive": True}),
            ("POST", "/audience-syncs/sync_seed/sync", None),
            ("GET", "/audience-syncs", None),
            ("GET", "/ad-accounts", None),
            ("GET", "/segments", None),
            ("GET", "/segments/seg_vips/count", None),
            ("GET", "/account", None),
            ("DELETE", "/audience-syncs/sync_seed", None),
            ("DELETE", "/audience-syncs/sync_paused", {}),
        ]:
            checker.check(method, path, 200, sandbox.request(method, path, body))


def check_refusals(program, checker):
    """Errors that the sandbox finds by itself."""
    taken = {**TEMPLATE, "predefinedSegmentId": "high-spenders-ecom"}
    for shape in SHAPES:
        with Sandbox(program, "--rate", "off", "--set", f"error-shape={shape}") as sandbox:
            for method, path, body, status in [
                ("POST", "/audience-syncs", {}, 400),
                ("POST", "/audience-syncs", {**CREATE, "frequency": "monthly"}, 400),
                ("POST", "/audience-syncs", {**CREATE, "segmentId": "seg_none"}, 404),
                ("POST", "/audience-syncs", taken, 409),
                ("PATCH", "/audience-syncs/sync_seed", {}, 400),
                ("PATCH", "/audience-syncs/none", {"isActive": True}, 404),
                ("DELETE", "/audience-syncs/none", None, 404),
                ("POST", "/audience-syncs/none/sync", None, 404),
                ("POST", "/audience-syncs/sync_paused/sync", None, 409),
                ("GET", "/segments/none/count", None, 404),
            ]:
                checker.check(method, path, status, sandbox.request(method, path, body))
            for method, path in OPERATIONS:
                checker.check(method, path, 401, sandbox.request(method, path, key=None))
                if path != "/account":
                    other = sandbox.request(method, path, company="comp_none")
                    checker.check(method, path, 403, other)


def check_switches(program, checker):
    options = ["run-paused=400", "bad-frequency=422", "segment-choice=422"]
    with Sandbox(program, "--rate", "off", *[w for o in options for w in ("--set", o)]) as sandbox:
        for method, path, body, status in [
            ("POST", "/audience-syncs", {**CREATE, "frequency": "monthly"}, 422),
            ("POST", "/audience-syncs", {**CREATE, **TEMPLATE}, 422),
            ("PATCH", "/audience-syncs/sync_seed", {"frequency": "monthly"}, 422),
            ("POST", "/audience-syncs/sync_paused/sync", None, 400),
        ]:
            checker.check(method, path, status, sandbox.request(method, path, body))
    with Sandbox(program, "--rate", "1/h") as sandbox:
        sandbox.request("GET", "/segments")
        for method, path in OPERATIONS:
            checker.check(method, path, 429, sandbox.request(method, path))
    scopes = ["syncs-read", "syncs-write", "ad-accounts", "segments", "account"]
    words = [w for s in scopes for w in ("--set", f"scope-{s}=x:y")]
    with Sandbox(program, "--rate", "off", *words) as sandbox:
        for method, path in OPERATIONS:
            checker.check(method, path, 403, sandbox.request(method, path, key="seq_few"))
    with Sandbox(program, "--rate", "off", "--set", "meta=missing") as sandbox:
        checker.check("GET", "/ad-accounts", 400, sandbox.request("GET", "/ad-accounts"))


def check_faults(program, checker):
    """Statuses that only a fault brings; 504 stands for `default`."""
    for status in (500, 503, 504):
        words = []
        for method, path in OPERATIONS:
            words += ["--fault", f"{method} {path} every=1 status-before:{status}"]
        with Sandbox(program, *words) as sandbox:
            for method, path in OPERATIONS:
                checker.check(method, path, status, sandbox.request(method, path))


def main():
    program, description = sys.argv[1:]
    with open(description, encoding="utf-8") as text:
        checker = Checker(yaml.safe_load(text))
    for check in (check_success, check_refusals, check_switches, check_faults):
        check(program, checker)
    checker.check_all_seen()
    for failure in checker.failures:
        print(failure, file=sys.stderr)
    print(f"{checker.count} answers checked, {len(checker.failures)} failures")
    return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main())
