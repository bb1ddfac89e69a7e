# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# For bats files that drive audience-sandbox with curl. Every test starts a sandbox of its own and
# ends exactly that one:
#
#   setup() { sandbox_setup; }
#   teardown() { sandbox_teardown; }
#   @test "..." {
#       sandbox_start --rate off
#       request POST /audience-syncs "$(create_body 'VIPs')"
#       [ "$code" = 200 ]
#       [ "$(jq -r .audienceSync.audienceName <<<"$body")" = VIPs ]
#   }
#
# request sets $code (000: no answer), $body, $headers, and $curl_exit (56: reset, 52: nothing came,
# 28: timed out, 18: cut off).

KEY=seq_sandbox_key
PERSONAL_KEY=seq_user_sandbox

sandbox_setup() {
    : "${AUDIENCE_SANDBOX:?the path of the program}"
    work=$(mktemp -d)
    sandbox_pid=
    company=
    key=$KEY
}

sandbox_start() {
    rm -f "$work/port"
    "$AUDIENCE_SANDBOX" --port-file "$work/port" "$@" >"$work/stdout" 2>"$work/stderr" 3>&- &
    sandbox_pid=$!
    for _ in $(seq 800); do
        if [ -s "$work/port" ]; then break; fi
        kill -0 "$sandbox_pid" 2>/dev/null || break
        sleep 0.025
    done
    [ -s "$work/port" ] || { cat "$work/stderr"; return 1; }
    origin=http://127.0.0.1:$(cat "$work/port")
    url=$origin/api/v1
}

# Ends it as a user would; its exit code goes to $sandbox_exit.
sandbox_stop() {
    [ -n "$sandbox_pid" ] || return 0
    kill "-${1:-TERM}" "$sandbox_pid" 2>/dev/null || true
    sandbox_exit=0
    wait "$sandbox_pid" 2>/dev/null || sandbox_exit=$?
    sandbox_pid=
}

sandbox_teardown() {
    sandbox_stop
    rm -rf "$work"
}

# request METHOD PATH [BODY] [CURL-OPTION...]; PATH without /api/v1, or beginning with http.
# The key is $key (empty: none), the company header $company (empty: none).
request() {
    local method=$1 path=$2 data=${3-} options=()
    shift $(($# > 3 ? 3 : $#))
    case $path in http*) ;; *) path=$url$path ;; esac
    [ -z "$key" ] || options+=(-H "Authorization: Bearer $key")
    [ -z "$company" ] || options+=(-H "x-company-id: $company")
    [ -z "$data" ] || options+=(--data-binary "$data")
    : >"$work/headers"
    : >"$work/body"
    curl_exit=0
    code=$(curl -sS -g -X "$method" -m 20 -H 'Content-Type: application/json' "${options[@]}" "$@" \
        -D "$work/headers" -o "$work/body" -w '%{http_code}' "$path" 2>"$work/curl") || curl_exit=$?
    headers=$(tr -d '\r' <"$work/headers")
    body=$(head -c 2000000 "$work/body")
}

# create_body NAME [EXTRA-JSON]
create_body() {
    jq -cn --arg name "$1" --argjson extra "${2:-{\}}" \
        '{segmentId: "seg_vips", adAccountId: "act_1234567890", audienceName: $name} + $extra'
}

# get FILTER: jq on the last answer, as plain text.
get() { jq -r "$1" <<<"$body"; }

# The number of syncs of that name there really are.
count_truth() {
    curl -sS -m 20 "$origin/__sandbox/syncs" |
        jq --arg name "$1" '[.audienceSyncs[] | select(.audienceName == $name)] | length'
}

# The number of syncs there really are.
live_count() { curl -sS -m 20 "$origin/__sandbox/syncs" | jq '.audienceSyncs | length'; }

# eventually COMMAND...: until it succeeds; fails after ten seconds.
eventually() {
    for _ in $(seq 400); do
        if "$@"; then return 0; fi
        sleep 0.025
    done
    return 1
}

# For audiencectl: a home of its own, in which m.yaml asks for A, B and C.
three_syncs_setup() {
    sandbox_setup
    cd "$work" || return
    export HOME="$work" SEQUENZY_API_KEY="$KEY"
    unset XDG_STATE_HOME SEQUENZY_API_URL SEQUENZY_COMPANY_ID
    printf '%s\n' 'apiVersion: audiencectl/v1' 'defaults: {adAccountId: act_1234567890}' \
        'audienceSyncs:' >m.yaml
    for name in A B C; do
        printf '  - {audienceName: %s, segmentId: seg_vips}\n' "$name" >>m.yaml
    done
}

# log_entry N FILTER: of the request log, from 1.
log_entry() { curl -sS -m 20 "$origin/__sandbox/log" | jq -r ".requests[$1 - 1] | $2"; }
