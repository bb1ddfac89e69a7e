#!/usr/bin/env python3
"""Checks the CI recipes without running them: that linters accept them, and that they keep the rules
which no linter knows: one apply at a time, a journal that outlives the run, keys only where they are
needed, nothing of a pull request in a script."""

import pathlib
import re
import subprocess
import sys

import yaml

RECIPES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "ci"
YAMLLINT = """{extends: default, rules: {line-length: {max: 120}, octal-values: {}, truthy: {check-keys: true},
              quoted-strings: {quote-type: double, required: false}}}"""
problems = []


def check(condition, problem):
    if not condition:
        problems.append(problem)


def load(name):
    return list(yaml.safe_load_all((RECIPES / name).read_text()))


def shellcheck(name, script):
    done = subprocess.run(["shellcheck", "--shell=bash", "-"], input=script, capture_output=True, text=True)
    check(done.returncode == 0, f"{name}: {done.stdout}")


def check_yaml():
    files = sorted(str(path) for path in RECIPES.glob("*.y*ml"))
    check(len(files) == 5, f"recipes: {files}")
    done = subprocess.run(["yamllint", "--strict", "-d", YAMLLINT, *files], capture_output=True, text=True)
    check(done.returncode == 0, done.stdout)


def check_github(name, writes):
    text = (RECIPES / name).read_text()
    workflow = load(name)[0]
    check("pull_request_target" not in text, f"{name}: runs what a stranger wrote, with secrets")
    check(workflow["permissions"]["contents"] == "read", f"{name}: permissions")
    for job_name, job in workflow["jobs"].items():
        check("timeout-minutes" in job, f"{name}: {job_name} has no time limit")
        for step in job["steps"]:
            where = f"{name}, {step.get('name', step.get('uses'))}"
            script = step.get("run", "")
            # What stands in ${{ }} is put into a script as it is: a title can be a command.
            check("${{" not in script, f"{where}: an expression in a script")
            shellcheck(where, script)
            has_write_key = "secrets.SEQUENZY_API_KEY" in str(step.get("env"))
            applies = bool(re.search(r"audiencectl apply\b", script))
            check(has_write_key == applies, f"{where}: the key that writes is for apply alone")
            check(applies is False or job_name in writes, f"{where}: applies")


def check_github_apply():
    jobs = load("github-apply.yml")[0]["jobs"]
    job = jobs["apply"]
    check(jobs["plan"]["if"] == "github.ref == 'refs/heads/main'" and job["needs"] == "plan",
          "github-apply: from a branch that does not see the journal")
    check(job["concurrency"] == {"group": "audience-apply", "cancel-in-progress": False}, "github-apply: concurrency")
    check(job["environment"] == "audiences", "github-apply: no approval")
    restored, saved = ([step for step in job["steps"] if step.get("uses", "").startswith(f"actions/cache/{what}@")]
                       for what in ("restore", "save"))
    check(len(restored) == len(saved) == 1, "github-apply: the journal is not kept")
    check(saved[0]["if"] == "always()", "github-apply: the journal is lost when apply fails")
    check(restored[0]["with"]["key"] == saved[0]["with"]["key"], "github-apply: keys of the journal")
    check(restored[0]["with"]["key"].startswith(restored[0]["with"]["restore-keys"]), "github-apply: restore-keys")
    check(job["env"]["XDG_STATE_HOME"].endswith("/" + saved[0]["with"]["path"]), "github-apply: path of the journal")


def check_gitlab():
    jobs = load("gitlab-ci.yml")[0]
    for name, job in jobs.items():
        if isinstance(job, dict) and "script" in job:
            shellcheck(f"gitlab-ci, {name}", "\n".join(job["script"]))
            junit = job["artifacts"]["reports"]["junit"]
            check(f"junit={junit}" in str(job["script"]), f"gitlab-ci: {name} does not write {junit}")
            check(job["artifacts"]["when"] == "always", f"gitlab-ci: a failed {name} shows no report")
            writes = job.get("variables", {}).get("SEQUENZY_API_KEY") == "$SEQUENZY_WRITE_KEY"
            check(writes == (name == "apply"), f"gitlab-ci: the key of {name}")
    apply = jobs["apply"]
    check(apply["resource_group"] and apply["interruptible"] is False, "gitlab-ci: one apply at a time")
    check(apply["cache"]["when"] == "always", "gitlab-ci: the journal is lost when apply fails")
    check(apply["variables"]["XDG_STATE_HOME"] == "$CI_PROJECT_DIR/" + apply["cache"]["paths"][0],
          "gitlab-ci: path of the journal")


def check_pod(name, pod):
    context = pod["containers"][0]["securityContext"]
    check(pod["restartPolicy"] == "Never", f"{name}: restarts")
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
    for document in (each for each in documents if each["kind"] == "CronJob"):
        name, spec = document["metadata"]["name"], document["spec"]
        pod = spec["jobTemplate"]["spec"]["template"]["spec"]
        check(spec["concurrencyPolicy"] == "Forbid", f"{name}: two at a time")
        check(spec["jobTemplate"]["spec"]["backoffLimit"] == 0, f"{name}: repeats")
        check_pod(name, pod)
        for volume in pod["volumes"]:
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            check(claim is None or claim in claims, f"{name}: no claim {claim}")
    check(claims["audience-apply"]["spec"]["accessModes"] == ["ReadWriteOncePod"], "kubernetes: two pods may apply")


def main():
    check_yaml()
    for name, writes in (("github-plan.yml", ()), ("github-apply.yml", ("apply",)), ("github-drift.yml", ())):
        check_github(name, writes)
    check_github_apply()
    check_gitlab()
    check_kubernetes()
    print("\n".join(problems) or "every recipe is as it should be")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
