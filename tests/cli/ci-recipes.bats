#!/usr/bin/env bats
# The scripts of examples/ci, run as the CI systems run them, against a sandbox.
# Needs AUDIENCECTL_BIN, the folder with the programs, and AUDIENCE_SANDBOX.

bats_require_minimum_version 1.5.0
load ../support/sandbox-helpers.bash

setup() {
    root="$BATS_TEST_DIRNAME/../.."
    cd "$BATS_TEST_TMPDIR" || return
    sandbox_setup
    sandbox_start --upload 0
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_URL="$origin" GH_STATE="$PWD/github"
    unset SEQUENZY_API_KEY
    mkdir bin audiences github
    cp "$root"/examples/audiences/*.yaml audiences
    ln -s "$root/tests/support/gh-stub.sh" bin/gh
    PATH="$BATS_TEST_TMPDIR/bin:$AUDIENCECTL_BIN:$PATH"
}

teardown() { sandbox_teardown; }

# A runner that has run nothing before.
new_runner() { rm -rf .local .cache; }

# job RECIPE JOB [OPTION...]: runs it as GitHub does. The recipe: in examples/ci, or a path.
job() {
    local recipe=$1 job=$2
    shift 2
    [[ $recipe == */* ]] || recipe=$root/examples/ci/$recipe
    "$root/tests/support/run_workflow.py" "$recipe" "$job" --state github \
        --secret SEQUENZY_READ_KEY=seq_sandbox_key --secret SEQUENZY_API_KEY=seq_sandbox_key "$@"
}

# step RECIPE JOB [PART]: the script of a job of GitLab; its apply does not wait for long.
step() {
    "$root/tests/support/ci_step.py" "$@" | sed 's/audiencectl apply/& --settle 1s/' >script
    bash -e script
}

@test "the recipes are accepted by linters and keep the rules of apply" {
    run python3 "$root/tests/support/check_ci.py"
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "GitHub, pull request: one comment, updated in place, and annotations" {
    cat >event.json <<'EVENT'
{"repository": {"full_name": "acme/ads"}, "pull_request": {"number": 7,
 "head": {"sha": "0123456789abcdef0123456789abcdef01234567", "repo": {"full_name": "acme/ads"}}}}
EVENT
    job github-plan.yml plan --event event.json >annotations
    grep -q '^::notice file=audiences/.*title=Missing::' annotations
    sed -i 's/seg_lapsed/seg_trial/' audiences/outlet.yaml
    job github-plan.yml plan --event event.json
    jq -e 'length == 1 and (.[0].body | contains("Trial users"))' github/comments.json
}

@test "GitHub, pull request: what it changes comes first, what was pending is folded" {
    export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost
    export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
    git init -q -b main .
    git add audiences
    git commit -q -m main
    git checkout -q -b pr
    sed -i 's/seg_lapsed/seg_trial/' audiences/outlet.yaml
    git commit -q -a -m change
    git checkout -q main
    git merge -q --no-ff -m merge pr
    run -0 job github-plan.yml plan --github event_name=pull_request
    [[ $output == *"Change:   1 changed compared with"* ]]
    grep -q '<details><summary>3 syncs were pending before this change</summary>' github/summary
    # Of a checkout without the parents: as a whole.
    git checkout -q --orphan alone
    git commit -q -m alone
    run -0 job github-plan.yml plan --github event_name=pull_request
    [[ $output == *"planned as a whole"* ]]
    [[ $output != *"Change:"* ]]
}

@test "GitHub, pull request from a fork: planned with the snapshot of main's nightly job" {
    run -1 job github-drift.yml drift
    cat >event.json <<'EVENT'
{"repository": {"full_name": "acme/ads"}, "pull_request": {"number": 7,
 "head": {"sha": "0123456789abcdef0123456789abcdef01234567", "repo": {"full_name": "mallory/ads"}}}}
EVENT
    rm audiences.snapshot
    run -0 job github-plan-forks.yml plan --event event.json --github event_name=pull_request --secret SEQUENZY_READ_KEY=
    [[ $output == *"planned with a snapshot"*"apply will create 4 syncs"* ]]
    [ ! -e github/comments.json ]
}

@test "GitHub, merge: the saved plan is applied, once" {
    run -0 job github-apply.yml plan
    [[ $output == *"output changes=true"* ]]
    SECONDS=0
    run -0 job github-apply.yml apply --need plan.changes=true
    # No journal was kept before: it has waited.
    [ "$SECONDS" -ge 15 ]
    [ "$(live_count)" -eq 4 ]
    grep -q '4 created' github/summary
    grep -q 'Uploads: 4 uploads done' github/summary
    jq -e '.outcome == "applied"' github/artifacts/apply/report.json
    # The same job again, as after a failure, on another runner: nothing is made twice.
    new_runner
    run -0 job github-apply.yml apply --need plan.changes=true --github run_attempt=2
    [ "$(live_count)" -eq 4 ]
    run -0 job github-apply.yml plan
    [[ $output == *"output changes=false"* ]]
    run -0 job github-apply.yml apply --need plan.changes=false
    [[ $output == *"--- skipped"* ]]
    # From another branch nothing is planned.
    run -0 job github-apply.yml plan --github ref=refs/heads/other
    [[ $output == *"--- skipped"* ]]
}

@test "GitHub, merge: with the ledger that the recipes propose, a new runner does not wait" {
    git init -q --bare ledger.git
    for recipe in github-apply.yml github-approve.yml; do
        sed "s|# \(permissions: {.*\)|\1|; s|# \(env:\)|\1|; s|#\(   AUDIENCECTL_\)|\1|
            s|https://github.com/acme/ads.git|$PWD/ledger.git|" "$root/examples/ci/$recipe" >"$recipe"
    done
    grep -q '^    permissions: {contents: write, actions: read}' github-approve.yml
    mv audiences/retention.yaml .
    run -0 job ./github-apply.yml plan
    run -0 job ./github-apply.yml apply --need plan.changes=true --with args=--settle=1s
    new_runner
    mv retention.yaml audiences
    run -0 job ./github-approve.yml plan
    SECONDS=0
    run -0 job ./github-approve.yml apply --input run=4711
    [ "$SECONDS" -lt 12 ]
    [ "$(live_count)" -eq 4 ]
    git -C ledger.git rev-parse -q --verify audiencectl-ledger
}

@test "GitHub, merge: a plan that fails fails the job, and leaves nothing to apply" {
    run -1 job github-apply.yml plan --secret SEQUENZY_READ_KEY=wrong
    grep -q 401 github/summary
    [ ! -e github/artifacts/plan ]
}

@test "GitHub, approval by hand: the plan of the named run is applied" {
    run -0 job github-approve.yml apply
    [[ $output == *"--- skipped"* ]]
    run -0 job github-approve.yml plan
    run -0 job github-approve.yml apply --input run=4711 --with args=--settle=1s
    [ "$(live_count)" -eq 4 ]
    run -0 job github-approve.yml plan --input run=4711
    [[ $output == *"--- skipped"* ]]
}

@test "GitHub, nightly: an issue, a page and a history that grows" {
    run -1 job github-drift.yml drift
    [[ $output == *"--- failed: result (2)"* ]]
    jq -e '.[0].state == "open"' github/issues.json
    SEQUENZY_API_KEY=seq_sandbox_key audiencectl apply --yes --settle 1s audiences
    rm history.jsonl
    job github-drift.yml drift --github run_id=4712
    jq -e '.[0].state == "closed"' github/issues.json
    [ "$(wc -l <github/artifacts/drift/history.jsonl)" -eq 2 ]
    grep -q 'The last 2 runs' github/artifacts/drift/drift.html
    grep -q 'audiencectl drift: 4 audiences are as they should be' github/summary
}

@test "GitLab: test reports, and the saved plan is applied" {
    cases() { python3 -c 'import sys, xml.etree.ElementTree as e; r = e.parse(sys.argv[1]).getroot(); print(r.get("tests"), r.get("failures"), r.get("errors"))' "$1"; }
    export SEQUENZY_API_KEY=seq_sandbox_key CI_JOB_NAME=plan
    step gitlab-ci.yml validate
    [ "$(cases validate.xml)" = "1 0 0" ]
    step gitlab-ci.yml plan
    [ "$(cases plan.xml)" = "5 0 0" ]
    run step gitlab-ci.yml drift
    [ "$status" -eq 2 ]
    [ "$(cases drift.xml)" = "5 4 0" ]
    step gitlab-ci.yml apply
    [ "$(cases apply.xml)" = "5 0 0" ]
    step gitlab-ci.yml drift
    [ "$(cases drift.xml)" = "5 0 0" ]
    [ "$(wc -l <history.jsonl)" -eq 2 ]
    [ "$(live_count)" -eq 4 ]
}

# cronjob NAME: its command, with what it mounts in folders here; apply does not wait for long.
cronjob() {
    local words
    mapfile -t words < <("$root/tests/support/ci_step.py" kubernetes.yaml "$1" |
        sed "s|=/secret/|=$PWD/secret/|; s|=/reports/|=$PWD/reports/|; s|^/audiences|$PWD/mounted|;
            s|=https://git.example.com/acme/|=$PWD/|")
    [ "$1" != audience-apply ] || words+=(--settle 1s)
    # shellcheck disable=SC2046
    env -u SEQUENZY_API_KEY HOME=/nonexistent \
        $("$root/tests/support/ci_step.py" kubernetes.yaml "$1" env |
            sed "s|=/scratch|=$PWD/scratch|; s|=https://git.example.com/acme/|=$PWD/|") "${words[@]}"
}

@test "GitLab: one comment of the merge request, updated in place" {
    export SEQUENZY_API_KEY=seq_sandbox_key CI_MERGE_REQUEST_IID=5 CI_PROJECT_ID=8 AUDIENCECTL_COMMENT_TOKEN=glpat
    export CI_COMMIT_SHORT_SHA=01234567 CI_JOB_NAME=plan CI_JOB_ID=99 CI_JOB_URL=https://gitlab.example/jobs/99
    python3 "$root/tests/support/gitlab_notes.py" port notes.json 3>&- &
    server=$!
    for _ in $(seq 100); do [ -s port ] && break || sleep 0.05; done
    CI_API_V4_URL="http://127.0.0.1:$(cat port)/api/v4"
    export CI_API_V4_URL
    step gitlab-ci.yml plan
    step gitlab-ci.yml plan after_script
    sed -i 's/seg_lapsed/seg_trial/' audiences/outlet.yaml
    step gitlab-ci.yml plan
    step gitlab-ci.yml plan after_script
    kill "$server"
    jq -e 'length == 2 and .[0].body == "<!-- audiencectl:plan:plan -->\n mine"
        and (.[1].body | startswith("<!-- audiencectl:plan:plan -->") and contains("Trial users") and contains("commit 01234567, [job 99](https://gitlab.example/jobs/99)"))' notes.json
}

@test "Kubernetes: apply from Git, drift from a ConfigMap" {
    mkdir secret reports mounted mounted/..2026
    printf 'seq_sandbox_key\n' | tee secret/write-key >secret/read-key
    echo token >secret/git-token
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
    # Another pod knows from the ledger what was live, and does not create again what a person has deleted.
    git -C ads.git rev-parse -q --verify audiencectl-ledger
    rm -r scratch
    id=$(curl -s "$origin/__sandbox/syncs" | jq -r '.audienceSyncs[0].id')
    curl -s -X DELETE -H 'Authorization: Bearer seq_sandbox_key' "$origin/api/v1/audience-syncs/$id"
    cronjob audience-apply
    [ "$(live_count)" -eq 3 ]
    run cronjob audience-drift
    [ "$status" -eq 2 ]
    [ "$(wc -l <reports/history.jsonl)" -eq 2 ]
}
