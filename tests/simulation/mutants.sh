#!/bin/bash
# Puts each bug of mutants/ into a copy of the product, one at a time, and shows that the simulation
# finds it, with the number of schedules that took.
#
#   tests/simulation/mutants.sh [--count N] [NAME...]      N: schedules to try, 2,000,000
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
count=2000000
if [ "${1-}" = --count ]; then
    count=$2
    shift 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$root" --exclude=./build --exclude=./.git -cf - . | tar -C "$work" -xf -
cd "$work"
cmake --preset dev ${CCACHE_DIR:+-DCMAKE_C_COMPILER_LAUNCHER=ccache} >/dev/null
[ $# -gt 0 ] || set -- tests/simulation/mutants/*.patch
alive=0
for patch in "$@"; do
    name=$(basename "$patch" .patch)
    patch=$root/tests/simulation/mutants/$name.patch
    if ! patch -p1 -s -N <"$patch"; then
        echo "$name: the patch does not apply any more"
        alive=1
        patch -p1 -s -R -f <"$patch" >/dev/null 2>&1 || true
        continue
    fi
    cmake --build --preset dev --target simulation >"$work/build.log" 2>&1 ||
        { cat "$work/build.log"; echo "$name: does not build"; exit 1; }
    if build/dev/bin/simulation --new --count "$count" >"$work/out" 2>&1; then
        echo "$name: ALIVE after $count schedules"
        alive=1
    elif ! grep -q '^seed [0-9]* is broken: ' "$work/out"; then
        tail -n 5 "$work/out"
        echo "$name: ended without a broken promise" # a crash proves nothing
        alive=1
    else
        echo "$name: killed after $(sed -n 's/^\([0-9]*\) schedules.*/\1/p' "$work/out") schedules: $(
            grep '^seed [0-9]* is broken: ' "$work/out")"
    fi
    patch -p1 -s -R <"$patch"
done
exit $alive
