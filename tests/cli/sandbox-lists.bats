#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# What a list shows when: lag, flicker, uploads; and the data that is there without a seed.

load ../support/sandbox-helpers

setup() { sandbox_setup; }
teardown() { sandbox_teardown; }

# How many syncs each of N reads shows, on one line.
counts_of() {
    for _ in $(seq "$1"); do
        request GET /audience-syncs
        get '.audienceSyncs | length'
    done | paste -sd ' '
}

first() { get ".audienceSyncs[0] | $1"; }

@test "--list-flicker: a read may show less than the one before, until it is over" {
    sandbox_start --rate off --list-flicker 3000
    request POST /audience-syncs "$(create_body N)"
    seen=$(counts_of 60)
    [[ $seen == *"1 0"* ]]
    sleep 3
    [ "$(counts_of 20)" = "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1" ]
}

@test "--list-flicker is later than --list-lag by its own at most" {
    sandbox_start --rate off --list-lag 1000 --list-flicker 600
    request POST /audience-syncs "$(create_body N)"
    [ "$(counts_of 3)" = "0 0 0" ]
    sleep 1.7
    [ "$(counts_of 3)" = "1 1 1" ]
}

@test "--random-seed makes --list-flicker repeatable" {
    # With these seeds no read is between 0.7 and 6 s late: a slow machine changes nothing.
    for seed in 35:0,0,0,1,1,0,0,0 466:1,0,0,0,1,0,0,0; do
        sandbox_stop
        sandbox_start --rate off --list-flicker 20000 --random-seed "${seed%:*}"
        request POST /audience-syncs "$(create_body N)"
        sleep 1
        [ "$(counts_of 8 | tr ' ' ,)" = "${seed#*:}" ]
    done
}

is_uploaded() {
    request GET /audience-syncs
    [ "$(first .syncStatus)" = idle ]
}

@test "--upload: what becomes of the first upload" {
    sandbox_start --upload 1500
    request POST /audience-syncs "$(create_body N)"
    [ "$(get '.audienceSync | [.syncStatus, .lastSyncAt] | tojson')" = '["idle",null]' ]
    request GET /audience-syncs
    [ "$(first '[.syncStatus, .lastSyncAt, .lastSyncedCount] | tojson')" = '["syncing",null,0]' ]
    eventually is_uploaded
    [ "$(first '[.syncStatus, (.lastSyncAt | length > 0), .lastSyncedCount] | tojson')" = '["idle",true,1240]' ]
    for end in fail:error disconnect:disconnected never:syncing; do
        sandbox_stop
        sandbox_start --upload "1:${end%:*}"
        request POST /audience-syncs "$(create_body N)"
        sleep 0.05
        request GET /audience-syncs
        [ "$(first '[.syncStatus, .lastSyncAt, .lastSyncedCount] | tojson')" = "[\"${end#*:}\",null,0]" ]
        [ "$(first '.lastSyncError')" = "$([ "$end" = fail:error ] && echo 'Upload failed' || echo null)" ]
    done
    sandbox_stop
    sandbox_start
    request POST /audience-syncs "$(create_body N)"
    sleep 0.05
    request GET /audience-syncs
    [ "$(first '[.syncStatus, .lastSyncAt] | tojson')" = '["idle",null]' ]
    for bad in x 5: 5:sometimes '' 99999999; do
        run timeout 10 "$AUDIENCE_SANDBOX" --upload "$bad"
        [ "$status" = 64 ]
    done
}

@test "without a seed, companies share names of accounts and segments, and no id" {
    sandbox_start
    key=$PERSONAL_KEY
    for company in comp_123 comp_456; do
        for what in segments ad-accounts; do
            request GET "/$what"
            jq -r '(.segments // .adAccounts)[] | .name' <<<"$body" | sort >>"$work/$what.names.$company"
            jq -r '(.segments // .adAccounts)[] | .id' <<<"$body" >>"$work/$what.ids"
        done
    done
    [ "$(comm -12 "$work"/segments.names.*)" = $'Lapsed customers\nVIPs' ]
    [ "$(comm -12 "$work"/ad-accounts.names.*)" = "Acme Outlet" ]
    [ -z "$(cat "$work"/*.ids | sort | uniq -d)" ]
}
