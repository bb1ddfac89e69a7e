#!/usr/bin/env bats
# What apply knows of runs before it, beside it and elsewhere.
# Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers
load ../support/apply-helpers
bats_require_minimum_version 1.5.0

setup() { three_syncs_setup; }
teardown() { sandbox_teardown; }

@test "a log shows at once that a long wait has begun, and how long it may last" {
    sandbox_start --rate off
    start --settle 6s
    await err '^audiencectl: preparing, waiting up to 6 s (an earlier run elsewhere may have created'
    [ "$(live_count)" = 0 ]
    finish
    [ "$code" = 0 ]
    [ "$(grep -c waiting err)" = 1 ]
    rm -r .local
    sed -i 's/audienceName: /&again /; s/seg_vips/seg_lapsed/' m.yaml
    start --settle 6s -q
    finish
    [ "$code" = 0 ]
    [ "$(live_count)" = 6 ]
    [ ! -s err ]
}

@test "two at once: one creates, the other is refused, and nothing is there twice" {
    sandbox_start --rate off --latency 300
    start --settle 1s
    first=$apply_pid
    start --settle 1s
    finish
    one=$code
    apply_pid=$first
    finish
    [ "$((one + code))" = 4 ]
    [ "$(live_count)" = 3 ]
}

@test "what a killed run has created is named as such by the next" {
    sandbox_start --rate off --list-lag 2000 --fault 'POST /audience-syncs nth=1 timeout-after'
    start --settle 4s
    await_first
    kill -KILL "$apply_pid"
    wait "$apply_pid" || true
    start --settle 4s
    finish
    [ "$code" = 0 ]
    [ "$(live_count)" = 3 ]
    grep -q '2 created, 1 already existed' out
    grep -q 'note: appeared since the plan; an earlier run had asked for it' out
}

# kill_first ARGUMENT...: an apply that is killed when its first create has come true
kill_first() {
    start --settle 4s "$@"
    await_first
    kill -KILL "$apply_pid"
    wait "$apply_pid" || true
}

# Nobody can say that the two are one while the account is forbidden.
@test "a killed run is waited for when one names the company and the other does not" {
    for first in '' comp_123; do
        sandbox_stop
        sandbox_start --rate off --list-lag 2000 --fault 'GET /account every=1 status-before:403' \
            --fault 'POST /audience-syncs nth=1 timeout-after'
        second=
        [ "$first" ] || second=comp_123
        kill_first --no-preflight ${first:+--company "$first"}
        start --settle 4s --no-preflight ${second:+--company "$second"}
        finish
        [ "$code" = 0 ]
        [ "$(live_count)" = 3 ]
        grep -q '2 created, 1 already existed' out
        grep -q 'note: appeared since the plan; an earlier run had asked for it' out
    done
}

@test "a sync that the manifest asks for is no lost create, selected or not" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 timeout-before'
    start --settle 2s --name A
    eventually has_post
    kill -KILL "$apply_pid"
    wait "$apply_pid" || true
    request POST /audience-syncs "$(create_body B)"
    start --settle 2s --name A
    finish
    [ "$code" = 0 ]
    [ "$(live_count)" = 2 ]
}

# one_template: the manifest asks for A alone, by a template: no list shows what its segment is.
one_template() {
    sed -i -e '/: [BC],/d' -e 's/segmentId: seg_vips/predefinedSegmentId: engaged/' m.yaml
}

@test "an answered create whose id is not in the list may be there under another name" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 rename'
    one_template
    start --settle 1s
    finish
    [ "$code" = 3 ]
    # As if the answer had named a job, and the list names syncs.
    sed -i -E 's/"id": "sync_[^"]*"/"id": "job_7"/' .local/state/audiencectl/*.pending
    grep -q job_7 .local/state/audiencectl/*.pending
    start --settle 1s
    finish
    [ "$code" = 3 ]
    [ "$(live_count)" = 1 ]
    grep -q "reason: an earlier run created it as sync_[0-9a-z]*, or may have" out
    # The way out: a person says that it is another one.
    id=$(sed -nE "s/.*add 'replaces: (sync_[0-9a-z]*)'.*/\1/p" out | head -1)
    sed -i "s/engaged}/engaged, replaces: $id}/" m.yaml
    start --settle 1s
    finish
    [ "$code" = 0 ]
    [ "$(live_count)" = 2 ]
}

# Whatever the runs in between ask for: a line is closed by evidence about its own sync alone.
@test "a lost create that the server renamed is remembered through runs that do not speak of it" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 rename'
    one_template
    sed 's/: A,/: Other,/' m.yaml >other.yaml
    start --settle 1s
    await_first
    kill -KILL "$apply_pid"
    wait "$apply_pid" || true
    grep -q intent .local/state/audiencectl/*.pending
    SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" plan m.yaml -o json |
        jq -e '.syncs[0].openIntentUntil > "2026"'
    cp m.yaml a.yaml
    mv other.yaml m.yaml
    start --settle 1s
    finish
    [ "$code" = 0 ]
    [ "$(live_count)" = 2 ]
    mv a.yaml m.yaml
    start --settle 1s
    finish
    [ "$code" = 3 ]
    [ "$(live_count)" = 2 ]
    grep -q "reason: an earlier run created it as sync_[0-9a-z]*, or may have" out
}

# A runner that is thrown away takes its journal along.
@test "a place without a journal waits until the list shows what a run elsewhere has created" {
    sandbox_start --rate off --list-lag 2000 --fault 'POST /audience-syncs nth=1 timeout-after'
    for option in '' --no-journal; do
        one_template
        start --settle 3s
        await_first
        kill -KILL "$apply_pid"
        wait "$apply_pid" || true
        rm -rf .local
        start --settle 3s $option
        finish
        [ "$code" = 0 ]
        [ "$(live_count)" = 1 ]
        grep -q 'Apply: *1 already existed' out
        sandbox_stop
        sandbox_start --rate off --list-lag 2000 --fault 'POST /audience-syncs nth=1 timeout-after'
    done
}
