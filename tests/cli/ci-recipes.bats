#!/usr/bin/env bats
# The scripts of examples/ci, run as the CI systems run them, against a sandbox.
# Needs AUDIENCECTL_BIN, the folder with the programs, and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers.bash

setup() {
    root="$BATS_TEST_DIRNAME/../.."
    cd "$BATS_TEST_TMPDIR" || return
    sandbox_setup
    sandbox_start
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_KEY=seq_sandbox_key SEQUENZY_API_URL="$origin"
    mkdir bin audiences
    cp "$root"/examples/audiences/*.yaml audiences
    ln -s "$root/tests/support/gh-stub.sh" bin/gh
    # The waits of the recipes are not worth waiting for here.
    printf '#!/bin/sh\n' >bin/sleep
    chmod +x bin/sleep
    PATH="$BATS_TEST_TMPDIR/bin:$AUDIENCECTL_BIN:$PATH"
}

teardown() { sandbox_teardown; }

# step RECIPE JOB [STEP]: runs its script as a runner does.
step() {
    "$root/tests/support/ci_step.py" "$@" >script
    bash -e script
}

@test "the recipes are accepted by linters and keep the rules of apply" {
    run python3 "$root/tests/support/check_ci.py"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "GitHub, pull request: one comment, updated in place" {
    export GH_TOKEN=x GH_COMMENTS=comments.json GITHUB_STEP_SUMMARY=summary
    export COMMENTS=repos/acme/ads/issues/7/comments COMMENT=repos/acme/ads/issues/comments
    # Of somebody else, who writes our mark.
    echo '[{"id": 9, "user": {"login": "mallory"}, "body": "<!-- audiencectl:plan --> mine"}]' >comments.json
    step github-plan.yml plan validate
    step github-plan.yml plan plan >annotations
    grep -q '^::notice file=audiences/.*title=Missing::' annotations
    step github-plan.yml plan comment
    jq -e --rawfile plan plan.md 'length == 2 and .[0].body == "<!-- audiencectl:plan --> mine" and .[1].body == $plan' comments.json
    grep -q 'apply will create 4 syncs' comments.json

    sed -i 's/seg_lapsed/seg_trial/' audiences/outlet.yaml
    step github-plan.yml plan plan
    step github-plan.yml plan comment
    jq -e --rawfile plan plan.md 'length == 2 and .[1].body == $plan and (.[1].body | contains("seg_trial"))' comments.json

    # A plan that failed says why in the same place.
    SEQUENZY_API_KEY=wrong run step github-plan.yml plan plan
    [ "$status" -eq 1 ]
    step github-plan.yml plan comment
    jq -e 'length == 2 and (.[1].body | contains("401"))' comments.json
    grep -q 401 summary
}

@test "GitHub, pull request: a broken manifest fails with an annotation at its line" {
    sed -i 's/segmentId: seg_lapsed/segmentID: seg_lapsed/' audiences/outlet.yaml
    run step github-plan.yml plan validate
    [ "$status" -eq 1 ]
    [[ "$output" == *"::error file=audiences/outlet.yaml,line="* ]]
}

@test "GitHub, merge: the saved plan is applied, once" {
    export GITHUB_STEP_SUMMARY=summary GITHUB_OUTPUT=output XDG_STATE_HOME="$PWD/state"
    step github-apply.yml plan plan
    [ "$(cat output)" = code=2 ]
    step github-apply.yml apply apply
    step github-apply.yml apply summary
    grep -q '4 created' summary
    [ -d state/audiencectl ]
    jq -e '.outcome == "applied"' apply.json
    # The same job again: refused, and nothing is made twice.
    run step github-apply.yml apply apply
    [ "$status" -eq 4 ]
    [ "$(live_count)" -eq 4 ]
    rm output
    step github-apply.yml plan plan
    [ "$(cat output)" = code=0 ]
}

@test "GitHub, merge: a plan that fails fails the job, and nothing is applied" {
    export GITHUB_STEP_SUMMARY=summary GITHUB_OUTPUT=output
    SEQUENZY_API_KEY=wrong run step github-apply.yml plan plan
    [ "$status" -eq 1 ]
    grep -q 401 summary
    run step github-apply.yml apply apply
    [ "$status" -ne 0 ]
    [ "$(live_count)" -eq 0 ]
}

@test "GitHub, nightly: a page and a history that grows" {
    export GITHUB_STEP_SUMMARY=summary
    run step github-drift.yml drift drift
    [ "$status" -eq 2 ]
    audiencectl apply --yes audiences
    step github-drift.yml drift drift
    step github-drift.yml drift summary
    [ "$(wc -l <history.jsonl)" -eq 2 ]
    grep -q 'Trend of the last 2 runs' drift.html
    grep -q 'audiencectl drift: in-sync' summary
}

@test "GitLab: test reports, and the saved plan is applied" {
    cases() { python3 -c 'import sys, xml.etree.ElementTree as e; r = e.parse(sys.argv[1]).getroot(); print(r.get("tests"), r.get("failures"), r.get("errors"))' "$1"; }
    export XDG_STATE_HOME="$PWD/.state"
    step gitlab-ci.yml validate
    [ "$(cases validate.xml)" = "1 0 0" ]
    step gitlab-ci.yml plan
    [ "$(cases plan.xml)" = "5 0 0" ]
    run step gitlab-ci.yml drift
    [ "$status" -eq 2 ]
    [ "$(cases drift.xml)" = "5 4 0" ]
    step gitlab-ci.yml apply
    [ "$(cases apply.xml)" = "5 0 0" ]
    [ -d .state/audiencectl ]
    step gitlab-ci.yml drift
    [ "$(cases drift.xml)" = "5 0 0" ]
    [ "$(wc -l <history.jsonl)" -eq 2 ]
    [ "$(live_count)" -eq 4 ]
}

# cronjob NAME: its command, with what it mounts in folders here.
cronjob() {
    local words
    mapfile -t words < <("$root/tests/support/ci_step.py" kubernetes.yaml "$1" |
        sed "s|=/secret/|=$PWD/secret/|; s|=/reports/|=$PWD/reports/|; s|^/audiences|$PWD/mounted|;
            s|--git=.*|--git=$PWD/ads.git|")
    # shellcheck disable=SC2046
    env -u SEQUENZY_API_KEY HOME=/nonexistent \
        $("$root/tests/support/ci_step.py" kubernetes.yaml "$1" env | sed "s|=/state|=$PWD/state|") "${words[@]}"
}

@test "Kubernetes: apply from Git, drift from a ConfigMap" {
    mkdir secret reports state mounted mounted/..2026
    printf 'seq_sandbox_key\n' | tee secret/write-key >secret/read-key
    # As a ConfigMap is mounted: the files are links into a folder that is a link.
    cp audiences/*.yaml mounted/..2026
    ln -s ..2026 mounted/..data
    for file in audiences/*.yaml; do ln -s "..data/${file#*/}" mounted; done
    git init -q -b main ads
    cp -r audiences ads
    git -C ads add -A
    git -C ads -c user.name=t -c user.email=t@example.com commit -qm x
    git clone -q --bare ads ads.git

    run cronjob audience-drift
    [ "$status" -eq 2 ]
    [ -s reports/drift.html ]
    cronjob audience-apply
    [ "$(live_count)" -eq 4 ]
    [ -d state/audiencectl ]
    cronjob audience-apply
    [ "$(live_count)" -eq 4 ]
    cronjob audience-drift
    [ "$(wc -l <reports/history.jsonl)" -eq 2 ]
}
