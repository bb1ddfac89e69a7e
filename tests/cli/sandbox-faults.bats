#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# Every kind of fault: what the client sees, and what was done.

load ../support/sandbox-helpers

setup() { sandbox_setup; }
teardown() { sandbox_teardown; }

# A sandbox whose every create meets the fault, and one create.
create_with() {
    sandbox_stop
    sandbox_start --fault "POST /audience-syncs every=1 $1"
    request POST /audience-syncs "$(create_body "${2:-N}")" "${@:3}"
}

@test "reset-before and reset-after are TCP resets" {
    create_with reset-before
    [ "$code $curl_exit" = "000 56" ]
    [[ $(cat "$work/curl") == *"reset by peer"* ]]
    [ "$(count_truth N)" = 0 ]
    [ "$(log_entry 1 '[.status, .committed, .fault] | tojson')" = '[null,false,"reset-before"]' ]
    create_with reset-after
    [ "$code $curl_exit" = "000 56" ]
    [ "$(count_truth N)" = 1 ]
    [ "$(log_entry 1 '[.status, .committed, .fault] | tojson')" = '[null,true,"reset-after"]' ]
}

@test "timeout-before and timeout-after never answer" {
    create_with timeout-before N -m 0.5
    [ "$curl_exit" = 28 ]
    [ "$(count_truth N)" = 0 ]
    create_with timeout-after N -m 0.5
    [ "$curl_exit" = 28 ]
    [ "$(count_truth N)" = 1 ]
}

@test "status-before, with Retry-After as given" {
    create_with status-before:503:7
    [ "$code" = 503 ]
    [[ $headers == *"Retry-After: 7"* ]]
    [ "$(get .success)" = false ]
    [ "$(count_truth N)" = 0 ]
    create_with 'status-before:429:Wed, 21 Oct 2026 07:28:00 GMT'
    [ "$code" = 429 ]
    [[ $headers == *"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"* ]]
    create_with status-before:500
    [ "$code" = 500 ]
    [[ $headers != *"Retry-After"* ]]
}

@test "status-after commits; a redirect leads to the same path" {
    create_with status-after:500
    [ "$code" = 500 ]
    [ "$(count_truth N)" = 1 ]
    [ "$(log_entry 1 '[.status, .committed, (.id | length > 0)] | tojson')" = '[500,true,true]' ]
    create_with status-after:307
    [[ $headers == *"Location: /api/v1/audience-syncs"* ]]
    create_with status-after:204
    [ "$code" = 204 ]
}

@test "commit-late answers 503 and commits later, while others go on" {
    create_with commit-late:600000
    [ "$code" = 503 ]
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 0 ]
    [ "$(count_truth N)" = 0 ]
    create_with commit-late:400
    for _ in $(seq 100); do
        [ "$(count_truth N)" = 0 ] || break
        sleep 0.1
    done
    [ "$(count_truth N)" = 1 ]
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 1 ]
    [ "$(log_entry 1 '[.status, .committed] | tojson')" = '[503,true]' ]
}

@test "commit-late that comes before the answer has left stays in the log" {
    sandbox_start --latency 600 --fault "POST /audience-syncs every=1 commit-late:50"
    request POST /audience-syncs "$(create_body N)"
    [ "$code" = 503 ]
    [ "$(count_truth N)" = 1 ]
    [ "$(log_entry 1 '[.status, .committed, (.id | length > 0)] | tojson')" = '[503,true,true]' ]
}

@test "cut-after promises more than it sends" {
    create_with cut-after
    [ "$code $curl_exit" = "200 18" ]
    [[ $body == '{"success": true'* ]]
    [ "$(count_truth N)" = 1 ]
}

@test "invalid-json-after" {
    create_with invalid-json-after
    [ "$code $curl_exit" = "200 0" ]
    run jq . <<<"$body"
    [ "$status" != 0 ]
    [ "$(count_truth N)" = 1 ]
}

@test "success-false-before and success-false-after" {
    create_with success-false-before
    [ "$code $(get .success)" = "200 false" ]
    [ "$(count_truth N)" = 0 ]
    create_with success-false-after
    [ "$code $(get .success)" = "200 false" ]
    [ "$(count_truth N)" = 1 ]
}

@test "html-before and html-after" {
    create_with html-before
    [[ "$code $headers" == 200*"Content-Type: text/html"* ]]
    [ "$(count_truth N)" = 0 ]
    create_with html-after
    [[ $body == "<!doctype html>"* ]]
    [ "$(count_truth N)" = 1 ]
}

@test "huge-after does not end" {
    create_with huge-after N --max-filesize 1000000000 -m 0.5
    [ "$curl_exit" = 28 ]
    [[ $(head -c 16 "$work/body") == '{"success": true' ]]
    [ "$(stat -c %s "$work/body")" -gt 5000000 ]
    [ "$(count_truth N)" = 1 ]
}

@test "drip: the right answer, slowly" {
    SECONDS=0
    create_with drip:4
    [ "$code $curl_exit" = "200 0" ]
    [ "$(get .audienceSync.audienceName)" = N ]
    [ "$SECONDS" -ge 1 ]
    request POST /audience-syncs "$(create_body N)" -m 0.4
    [ "$curl_exit" = 28 ]
    [ -s "$work/body" ]
    [ "$(count_truth N)" = 2 ]
}

@test "rename commits and answers another name" {
    create_with rename
    [ "$(get .audienceSync.audienceName)" = "N (1)" ]
    [ "$(count_truth 'N (1)')" = 1 ]
    create_with rename:upper 'Vip é'
    [ "$(get .audienceSync.audienceName)" = "VIP é" ]
    create_with rename:squeeze '  a   b '
    [ "$(get .audienceSync.audienceName)" = "a b" ]
}

@test "nth, every, first rule wins, each rule counts for itself" {
    sandbox_start --rate off \
        --fault 'POST /audience-syncs nth=2 status-before:500' \
        --fault 'POST /audience-syncs every=2 status-before:502' \
        --fault '* /audience-syncs nth=5 status-before:504'
    codes=
    for _ in 1 2 3 4 5 6; do
        request POST /audience-syncs "$(create_body N)"
        codes+="$code "
    done
    [ "$codes" = "200 500 200 502 504 502 " ]
    [ "$(count_truth N)" = 2 ]
}

@test "p=1 always, and one seed gives one schedule" {
    schedule() {
        sandbox_stop
        sandbox_start --rate off --random-seed "$1" --fault 'GET /audience-syncs p=0.5 status-before:500'
        for _ in $(seq 24); do
            request GET /audience-syncs
            printf '%s ' "$code"
        done
    }
    schedule 1 >"$work/first"
    schedule 1 >"$work/again"
    schedule 2 >"$work/other"
    cmp "$work/first" "$work/again"
    run cmp -s "$work/first" "$work/other"
    [ "$status" = 1 ]
    grep -q 500 "$work/first"
    grep -q 200 "$work/first"
    sandbox_stop
    sandbox_start --fault 'GET /audience-syncs p=1 status-before:418'
    request GET /audience-syncs
    [ "$code" = 418 ]
}

@test "paths: one segment for a star, both prefixes, reads too" {
    sandbox_start --fault 'PATCH /audience-syncs/* every=1 status-before:500' \
        --fault 'GET /api/v1/ad-accounts every=1 reset-before' --fault 'GET /segments every=1 cut-after'
    request PATCH "$origin/v1/audience-syncs/x" '{}'
    [ "$code" = 500 ]
    request POST /audience-syncs/x/sync
    [ "$code" = 404 ]
    request GET /ad-accounts
    [ "$curl_exit" = 56 ]
    request GET /segments
    [ "$curl_exit" = 18 ]
}

@test "held requests block nobody, and end with their client or the sandbox" {
    sandbox_start --rate off --fault 'GET /segments every=1 timeout-before' \
        --fault 'GET /account every=1 drip:1000'
    pids=()
    for i in $(seq 60); do
        path=segments
        [ $((i % 2)) = 0 ] || path=account
        curl -s -m 30 -o /dev/null -H "Authorization: Bearer $KEY" "$url/$path" 3>&- &
        pids+=($!)
    done
    for _ in $(seq 200); do
        [ "$(curl -s "$origin/__sandbox/log" | jq '.requests | length')" -lt 60 ] || break
        sleep 0.05
    done
    request GET /audience-syncs '' -m 2
    [ "$code" = 200 ]
    request POST /audience-syncs "$(create_body N)" -m 2
    [ "$code" = 200 ]
    SECONDS=0
    sandbox_stop
    [ "$sandbox_exit" = 0 ]
    [ "$SECONDS" -le 3 ]
    for pid in "${pids[@]}"; do wait "$pid" || true; done
}

@test "latency delays every answer of the API" {
    sandbox_start --latency 300
    start=$(date +%s%3N)
    request GET /segments
    [ $(($(date +%s%3N) - start)) -ge 300 ]
    [ "$(log_entry 1 '.endMs - .ms >= 300')" = true ]
}

@test "list-lag: the truth knows a create before the list does" {
    sandbox_start --list-lag 700
    request POST /audience-syncs "$(create_body N)"
    [ "$code" = 200 ]
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 0 ]
    [ "$(count_truth N)" = 1 ]
    sleep 0.8
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 1 ]
}

@test "bad rules are usage errors" {
    for bad in '' 'POST /x' 'POST x nth=1 drip' 'POST /x nth=0 drip' 'POST /x p=0 drip' \
        'POST /x p=1.5 drip' 'POST /x nth=1 nonsense' 'POST /x nth=1 status-before' \
        'POST /x nth=1 status-after:99' 'POST /x nth=1 commit-late' 'POST /x nth=1 rename:odd' \
        'POST /x nth=1 reset-before:1' 'POST /x often=1 drip' 'POST /x nth=1 status-after:500:3' \
        'post /x nth=1 drip' 'PSOT /x nth=1 drip'; do
        run timeout 10 "$AUDIENCE_SANDBOX" --fault "$bad"
        [ "$status" = 64 ]
        [ "${#lines[@]}" = 1 ]
    done
}
