# shellcheck shell=bash disable=SC2034,SC2154
# For bats files that run apply in the background, with sandbox-helpers loaded before.

# start ARGUMENT...: apply in the background, as $apply_pid
start() {
    SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes --rate off "$@" \
        >out 2>err </dev/null 3>&- &
    apply_pid=$!
}

# know_place: as if an earlier apply had kept its journal here, so that no time is waited for others.
know_place() {
    local name
    name=$(printf '%s\ncomp_123' "$origin" | sha256sum | cut -d' ' -f1)
    mkdir -p .local/state/audiencectl
    printf '{"journal": 1, "apiUrl": "%s", "companyId": "comp_123"}\n{"awaited": 1}\n' "$origin" \
        >".local/state/audiencectl/$name.pending"
}

# await FILE TEXT: until the text is in it
await() {
    eventually grep -q "$2" "$1" || {
        cat out err
        return 1
    }
}

finish() {
    code=0
    wait "$apply_pid" || code=$?
    cat out err
}

# await_first: until the first create has come true
await_first() { eventually has_one; }
has_one() { [ "$(live_count)" = 1 ]; }

# Until the server has a create: `eventually has_post`
has_post() { curl -s "$origin/__sandbox/log" | jq -e '.requests[] | select(.method == "POST")' >log; }
