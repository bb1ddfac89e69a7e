#!/bin/sh
# clang-tidy.sh BUILD [CHECKS]: the two programs under the checks of .clang-tidy, less CHECKS.
# One file a process: clang-tidy 14 takes state of its analyzer from one file to the next.
set -eu
build=$1
checks=${2:-}
cd "$(dirname "$0")/../.."
# shellcheck source=tests/gates/debian_12.sh
. tests/gates/debian_12.sh
find reconcile cmd -name '*.c' -print0 | sort -z |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$build" --quiet --checks="$checks" 2>"$build/clang-tidy.log" && exit 0
# What is no finding: a file that cannot be read, an unknown option.
grep -v 'warnings.* generated' "$build/clang-tidy.log" >&2
exit 1
