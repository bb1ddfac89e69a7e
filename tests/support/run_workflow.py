#!/usr/bin/env python3
"""Runs a job of a GitHub workflow step by step, here, as a runner would: expressions, conditions, the
files for outputs and the PATH, and the composite action of this repository, whose steps it runs too.

    run_workflow.py WORKFLOW JOB [--event FILE] [--github NAME=VALUE]... [--secret NAME=VALUE]...
                    [--need JOB.OUTPUT=VALUE]... [--input NAME=VALUE]... [--with NAME=VALUE]... [--state FOLDER]

The working directory is the checkout, and checkout itself does nothing. --state keeps what GitHub keeps
between jobs: artifacts and caches. --input is of the workflow, --with overrides one of the composite action. Prints what the steps print,
then the outputs of the job as `output NAME=VALUE`; exits with 1 when the job fails. Other actions
than those below, and expressions that GitHub has beside these, are errors.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ".github/actions/audiencectl"
TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[A-Za-z_][\w-]*(?:\.[\w*-]+)*|\d+|&&|\|\||[!=]=|[!(),])")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("workflow", type=pathlib.Path)
    parser.add_argument("job")
    parser.add_argument("--event", type=pathlib.Path)
    for name in ("github", "secret", "need", "with", "input"):
        parser.add_argument(f"--{name}", action="append", default=[], dest=f"{name}_values")
    parser.add_argument("--state", type=pathlib.Path, default=pathlib.Path("state-of-github"))
    return parser.parse_args()


class Expression:
    """GitHub's expressions, as far as they are used here, turned into Python's."""

    def __init__(self, contexts, status):
        self.contexts, self.status = contexts, status

    def lookup(self, path):
        value = self.contexts
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return "" if value is None else value

    def evaluate(self, text):
        words = {"&&": " and ", "||": " or ", "!": " not "}
        functions = {"always": lambda: True, "success": lambda: self.status == "success",
                     "failure": lambda: self.status == "failure", "cancelled": lambda: False,
                     "hashFiles": lambda pattern: "hash" if any(pathlib.Path().glob(pattern)) else "",
                     "startsWith": lambda text, start: text.startswith(start)}
        python, at = "", 0
        text = text.strip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise SystemExit(f"run_workflow: cannot read the expression {text!r}")
            token, at = match.group(1), match.end()
            if re.match(r"[A-Za-z_]", token) and token not in functions:
                literal = {"true": True, "false": False, "null": ""}
                token = repr(literal[token] if token in literal else self.lookup(token))
            elif token.startswith("'"):
                token = repr(token[1:-1].replace("''", "'"))
            python += words.get(token, token)
        return eval(python, {"__builtins__": {}}, functions)  # pylint: disable=eval-used

    def fill(self, text):
        def shown(match):
            value = self.evaluate(match.group(1))
            return str(value).lower() if isinstance(value, bool) else str(value)
        return re.sub(r"\$\{\{(.*?)\}\}", shown, str(text), flags=re.DOTALL)

    def holds(self, condition):
        text = str(condition).strip()
        if text.startswith("${{"):
            text = text[3:-2]
        if not re.search(r"\b(always|failure|cancelled|success)\(", text):
            text = f"success() && ({text})"
        return bool(self.evaluate(text))


class Job:
    def __init__(self, options):
        self.options = options
        self.temp = pathlib.Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
        pairs = {name: dict(each.split("=", 1) for each in getattr(options, f"{name}_values"))
                 for name in ("github", "secret", "need", "with", "input")}
        needs = {}
        for name, value in pairs["need"].items():
            job, output = name.split(".")
            needs.setdefault(job, {"outputs": {}, "result": "success"})["outputs"][output] = value
        event = json.loads(options.event.read_text()) if options.event else {}
        workspace = os.getcwd()
        github = {"repository": "acme/ads", "run_id": "4711", "run_attempt": "1", "token": "token-of-the-job",
                  "workspace": workspace, "event": event, "ref": "refs/heads/main", "sha": "1" * 40,
                  "server_url": "https://github.example", "event_name": "push", "actor": "ann",
                  "action_repository": "acme/audiencectl", **pairs["github"]}
        self.overrides = pairs["with"]
        self.contexts = {"github": github, "secrets": pairs["secret"], "needs": needs, "steps": {}, "env": {},
                         "inputs": pairs["input"], "vars": {}, "runner": {"temp": str(self.temp)}}
        self.environment = {**os.environ, "CI": "true", "RUNNER_TEMP": str(self.temp), "GITHUB_WORKSPACE": workspace,
                            **{f"GITHUB_{name.upper()}": str(value) for name, value in github.items()
                               if isinstance(value, str) and name != "token"}}
        event_file = self.temp / "event.json"
        event_file.write_text(json.dumps(event))
        self.environment["GITHUB_EVENT_PATH"] = str(event_file)
        self.environment["GITHUB_STEP_SUMMARY"] = str(options.state / "summary")

    def run_script(self, step, expression, environment):
        outputs = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_ENV")}
        for file in outputs.values():
            file.write_text("")
        script = self.temp / "script.sh"
        script.write_text(expression.fill(step["run"]))
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["bash", "-e"]
        done = subprocess.run([*shell, str(script)], check=False, stdin=subprocess.DEVNULL,
                              env={**environment, **{name: str(file) for name, file in outputs.items()}})
        for line in outputs["GITHUB_PATH"].read_text().splitlines():
            self.environment["PATH"] = f"{line}:{self.environment['PATH']}"
        return done.returncode, dict(line.split("=", 1) for line in outputs["GITHUB_OUTPUT"].read_text().splitlines())

    def run_action(self, step, expression):
        name, values = step["uses"].split("@")[0], step.get("with", {})
        values = {key: expression.fill(value) for key, value in values.items()}
        if name.endswith(OURS):
            return self.run_composite({**values, **self.overrides})
        kept = self.options.state
        if name == "actions/checkout":
            return 0, {}
        if name == "actions/upload-artifact":
            folder = kept / "artifacts" / values["name"]
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            found = [path for pattern in values["path"].split("\n") if pattern.strip()
                     for path in ([pathlib.Path(pattern.strip())] if os.path.isabs(pattern.strip())
                                  else pathlib.Path().glob(pattern.strip())) if path.exists()]
            if not found and values.get("if-no-files-found") != "ignore":
                print(f"no files for artifact {values['name']}")
                return 1, {}
            for path in found:
                shutil.copy(path, folder)
            return 0, {}
        if name == "actions/download-artifact":
            shutil.copytree(kept / "artifacts" / values["name"], values.get("path", "."), dirs_exist_ok=True)
            return 0, {}
        if name in ("actions/cache/restore", "actions/cache/save"):
            return self.run_cache(name, values, kept / "caches")
        raise SystemExit(f"run_workflow: no idea what {name} does")

    @staticmethod
    def run_cache(name, values, folder):
        path = pathlib.Path(values["path"])
        if name.endswith("save"):
            target = folder / values["key"]
            target.mkdir(parents=True)
            (shutil.copytree if path.is_dir() else shutil.copy)(path, target / path.name)
        else:
            matching = [each for each in folder.glob("*") if fnmatch.fnmatch(each.name, values["restore-keys"] + "*")]
            if matching:
                newest = max(matching, key=lambda each: each.stat().st_mtime) / path.name
                (shutil.copytree if newest.is_dir() else shutil.copy)(newest, path)
        return 0, {}

    def run_composite(self, given):
        action = yaml.safe_load((ROOT / OURS / "action.yml").read_text())
        unknown = set(given) - set(action["inputs"])
        if unknown:
            raise SystemExit(f"run_workflow: the action has no input {unknown}")
        outer = self.contexts
        self.contexts = {**outer, "steps": {}, "inputs": {}}
        inputs = {name: Expression(self.contexts, "success").fill(each["default"])
                  for name, each in action["inputs"].items()}
        self.contexts["inputs"] = {**inputs, **given}
        before = self.environment.get("GITHUB_ACTION_PATH")
        self.environment["GITHUB_ACTION_PATH"] = str(ROOT / OURS)
        status = self.run_steps(action["runs"]["steps"], {})
        outputs = {name: Expression(self.contexts, status).fill(each["value"])
                   for name, each in action["outputs"].items()}
        self.contexts = outer
        self.environment["GITHUB_ACTION_PATH"] = before or ""
        return (0 if status == "success" else 1), outputs

    def run_steps(self, steps, environment):
        status = "success"
        for step in steps:
            expression = Expression(self.contexts, status)
            if not expression.holds(step.get("if", "success()")):
                continue
            own = {**self.environment, **environment,
                   **{name: expression.fill(value) for name, value in step.get("env", {}).items()}}
            print(f"--- {step.get('name', step.get('uses'))}", flush=True)
            if "run" in step:
                code, outputs = self.run_script(step, expression, own)
            else:
                code, outputs = self.run_action(step, expression)
            result = "success" if code == 0 else "failure"
            if "id" in step:
                self.contexts["steps"][step["id"]] = {"outputs": outputs, "outcome": result}
            if code and not step.get("continue-on-error"):
                print(f"--- failed: {step.get('name', step.get('uses'))} ({code})", flush=True)
                status = "failure"
        return status

    def run(self):
        job = yaml.safe_load(self.options.workflow.read_text())["jobs"][self.options.job]
        self.options.state.mkdir(exist_ok=True, parents=True)
        if not Expression(self.contexts, "success").holds(job.get("if", "success()")):
            print("--- skipped")
            return 0
        expression = Expression(self.contexts, "success")
        environment = {name: expression.fill(value) for name, value in job.get("env", {}).items()}
        self.contexts["env"] = environment
        self.environment.update(environment)
        status = self.run_steps(job["steps"], environment)
        for name, value in job.get("outputs", {}).items():
            print(f"output {name}={Expression(self.contexts, status).fill(value)}")
        shutil.rmtree(self.temp)
        return 0 if status == "success" else 1


if __name__ == "__main__":
    sys.exit(Job(parse()).run())
