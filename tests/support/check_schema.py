#!/usr/bin/env python3
"""Checks the JSON Schema of manifests against audiencectl's own judgement.

Every YAML file under tests/cases and examples is judged alone: what `audiencectl validate` takes must
pass the schema, and what breaks a rule that a schema can express must fail it.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "reconcile" / "manifest" / "manifest.schema.json"
# Rules that a schema can express.
EXPRESSED = {"unknown-key", "wrong-type", "missing-field", "segment-choice", "bad-ad-account",
             "bad-frequency", "bad-name", "bad-date", "bad-id", "api-version"}
# Rules that say nothing about the shape of a document.
OUTSIDE = {"undefined-variable", "bad-variable", "duplicate-sync", "encoding"}
# A report of so few comparisons would prove nothing.
LEAST = 30


class CoreLoader(yaml.SafeLoader):
    """YAML as the core schema of 1.2 reads it, where `yes` and dates are strings."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("merge", r"<<", "<"),
        ("null", r"~|null|Null|NULL|", "~nN\0"),
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)"
                  r"|\.(nan|NaN|NAN)", "-+.0123456789")):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^({pattern})$"),
                                     ["" if c == "\0" else c for c in first])
# Their values play no part: only the type does.
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: 1)
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: 1.5)


def read_documents(path):
    """The documents that are manifests, or None when this YAML library cannot read the file."""
    try:
        documents = list(yaml.load_all(path.read_bytes().decode("utf-8-sig"), CoreLoader))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError):
        return None
    return [document for document in documents if isinstance(document, dict) and
            ("audienceSyncs" in document or
             str(document.get("apiVersion", "")).startswith("audiencectl/"))]


def find_rules(program, path):
    """The rules of all errors that audiencectl tells of the file; empty when it is valid."""
    run = subprocess.run([program, "validate", path], capture_output=True, text=True, check=False,
                         errors="replace", timeout=60)
    return set(re.findall(r"(?m)error: .* \[([a-z-]+)\]$", run.stderr + run.stdout))


def judge(validator, program, path):
    """None, or what the schema and the program do not agree on. Raises LookupError to leave out."""
    rules = find_rules(program, path)
    documents = read_documents(path)
    if not documents or (rules and not rules & EXPRESSED and not rules <= OUTSIDE):
        raise LookupError(path)
    faults = [fault for document in documents for fault in validator.iter_errors(document)]
    if rules & EXPRESSED and not faults:
        return f"{path}: the schema takes what breaks {', '.join(sorted(rules & EXPRESSED))}"
    if not rules & EXPRESSED and faults:
        return f"{path}: the schema refuses what is valid: {faults[0].message}"
    return None


def main():
    parser = argparse.ArgumentParser(description="the schema of manifests against the program")
    parser.add_argument("--build", required=True, type=pathlib.Path)
    program = parser.parse_args().build.resolve() / "bin" / "audiencectl"
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    disagreements = []
    compared = 0
    paths = [path for folder in ("tests/cases", "examples") for suffix in ("yaml", "yml")
             for path in sorted((ROOT / folder).rglob(f"*.{suffix}")) if path.is_file()]
    for path in paths:
        try:
            found = judge(validator, program, path)
        except LookupError:
            continue
        compared += 1
        if found:
            disagreements.append(found)
    print(f"{compared} of {len(paths)} files compared", *disagreements, sep="\n")
    if compared < LEAST:
        print(f"fewer than {LEAST}: is the build there?")
    return 1 if disagreements or compared < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
