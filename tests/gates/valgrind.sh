#!/bin/sh
# valgrind.sh BIN: both programs under valgrind, through the whole way once and every report.
set -eu
bin=$1
cd "$(dirname "$0")/../../examples"
scratch=$(mktemp -d)
sandbox=""
finish() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT

export VALGRIND_OPTS="-q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,possible
--errors-for-leak-kinds=definite,possible"
# expect CODE ARGUMENT...
expect() {
    expected=$1
    shift
    code=0
    valgrind "$bin/audiencectl" "$@" >"$scratch/out" 2>"$scratch/err" || code=$?
    [ "$code" = "$expected" ] && return 0
    echo "audiencectl $*: exit $code in place of $expected" >&2
    cat "$scratch/out" "$scratch/err" >&2
    exit 1
}

valgrind "$bin/audience-sandbox" --rate off --port-file "$scratch/port" >"$scratch/sandbox" 2>&1 &
sandbox=$!
tries=0
while [ ! -s "$scratch/port" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 600 ] || ! kill -0 "$sandbox"; then
        cat "$scratch/sandbox" >&2
        exit 1
    fi
    sleep 0.1
done
SEQUENZY_API_URL="http://127.0.0.1:$(cat "$scratch/port")"
export SEQUENZY_API_URL SEQUENZY_API_KEY=seq_sandbox_key XDG_STATE_HOME="$scratch/state"
unset SEQUENZY_COMPANY_ID

expect 0 validate audiences
expect 0 plan audiences --out "$scratch/plan.json"
expect 2 plan audiences --detailed-exitcode
expect 0 apply --plan "$scratch/plan.json" --rate off
expect 0 apply --plan "$scratch/plan.json" --rate off
expect 0 show "$scratch/plan.json" -o html="$scratch/a.html" -o markdown="$scratch/a.md" \
    -o junit="$scratch/a.xml" -o sarif="$scratch/a.sarif" -o github="$scratch/a.github"
expect 0 drift audiences --history "$scratch/history" -o json
expect 0 export --dir "$scratch/exported"
expect 0 get segments
expect 1 validate ../tests/cases/manifest-unknown-keys

kill "$sandbox"
code=0
wait "$sandbox" || code=$?
sandbox=""
if [ "$code" = 99 ]; then
    cat "$scratch/sandbox" >&2
    exit 1
fi
