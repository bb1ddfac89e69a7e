#!/bin/sh
# Every C file is as clang-format leaves it.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/gates/debian_12.sh
. tests/gates/debian_12.sh
find reconcile cmd tests -name '*.[ch]' -exec clang-format --dry-run -Werror {} +
