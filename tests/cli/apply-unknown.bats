#!/usr/bin/env bats
# Creates whose answer says nothing, or comes late.
# Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers
load ../support/apply-helpers
bats_require_minimum_version 1.5.0

setup() { three_syncs_setup; }
teardown() { sandbox_teardown; }

# A list that is read in pages changes under the reader while creates are in flight. The answer that
# drips takes over three seconds; without it the list would be read after the second that 429 asks for.
@test "the list is read in the middle of a run only when nothing is in flight" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=2 drip:10' \
        --fault 'POST /audience-syncs nth=3 status-before:429:1'
    know_place
    start --settle 1s
    finish
    [ "$code" = 0 ]
    log=$(curl -s "$origin/__sandbox/log")
    slow=$(jq '[.requests[] | select(.fault == "drip:10")][0].ms' <<<"$log")
    third=$(jq '[.requests[] | select(.method == "GET" and (.path | endswith("/audience-syncs")))][2].ms' \
        <<<"$log")
    echo "the slow create began at $slow ms, the list was read at $third ms"
    [ "$third" -ge $((slow + 2500)) ]
}

was_429() { curl -s "$origin/__sandbox/log" | jq -e '.requests[] | select(.status == 429)' >log; }

# A gateway that counts a create and lets it through, before a server that makes another name of it.
@test "after a 429 nothing is sent again that something new may have become" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 status-before:429:1'
    start --settle 2s
    eventually was_429
    request POST /audience-syncs "$(create_body 'A (1)')"
    [ "$code" = 200 ]
    finish
    [ "$code" = 3 ]
    [ "$(live_count)" = 1 ]
    grep -q 'Apply: *1 unknown, 2 not attempted' out
    grep -q "reason: .*429.*; the new sync sync_[0-9a-z]*, 'A (1)', may be it under another name" out
    grep -q "reason: sync_[0-9a-z]*, 'A (1)', has appeared in its ad account since the plan" out
    start --settle 1s
    finish
    [ "$(live_count)" = 1 ]
    grep -q '3 withheld' out
}

@test "a create that is answered 429 to the last is told as unknown" {
    sandbox_start --rate off --fault 'POST /audience-syncs every=1 status-before:429:0'
    sed -i '/: [BC],/d' m.yaml
    start --settle 0
    finish
    [ "$code" = 3 ]
    grep -q "1/1 unknown 'A' at m.yaml:4: POST /audience-syncs: 429" err
}

# The answer was lost, so only the whole window shows whether another one comes.
@test "a second one that comes late in the settle window is reported" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 reset-after'
    know_place
    sed -i '/: [BC],/d' m.yaml
    start --settle 4s
    await_first
    sleep 1.5
    request POST /audience-syncs "$(create_body A)"
    [ "$code" = 200 ]
    finish
    [ "$code" = 3 ]
    grep -q 'the list shows it 2 times: sync_' out
}

@test "an unknown first create is looked for before others follow" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 status-before:500'
    know_place
    start --settle 3s
    finish
    [ "$code" = 3 ]
    [ "$(live_count)" = 2 ]
    log=$(curl -s "$origin/__sandbox/log")
    jq -e '[.requests[] | select(.method == "POST")] | .[1].ms - .[0].ms > 2500' <<<"$log"
    jq -e '[.requests[] | select(.method == "POST")] | length == 3' <<<"$log"
}

@test "creates that all end unknown are not sent on and on" {
    sandbox_start --rate off --fault 'POST /audience-syncs every=1 status-before:500'
    know_place
    start --settle 1s
    finish
    [ "$code" = 3 ]
    [ "$(jq '[.requests[] | select(.method == "POST")] | length' <(curl -s "$origin/__sandbox/log"))" = 2 ]
    grep -q '2 unknown, 1 not attempted' out
    grep -q 'creates in a row got no usable answer' out
}
