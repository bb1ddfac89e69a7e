#!/bin/sh
# The entry of .pre-commit-hooks.yaml: runs in the user's repository and builds the program first, in
# pre-commit's own clone of this repository, when no commit has done so before.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/build/release/bin/audiencectl
if [ ! -x "$program" ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # A commit hook has variables of the user's repository.
    if ! (cd "$root" && env -u GIT_DIR -u GIT_INDEX_FILE -u GIT_WORK_TREE cmake --workflow --preset release) >"$log" 2>&1; then
        cat "$log"
        # shellcheck source=tests/support/packages.sh
        . "$root/tests/support/packages.sh"
        echo "audiencectl could not be built. What it needs on Debian:"
        # shellcheck disable=SC2086
        echo "    apt-get install" $BUILD_PACKAGES
        echo "With the program installed, use the hook audiencectl-validate-system."
        exit 1
    fi
fi
exec "$program" "$@"
