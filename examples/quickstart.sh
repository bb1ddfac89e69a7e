#!/bin/sh
# All commands once, against a local stand-in for the API: nothing leaves this machine.
#
# Installs what is missing (Debian 12 or 13, as root or through sudo), builds, starts audience-sandbox on a
# free loopback port, and shows validate -> plan -> apply -> plan (nothing to do) -> drift.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh
# shellcheck source=tests/support/install_packages.sh
. tests/support/install_packages.sh
# shellcheck disable=SC2086
install_packages $BUILD_PACKAGES

scratch=$(mktemp -d)
sandbox=""
finish() {
    if [ -n "$sandbox" ]; then
        kill "$sandbox" 2>/dev/null || true
        wait "$sandbox" 2>/dev/null || true
    fi
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if ! cmake --workflow --preset release >"$scratch/build.log" 2>&1; then
    cat "$scratch/build.log" >&2
    exit 1
fi
PATH="$root/build/release/bin:$PATH"

# What is kept between runs stays in the scratch folder, and the caller's settings stay out.
export XDG_STATE_HOME="$scratch/state" XDG_CACHE_HOME="$scratch/cache"
unset SEQUENZY_COMPANY_ID
for name in $(env | sed -n 's/^\(AUDIENCECTL_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

audience-sandbox --listen 127.0.0.1:0 --port-file "$scratch/port" >"$scratch/sandbox.log" 2>&1 &
sandbox=$!
tries=0
while [ ! -s "$scratch/port" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$sandbox" 2>/dev/null; then
        cat "$scratch/sandbox.log" >&2
        echo "the sandbox did not start" >&2
        exit 1
    fi
    sleep 0.1
done
SEQUENZY_API_URL="http://127.0.0.1:$(cat "$scratch/port")"
export SEQUENZY_API_URL SEQUENZY_API_KEY=seq_sandbox_key

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

echo "sandbox: $SEQUENZY_API_URL"
cd examples
show audiencectl validate audiences
show audiencectl plan audiences
show audiencectl apply --yes --settle 1s audiences
show audiencectl plan audiences
show audiencectl drift audiences
