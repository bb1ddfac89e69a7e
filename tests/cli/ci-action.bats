#!/usr/bin/env bats
# .github/actions/audiencectl, its steps executed as a runner does, against a sandbox and a stand-in
# for gh. Needs AUDIENCECTL_BIN, the folder with the programs, and AUDIENCE_SANDBOX.

bats_require_minimum_version 1.5.0
load ../support/sandbox-helpers.bash

setup() {
    root="$BATS_TEST_DIRNAME/../.."
    cd "$BATS_TEST_TMPDIR" || return
    sandbox_setup
    sandbox_start
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_URL="$origin" GH_STATE="$PWD/github" XDG_STATE_HOME="$PWD/state"
    unset SEQUENZY_API_KEY
    mkdir bin audiences github
    cp "$root"/examples/audiences/*.yaml audiences
    ln -s "$root/tests/support/gh-stub.sh" bin/gh
    PATH="$PWD/bin:$AUDIENCECTL_BIN:$PATH"
    cat >event.json <<'EVENT'
{"repository": {"full_name": "acme/ads"}, "pull_request": {"number": 7,
 "head": {"sha": "0123456789abcdef0123456789abcdef01234567", "repo": {"full_name": "acme/ads"}}}}
EVENT
    cat >workflow.yml <<'WORKFLOW'
jobs:
  one:
    outputs:
      code: ${{ steps.it.outputs.exit-code }}
      outcome: ${{ steps.it.outputs.outcome }}
      changes: ${{ steps.it.outputs.changes }}
      summary: ${{ steps.it.outputs.summary }}
    steps:
      - id: it
        uses: ./.github/actions/audiencectl
WORKFLOW
}

teardown() { sandbox_teardown; }

# action NAME=VALUE...: a job with it alone; with a key unless `keyless` is set.
action() {
    local words=()
    [ -n "${keyless-}" ] || words+=(--with api-key=seq_sandbox_key)
    for word; do words+=(--with "$word"); done
    "$root/tests/support/run_workflow.py" workflow.yml one --state github ${event:+--event "$event"} \
        ${event:+--github event_name=pull_request} "${words[@]}"
}

comments() { jq -r "$@" github/comments.json; }

@test "plan: a comment, annotations, a summary, outputs, a saved plan" {
    event=event.json run -0 action command=plan
    [[ $output == *"apply will create 4 syncs"*"::notice file=audiences/"* ]]
    [[ $output == *"output code=0"*"output outcome=differences"*"output changes=true"* ]]
    [[ $output == *'output summary={'*'"missing":4'* ]]
    comments -e 'length == 1 and (.[0].body | startswith("<!-- audiencectl-report: -->")
        and contains("4 audiences will be created")
        and contains("commit 0123456789, [run 4711](https://github.example/acme/ads/actions/runs/4711)"))'
    grep -q '4 audiences will be created' github/summary
}

@test "the comment is replaced, also when the manifest is invalid or the key is wrong; others' stay" {
    echo '[{"id": 9, "user": {"login": "mallory"}, "body": "<!-- audiencectl-report: --> mine"}]' >github/comments.json
    export event=event.json
    action command=plan
    sed -i 's/segmentId: seg_lapsed/segmentID: seg_lapsed/' audiences/outlet.yaml
    run -1 action command=plan
    [[ $output == *"::error file=audiences/outlet.yaml,line="* ]]
    comments -e 'length == 2 and .[0].body == "<!-- audiencectl-report: --> mine" and (.[1].body | contains("unknown-key"))'
    run -1 action command=validate
    comments -e 'length == 2 and (.[1].body | contains("unknown-key"))'
    sed -i 's/segmentID: seg_lapsed/segmentId: seg_lapsed/' audiences/outlet.yaml
    run -1 action command=plan api-key=wrong
    comments -e 'length == 2 and (.[1].body | contains("401"))'
    # A command line that is wrong has no report: the comment says so.
    run -1 action command=plan args=--no-such-option
    comments -e 'length == 2 and (.[1].body | contains("exit code 64"))'
}

@test "each report-id has its own comment; no pull request and no comment wanted have none" {
    export event=event.json
    action command=plan report-id=outlet paths=audiences/outlet.yaml
    action command=plan report-id=retention paths=audiences/retention.yaml
    action command=plan comment=false
    comments -e 'map(.body[0:40] | split("-->")[0]) == ["<!-- audiencectl-report:outlet ", "<!-- audiencectl-report:retention "]'
    rm github/comments.json
    event='' action command=plan
    [ ! -e github/comments.json ]
}

@test "a fork without a key: validated, and no comment with a token that may not" {
    sed -i 's|"repo": {"full_name": "acme/ads"}|"repo": {"full_name": "mallory/ads"}|' event.json
    event=event.json keyless=1 run -0 action command=plan
    [[ $output == *"::notice title=audiencectl::no API key and no snapshot"*"valid: audiences (4 syncs in 2 manifests)"* ]]
    [ ! -e github/comments.json ]
    grep -q 'valid' github/summary
    # With what main's nightly job has left: planned.
    action command=snapshot args=--out=live.snapshot paths=
    event=event.json keyless=1 run -0 action command=plan live=live.snapshot
    [[ $output == *"planned with a snapshot"*"apply will create 4 syncs"*"output changes=true"* ]]
    [ ! -e github/comments.json ]
}

@test "arguments are one a line: blanks and quotes are only themselves" {
    # shellcheck disable=SC2016
    run -1 action command=plan args=$'--no-preflight\n--no "such\' $(touch pwned) *'
    [[ $output == *'--no "such'*'$(touch pwned) *'* ]]
    [ ! -e pwned ]
}

@test "apply of a saved plan, once" {
    audiencectl() { SEQUENZY_API_KEY=seq_sandbox_key "$AUDIENCECTL_BIN/audiencectl" "$@"; }
    audiencectl plan audiences --out plan.json
    run -0 action command=apply plan=plan.json
    [[ $output == *"output outcome=applied"* ]]
    [ "$(live_count)" -eq 4 ]
    run -0 action command=apply plan=plan.json
    [[ $output == *'"exists":4'* ]]
    # One that is too old: refused.
    audiencectl plan audiences --out plan.json
    run -1 action command=apply plan=plan.json args=--plan-ttl=1ms
    [[ $output == *"output code=4"*"output outcome=refused"* ]]
    [ "$(live_count)" -eq 4 ]
}

@test "a signal reaches the program, and what follows is still done" {
    sandbox_stop
    sandbox_start --latency 3000
    SEQUENZY_API_URL="$origin" action command=plan >out 2>&1 3>&- &
    runner=$!
    for _ in $(seq 100); do
        python=$(pgrep -P "$runner" -f run_workflow.py) || python=$runner
        # until it catches SIGINT
        script=$(pgrep -P "$python" -f /run.sh) && program=$(pgrep -P "$script" -x audiencectl) &&
            grep -q '^SigCgt:.*[2367abef]$' "/proc/$program/status" && break
        sleep 0.1
    done
    kill -s INT "$script"
    wait "$runner" || code=$?
    cat out
    [ "$code" -eq 1 ]
    grep -q '^output code=130' out
    grep -q '^output outcome=interrupted' out
}

@test "drift: the issue is opened, updated with what is new, and closed" {
    issue() { jq -e "$1" github/issues.json; }
    run -1 action command=drift issue=true
    [[ $output == *"output code=2"* ]]
    issue 'length == 1 and .[0].state == "open" and (.[0].body | startswith("<!-- audiencectl-drift: "))'
    # As before: no comment.
    run -1 action command=drift issue=true
    [ ! -e github/issue-1.json ]
    SEQUENZY_API_KEY=seq_sandbox_key audiencectl apply --yes audiences/outlet.yaml
    run -1 action command=drift issue=true
    jq -e 'length == 1 and (.[0].body | startswith("0 new, "))' github/issue-1.json
    # A run that cannot compare changes nothing.
    cp github/issues.json before.json
    run -1 action command=drift issue=true api-key=wrong
    cmp github/issues.json before.json
    SEQUENZY_API_KEY=seq_sandbox_key audiencectl apply --yes audiences
    action command=drift issue=true
    issue 'length == 1 and .[0].state == "closed"'
    jq -e 'length == 2 and (.[1].body | startswith("No difference"))' github/issue-1.json
    # Another difference is another issue.
    sed -i 's/frequency: weekly/frequency: daily/' audiences/*.yaml
    run -1 action command=drift issue=true
    issue 'map(.state) == ["closed", "open"]'
}

@test "code scanning gets the report, the commit and the ref" {
    action command=plan sarif=true
    jq -e '.commit_sha == "1111111111111111111111111111111111111111" and .ref == "refs/heads/main"' github/sarifs
    jq -r .sarif github/sarifs | base64 -d | gunzip | jq -e '.version == "2.1.0"'
}

# A release of the programs that were built.
make_release() {
    version=$(sed -n 's/^project(audiencectl VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
    name=audiencectl-$version-linux-$(dpkg --print-architecture)
    folder=github/releases/v$version
    mkdir -p "$folder" "$name/bin"
    cp "$AUDIENCECTL_BIN/audiencectl" "$name/bin"
    tar -czf "$folder/$name.tar.gz" "$name"
    (cd "$folder" && sha256sum ./*.tar.gz | sed 's|\./||' >SHA256SUMS)
    PATH="$PWD/bin:/usr/local/bin:/usr/bin:/bin"
}

@test "install: the release that the checkout names, verified" {
    make_release
    cat >>workflow.yml <<'STEP'
      - run: 'command -v audiencectl'
STEP
    run -0 action
    [[ $output == *"audiencectl $version"*"/$name/bin/audiencectl"* ]]
    run -0 action "version=v$version" "sha256=$(cut -c 1-64 "$folder/SHA256SUMS")"
    run -1 action "version=$version" "sha256=$(printf '0%.0s' $(seq 64))"
    [[ $output == *"is not what its SHA-256 says"* ]]
    run -1 action version=9.9.9
    [[ $output == *"::error title=audiencectl::release v9.9.9: release not found"* ]]
    echo changed >>"$folder/$name.tar.gz"
    run -1 action
    [[ $output == *"is not what its SHA-256 says"* ]]
    : >"$folder/SHA256SUMS"
    run -1 action
    [[ $output == *"SHA256SUMS of release v$version does not have $name.tar.gz"* ]]
}

@test "install: what is on the PATH, as in a container, is used" {
    run -0 action
    [[ $output == *"already installed: audiencectl "* ]]
}

@test "release: the builds are put together under one list of sums, or not at all" {
    mkdir -p builds/one builds/two
    for each in one two; do
        echo "$each" >"builds/$each/$each.tar.gz"
        (cd "builds/$each" && sha256sum "$each.tar.gz" >SHA256SUMS)
    done
    release() { "$root/.github/workflows/release.sh" "$PWD/builds" "$PWD/assets" "$PWD/notes.md"; }
    release
    (cd assets && sha256sum --check --strict SHA256SUMS)
    [ "$(find assets -type f | wc -l)" -eq 3 ]
    grep -q . notes.md
    run ! grep -q '^#' notes.md
    rm -r assets
    echo changed >>builds/one/one.tar.gz
    run -1 release
}
