#!/usr/bin/env bats
# How apply ends when it is cut off: by signals, by the deadline, by a full disk.
# Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers
load ../support/apply-helpers
bats_require_minimum_version 1.5.0

setup() { three_syncs_setup; }
teardown() { sandbox_teardown; }

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
    grep -q "reading 'key' was interrupted" err
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
