#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# The rate limit under each reading of it (--set rate-limit=).

load ../support/sandbox-helpers

setup() { sandbox_setup; }
teardown() { sandbox_teardown; }

# burst N: that many requests as fast as one curl can; prints how many were accepted.
burst() {
    local urls=()
    for _ in $(seq "$1"); do urls+=(-o /dev/null "$url/segments"); done
    curl -s -H "Authorization: Bearer $key" -w '%{http_code}\n' "${urls[@]}" | grep -c 200 || true
}

@test "by default 20 go through at once, then 429 with Retry-After" {
    sandbox_start
    [ "$(burst 30)" = 20 ]
    request GET /segments
    [ "$code" = 429 ]
    [[ $headers == *"Retry-After: 1"* ]]
    [ "$(get .success)" = false ]
    [ "$(log_entry 25 '[.status, .committed] | tojson')" = '[429,false]' ]
    key=$PERSONAL_KEY
    [ "$(burst 30)" = 20 ]
}

@test "after a second the next 20, after 100 none for a minute" {
    sandbox_start
    for _ in 1 2 3 4 5; do
        [ "$(burst 20)" = 20 ]
        sleep 1.05
    done
    request GET /segments
    [ "$code" = 429 ]
    retry=$(sed -n 's/^Retry-After: //p' <<<"$headers")
    [ "$retry" -ge 50 ]
    [ "$retry" -le 60 ]
}

@test "retry-after=off leaves the header out" {
    sandbox_start --rate 1/min --set retry-after=off
    [ "$(burst 1)" = 1 ]
    request GET /segments
    [ "$code" = 429 ]
    [[ $headers != *Retry-After* ]]
}

@test "off" {
    sandbox_start --rate off
    [ "$(burst 150)" = 150 ]
}

# two_bursts EXPECTED: two bursts of 15, half a second apart, with the turn of a second between them.
# A machine that is busy can stretch them; then once more.
two_bursts() {
    local seen
    for _ in 1 2 3 4; do
        sleep 1.1
        while [ "$(date +%N | cut -c1)" -lt 6 ]; do sleep 0.02; done
        seen=$(burst 15)
        sleep 0.5
        seen+=" $(burst 15)"
        if [ "$seen" = "$1" ]; then return 0; fi
        echo "accepted: $seen"
    done
    return 1
}

@test "rate-limit=fixed starts anew with the clock's window" {
    sandbox_start --rate 10/s --set rate-limit=fixed
    two_bursts "10 10"
}

@test "rate-limit=sliding does not" {
    sandbox_start --rate 10/s
    two_bursts "10 0"
}

@test "rate-limit=bucket-20: 20 at once, then the pace of the minute" {
    sandbox_start --rate 60/min,20/s --set rate-limit=bucket-20
    accepted=$(burst 40)
    [ "$accepted" -ge 20 ]
    [ "$accepted" -le 24 ]
    sleep 2.2
    accepted=$(burst 15)
    [ "$accepted" -ge 2 ]
    [ "$accepted" -le 8 ]
}

@test "rate-limit=bucket-100: a bucket for each limit" {
    sandbox_start --rate 40/min,50/s --set rate-limit=bucket-100
    accepted=$(burst 55)
    [ "$accepted" -ge 40 ]
    [ "$accepted" -le 44 ]
    sleep 3.2
    accepted=$(burst 15)
    [ "$accepted" -ge 2 ]
    [ "$accepted" -le 8 ]
}

@test "the sandbox's own endpoints and requests without a key are not counted" {
    sandbox_start --rate 1/min
    for _ in 1 2 3; do
        request GET "$origin/__sandbox/log"
        [ "$code" = 200 ]
        key=wrong
        request GET /segments
        [ "$code" = 401 ]
        key=$KEY
    done
    request GET /segments
    [ "$code" = 200 ]
    request GET /segments
    [ "$code" = 429 ]
}

@test "bad rates are usage errors" {
    for bad in '' 0/s 1 1/d /s '1/s,' 1/s,,2/s 1000000/s x/s -1/s 1/s,1/s,1/s,1/s,1/s; do
        run timeout 10 "$AUDIENCE_SANDBOX" --rate "$bad"
        [ "$status" = 64 ]
        [ "${#lines[@]}" = 1 ]
    done
}
