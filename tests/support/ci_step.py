#!/usr/bin/env python3
"""Prints what a CI recipe runs, so that a test can run it too.

    ci_step.py gitlab-ci.yml apply              the script of a job
    ci_step.py gitlab-ci.yml plan after_script  another of its scripts
    ci_step.py kubernetes.yaml audience-drift   the command of a CronJob, a word a line
    ci_step.py kubernetes.yaml audience-drift env
"""

import pathlib
import sys

import yaml

RECIPES = pathlib.Path(__file__).resolve().parents[2] / "examples" / "ci"


def find_container(documents, name):
    for document in documents:
        if document["kind"] == "CronJob" and document["metadata"]["name"] == name:
            return document["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    raise SystemExit(f"no CronJob {name}")


def main():
    recipe, job, *rest = sys.argv[1:]
    documents = list(yaml.safe_load_all((RECIPES / recipe).read_text()))
    if recipe == "kubernetes.yaml":
        container = find_container(documents, job)
        lines = [f"{each['name']}={each['value']}" for each in container.get("env", [])]
        print("\n".join(lines if rest else container["command"] + container["args"]))
    else:
        print("\n".join(documents[0][job][rest[0] if rest else "script"]))


if __name__ == "__main__":
    main()
