#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# Every --set switch of audience-sandbox: the default, and each alternative.

load ../support/sandbox-helpers

setup() { sandbox_setup; }
teardown() { sandbox_teardown; }

# Starts again with one switch; empty: all defaults.
with() {
    sandbox_stop
    sandbox_start ${1:+--set "$1"} "${@:2}"
}

# The status of a create with these extra members.
status_of_create() {
    request POST /audience-syncs "$(create_body N "$1")"
    echo "$code"
}

@test "duplicate" {
    with ''
    request POST /audience-syncs "$(create_body N)"
    id=$(get .audienceSync.id)
    request POST /audience-syncs "$(create_body N)"
    [ "$code" = 200 ]
    [ "$(get .audienceSync.id)" != "$id" ]
    with duplicate=refuse
    [ "$(status_of_create)" = 200 ]
    [ "$(status_of_create)" = 409 ]
    [ "$(count_truth N)" = 1 ]
    [ "$(status_of_create '{"adAccountId": "act_2345678901"}')" = 200 ]
}

@test "idempotency-key" {
    with idempotency-key=ignore
    request POST /audience-syncs "$(create_body N)" -H 'Idempotency-Key: k'
    request POST /audience-syncs "$(create_body N)" -H 'Idempotency-Key: k'
    [ "$(count_truth N)" = 2 ]
}

@test "meta, meta-status and meta-list" {
    with meta=missing
    [ "$(status_of_create)" = 400 ]
    request GET /ad-accounts
    [ "$code" = 400 ]
    request GET /audience-syncs
    [ "$code" = 200 ]
    for status in 403 404 409; do
        with meta=missing --set meta-status=$status --set meta-list=errors
        [ "$(status_of_create)" = $status ]
        request GET /ad-accounts
        [ "$code" = $status ]
        request GET /audience-syncs
        [ "$code" = $status ]
    done
    with meta=missing --set meta-list=empty
    request GET /ad-accounts
    [ "$body" = '{"success": true, "adAccounts": []}' ]
    request GET /audience-syncs
    [ "$body" = '{"success": true, "audienceSyncs": []}' ]
    with ''
    [ "$(status_of_create)" = 200 ]
}

@test "disconnected" {
    for value in keep-active deactivate; do
        with disconnected=$value
        [ "$(status_of_create)" = 200 ]
        request POST "$origin/__sandbox/disconnect"
        [ "$code" = 200 ]
        request GET /audience-syncs
        expected=true
        [ $value = keep-active ] || expected=false
        [ "$(get '.audienceSyncs[0] | [.syncStatus, .isActive] | join(" ")')" = "disconnected $expected" ]
        [ "$(status_of_create)" = 400 ]
    done
    request POST "$origin/__sandbox/connect"
    [ "$(status_of_create)" = 200 ]
    request GET /audience-syncs
    [ "$(get '.audienceSyncs[0].syncStatus')" = idle ]
}

@test "segment-choice" {
    for value in 400 422; do
        with segment-choice=$value
        [ "$(status_of_create '{"predefinedSegmentId": "engaged"}')" = $value ]
        request POST /audience-syncs '{"adAccountId": "act_1234567890", "audienceName": "N"}'
        [ "$code" = $value ]
    done
    [ "$(get '.issues[0].path')" = segmentId ]
}

@test "bad-frequency" {
    for value in 400 422; do
        with bad-frequency=$value
        for frequency in '"monthly"' '""' null 1; do
            [ "$(status_of_create "{\"frequency\": $frequency}")" = $value ]
        done
    done
    request POST /audience-syncs "$(create_body N '{"frequency": "x"}')"
    [ "$(get '.issues[0].path')" = frequency ]
    [ "$(count_truth N)" = 0 ]
}

@test "unknown-segment, unknown-template, unknown-ad-account" {
    with ''
    [ "$(status_of_create '{"segmentId": "seg_none"}')" = 404 ]
    template='{"predefinedSegmentId": "x", "adAccountId": "act_1234567890", "audienceName": "N"}'
    request POST /audience-syncs "$template"
    [ "$code" = 400 ]
    with unknown-segment=400 --set unknown-template=404
    [ "$(status_of_create '{"segmentId": "seg_none"}')" = 400 ]
    request POST /audience-syncs "$template"
    [ "$code" = 404 ]
    for value in 400 403 404; do
        with unknown-ad-account=$value
        [ "$(status_of_create '{"adAccountId": "act_9876543210"}')" = $value ]
    done
    with unknown-ad-account=200
    request POST /audience-syncs "$(create_body N '{"adAccountId": "act_9876543210"}')"
    [ "$code $(get .audienceSync.syncStatus)" = "200 error" ]
}

@test "run-paused, run-syncing, run-ms" {
    for values in '409 409' '400 200'; do
        read -r paused syncing <<<"$values"
        with run-paused="$paused" --set run-syncing="$syncing" --set run-ms=60000
        request POST /audience-syncs "$(create_body N)"
        id=$(get .audienceSync.id)
        request POST "/audience-syncs/$id/sync"
        [ "$code" = 200 ]
        request POST "/audience-syncs/$id/sync"
        [ "$code" = "$syncing" ]
        request PATCH "/audience-syncs/$id" '{"isActive": false}'
        request POST "/audience-syncs/$id/sync"
        [ "$code" = "$paused" ]
    done
}

@test "ids: bare ones have 24 characters and no prefix" {
    with ids=bare
    key=$PERSONAL_KEY
    request GET /account
    company=$(get '.companies[0].id')
    [[ $company =~ ^[0-9a-f]{24}$ ]]
    request GET /segments
    segment=$(get '.segments[] | select(.name == "VIPs") | .id')
    [[ $segment =~ ^[0-9a-f]{24}$ ]]
    request POST /audience-syncs "$(create_body N "{\"segmentId\": \"$segment\"}")"
    [[ $(get .audienceSync.id) =~ ^[0-9a-f]{24}$ ]]
    request POST /audience-syncs \
        '{"predefinedSegmentId": "recent-buyers", "adAccountId": "act_1234567890", "audienceName": "R"}'
    [[ $(get .audienceSync.segmentId) =~ ^[0-9a-f]{24}$ ]]
    with ids=prefixed
    company=
    request GET /segments
    [[ $(get '.segments[0].id') == seg_* ]]
}

@test "patch-empty and patch-unknown" {
    for values in '400 ignore 200' '200 400 400'; do
        read -r empty unknown expected <<<"$values"
        with patch-empty="$empty" --set patch-unknown="$unknown"
        request POST /audience-syncs "$(create_body N)"
        id=$(get .audienceSync.id)
        request PATCH "/audience-syncs/$id" '{}'
        [ "$code" = "$empty" ]
        request PATCH "/audience-syncs/$id" '{"frequency": "hourly", "segmentId": "seg_trial"}'
        [ "$code" = "$expected" ]
    done
}

@test "delete-unknown" {
    for value in 404 200; do
        with delete-unknown=$value
        request DELETE /audience-syncs/sync_none
        [ "$code" = $value ]
    done
}

@test "conflict-body" {
    with duplicate=refuse --set conflict-body=plain
    [ "$(status_of_create)" = 200 ]
    request POST /audience-syncs "$(create_body N)"
    [ "$code $(get 'keys | join(" ")')" = "409 error success" ]
    with duplicate=refuse
    [ "$(status_of_create)" = 200 ]
    request POST /audience-syncs "$(create_body N)"
    [ "$code $(get 'keys_unsorted | join(" ")')" = \
        "409 success code error title description resolution docsUrl" ]
}

@test "scopes of keys" {
    echo '{"keys": [{"key": "seq_few", "scopes": ["a:read", "b:write"]}, {"key": "seq_full"}]}' \
        >"$work/seed"
    check() { # SWITCH METHOD PATH
        key=seq_few
        with "$1=c:read" --seed "$work/seed"
        request "$2" "$3" '{}'
        [ "$code" = 403 ]
        [ "$body" = '{"error": "API key is missing required scope: c:read"}' ]
        key=seq_full
        request "$2" "$3" '{}'
        [ "$code" != 403 ]
        key=seq_few
        with "$1=b:write" --seed "$work/seed"
        request "$2" "$3" '{}'
        [ "$code" != 403 ]
    }
    check scope-syncs-read GET /audience-syncs
    check scope-syncs-write POST /audience-syncs
    check scope-syncs-write DELETE /audience-syncs/x
    check scope-ad-accounts GET /ad-accounts
    check scope-segments GET /segments
    check scope-account GET /account
    request GET /account
    [ "$(get '.apiKeyPermissions | [.fullAccess, .scopes] | tojson')" = '[false,["a:read","b:write"]]' ]
}

@test "no-company" {
    key=$PERSONAL_KEY
    with ''
    [ "$(status_of_create)" = 200 ]
    with no-company=403
    request GET /audience-syncs
    [ "$code $(get .error)" = "403 No company selected" ]
    request GET /account
    [ "$code $(get .currentCompanyId)" = "200 null" ]
    company=comp_456
    request GET /audience-syncs
    [ "$code" = 200 ]
}

@test "create-status" {
    with create-status=201
    [ "$(status_of_create)" = 201 ]
    [ "$(count_truth N)" = 1 ]
}

@test "list-order" {
    for value in oldest newest id; do
        with list-order=$value
        for name in A B C D E; do
            request POST /audience-syncs "$(create_body $name)"
        done
        request GET /audience-syncs
        case $value in
        oldest) [ "$(get '.audienceSyncs[].audienceName' | xargs)" = "A B C D E" ] ;;
        newest) [ "$(get '.audienceSyncs[].audienceName' | xargs)" = "E D C B A" ] ;;
        id) [ "$(get '[.audienceSyncs[].id] | . == sort')" = true ] ;;
        esac
    done
}

@test "pagination and page-size" {
    run timeout 10 "$AUDIENCE_SANDBOX" --set page-size=0
    [ "$status" = 64 ]
    jq -n '{audienceSyncs: [range(5) | {segmentId: "seg_vips", adAccountId: "act_1234567890",
        audienceName: "N\(.)"}]}' >"$work/seed"
    with '' --seed "$work/seed"
    request GET /audience-syncs?limit=2
    [ "$(get '[(.audienceSyncs | length), .pagination] | tojson')" = '[5,null]' ]
    with pagination=offset --set page-size=2 --seed "$work/seed"
    request GET /audience-syncs
    [ "$(get '.pagination | [.limit, .offset, .count, .total, .hasMore] | tojson')" = '[2,0,2,5,true]' ]
    request GET '/audience-syncs?limit=100&offset=4'
    [ "$(get '.pagination | [.limit, .offset, .count, .total, .hasMore] | tojson')" = '[2,4,1,5,false]' ]
    [ "$(get '.audienceSyncs[].audienceName')" = N4 ]
    with pagination=page --set page-size=2 --seed "$work/seed"
    request GET /audience-syncs
    [ "$(get '.pagination | [.page, .limit, .total, .totalPages] | tojson')" = '[1,2,5,3]' ]
    with pagination=cursor --set page-size=2 --seed "$work/seed"
    request GET /audience-syncs
    [ "$(get '.pagination | [.hasMore, .nextCursor] | tojson')" = '[true,"cursor_2"]' ]
}

@test "error-shape: every shape of the contract" {
    shape() {
        with "error-shape=$1"
        request DELETE /audience-syncs/none
        [ "$code" = 404 ]
    }
    shape natural
    [ "$(get 'keys_unsorted | join(" ")')" = "success error" ]
    shape bare
    [ "$(get 'keys_unsorted | join(" ")')" = "error" ]
    shape coded
    [ "$(get '[.code, .retryable] | join(" ")')" = "SANDBOX_404 false" ]
    shape friendly
    [ "$(get 'keys_unsorted | join(" ")')" = "success code error title description resolution docsUrl" ]
    shape nested
    [ "$(get '.error | keys_unsorted | join(" ")')" = "code message" ]
    shape issues
    [ "$(get '[.error, .issues[0].message] | .[0] == .[1]')" = true ]
    shape string
    [ "$(get type)" = string ]
    shape text
    [ "$body" = "Audience sync not found" ]
    [[ $headers == *"Content-Type: text/plain"* ]]
    shape html
    [[ $body == "<html>"* ]]
    shape empty
    [ -z "$body" ]
}

@test "--help names every switch, and this file tests every one" {
    names=$("$AUDIENCE_SANDBOX" --help | sed -n 's/^  \([a-z-]*\) = .*/\1/p')
    [ "$(wc -l <<<"$names")" -ge 30 ]
    for name in $names; do
        grep -q -e "$name" "$BATS_TEST_DIRNAME/sandbox-switches.bats" "$BATS_TEST_DIRNAME/sandbox-rate.bats"
    done
}

@test "unknown switches and values are refused with a hint" {
    run timeout 10 "$AUDIENCE_SANDBOX" --set duplicat=refuse
    [ "$status" = 64 ]
    [[ $output == *"did you mean 'duplicate'"* ]]
    run timeout 10 "$AUDIENCE_SANDBOX" --set duplicate=perhaps
    [ "$status" = 64 ]
    [[ $output == *"allow | refuse"* ]]
    for bad in duplicate run-ms=x run-ms= scope-account= =1 ''; do
        run timeout 10 "$AUDIENCE_SANDBOX" --set "$bad"
        [ "$status" = 64 ]
        [ "${#lines[@]}" = 1 ]
    done
}
