#!/usr/bin/env bats
# The ledger over real Git servers: two machines that share one, a run that dies, servers that do
# not take a push. What git itself says is not looked at, because it differs between versions.
# Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

bats_require_minimum_version 1.5.0
export GIT_SOURCE_PROBE=none
load ../support/git-helpers.bash
load ../support/git-https.bash
load ../support/git-ssh.bash
load ../support/sandbox-helpers

setup_file() {
    need git git
    need jq jq
    need nginx nginx-light
    need fcgiwrap fcgiwrap
    need ssh-keygen openssh-client
    need sshd openssh-server
    isolate
    root=$BATS_FILE_TMPDIR/root
    mkdir -p "$root/private" "$root/open"
    make_repository "$root/open/manifests"
    start_https "$root"
    # A key that may push, and one like a deploy key that may not.
    keys=$BATS_FILE_TMPDIR/keys
    mkdir -m 700 "$keys"
    for name in host writes reads; do ssh-keygen -q -t ed25519 -N '' -C test -f "$keys/$name"; done
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' 'case $SSH_ORIGINAL_COMMAND in' \
        'git-upload-pack*) eval "exec $SSH_ORIGINAL_COMMAND" ;;' 'esac' \
        'echo "ERROR: The key you are authenticating with has been marked as read only." >&2' \
        'exit 1' >"$keys/read-only"
    chmod +x "$keys/read-only"
    {
        cat "$keys/writes.pub"
        echo "command=\"$keys/read-only\" $(cat "$keys/reads.pub")"
    } >"$keys/authorized"
    start_sshd ledger "HostKey $keys/host"
    export root servers keys
}

teardown_file() { stop_servers; }

# A repository for the ledger of each test, and a sandbox.
setup() {
    three_syncs_setup
    mkdir a b
    repository=$root/private/$BATS_TEST_NUMBER.git
    git init -q --bare "$repository"
    git -C "$repository" config http.receivepack true
    export AUDIENCECTL_LEDGER=https://localhost:$port_good/private/$BATS_TEST_NUMBER.git
    export AUDIENCECTL_CA_FILE=$tls/trusted.pem AUDIENCECTL_GIT_TOKEN=sesame GIT_CONFIG_GLOBAL=/dev/null
}

teardown() { sandbox_teardown; }

# on MACHINE ARGUMENT...: audiencectl on that machine
on() {
    local home=$work/$1
    shift
    HOME=$home SEQUENZY_API_URL=$origin ${no_git:+env PATH=/nowhere} \
        "$AUDIENCECTL_BIN/audiencectl" "$@" 2>&1
}

# remember MACHINE: the ledger is one that applies have used already, so nothing is waited for
remember() { on "$1" apply m.yaml --yes -q --settle 0; }

file_of() { git -C "$repository" show "audiencectl-ledger:$(folder)/$1"; }
folder() { printf '%s/comp_123' "${origin#http://}" | sed 's/:/%3A/'; }
count_requests() { grep -c -- "$1" "$access_log" || true; }
posted() { curl -sS "$origin/__sandbox/log" | grep -q '"POST"'; }
# ids: the live ids, as JSON by name
ids() { curl -sS "$origin/__sandbox/syncs" | jq -c '[.audienceSyncs[] | {(.audienceName): .id}] | add'; }

@test "created, deleted in the dashboard, withheld, asked for again; on two machines" {
    sandbox_start --rate off
    run -0 on a apply m.yaml --yes -q --settle 1s
    expect_text '3 created'
    id=$(ids | jq -r .B)
    # The other machine has never seen it.
    request DELETE "/audience-syncs/$id"
    run -0 on b apply m.yaml --yes --settle 1s
    expect_text "'B' is withheld (gone)"
    expect_text "replaces: $id"
    run -2 on b drift m.yaml -q
    run -0 on b drift m.yaml -q --fail-on missing
    sed -i "s/B, segmentId/B, replaces: $id, segmentId/" m.yaml
    run -0 on b apply m.yaml --yes -q --settle 1s
    expect_text '1 created'
    [ "$(live_count)" = 3 ]
    [ "$(file_of open.jsonl)" = '' ]
    [ "$(file_of known.jsonl | wc -l)" = 3 ]
    run -0 on a log --name B
    [ "$(grep -c created <<<"$output")" = 2 ]
    [[ "$(sed -n 2p <<<"$output")" = *"$(ids | jq -r .B)"* ]]
    run -0 on a log -o csv
    [ "$(wc -l <<<"$output")" = 5 ]
    run -0 on a log -o json
    [ "$(jq -r '.items | map(.outcome) | unique[]' <<<"$output")" = created ]
    run -1 on a log --name Nothing
    expect_text "--name 'Nothing' matches nothing"
}

@test "two pushes for twenty creates, one fetch for a plan, and none when nothing has moved" {
    sandbox_start --rate off
    for i in $(seq 17); do
        echo "  - {audienceName: More $i, segmentId: seg_vips}" >>m.yaml
    done
    on a apply m.yaml --yes -q --settle 1s
    [ "$(count_requests "POST /private/$BATS_TEST_NUMBER.git/git-receive-pack")" = 2 ]
    [ "$(git -C "$repository" rev-list --count audiencectl-ledger)" = 2 ]
    packs=$(count_requests "$BATS_TEST_NUMBER.git/git-upload-pack")
    on b plan m.yaml -q
    # What there is, and the pack.
    [ "$(count_requests "$BATS_TEST_NUMBER.git/git-upload-pack")" -le $((packs + 3)) ]
    packs=$(count_requests "$BATS_TEST_NUMBER.git/git-upload-pack")
    on b drift m.yaml -q
    [ "$(count_requests "$BATS_TEST_NUMBER.git/git-upload-pack")" -le $((packs + 2)) ]
    [ "$(count_requests "POST /private/$BATS_TEST_NUMBER.git/git-receive-pack")" = 2 ]
    # Nothing is created and nothing is new: nothing is pushed.
    on b apply m.yaml --yes -q
    [ "$(git -C "$repository" rev-list --count audiencectl-ledger)" = 2 ]
}

@test "what a killed run has announced is not attempted elsewhere, and the others go on" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 timeout-before'
    echo 'apiVersion: audiencectl/v1' >none.yaml
    echo 'audienceSyncs: []' >>none.yaml
    HOME=$work/a SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes \
        --settle 1s >out 2>err </dev/null 3>&- &
    pid=$!
    eventually posted
    kill -9 "$pid"
    wait "$pid" || true
    [ "$(file_of open.jsonl | wc -l)" = 3 ]
    echo '  - {audienceName: D, segmentId: seg_vips}' >>m.yaml
    run -0 on b plan m.yaml
    expect_text '3 open intents'
    run -3 on b apply m.yaml --yes --settle 1s
    expect_text '1 created, 3 not attempted'
    expect_text "may still create it until"
    [ "$(ids | jq -r 'keys | join(" ")')" = D ]
    # Open ones on top.
    run -0 on b log
    [ "$(sed -n 2,4p <<<"$output" | grep -c announced)" = 3 ]
    [[ "$(sed -n 5p <<<"$output")" = *' created '* || "$(sed -n 5p <<<"$output")" = *not-attempted* ]]
    # The machine on which it died knows from its journal that it is dead, as long as it has that.
    mv a/.local a/gone
    run -3 on a apply m.yaml --yes --settle 1s
    expect_text 'not attempted'
    [ "$(live_count)" = 1 ]
    rm -r a/.local
    mv a/gone a/.local
    run -0 on a apply m.yaml --yes --settle 1s
    expect_text '3 created'
    [ "$(live_count)" = 4 ]
    [ "$(file_of open.jsonl)" = '' ]
}

# A runner that ends a job sends two signals, the second one seconds before it kills.
@test "after a second signal there is time for the last push" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 timeout-before'
    HOME=$work/a SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes \
        --settle 1s >out 2>err </dev/null 3>&- &
    pid=$!
    eventually posted
    kill "$pid"
    sleep 0.5
    kill "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" = 143 ]
    # What was sent stays open, what was not is closed.
    [ "$(file_of open.jsonl | wc -l)" = 1 ]
    run -0 on b log
    [ "$(grep -c not-attempted <<<"$output")" = 2 ]
}

@test "what became of the creates is pushed after the deadline" {
    sandbox_start --rate off --fault 'POST /audience-syncs nth=1 timeout-before'
    run -3 on a apply m.yaml --yes --settle 1s --timeout 6s --deadline 5s
    expect_text 'deadline exceeded'
    [ "$(file_of open.jsonl | wc -l)" = 1 ]
    run -0 on b log
    [ "$(grep -c not-attempted <<<"$output")" = 2 ]
}

# without_ledger MACHINE ARGUMENT...: the same machine, by the journal of its state folder alone
without_ledger() { (unset AUDIENCECTL_LEDGER && on "$@"); }

# The list shows nothing for a while, so only what was written down keeps a second run from creating.
@test "a run without the ledger, or with another one, sees what a killed run has announced here" {
    for other in none branch; do
        sandbox_start --rate off --list-lag 2000 --latency 50
        sed 's/: [ABC],/: before,/; s/seg_vips/seg_trial/; 5,$d' m.yaml >before.yaml
        on a apply before.yaml --yes -q --settle 3s
        AUDIENCECTL_LEDGER+=#other on a apply before.yaml --yes -q --settle 3s
        HOME=$work/a SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes \
            --settle 3s >out 2>err </dev/null 3>&- &
        pid=$!
        is_there() { [ "$(live_count)" -gt 1 ]; }
        eventually is_there
        kill -9 "$pid"
        wait "$pid" || true
        case $other in
        none) run without_ledger a apply m.yaml --yes --settle 3s ;;
        branch) AUDIENCECTL_LEDGER+=#other run on a apply m.yaml --yes --settle 3s ;;
        esac
        [ "$(curl -sS "$origin/__sandbox/syncs" | jq '[.audienceSyncs[].audienceName] | length == (unique | length)')" = true ]
        sandbox_stop
        rm -rf a b
        mkdir a b
        git -C "$repository" update-ref -d refs/heads/audiencectl-ledger
        git -C "$repository" update-ref -d refs/heads/other
    done
}

@test "of two runs in one state folder, one with the ledger and one without, one is refused" {
    sandbox_start --rate off --latency 1500
    HOME=$work/a SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes \
        --settle 1s >out 2>err </dev/null 3>&- &
    pid=$!
    is_locked() { grep -q '"POST"' <(curl -sS "$origin/__sandbox/log"); }
    eventually is_locked
    run -4 without_ledger a apply m.yaml --yes --settle 1s
    wait "$pid" || true
    [ "$(live_count)" = 3 ]
}

# refuses TEXT: plan and drift warn and go on; apply creates nothing
refuses() {
    run -0 on "${machine-a}" plan m.yaml
    [ -z "${warns-1}" ] || expect_text warning
    run -4 on "${machine-a}" apply m.yaml --yes --settle 1s
    expect_text "$1"
    [ "$(live_count)" = 0 ]
}

@test "a server that does not take the push" {
    sandbox_start --rate off
    git -C "$repository" config http.receivepack false
    warns='' refuses 'hint: '
    expect_text 'contents: write'
    git -C "$repository" config http.receivepack true
    # A hook, as of a protected branch.
    printf '#!/bin/sh\necho "GH006: Protected branch update failed" >&2\nexit 1\n' >"$repository/hooks/pre-receive"
    chmod +x "$repository/hooks/pre-receive"
    warns='' refuses 'GH006: Protected branch update failed'
    expect_text 'hint: '
    rm "$repository/hooks/pre-receive"
    run -0 on a apply m.yaml --yes -q --settle 1s
    expect_text '3 created'
}

# over_ssh KEY: the ledger of this test over ssh, with that key alone
over_ssh() {
    AUDIENCECTL_LEDGER=ssh://$(id -un)@localhost:$port_ledger$repository
    echo "[localhost]:$port_ledger $(cut -d ' ' -f 1,2 "$keys/host.pub")" >known_hosts
    export GIT_SSH_COMMAND="ssh -F /dev/null -i $keys/$1 -o UserKnownHostsFile='$work/known_hosts'"
}

@test "over ssh: two machines, one of which dies" {
    over_ssh writes
    sandbox_start --rate off --fault 'POST /audience-syncs nth=4 timeout-before'
    run -0 on a apply m.yaml --yes -q --settle 1s
    expect_text '3 created'
    request DELETE "/audience-syncs/$(ids | jq -r .B)"
    echo '  - {audienceName: D, segmentId: seg_vips}' >>m.yaml
    HOME=$work/a SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes \
        --settle 1s >out 2>err </dev/null 3>&- &
    pid=$!
    is_announced() { file_of open.jsonl | grep -q '"D"'; }
    eventually is_announced
    kill -9 "$pid"
    wait "$pid" || true
    run -3 on b apply m.yaml --yes --settle 1s
    expect_text "'B' is withheld (gone)"
    expect_text 'may still create it until'
    run -0 on b log
    [ "$(grep -c created <<<"$output")" = 3 ]
}

@test "over ssh: a key that may not push, a key that is not known, a host that is not known" {
    sandbox_start --rate off
    over_ssh reads
    warns='' refuses 'marked as read only'
    expect_text "check that these credentials may push to 'refs/heads/audiencectl-ledger'"
    over_ssh host
    refuses 'the ledger cannot be used'
    expect_text 'Permission denied'
    over_ssh writes
    : >known_hosts
    refuses 'the ledger cannot be used'
    [ ! -s known_hosts ]
}

# As an indexed Job does it: the same manifest, a company and a state of its own for each.
@test "four machines apply at the same time, one company each" {
    jq -n '{companies: [range(4) | {id: "comp_\(.)", name: "Brand \(.)"}],
        adAccounts: [range(4) | {companyId: "comp_\(.)", id: "act_1234567890", name: "Ads"}],
        segments: [range(4) | {companyId: "comp_\(.)", id: "seg_vips", name: "VIPs", activeSubscriberCount: 9}]}' >seed.json
    export SEQUENZY_API_KEY=$PERSONAL_KEY
    sandbox_start --rate off --api-key "$PERSONAL_KEY" --seed seed.json --latency 50
    pids=()
    for index in 0 1 2 3; do
        mkdir "$index"
        HOME=$work/$index SEQUENZY_API_URL=$origin "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes \
            --company "comp_$index" --settle 1s >"out$index" 2>&1 </dev/null 3>&- &
        pids+=($!)
    done
    for index in 0 1 2 3; do
        wait "${pids[index]}" || { cat "out$index"; false; }
        grep -q '3 created' "out$index"
    done
    [ "$(live_count)" = 12 ]
    [ "$(curl -sS "$origin/__sandbox/syncs" | jq '[.audienceSyncs[] | .companyId + .audienceName] | unique | length')" = 12 ]
    # Each company has a folder, and a line in its log.
    [ "$(git -C "$repository" ls-tree -r --name-only audiencectl-ledger | grep -c /log/)" = 4 ]
    run -0 on 0 log
    [ "$(grep -c created <<<"$output")" = 12 ]
}

@test "what is no ledger" {
    sandbox_start --rate off
    AUDIENCECTL_LEDGER=https://localhost:$port_good/private/nothing.git refuses 'the ledger cannot be used'
    AUDIENCECTL_LEDGER=https://localhost:$port_good/open/manifests#main refuses 'not a ledger'
    expect_text '--ledger URL#BRANCH'
    AUDIENCECTL_GIT_TOKEN=wrong refuses 'the ledger cannot be used'
    no_git=1 refuses "the program 'git' is not on the PATH"
    run -64 env -u AUDIENCECTL_LEDGER "$AUDIENCECTL_BIN/audiencectl" log
    expect_text "'log' needs '--ledger URL'"
}

@test "a damaged copy of the ledger is made anew" {
    sandbox_start --rate off
    on a apply m.yaml --yes -q --settle 1s
    for damage in 'find objects -type f -delete' 'rm -rf objects refs' ': >HEAD' ': >config' \
        'find objects -type f -exec truncate -s 20 {} +'; do
        (cd a/.cache/audiencectl/*.git && chmod -R u+w . && eval "$damage")
        run -0 on a log -q
        run -0 on a apply m.yaml --yes -q
        refute_text warning
    done
}

@test "a branch that a person has reset or deleted" {
    sandbox_start --rate off
    on a apply m.yaml --yes -q --settle 1s
    tip=$(git -C "$repository" rev-parse audiencectl-ledger)
    git -C "$repository" update-ref refs/heads/audiencectl-ledger "$tip^"
    run -4 on a apply m.yaml --yes
    expect_text 'the ledger went back'
    expect_text 'push the branch again as it was'
    run -4 on a apply m.yaml --yes
    expect_text 'the ledger went back'
    git -C "$repository" update-ref -d refs/heads/audiencectl-ledger
    run -4 on a apply m.yaml --yes
    expect_text 'does not exist'
    git -C "$repository" update-ref refs/heads/audiencectl-ledger "$tip"
    run -0 on a apply m.yaml --yes
}
