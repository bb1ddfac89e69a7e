#!/usr/bin/env bats
# Documents that outlive a run: saved plans and the history of drift, against a sandbox.
# Needs AUDIENCECTL_BIN, the folder with the programs, and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers.bash
bats_require_minimum_version 1.5.0

setup() {
    PATH="$AUDIENCECTL_BIN:$PATH"
    cd "$BATS_TEST_TMPDIR" || return
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_KEY=seq_sandbox_key
    sandbox_setup
    start
    cat >vips.yaml <<'YAML'
apiVersion: audiencectl/v1
audienceSyncs:
  - {audienceName: VIPs, segmentId: seg_vips, adAccountId: act_1234567890}
YAML
}

teardown() { sandbox_teardown; }

# start [OPTION...] begins a sandbox that audiencectl talks to.
start() {
    sandbox_start "$@"
    export SEQUENZY_API_URL="$origin"
}

@test "plan --out, plan --report json and show --report json are the same bytes" {
    audiencectl plan vips.yaml --out a.json -o json=b.json
    cmp a.json b.json
    audiencectl show a.json -o json >c.json
    cmp a.json c.json
    audiencectl plan vips.yaml --out d.json -o json >e.json
    cmp d.json e.json
}

@test "a drift that was saved is shown as it was, with what it failed for" {
    audiencectl drift vips.yaml --fail-on missing,unhealthy -o json=a.json >a.text || [ "$?" -eq 2 ]
    jq -e '.failOn == ["missing", "unhealthy"]' a.json
    audiencectl show a.json -o json | cmp a.json -
    audiencectl show a.json | cmp a.text -
    audiencectl show a.json -o github | grep -q '^::error .*title=Missing'
    audiencectl drift vips.yaml --fail-on none -o json=b.json
    audiencectl show b.json -o github | grep -q '^::notice .*title=Missing'
}

@test "a plan that failed is shown as it was, in every format" {
    sed 's/act_1234567890/act_999/; s/seg_vips/seg_nope/' vips.yaml >wrong.yaml
    audiencectl plan wrong.yaml --out plan.json -o text=plan.text -o markdown=plan.markdown \
        -o github=plan.github -o junit=plan.junit -o sarif=plan.sarif 2>plan.err ||
        [ "$?" -eq 1 ]
    grep -q 'plan failed: this plan cannot be applied: 2 errors' plan.text
    audiencectl show plan.json -o json 2>show.err | cmp plan.json -
    grep -v ' | ' plan.err | grep -v '|  *^' | cmp - show.err # the lines of the source are not kept
    for format in text markdown github junit sarif; do
        audiencectl show plan.json -o "$format=shown.$format" >/dev/null 2>&1
        cmp "plan.$format" "shown.$format"
    done
}

@test "a saved selection knows what else is managed" {
    echo '  - {audienceName: vips, segmentId: seg_vips, adAccountId: act_1234567890}' >>vips.yaml
    request POST /audience-syncs "$(create_body vips)"
    audiencectl plan vips.yaml --name VIPs --out plan.json
    audiencectl show plan.json -o json | cmp plan.json -
    [ "$(jq -r '.managedElsewhere[].audienceName' plan.json)" = vips ]
    audiencectl apply --plan plan.json --settle 1s
    [ "$(live_count)" = 2 ]
}

@test "a saved selection is stale when what else is managed has become another" {
    echo '  - {audienceName: vips, segmentId: seg_vips, adAccountId: act_1234567890}' >>vips.yaml
    request POST /audience-syncs "$(create_body vips)"
    id=$(jq -r .audienceSync.id "$work/body")
    audiencectl plan vips.yaml --name VIPs --out plan.json
    request DELETE "/audience-syncs/$id"
    request POST /audience-syncs "$(create_body vIPs)"
    run -4 audiencectl apply --plan plan.json --settle 1s
    [ "$(live_count)" = 1 ]
}

@test "show needs no key and no network" {
    audiencectl plan vips.yaml --out plan.json
    env -u SEQUENZY_API_KEY SEQUENZY_API_URL=nonsense audiencectl show plan.json | grep -q VIPs
}

@test "an edited plan is refused by show and apply" {
    audiencectl plan vips.yaml --out plan.json
    sed -i 's/VIPs/vips/' plan.json
    for command in "show plan.json" "apply --plan plan.json"; do
        # shellcheck disable=SC2086
        run audiencectl $command
        [ "$status" -eq 4 ]
        [[ "$output" == *plan.json* ]]
    done
}

@test "a plan of a failed run replaces the old one and cannot be applied" {
    audiencectl plan vips.yaml --out plan.json
    run audiencectl plan vips.yaml --company comp_nope --out plan.json
    [ "$status" -eq 4 ]
    jq -e '.outcome == "refused"' plan.json
    run audiencectl apply --plan plan.json
    [ "$status" -eq 4 ]
}

@test "drift --history keeps the counts of every run" {
    run audiencectl drift vips.yaml --history history.json
    [ "$status" -eq 2 ]
    audiencectl apply vips.yaml --yes
    audiencectl drift vips.yaml --history history.json -o html=report.html
    [ "$(wc -l <history.json)" -eq 2 ]
    jq -se '[.[].missing] == [1, 0] and [.[].inSync] == [0, 1]' history.json
    [ -s report.html ]
}

@test "drift --history refuses a file that is something else, and leaves it" {
    cp vips.yaml other.txt
    run audiencectl drift vips.yaml --history other.txt
    [ "$status" -eq 1 ]
    cmp vips.yaml other.txt
}

@test "get: one GET, and one more where the company is in question" {
    gets() { curl -s "$SEQUENZY_API_URL/__sandbox/log" | jq '[.requests[] | select(.path | startswith("/api"))] | length'; }
    audiencectl get syncs
    [ "$(gets)" -eq 1 ]
    audiencectl get segments
    [ "$(gets)" -eq 2 ]
    audiencectl get ad-accounts --company comp_123
    [ "$(gets)" -eq 4 ]
    run audiencectl get syncs --company comp_456
    [ "$status" -eq 4 ]
    SEQUENZY_API_KEY=seq_user_sandbox run audiencectl get syncs
    [ "$status" -eq 4 ]
}

@test "SIGTERM while waiting for the API: 143, and the report says so" {
    sandbox_stop
    start --latency 60000
    audiencectl plan vips.yaml -o json=report.json 3>&- &
    plan=$!
    for _ in $(seq 400); do
        [ "$(curl -s "$origin/__sandbox/log" | jq '.requests | length')" -gt 0 ] && break
        sleep 0.05
    done
    kill -TERM "$plan"
    code=0
    wait "$plan" || code=$?
    [ "$code" -eq 143 ]
    jq -e '.outcome == "interrupted" and .exitCode == 143' report.json
}
