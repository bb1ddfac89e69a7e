#!/bin/sh
# Fuzzes for real: builds the targets with clang, libFuzzer and the sanitizers, and runs each for a
# number of seconds from its seeds, two at a time. Prints a line of figures for each. Exits 1 when
# anything was found: a crash, a leak, a false invariant, an input that takes seconds.
#
#     tests/fuzz/run.sh SECONDS [TARGET]...     without a target: all of them
#
# What was found lies in build/fuzz/found/TARGET. Mend it, and keep the input as a file of
# corpus/TARGET, named for what it is. What a run has learnt lies in build/fuzz/learnt/TARGET and is
# where the next one begins.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build/fuzz

case "${1:-}" in
"" | *[!0-9]*)
    echo "usage: tests/fuzz/run.sh SECONDS [TARGET]..." >&2
    exit 64
    ;;
esac
seconds=$1
shift
if [ $# -eq 0 ]; then
    for source in "$here"/*_fuzz.c; do
        source=${source##*/}
        set -- "$@" "${source%_fuzz.c}"
    done
fi

build_targets() {
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DAUDIENCECTL_FUZZ=ON \
        -DAUDIENCECTL_SANITIZE=fuzzer-no-link,address,undefined || return 1
    # shellcheck disable=SC2046
    cmake --build "$build" --target $(printf '%s_fuzz ' "$@")
}
mkdir -p "$build"
if ! build_targets "$@" >"$build/build.log" 2>&1; then
    cat "$build/build.log" >&2
    exit 1
fi

# The library ends the process at once, and a folder of a target would stay.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# One target, in the background of the loop below.
run_target() {
    learnt=$build/learnt/$1
    found=$build/found/$1
    log=$build/$1.log
    mkdir -p "$learnt" "$found"
    set -- "$1" "$learnt" "$here/corpus/$1"
    if [ -f "$here/dict/$1.dict" ]; then
        set -- "$@" "-dict=$here/dict/$1.dict"
    fi
    name=$1
    shift
    state=ok
    TMPDIR=$scratch "$build/bin/${name}_fuzz" "$@" -max_total_time="$seconds" -max_len=16384 -timeout=10 \
        -report_slow_units=2 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$found/" >"$log" 2>&1 || state=FAILED
    # What took long on a busy machine may be quick: only what is slow again counts.
    for unit in "$found"/slow-unit-*; do
        if [ -f "$unit" ] && timeout 2 "$build/bin/${name}_fuzz" "$unit" >>"$log" 2>&1; then
            rm "$unit"
        fi
    done
    if [ -n "$(ls -A "$found")" ]; then
        state=FAILED
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    printf '%-12s %10s runs %6s edges  %s\n' "$name" "${runs:-?}" "${edges:-?}" "$state"
    [ $state = ok ]
}

status=0
first=
for target in "$@"; do
    run_target "$target" &
    if [ -n "$first" ]; then
        wait "$first" || status=1
    fi
    first=$!
done
wait "$first" || status=1
exit $status
