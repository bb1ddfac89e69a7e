#!/bin/sh
# use_installed.sh EXAMPLES: the example of the quickstart with the programs on the PATH, in a system
# that has nothing else of ours. Prints what they print.
set -eu
export XDG_STATE_HOME=/tmp/state XDG_CACHE_HOME=/tmp/cache SEQUENZY_API_KEY=seq_sandbox_key
audience-sandbox --port-file /tmp/port >/dev/null &
sandbox=$!
trap 'kill $sandbox; wait $sandbox || true' EXIT
tries=0
while [ ! -s /tmp/port ] && [ "$tries" -lt 200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
SEQUENZY_API_URL="http://127.0.0.1:$(cat /tmp/port)"
export SEQUENZY_API_URL
cd "$1"
audiencectl validate audiences
audiencectl plan audiences
audiencectl apply --yes audiences
audiencectl plan audiences
audiencectl drift audiences
