#!/usr/bin/env bats
# Every command writes every format; what it writes is read by parsers that are not ours.
# Needs AUDIENCECTL_BIN, the folder with the programs, and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers.bash

FORMATS="text json markdown html junit sarif github"
TABLES="csv metrics codequality"

setup() {
    root="$BATS_TEST_DIRNAME/../.."
    PATH="$AUDIENCECTL_BIN:$PATH"
    cd "$BATS_TEST_TMPDIR" || return
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_KEY=seq_sandbox_key
    sandbox_setup
    start
    mkdir reports
    cat >vips.yaml <<'YAML'
apiVersion: audiencectl/v1
audienceSyncs:
  - {audienceName: VIPs, segmentId: seg_vips, adAccountId: act_1234567890}
  - {audienceName: "50% | `a` <b> ::error:: ##[error]x @you #1", segmentId: seg_vips, adAccountId: act_1234567890}
  - {audienceName: Later, segmentId: seg_vips, adAccountId: act_1234567890, isActive: false}
YAML
}

teardown() { sandbox_teardown; }

# start [OPTION...] begins a sandbox that audiencectl talks to.
start() {
    sandbox_start "$@"
    export SEQUENZY_API_URL="$origin"
}

# report NAME CODE ARGUMENT...: all formats of one run, as reports/NAME.FORMAT
report() {
    local name=$1 wanted=$2 code=0 options=()
    shift 2
    for format in $FORMATS $TABLES; do
        options+=(-o "$format=reports/$name.$format")
    done
    audiencectl "$@" "${options[@]}" >stdout 2>stderr || code=$?
    [ "$code" -eq "$wanted" ] || { cat stdout stderr; return 1; }
}

check_all() {
    python3 "$root/tests/support/check_reports.py" reports "$root/reconcile/document/document.schema.json"
}

@test "plan, apply, drift and show in every format" {
    report plan 0 plan vips.yaml
    audiencectl plan vips.yaml --out saved.json >stdout
    sed 's/{audienceName: VIPs/{audienceName: VIPs, frequency: hourly/' vips.yaml >hourly.yaml
    audiencectl plan hourly.yaml --out hourly.json >stdout
    report show 0 show saved.json
    report drift 2 drift vips.yaml --history history.json
    report refused 4 apply vips.yaml
    report apply 0 apply vips.yaml --yes
    report again 0 plan vips.yaml
    report exists 0 apply --plan saved.json
    report changed 4 apply --plan hourly.json
    cp hourly.yaml vips.yaml
    report drifted 2 drift vips.yaml --history history.json
    check_all
    jq -e '.summary.created == 2 and (.syncs[0].result | .outcome == "created" and .verified)' reports/apply.json
    grep -q 'The last 2 runs' reports/drifted.html
    jq -e '.history | .runs == 2 and .new == 1 and (.resolved | length) == 1' reports/drifted.json
}

@test "validate and get in every format" {
    report valid 0 validate vips.yaml
    sed 's/segmentId: seg_vips/segmentID: seg_vips/' vips.yaml >wrong.yaml
    report invalid 1 validate wrong.yaml
    report accounts 0 get ad-accounts
    report segments 0 get segments
    report syncs 0 get syncs
    check_all
    jq -e '.items | length > 0 and all(has("activeSubscriberCount"))' reports/segments.json
    grep -q '^::error file=wrong.yaml,line=3,' reports/invalid.github
}

@test "a failed command writes every format, and each says why" {
    SEQUENZY_API_KEY=wrong report key 1 plan vips.yaml
    report missing 1 plan nowhere.yaml
    report company 4 plan vips.yaml --company comp_nope
    check_all
    for format in $FORMATS; do
        grep -q 401 "reports/key.$format"
        grep -q 'comp[\\]*_nope' "reports/company.$format"
    done
}

@test "a create that fails is named in every format" {
    sandbox_stop
    start --fault 'POST /audience-syncs nth=2 status-before:422'
    report apply 3 apply vips.yaml --yes --settle 1s
    check_all
    jq -e '.outcome == "incomplete" and .summary.created == 1 and .summary.failed == 1' reports/apply.json
    for format in $FORMATS; do
        grep -q 422 "reports/apply.$format"
    done
    grep -q '<failure .*type="failed"' reports/apply.junit
    grep -q '^::error file=vips.yaml,line=4,' reports/apply.github
}

@test "5,000 syncs of every status: each report tells the most important first, and what it left out" {
    "$root/tests/support/many_syncs.py" 5000
    sandbox_stop
    start --seed many.json
    report many 2 drift many.yaml
    # Text: a screen for each status, with a count; all of it with -v.
    for title in '? 714 syncs are unmanaged' '! 714 syncs are live more than once' \
        '! 714 syncs are in sync, but unhealthy' '~ 715 syncs have drifted' \
        'o 714 syncs are withheld (paused)' '+ 715 syncs are missing'; do
        grep -qF "$title" reports/many.text
    done
    [ "$(grep -c '\.\.\. and \(69[45]\|704\) more' reports/many.text)" -eq 6 ]
    [ "$(wc -l <reports/many.text)" -lt 160 ]
    [ "$(audiencectl drift many.yaml -v 2>/dev/null | grep -c "^\([~+!o?]\|   \) '")" -eq 4286 ]
    # Markdown: some of each, most of the first, and how many are not there.
    [ "$(wc -m <reports/many.markdown)" -lt 65000 ]
    [ "$(grep '^### 71' reports/many.markdown)" = "### 715 syncs are missing: apply will create them
### 714 syncs are withheld: apply will not create them
### 715 syncs have drifted: apply will not change them
### 714 syncs are live more than once: apply will not touch them
### 714 syncs are in sync, but unhealthy
### 714 syncs are unmanaged: live, but in no manifest" ]
    [ "$(grep -c '^\( *- \)\?… and [0-9]* more' reports/many.markdown)" -eq 6 ]
    [ "$(awk '/^### /{list = $0} /^(\|| *-) \*\*/ && list {print list}' reports/many.markdown | sort | uniq -c | awk '$1 > 5' | wc -l)" -eq 6 ]
    grep -q '[0-9][0-9,]* more annotations were left out' reports/many.github
    # What has no limit has all of them.
    jq -e '(.syncs | length) == 4286 and (.unmanaged | length) == 714' reports/many.json
    [ "$(grep -c '<tr role="row"' reports/many.html)" -eq 5001 ]
    # The other ones also parse; the schema takes Python too long for this JSON.
    rm reports/many.json
    check_all
}
