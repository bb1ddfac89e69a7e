#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# Every endpoint of audience-sandbox, driven by curl.

load ../support/sandbox-helpers

setup() { sandbox_setup; }
teardown() { sandbox_teardown; }

@test "a create is born active and idle, with the documented fields" {
    sandbox_start
    request POST /audience-syncs '{"predefinedSegmentId": "recent-buyers",
        "adAccountId": "act_1234567890", "audienceName": "Sequenzy - Recent buyers"}'
    [ "$code" = 200 ]
    [ "$(get .success)" = true ]
    [ "$(get '.audienceSync | keys_unsorted | join(" ")')" = \
        "id segmentId segmentName adAccountId audienceName frequency isActive syncStatus lastSyncAt lastSyncError lastSyncedCount createdAt" ]
    [ "$(get '.audienceSync | del(.id, .createdAt) | tojson')" = \
        '{"segmentId":"seg_recent_buyers","segmentName":"Recent buyers","adAccountId":"act_1234567890","audienceName":"Sequenzy - Recent buyers","frequency":"daily","isActive":true,"syncStatus":"idle","lastSyncAt":null,"lastSyncError":null,"lastSyncedCount":0}' ]
    [[ $(get .audienceSync.createdAt) =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z$ ]]
    created=$(get .audienceSync)
    request GET /audience-syncs
    [ "$(get '.audienceSyncs[0]')" = "$created" ]
}

@test "both prefixes lead to the same data" {
    sandbox_start
    request POST "$origin/v1/audience-syncs" "$(create_body One)"
    [ "$code" = 200 ]
    request GET "$origin/api/v1/audience-syncs"
    [ "$(get '.audienceSyncs[].audienceName')" = One ]
    request GET "$origin/audience-syncs"
    [ "$code" = 404 ]
    request GET "$origin/api/v10/audience-syncs"
    [ "$code" = 404 ]
}

@test "a template's segment is created once and reused" {
    sandbox_start
    template='{"predefinedSegmentId": "zero-ltv", "adAccountId": "act_1234567890", "audienceName": "Z"}'
    request GET /segments
    [ "$(get '[.segments[] | select(.id == "seg_zero_ltv")] | length')" = 0 ]
    request POST /audience-syncs "$template"
    first=$(get .audienceSync.segmentId)
    request POST /audience-syncs "$template"
    [ "$(get .audienceSync.segmentId)" = "$first" ]
    request GET /segments
    [ "$(get '[.segments[] | select(.id == "seg_zero_ltv")] | length')" = 1 ]
}

@test "a segment with a template's name and other filters is a conflict with advice" {
    echo '{"segments": [{"id": "seg_mine", "name": "Recent buyers", "filters": []}]}' >"$work/seed"
    sandbox_start --seed "$work/seed"
    request POST /audience-syncs '{"predefinedSegmentId": "recent-buyers",
        "adAccountId": "act_1234567890", "audienceName": "R"}'
    [ "$code" = 409 ]
    [[ $(get .resolution) == *segmentId*rename* ]]
    [ "$(get '[has("code", "title", "description", "docsUrl")] | all')" = true ]
    [ "$(count_truth R)" = 0 ]
}

@test "PATCH changes frequency and isActive, and nothing else" {
    sandbox_start
    request POST /audience-syncs "$(create_body One)"
    id=$(get .audienceSync.id)
    before=$(get '.audienceSync | del(.frequency, .isActive)')
    request PATCH "/audience-syncs/$id" '{"frequency": "weekly"}'
    [ "$code" = 200 ]
    [ "$(get .audienceSync.frequency,.audienceSync.isActive | xargs)" = "weekly true" ]
    request PATCH "/audience-syncs/$id" '{"isActive": false, "audienceName": "Other"}'
    [ "$(get .audienceSync.frequency,.audienceSync.isActive | xargs)" = "weekly false" ]
    [ "$(get '.audienceSync | del(.frequency, .isActive)')" = "$before" ]
    request PATCH "/audience-syncs/$id" '{"isActive": "no"}'
    [ "$code" = 400 ]
    request PATCH /audience-syncs/sync_none '{"isActive": false}'
    [ "$code" = 404 ]
}

@test "DELETE removes the sync, ids come percent-encoded, a body does not matter" {
    echo '{"audienceSyncs": [{"id": "a/b ä", "segmentId": "seg_vips",
        "adAccountId": "act_1234567890", "audienceName": "Odd"}]}' >"$work/seed"
    sandbox_start --seed "$work/seed"
    request DELETE /audience-syncs/a%2Fb%20%C3%a4 '{}'
    [ "$code" = 200 ]
    [ "$(get .success)" = true ]
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 0 ]
    request DELETE /audience-syncs/a%2Fb%20%C3%a4
    [ "$code" = 404 ]
    [ "$(get .success)" = false ]
}

is_idle() {
    request GET /audience-syncs
    [ "$(get '.audienceSyncs[0].syncStatus')" = idle ]
}

@test "run now goes from syncing to idle with a lastSyncAt" {
    sandbox_start --set run-ms=1500
    request POST /audience-syncs "$(create_body One)"
    id=$(get .audienceSync.id)
    request POST "/audience-syncs/$id/sync"
    [ "$code" = 200 ]
    [ "$(get .queued)" = true ]
    request GET /audience-syncs
    [ "$(get '.audienceSyncs[0].syncStatus')" = syncing ]
    eventually is_idle
    [ "$(get '.audienceSyncs[0] | [.syncStatus, .lastSyncedCount] | join(" ")')" = "idle 1240" ]
    [[ $(get '.audienceSyncs[0].lastSyncAt') =~ ^20[0-9-]{8}T[0-9:]{8}\.[0-9]{3}Z$ ]]
}

@test "ad accounts, segments and counts are those of the company" {
    sandbox_start
    key=$PERSONAL_KEY
    request GET /ad-accounts
    [ "$(get '.adAccounts[] | select(.id == "act_1234567890").name')" = "Acme Main Account" ]
    company=comp_456
    request GET /ad-accounts
    [ "$(get '.adAccounts[].id' | paste -sd ' ')" = "act_9876543210 act_8765432109" ]
    request GET /segments
    [ "$(get '.segments[].id' | xargs)" = "seg_leads seg_partners seg_globex_vips seg_globex_lapsed" ]
    request GET /segments/seg_partners/count
    [ "$(get '[.segmentId, .count] | join(" ")')" = "seg_partners 31" ]
    request GET /segments/seg_vips/count
    [ "$code" = 404 ]
    request POST /audience-syncs "$(create_body One)"
    [ "$code" = 400 ]
}

@test "account: what each kind of key reaches" {
    sandbox_start
    request GET /account
    [ "$(get '[.companies[].id, .currentCompanyId, .apiKeyPermissions.activeKey.type] | join(" ")')" = \
        "comp_123 comp_123 company" ]
    key=$PERSONAL_KEY
    request GET /account
    [ "$(get '[.companies[].id, .currentCompanyId, .apiKeyPermissions.activeKey.type] | join(" ")')" = \
        "comp_123 comp_456 comp_123 personal" ]
    [ "$(get .apiKeyPermissions.fullAccess)" = true ]
}

@test "x-company-id: own, other, unknown" {
    sandbox_start
    company=comp_123
    request GET /audience-syncs
    [ "$code" = 200 ]
    for company in comp_456 comp_none; do
        request GET /audience-syncs
        [ "$code" = 403 ]
        [ "$(get .error)" = "Access denied to the requested company" ]
    done
    key=$PERSONAL_KEY
    request GET /audience-syncs
    [ "$code" = 403 ]
    company=comp_456
    request GET /audience-syncs
    [ "$code" = 200 ]
}

@test "a missing or wrong key is 401 with the documented body" {
    sandbox_start --api-key seq_one --api-key seq_user_two
    for key in '' wrong seq_sandbox_key; do
        request GET /audience-syncs
        [ "$code" = 401 ]
        [ "$body" = '{"success": false, "error": "Unauthorized"}' ]
    done
    for key in seq_one seq_user_two; do
        request GET /audience-syncs
        [ "$code" = 200 ]
    done
    key=
    request GET /audience-syncs '' -H 'authorization: bearer seq_one'
    [ "$code" = 200 ]
}

@test "unknown paths and methods answer JSON" {
    sandbox_start
    for path in /nope /audience-syncs/ /audience-syncs/x/y /segments/x; do
        request GET "$path"
        [ "$code" = 404 ]
        [ "$(get .success)" = false ]
    done
    request GET "$origin/"
    [ "$code" = 404 ]
    [ "$(get .success)" = false ]
    request GET /audience-syncs/sync_1
    [ "$code" = 405 ]
    [ "$(get .success)" = false ]
    [[ $headers == *"Allow: PATCH, DELETE"* ]]
    [[ $headers == *"Content-Type: application/json"* ]]
}

@test "bad bodies of a create" {
    sandbox_start
    base='"adAccountId": "act_1234567890", "audienceName": "N"'
    for bad in '' '[]' '{' "{$base, \"segmentId\": null}" "{$base, \"segmentId\": \"\"}" \
        "{$base, \"segmentId\": 1}" '{"segmentId": "seg_vips", "audienceName": "N"}' \
        '{"segmentId": "seg_vips", "adAccountId": "act_1234567890"}' \
        '{"segmentId": "seg_vips", "adAccountId": "act_1", "audienceName": "N"}' \
        "{$base, \"segmentId\": \"seg_vips\", \"segmentId\": \"seg_vips\"}"; do
        request POST /audience-syncs "$bad"
        [ "$code" = 400 ]
        [ "$(get .success)" = false ]
    done
    request POST /audience-syncs "$(create_body "$(printf 'x%.0s' $(seq 1000))" | sed 's/xxx/ü\\n/')"
    [ "$code" = 200 ]
}

@test "a body over one megabyte is 413" {
    sandbox_start
    head -c 1100000 /dev/zero | tr '\0' x >"$work/large"
    request POST /audience-syncs "@$work/large"
    [ "$code" = 413 ]
    [ "$(count_truth x)" = 0 ]
}

@test "the vendor's clients: their headers change nothing" {
    sandbox_start
    request GET /audience-syncs '' -H 'x-sequenzy-client: mcp/0.0.176' -H 'X-Fern-Language: PHP'
    [ "$code" = 200 ]
    request POST /audience-syncs "$(create_body One)" -H 'Expect: 100-continue' -H 'Idempotency-Key: 1'
    id=$(get .audienceSync.id)
    request POST /audience-syncs "$(create_body One)" -H 'Idempotency-Key: 1'
    [ "$(get .audienceSync.id)" != "$id" ]
    request POST "/audience-syncs/$id/sync" '' -H 'Content-Length: 0'
    [ "$code" = 200 ]
    request DELETE "/audience-syncs/$id"
    [ "$code" = 200 ]
}

@test "the log: every request in order, without the key" {
    sandbox_start
    request GET /segments
    request POST /audience-syncs "$(create_body One)"
    id=$(get .audienceSync.id)
    request POST /audience-syncs '{}'
    [ "$(log_entry 1 '[.method, .path, .status, .committed, .http] | join(" ")')" = \
        "GET /api/v1/segments 200 false HTTP/1.1" ]
    [ "$(log_entry 2 '[.n, .method, .status, .companyId, .committed, .id] | join(" ")')" = \
        "2 POST 200 comp_123 true $id" ]
    [ "$(log_entry 3 '[.status, .committed, .id, .fault] | tojson')" = '[400,false,null,null]' ]
    [ "$(log_entry 3 .headers.\"content-type\")" = application/json ]
    run grep -c "$key" <(curl -sS "$origin/__sandbox/log")
    [ "$output" = 0 ]
}
