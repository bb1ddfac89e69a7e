#!/bin/sh
# gcc-analyzer.sh BUILD: the two programs through gcc -fanalyzer, in a build of their own.
set -eu
build=$1/gcc-analyzer
cd "$(dirname "$0")/../.."
# shellcheck source=tests/gates/debian_12.sh
. tests/gates/debian_12.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc \
    -DCMAKE_C_FLAGS=-fanalyzer -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DAUDIENCECTL_TESTS=OFF >"$log"
cmake --build "$build" -j "$(nproc)" >>"$log" 2>&1 && exit 0
grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)|^-- ' "$log"
exit 1
