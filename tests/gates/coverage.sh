#!/bin/sh
# coverage.sh BUILD: judges what the tests of that build have reached, and leaves a page for each
# file in BUILD/coverage/index.html. An assert has a branch that no test can take.
set -eu
build=$1
cd "$(dirname "$0")/../.."
mkdir -p "$build/coverage"
gcovr --root . --filter reconcile/ --filter cmd/ --object-directory "$build" "$build" \
    --exclude-branches-by-pattern '.*\bassert\(.*' --exclude-unreachable-branches \
    --html-details "$build/coverage/index.html" --print-summary \
    --fail-under-line 90 --fail-under-branch 80
