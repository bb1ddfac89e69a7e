#!/usr/bin/env bats
# How apply ends when it is cut off: by signals, by the deadline, by a full disk.
# Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers
bats_require_minimum_version 1.5.0

setup() { three_syncs_setup; }
teardown() { sandbox_teardown; }

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

@test "one signal: what is in flight ends, the list is read, the rest was not attempted" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 drip:5'
    start --settle 1s
    await_first
    kill -TERM "$apply_pid"
    finish
    [ "$code" = 143 ]
    [ "$(live_count)" = 1 ]
    grep -qF 'stopping: interrupted (a second signal leaves at once)' err
    grep -q 'Apply: *1 created, 2 not attempted' out
    run ! grep -q 'not verified' out
}

# Opening the pipe returns when apply has opened its end: from then on it sleeps in reading alone.
@test "a signal while a pipe keeps the key back" {
    sandbox_start --rate off
    mkfifo key
    start --api-key-file key
    exec 4>key
    eventually grep -q 'State:.S' "/proc/$apply_pid/status"
    kill -TERM "$apply_pid"
    eventually run ! kill -0 "$apply_pid"
    exec 4>&-
    finish
    [ "$code" = 143 ]
    grep -q "cannot read 'key'" err
}

@test "a second signal leaves at once and says what is not known" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 timeout-after'
    start --settle 2s
    await_first
    kill -TERM "$apply_pid"
    await err 'stopping: interrupted'
    kill -TERM "$apply_pid"
    finish
    [ "$code" = 143 ]
    grep -q 'Apply: *1 unknown, 2 not attempted' out
    grep -q 'interrupted; not verified: .*; do not run again before 20..-' out
    # The next run finds what the first one left open, and creates the others alone.
    start --settle 2s
    finish
    [ "$code" = 0 ]
    [ "$(live_count)" = 3 ]
}

# Without that the wait for the fourth read, at 7 s, would be waited out.
@test "the deadline cuts the settling" {
    sandbox_start --rate off --list-lag 60000
    know_place
    start --settle 60s --deadline 4s
    began=$SECONDS
    finish
    [ "$code" = 3 ]
    [ $((SECONDS - began)) -lt 6 ]
    grep -q 'the list does not show it' out
    grep -q 'note: do not run again before 20' out
    grep -q 'created, not verified: the run was cut off .*; do not run again before 20' out
}

@test "a report that is lost after creates is exit 3" {
    sandbox_start --rate off
    start --settle 1s -o json=/dev/full
    finish
    [ "$code" = 3 ]
    [ "$(live_count)" = 3 ]
}

# Both the system and the shell tell of it.
@test "a terminal that is gone: as a signal to end, however often it is told" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 drip:5'
    start --settle 1s
    await_first
    kill -HUP "$apply_pid"
    await err 'stopping: interrupted'
    kill -HUP "$apply_pid"
    kill -HUP "$apply_pid"
    finish
    [ "$code" = 129 ]
    grep -q 'Apply: *1 created, 2 not attempted' out
}

@test "under nohup it goes on" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 drip:5'
    trap '' HUP
    start --settle 1s
    trap - HUP
    await_first
    kill -HUP "$apply_pid"
    finish
    [ "$code" = 0 ]
    grep -q '3 created' out
}

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

@test "a create that is answered 429 to the last is told as unknown" {
    sandbox_start --rate off --fault 'POST /audience-syncs every=1 status-before:429:0'
    sed -i '/: [BC],/d' m.yaml
    start --settle 0
    finish
    [ "$code" = 3 ]
    grep -q "1/1 unknown 'A' at m.yaml:4: POST /audience-syncs: 429" err
}

@test "a sync that the manifest asks for is no lost create, selected or not" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 timeout-before'
    start --settle 2s --name A
    eventually grep -rqs intent .local
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

@test "the first signal before anything was sent ends it at once" {
    sandbox_start --rate off --latency 4000
    start --settle 1s
    sleep 1
    kill -TERM "$apply_pid"
    began=$SECONDS
    finish
    [ "$code" = 143 ]
    [ $((SECONDS - began)) -lt 3 ]
    sandbox_stop
    sandbox_start --rate off
    start --settle 60s
    sleep 1
    kill -TERM "$apply_pid"
    began=$SECONDS
    finish
    [ "$code" = 143 ]
    [ $((SECONDS - began)) -lt 3 ]
    [ "$(live_count)" = 0 ]
    grep -q 'interrupted before anything was created' err
}

# The server answers nothing for half a minute: a runner kills after ten seconds.
@test "one signal ends the wait for an answer, for the settling and for a Retry-After" {
    for fault in timeout-after status-before:429:3600 reset-before; do
        sandbox_start --rate off --fault "POST /audience-syncs every=1 $fault"
        know_place
        start --settle 60s
        eventually has_post
        sleep 0.3
        kill -TERM "$apply_pid"
        began=$SECONDS
        finish
        [ "$code" = 143 ]
        [ $((SECONDS - began)) -lt 10 ]
        grep -q '2 not attempted' out
        grep -q 'do not run again before 20' out
        sandbox_stop
        rm -rf .local
    done
}
has_post() { curl -s "$origin/__sandbox/log" | jq -e '.requests[] | select(.method == "POST")' >log; }

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

@test "a journal that is removed during the run stops it" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 drip:5'
    know_place
    start --settle 1s
    await_first
    rm .local/state/audiencectl/*.pending
    finish
    [ "$code" = 3 ]
    [ "$(live_count)" = 1 ]
    grep -q 'was removed or replaced during this run' out
}
