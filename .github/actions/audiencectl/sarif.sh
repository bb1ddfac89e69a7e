#!/usr/bin/env bash
# Uploads the SARIF report to code scanning, which shows it at the lines of the manifests.
set -euo pipefail

request=$(mktemp "$RUNNER_TEMP/sarif.XXXXXX")
gzip -c "$REPORT" | base64 -w 0 |
    jq -R --arg commit "$GITHUB_SHA" --arg ref "$GITHUB_REF" '{commit_sha: $commit, $ref, sarif: .}' >"$request"
gh api --method POST "repos/$GITHUB_REPOSITORY/code-scanning/sarifs" --input "$request" --silent
