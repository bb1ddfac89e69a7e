#!/bin/sh
# cppcheck.sh BUILD: the two programs, with what their build says of each file.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
# shellcheck source=tests/gates/debian_12.sh
. tests/gates/debian_12.sh
mkdir -p "$build/cppcheck"
# Left out: headers of libraries, which are not ours to look into, and unused members of structs: it
# does not see what is read through a macro or the other member of a union.
cppcheck --quiet --error-exitcode=1 --enable=warning,style,performance,portability \
    --suppress=missingIncludeSystem --suppress=unusedStructMember --inline-suppr -j "$(nproc)" \
    --cppcheck-build-dir="$build/cppcheck" --project="$build/compile_commands.json" \
    --file-filter='*/reconcile/*' --file-filter='*/cmd/*'
