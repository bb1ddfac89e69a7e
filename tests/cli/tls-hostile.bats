#!/usr/bin/env bats
# Servers that answer badly over TLS: they stall, cut off, flood, or reset. No run hangs, no half
# answer counts. Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

bats_require_minimum_version 1.5.0
load ../support/sandbox-helpers
load ../support/tls-helpers

setup_file() { tls_setup_file; }
setup() { tls_setup; }
teardown() { tls_teardown; }

# within SECONDS COMMAND...: with much to spare for a busy machine
within() {
    local most=$1 begin=$SECONDS
    shift
    "$@"
    if [ $((SECONDS - begin)) -gt "$most" ]; then
        echo "took $((SECONDS - begin)) s: $*" >&2
        return 1
    fi
}

@test "a server that stalls is left at the deadline" {
    for mode in no-handshake silent head-only drip; do
        bad_start GET "$mode"
        within 15 ctl 1 plan m.yaml --timeout 1s --deadline 2s
        expect_text 'no whole answer within'
    done
}

@test "a server that stalls is left after five tries of --timeout" {
    bad_start GET head-only
    within 40 ctl 1 plan m.yaml --timeout 500ms
    expect_text '(5 tries)'
    [ "$(grep -c 'GET .*/audience-syncs' "$bad_log")" = 5 ]
}

@test "a create that stalls is unknown, and sent once" {
    for mode in silent head-only drip; do
        rm -rf state
        bad_start POST "$mode"
        within 30 ctl 3 apply m.yaml --yes --timeout 1s --settle 100ms
        expect_text 'unknown'
        [ "$(grep -c POST "$bad_log")" = 2 ] # one for each sync
    done
}

@test "a list that is cut off does not count, however the connection ends" {
    for mode in cut cut-politely cut-chunked cut-empty; do
        bad_start GET "$mode"
        within 30 ctl 1 plan m.yaml --deadline 3s
        within 30 ctl 1 apply m.yaml --yes --deadline 3s
        [ "$(grep -c POST "$bad_log")" = 0 ]
    done
}

@test "an answer to a create that is cut off is unknown, and sent once" {
    for mode in cut cut-politely cut-chunked cut-empty; do
        rm -rf state
        bad_start POST "$mode"
        within 30 ctl 3 apply m.yaml --yes --settle 100ms
        expect_text 'unknown'
        [ "$(grep -c POST "$bad_log")" = 2 ] # one for each sync
    done
}

@test "headers without end are refused, and not asked for again" {
    bad_start GET endless-head
    within 30 ctl 1 plan m.yaml
    expect_text "the answer's headers are too large"
    [ "$(grep -c 'GET .*/audience-syncs' "$bad_log")" = 1 ]
}

@test "a body that grows past the limit when it is unpacked is refused, and not asked for again" {
    bad_start GET bomb
    within 50 ctl 1 plan m.yaml
    expect_text "the answer's body is too large"
    [ "$(grep -c 'GET .*/audience-syncs' "$bad_log")" = 1 ]
}

@test "HTTP/2 streams that are reset, and connections that are closed, end in an error" {
    for mode in h2-reset:2 h2-reset:7 h2-reset:11 h2-goaway; do
        bad_start GET "$mode"
        within 30 ctl 1 plan m.yaml --deadline 3s
        # Four reads, five tries of each; libcurl itself asks five times more for a refused stream.
        [ "$(wc -l <"$bad_log")" -le 120 ]
    done
}
