#!/usr/bin/env bats
# The walk of a pull request: what it changes (plan --base), the plan without a key (snapshot,
# --live), and the upload that has really happened (apply --wait).

bats_require_minimum_version 1.5.0
load ../support/sandbox-helpers.bash
load ../support/servers.bash

setup() {
    sandbox_setup
    export HOME=$work/home XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
    export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost
    export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
    mkdir -p "$HOME"
    daemon_pid=
}

teardown() {
    if [ -n "$daemon_pid" ]; then
        kill -- "-$daemon_pid" 2>/dev/null || true
    fi
    sandbox_teardown
}

start() {
    sandbox_start --rate off "$@"
    export SEQUENZY_API_URL=$origin SEQUENZY_API_KEY=$KEY
}

syncs() { # [NAME SEGMENT REST]...: a manifest
    printf '%s\n' 'apiVersion: audiencectl/v1' 'defaults: {adAccountId: act_1234567890}' 'audienceSyncs:'
    for each in "$@"; do
        read -r name segment rest <<<"$each"
        printf '  - {audienceName: %s, segmentId: %s%s}\n' "$name" "$segment" "$rest"
    done
}

commit() { # MESSAGE
    git -C "$work/repo" add -A
    git -C "$work/repo" commit -q --allow-empty -m "$1"
}

# main has Kept, Gone and Slow live, and Pending not; the pull request adds one, changes one, takes
# one out, and moves one to another file.
make_repository() {
    git init -q -b main "$work/repo"
    mkdir "$work/repo/a"
    syncs "Kept seg_vips" "Gone seg_lapsed" "Slow seg_trial" >"$work/repo/a/m.yaml"
    commit first
    "$AUDIENCECTL_BIN/audiencectl" apply --git "$work/repo" --yes --settle 1s -q
    syncs "Kept seg_vips" "Gone seg_lapsed" "Slow seg_trial ,frequency:weekly" \
        "Pending seg_newsletter" | sed 's/:weekly/: weekly/' >"$work/repo/a/m.yaml"
    commit second
    git -C "$work/repo" checkout -q -b pr
    syncs "Kept seg_vips ,frequency:hourly" "Pending seg_newsletter" "Fresh seg_newsletter" |
        sed 's/:hourly/: hourly/' >"$work/repo/a/m.yaml"
    syncs "Slow seg_trial ,frequency:weekly" | sed 's/:weekly/: weekly/' >"$work/repo/a/n.yaml"
    commit change
    git -C "$work/repo" checkout -q main
    git -C "$work/repo" merge -q --no-ff -m merge pr
    git -C "$work/repo" update-ref refs/pull/7/merge HEAD
    git -C "$work/repo" reset -q --hard 'HEAD^1'
}

# name status origin, a row a line
origins() {
    jq -r '[.syncs[], .unmanaged[]][] | "\(.audienceName) \(.status) \(.origin)"' "$1"
}

expected_origins="Kept drifted changed
Pending missing base
Fresh missing new
Slow drifted base
Gone unmanaged removed"

@test "--base: new, changed and removed first, the rest counted; a moved entry is no change" {
    start
    make_repository
    run -0 --separate-stderr "$AUDIENCECTL_BIN/audiencectl" plan --git "$work/repo" \
        --ref refs/pull/7/merge --base main -o text -o "json=$work/plan.json" -o "markdown=$work/plan.md"
    [[ $output == *"2 syncs were pending before this change (-v shows all)"* ]]
    [[ $output == *"? 'Gone' is taken out of the manifests by this change"* ]]
    [[ $output == *"note: this change: frequency was daily"* ]]
    [[ $output == *"Change:   1 new, 1 changed, 1 removed compared with main"*"; 2 pending before"* ]]
    # What apply would create is named; other pending rows are counted.
    [[ $output == *"+ 1 sync is missing: apply will create it"*"'Pending' in act_"*"This change:"* ]]
    [[ $output != *"'Slow'"* ]]
    [ "$(origins "$work/plan.json")" = "$expected_origins" ]
    [ "$(jq -c '.base | del(.ref, .commit)' "$work/plan.json")" = \
        '{"new":1,"changed":1,"removed":1,"removedNotLive":0,"pending":2}' ]
    grep -q '<details><summary>2 syncs were pending before this change</summary>' "$work/plan.md"
    # What apply would do, and the exit code, are those of the whole.
    [[ $output == *"apply will create 2 syncs"* ]]
    run -2 "$AUDIENCECTL_BIN/audiencectl" plan --git "$work/repo" --ref refs/pull/7/merge --base main \
        --detailed-exitcode -q
}

@test "--base: over the network both commits are fetched at depth 1, with no request more" {
    start
    make_repository
    port=$(free_port)
    setsid git daemon --listen=127.0.0.1 --port="$port" --base-path="$work" --export-all \
        --reuseaddr </dev/null >"$work/daemon" 2>&1 3>&- &
    daemon_pid=$!
    wait_for_port "$port"
    port=127.0.0.1:$port
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan --git "git://$port/repo" --ref refs/pull/7/merge \
        -o "json=$work/one.json"
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan --git "git://$port/repo" --ref refs/pull/7/merge \
        --base main -o "json=$work/plan.json"
    [ "$(origins "$work/plan.json")" = "$expected_origins" ]
    [ "$(jq .requests.get "$work/plan.json")" = "$(jq .requests.get "$work/one.json")" ]
    cache=$(find "$work/cache" -name shallow -printf '%h\n' | head -1)
    [ "$(git -C "$cache" rev-list --all | wc -l)" = 2 ]
}

@test "--base: in a shallow checkout of the merge ref, by the first parent" {
    start
    make_repository
    git init -q "$work/checkout"
    git -C "$work/checkout" fetch -q --depth 2 "file://$work/repo" refs/pull/7/merge
    git -C "$work/checkout" checkout -q --detach FETCH_HEAD
    cd "$work/checkout"
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan --git . --ref HEAD --base "$(git rev-parse HEAD^1)" \
        -o "json=$work/plan.json"
    [ "$(origins "$work/plan.json")" = "$expected_origins" ]
}

@test "--base that cannot be loaded is a warning, and the plan is the whole one" {
    start
    make_repository
    run -0 --separate-stderr "$AUDIENCECTL_BIN/audiencectl" plan --git "$work/repo" --ref pr --base nope
    [[ $stderr == *"warning: the base 'nope' cannot be loaded, so this plan shows everything: "*"no branch, tag or commit 'nope'"* ]]
    [[ $output == *"'Pending' is missing"* ]]
    [[ $output != *Change:* ]]
    git -C "$work/repo" checkout -q -b bad main
    echo 'audienceSyncs: 1' >>"$work/repo/a/m.yaml"
    commit bad
    run -0 --separate-stderr "$AUDIENCECTL_BIN/audiencectl" plan --git "$work/repo" --ref pr --base bad
    [[ $stderr == *"the base 'bad' cannot be loaded"*"a/m.yaml:8"* ]]
    [[ $output == *"'Pending' is missing"* ]]
    # The first manifests of a repository are all new.
    git -C "$work/repo" checkout -q --orphan empty
    git -C "$work/repo" rm -rfq .
    commit empty
    run -0 --separate-stderr "$AUDIENCECTL_BIN/audiencectl" plan --git "$work/repo" --ref pr --base empty
    [[ $stderr != *"cannot be loaded"* ]]
    [[ $output == *"Change:   4 new compared with empty"* ]]
}

@test "the plan of a fork: a snapshot in place of the key" {
    start
    make_repository
    run -0 "$AUDIENCECTL_BIN/audiencectl" snapshot --git "$work/repo" --out "$work/live.json"
    sandbox_stop
    unset SEQUENZY_API_KEY SEQUENZY_API_URL
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan --live "$work/live.json" --git "$work/repo" \
        --ref refs/pull/7/merge --base main -o "json=$work/plan.json"
    [ "$(origins "$work/plan.json")" = "$expected_origins" ]
}

@test "apply --wait: a signal ends the wait at once, and nothing is sent again" {
    start --upload 0:never
    syncs "Slow seg_trial" >"$work/m.yaml"
    "$AUDIENCECTL_BIN/audiencectl" apply "$work/m.yaml" --yes --settle 1s --wait=60s \
        -o text -o "json=$work/apply.json" >"$work/out" 2>"$work/err" 3>&- &
    pid=$!
    for _ in $(seq 100); do
        grep -q 'created' "$work/err" && break
        sleep 0.1
    done
    sleep 2
    began=$SECONDS
    kill -TERM "$pid"
    code=0
    wait "$pid" || code=$?
    [ "$code" = 143 ]
    [ $((SECONDS - began)) -le 3 ]
    grep -q 'upload: pending: the run was interrupted before it ended' "$work/out"
    [ "$(jq -r '.syncs[0].result | "\(.outcome) \(.verified) \(.upload.status)"' "$work/apply.json")" = \
        "created true pending" ]
    [ "$(curl -s "$origin/__sandbox/syncs" | jq '.audienceSyncs | length')" = 1 ]
}

@test "apply --wait: people have arrived" {
    start --upload 1500
    syncs "Fresh seg_lapsed" "Pending seg_newsletter" >"$work/m.yaml"
    run -0 --separate-stderr "$AUDIENCECTL_BIN/audiencectl" apply "$work/m.yaml" --yes --settle 1s --wait \
        -o text -o "json=$work/apply.json"
    [[ $output == *"Uploads:  2 uploads done ("*" people)"* ]]
    [ "$(jq -c '[.syncs[].result.upload | [.status, .error, (.people > 0), (.endedAt != null)]] | unique' \
        "$work/apply.json")" = '[["done",null,true,true]]' ]
    [ "$(jq .requests.post "$work/apply.json")" = 2 ]
}
