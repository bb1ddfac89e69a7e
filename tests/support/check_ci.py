#!/usr/bin/env python3
"""Checks the CI recipes without running them: that linters accept them, and that they keep the rules
which no linter knows: one apply at a time, no apply in a cluster without a ledger, keys only where they are
needed, nothing of a pull request in a script."""

import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECIPES = ROOT / "examples" / "ci"
ACTION = "acme/audiencectl/.github/actions/audiencectl@v0.1.0"
YAMLLINT = """{extends: default, rules: {line-length: {max: 120}, octal-values: {}, truthy: {check-keys: true},
              quoted-strings: {quote-type: double, required: false}}}"""
problems = []


def check(condition, problem):
    if not condition:
        problems.append(problem)


def load(name):
    return list(yaml.safe_load_all((RECIPES / name).read_text()))


def shellcheck(name, script):
    done = subprocess.run(["shellcheck", "--shell=bash", "-"], input="set -e\n" + script, capture_output=True, text=True)
    check(done.returncode == 0, f"{name}: {done.stdout}")


def check_yaml():
    files = sorted(str(path) for path in RECIPES.glob("*.y*ml"))
    check(len(files) == 7, f"recipes: {files}")
    files += [str(path) for path in sorted((ROOT / ".github").rglob("*.yml"))]
    done = subprocess.run(["yamllint", "--strict", "-d", YAMLLINT, *files], capture_output=True, text=True)
    check(done.returncode == 0, done.stdout)


def check_steps(name, job):
    for step in job["steps"]:
        where = f"{name}, {step.get('name', step.get('uses'))}"
        script = step.get("run", "")
        # What stands in ${{ }} is put into a script as it is: a title can be a command.
        check("${{" not in script, f"{where}: an expression in a script")
        shellcheck(where, script)
        uses = step.get("uses", ACTION)
        check(uses in (ACTION, "./.github/actions/audiencectl") or re.fullmatch(r"actions/[\w/-]+@[0-9a-f]{40}", uses),
              f"{where}: an action that is not pinned by commit")


def check_github(name, writes):
    text = (RECIPES / name).read_text()
    workflow = load(name)[0]
    check("pull_request_target" not in text, f"{name}: runs what a stranger wrote, with secrets")
    check(workflow["permissions"]["contents"] == "read", f"{name}: permissions")
    for event in ("push", "pull_request"):
        check(event not in workflow["on"] or "audiences/**" in workflow["on"][event]["paths"], f"{name}: paths")
    for job_name, job in workflow["jobs"].items():
        check("timeout-minutes" in job, f"{name}: {job_name} has no time limit")
        check_steps(name, job)
        for step in job["steps"]:
            where = f"{name}, {step.get('name', step.get('uses'))}"
            # A step that ends with the program leaves it the signals of a cancellation.
            check("run" not in step or step["run"].startswith("exec "), f"{where}: no exec")
            has_write_key = "secrets.SEQUENZY_API_KEY" in str(step)
            applies = step.get("with", {}).get("command") == "apply"
            check(has_write_key == applies, f"{where}: the key that writes is for apply alone")
            check(applies is False or job_name in writes, f"{where}: applies")


def check_apply(name):
    text, job = (RECIPES / name).read_text(), load(name)[0]["jobs"]["apply"]
    check(job["concurrency"] == {"group": "audience-apply", "cancel-in-progress": False}, f"{name}: concurrency")
    check("actions/cache/" not in text and "sleep" not in text, f"{name}: keeps a journal, or waits, by itself")
    check("# AUDIENCECTL_LEDGER: " in text.replace("#   ", "# "), f"{name}: no word of the ledger")


def check_github_apply():
    jobs = load("github-apply.yml")[0]["jobs"]
    check(jobs["plan"]["if"] == "github.ref == 'refs/heads/main'" and jobs["apply"]["needs"] == "plan",
          "github-apply: from another branch than main")
    check(jobs["apply"]["environment"] == "audiences", "github-apply: no approval")
    jobs = load("github-approve.yml")[0]["jobs"]
    check(all(job["if"].startswith("github.ref == 'refs/heads/main' && ") for job in jobs.values()),
          "github-approve: from another branch than main")
    for name in ("github-apply.yml", "github-approve.yml"):
        check_apply(name)


def check_own_workflows():
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text())
        check("permissions" in workflow, f"{path.name}: permissions")
        for job in workflow["jobs"].values():
            check_steps(path.name, job)
    check(len((RECIPES / "github-plan.yml").read_text().splitlines()) <= 25, "github-plan.yml: longer than 25 lines")


def check_gitlab():
    jobs = load("gitlab-ci.yml")[0]
    for name, job in jobs.items():
        if isinstance(job, dict) and "script" in job:
            shellcheck(f"gitlab-ci, {name}", "\n".join(job["script"]))
            shellcheck(f"gitlab-ci, {name}", "\n".join(job.get("after_script", [])))
            check(job["script"][-1].startswith("exec audiencectl "), f"gitlab-ci: {name} does not exec")
            junit = job["artifacts"]["reports"]["junit"]
            check(f"junit={junit}" in str(job["script"]), f"gitlab-ci: {name} does not write {junit}")
            check(job["artifacts"]["when"] == "always", f"gitlab-ci: a failed {name} shows no report")
            writes = job.get("variables", {}).get("SEQUENZY_API_KEY") == "$SEQUENZY_WRITE_KEY"
            check(writes == (name == "apply"), f"gitlab-ci: the key of {name}")
    apply = jobs["apply"]
    check(apply["resource_group"] and apply["interruptible"] is False, "gitlab-ci: one apply at a time")
    check("cache" not in apply and "sleep" not in str(apply), "gitlab-ci: keeps a journal, or waits, by itself")


def check_pod(name, pod):
    context = pod["containers"][0]["securityContext"]
    check(pod["automountServiceAccountToken"] is False, f"{name}: a token of the cluster")
    check(pod["securityContext"]["runAsNonRoot"] is True, f"{name}: root")
    check(pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, f"{name}: seccomp")
    check(context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                      "capabilities": {"drop": ["ALL"]}}, f"{name}: {context}")
    mounts = {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    check(mounts == {volume["name"] for volume in pod["volumes"]}, f"{name}: volumes")


def check_kubernetes():
    documents = load("kubernetes.yaml")
    claims = {each["metadata"]["name"]: each for each in documents if each["kind"] == "PersistentVolumeClaim"}
    for document in (each for each in documents if each["kind"] == "Deployment"):
        check_pod(document["metadata"]["name"], document["spec"]["template"]["spec"])
    for document in (each for each in documents if each["kind"] == "CronJob"):
        name, spec = document["metadata"]["name"], document["spec"]
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        check(spec["concurrencyPolicy"] == "Forbid", f"{name}: two at a time")
        check(spec["jobTemplate"]["spec"]["backoffLimit"] == 0, f"{name}: repeats")
        check_pod(name, pod)
        container = pod["containers"][0]
        check("apply" not in container["args"] or "AUDIENCECTL_LEDGER" in str(container["env"]),
              f"{name}: applies without a ledger")
        check(pod["restartPolicy"] == "Never", f"{name}: restarts")
        for volume in pod["volumes"]:
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            check(claim is None or claim in claims, f"{name}: no claim {claim}")


def main():
    check_yaml()
    for name, writes in (("github-plan.yml", ()), ("github-plan-forks.yml", ()), ("github-apply.yml", ("apply",)), ("github-approve.yml", ("apply",)),
                         ("github-drift.yml", ())):
        check_github(name, writes)
    check_github_apply()
    check_own_workflows()
    check_gitlab()
    check_kubernetes()
    print("\n".join(problems) or "every recipe is as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
