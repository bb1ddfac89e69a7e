#!/bin/sh
# Every script, also those of bats, under shellcheck.
set -eu
cd "$(dirname "$0")/../.."
find .ci/run .github cmd examples tests -type f \( -name run -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' \) \
    -exec shellcheck -x {} +
