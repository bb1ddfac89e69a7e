#!/usr/bin/env bats
# examples/brands: one document for five brands, planned and applied. Needs AUDIENCECTL_BIN.

setup() {
    PATH="$AUDIENCECTL_BIN:$PATH"
    brands="$BATS_TEST_DIRNAME/../../examples/brands"
    cd "$BATS_TEST_TMPDIR" || return
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_KEY=seq_user_test AUDIENCECTL_RATE=off
    unset SEQUENZY_COMPANY_ID
    audience-sandbox --api-key "$SEQUENZY_API_KEY" --seed "$brands/seed.json" --rate off --port-file port 3>&- >/dev/null &
    SANDBOX=$!
    for _ in $(seq 300); do
        [ -s port ] && break
        sleep 0.02
    done
    SEQUENZY_API_URL="http://127.0.0.1:$(cat port)"
    export SEQUENZY_API_URL
}

teardown() {
    kill "$SANDBOX"
    wait "$SANDBOX" || true
}

@test "the document of five brands has at most 40 lines and is valid" {
    [ "$(wc -l <"$brands/brands.yaml")" -le 40 ]
    run audiencectl validate --strict --require-label owner --require-label basis "$brands/brands.yaml"
    [ "$status" -eq 0 ]
    [[ "$output" == *"(75 syncs in 1 manifest)"* ]]
}

@test "it is planned, applied, and then there is nothing to do" {
    audiencectl plan "$brands/brands.yaml" --out plan.json >/dev/null
    jq -e '.summary.missing == 75 and (.syncs | map(.companyId) | unique | length) == 5' plan.json
    jq -e '.syncs[] | select(.audienceName == "Maréa BE - VIPs")
           | .desired.segment == "VIPs" and .desired.segmentId == "seg_marea_1"
             and .desired.adAccount == "Maréa BE" and .adAccountId == "act_1011"
             and .location.forEach.MARKET == "BE" and .desired.labels.owner == "crm"' plan.json
    audiencectl apply --plan plan.json --settle 200ms >/dev/null
    audiencectl plan "$brands/brands.yaml" --detailed-exitcode >/dev/null
    audiencectl apply --plan plan.json --settle 200ms -o json >again.json
    jq -e '.summary.exists == 75 and .summary.created == 0' again.json
    [ "$(curl -s "$SEQUENZY_API_URL/__sandbox/syncs" | jq '.audienceSyncs | length')" -eq 75 ]
}

@test "a label selects one audience of each ad account" {
    audiencectl plan "$brands/brands.yaml" --label purpose=acquisition -o json >plan.json
    jq -e '.summary.desired == 15 and ([.syncs[].audienceName] | all(endswith("Trial users")))' plan.json
}
