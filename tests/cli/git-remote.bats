#!/usr/bin/env bats
# Git source: a remote repository over git://, and the cache.

bats_require_minimum_version 1.5.0
load ../support/git-helpers.bash

setup_file() {
    need git git
    need python3 python3
    isolate
    root=$BATS_FILE_TMPDIR/root
    mkdir "$root"
    make_repository "$root/origin"
    git -C "$root/origin" config uploadpack.allowAnySHA1InWant true
    cp -r "$root/origin" "$root/strict"
    git -C "$root/strict" config uploadpack.allowAnySHA1InWant false
    git init -q -b main "$root/large"
    manifest one >"$root/large/one.yaml"
    head -c 3000000 /dev/urandom >"$root/large/random"
    git -C "$root/large" add -A
    git -C "$root/large" commit -q -m large
    trace=$BATS_FILE_TMPDIR/trace
    GIT_TRACE_PACKET=$trace start_daemon "$root"
    start_silent
    limit=$BATS_FILE_TMPDIR/limit
    start_relay "$daemon_port" "$limit"
    export root trace daemon_url silent_port limit relay_port probe servers
}

teardown_file() {
    stop_servers
}

setup() {
    rm -f "$limit"
    url=$daemon_url/origin
    large=git://127.0.0.1:$relay_port/large
    cache=$BATS_TEST_TMPDIR/cache
    export TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
    main=$(git -C "$root/origin" rev-parse main)
    feature=$(git -C "$root/origin" rev-parse feature)
}

wants() {
    grep -c 'upload-pack< want' "$trace" || true
}

# Children and temporary directories must be gone.
expect_no_trace() {
    [ -z "$(ls -A "$TMPDIR")" ]
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}

@test "the default is the remote's HEAD, and its branch is named" {
    run -0 --separate-stderr "$probe" --cache "$cache" "$url"
    expect_line "commit: $main"
    expect_line "ref: main"
    expect_line "name: $url"
    expect_text "path: ${main:0:7}:audiences/one.yaml"
    expect_line "note: git:// proves neither the server nor what it sends; use https:// or ssh://"
}

@test "a ref is a full name, a branch, a tag or a commit id" {
    for ref in refs/heads/feature feature "$feature"; do
        run -0 --separate-stderr "$probe" --cache "$cache" --ref "$ref" "$url"
        expect_line "commit: $feature"
        expect_line "ref: $ref"
    done
    for ref in refs/tags/v1.0 v1.0 light HEAD "$main"; do
        run -0 --separate-stderr "$probe" --ref "$ref" "$url"
        expect_line "commit: $main"
    done
    expect_no_trace
}

@test "a commit id is found where the server gives out only what refs name" {
    add_commit "$root/strict" later
    git -C "$root/strict" tag -d light >/dev/null
    run -0 --separate-stderr "$probe" --cache "$cache" --ref "$main" "$daemon_url/strict"
    expect_line "commit: $main"
    asked=$(wants)
    run -0 --separate-stderr "$probe" --cache "$cache" --ref "$main" "$daemon_url/strict"
    [ "$(wants)" = "$asked" ]
}

@test "a commit that is not there is an error" {
    run -1 --separate-stderr "$probe" --cache "$cache" --ref "${main//[0-4]/5}" "$url"
    expect_text "hint: check the commit id"
}

@test "the second run fetches nothing, the third only what is new" {
    cp -r "$root/origin" "$root/moving"
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/moving"
    first=$(fact digest)
    packs=$(find "$cache" -name '*.pack' -printf '%p %T@ %s\n')
    [ "$(wc -l <<<"$packs")" = 1 ]
    asked=$(wants)
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/moving"
    [ "$(fact digest)" = "$first" ]
    [ "$(wants)" = "$asked" ]
    [ "$(find "$cache" -name '*.pack' -printf '%p %T@ %s\n')" = "$packs" ]
    add_commit "$root/moving" later
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/moving"
    expect_text "audiences/later.yaml"
    [ "$(wants)" -gt "$asked" ]
    new=$(find "$cache" -name '*.pack' -newer "${packs%% *}")
    # A commit, two trees, a file, and what they are deltas of; all would be 14.
    [ "$(git show-index <"${new%.pack}.idx" | wc -l)" -le 6 ]
}

@test "only the ref that is asked for is fetched" {
    run -0 --separate-stderr "$probe" --cache "$cache" "$url"
    run -1 git -C "$cache"/*.git cat-file -e "$feature"
}

@test "a named commit stays what it is while the branch moves on" {
    cp -r "$root/origin" "$root/pinned"
    run -0 --separate-stderr "$probe" --cache "$cache" --ref "$main" "$daemon_url/pinned"
    first=$(fact digest)
    add_commit "$root/pinned" later
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/pinned"
    [ "$(fact commit)" != "$main" ]
    run -0 --separate-stderr "$probe" --cache "$cache" --ref "$main" "$daemon_url/pinned"
    [ "$(fact digest)" = "$first" ]
}

@test "a branch that was rewritten is followed" {
    cp -r "$root/origin" "$root/rewritten"
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/rewritten"
    git -C "$root/rewritten" reset -q --hard feature
    git -C "$root/rewritten" commit -q --amend -m rewritten
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/rewritten"
    expect_line "commit: $(git -C "$root/rewritten" rev-parse main)"
}

@test "equal commit and paths give an equal digest, remote or local" {
    run -0 --separate-stderr "$probe" --path audiences "$url"
    first=$(fact digest)
    run -0 --separate-stderr "$probe" --path audiences "$root/origin"
    [ "$(fact digest)" = "$first" ]
}

@test "what is wrong with a remote repository is said clearly" {
    run -1 --separate-stderr "$probe" --cache "$cache" "$daemon_url/nowhere"
    expect_text "cannot read '$daemon_url/nowhere': git: "
    expect_text "hint: check that \`git ls-remote $daemon_url/nowhere\` works"
    git init -q "$root/empty"
    run -1 --separate-stderr "$probe" --cache "$cache" "$daemon_url/empty"
    expect_text "the repository is empty: it has no commit"
    git init -q --object-format=sha256 "$root/sha256"
    git -C "$root/sha256" commit -q --allow-empty -m x
    run -1 --separate-stderr "$probe" --cache "$cache" "$daemon_url/sha256"
    expect_text "the repository uses SHA-256 object names, which are not supported"
    cp -r "$root/origin" "$root/headless"
    git -C "$root/headless" symbolic-ref HEAD refs/heads/nowhere
    run -1 --separate-stderr "$probe" --cache "$cache" "$daemon_url/headless"
    expect_text "HEAD of the repository is not a commit"
    run -1 --separate-stderr "$probe" --cache "$cache" --ref featur "$url"
    expect_line "hint: did you mean 'feature'?"
    run -1 --separate-stderr "$probe" --cache "$cache" --path nowhere "$url"
    expect_text "'nowhere' does not exist in commit ${main:0:7}"
    run -1 --separate-stderr "$probe" "git://127.0.0.1:$(free_port)/origin"
    expect_text ": git: "
    [ "$(find "$cache" -name '*.git' | wc -l)" = 1 ]
    expect_no_trace
}

@test "a shallow repository is read like any other" {
    git clone -q --depth 1 "file://$root/origin" "$root/shallow"
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/shallow"
    expect_line "commit: $main"
    add_commit "$root/shallow" later
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/shallow"
    expect_text audiences/later.yaml
}

@test "without a cache nothing is left behind" {
    run -0 "$probe" "$url"
    run -1 "$probe" --ref nowhere "$url"
    expect_no_trace
    [ ! -e "$cache" ]
}

@test "the cache holds only what its owner may read, and no configuration of the remote" {
    run -0 "$probe" --cache "$cache" "$url"
    [ "$(stat -c %a "$cache")" = 700 ]
    run -1 grep -r 127.0.0.1 "$cache"
}

@test "a cache that cannot be made is an error with the way out" {
    echo file >"$cache"
    run -1 --separate-stderr "$probe" --cache "$cache" "$url"
    expect_text "hint: --no-cache works without one"
}

@test "a damaged cache is rebuilt, whatever is wrong with it" {
    run -0 --separate-stderr "$probe" --cache "$cache" "$url"
    digest=$(fact digest)
    cp -r "$cache" "$BATS_TEST_TMPDIR/whole"
    damage() {
        rm -rf "$cache"
        cp -r "$BATS_TEST_TMPDIR/whole" "$cache"
        chmod -R u+w "$cache"
        cd "$cache"/*.git
        "$@"
        cd "$BATS_TEST_TMPDIR"
        run -0 --separate-stderr "$probe" --cache "$cache" "$url"
        [ "$(fact digest)" = "$digest" ]
        # What was mended stays mended.
        run -0 --separate-stderr "$probe" --cache "$cache" "$url"
        [ "$(grep -c connecting <<<"$stderr")" = 1 ]
        [ "$(fact digest)" = "$digest" ]
    }
    damage sh -c 'truncate -s 40 objects/pack/*.pack'
    damage sh -c 'truncate -s -30 objects/pack/*.pack'
    damage sh -c 'rm objects/pack/*.pack'
    damage sh -c 'rm objects/pack/*.idx'
    damage sh -c ': >"$(echo objects/pack/*.idx)"'
    damage sh -c 'printf garbage | dd of="$(echo objects/pack/*.pack)" bs=1 seek=150 conv=notrunc 2>/dev/null'
    damage sh -c 'printf garbage | dd of="$(echo objects/pack/*.idx)" bs=1 seek=1100 conv=notrunc 2>/dev/null'
    damage sh -c 'echo "[core" >config'
    damage sh -c 'head -c 500 /dev/urandom >config'
    damage sh -c 'printf "[core]\n\trepositoryformatversion = 9\n" >config'
    damage rm HEAD
    damage rm -r objects
    damage rm -r refs
    damage rm -r HEAD objects refs config
    damage sh -c 'for ref in refs/fetched/*; do : >"$ref.lock"; done'
    damage sh -c 'for ref in refs/fetched/*; do echo garbage >"$ref"; done'
    damage sh -c 'd=$PWD; cd ..; rm -rf "$d"; echo file >"$d"'
    damage sh -c 'd=$PWD; cd ..; rm -rf "$d"; ln -s /nowhere "$d"'
    damage sh -c 'echo >shallow.lock'
    damage sh -c 'echo half >objects/pack/tmp_pack_0123'
    [ -z "$(find "$cache" -name 'tmp_*')" ]
}

@test "what is missing below is found when the branch moves on" {
    cp -r "$root/origin" "$root/hole"
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/hole"
    chmod -R u+w "$cache"
    rm "$cache"/*.git/objects/pack/*
    add_commit "$root/hole" later
    run -0 --separate-stderr "$probe" --cache "$cache" "$daemon_url/hole"
    expect_text "audiences/later.yaml"
    expect_text "audiences/one.yaml"
}

@test "many packs are made one again" {
    run -0 --separate-stderr "$probe" --cache "$cache" "$url"
    cd "$cache"/*.git/objects/pack
    for i in $(seq 11 60); do
        for kind in pack idx; do cp pack-*."$kind" "copy-$i.$kind"; done
    done
    cd "$BATS_TEST_TMPDIR"
    run -0 --separate-stderr "$probe" --cache "$cache" "$url"
    [ "$(find "$cache" -name '*.pack' | wc -l)" = 1 ]
    expect_text "audiences/one.yaml"
}

@test "runs at the same time share one fetch" {
    for i in 1 2 3 4 5; do
        "$probe" --cache "$cache" "$large" >"$BATS_TEST_TMPDIR/out$i" 2>/dev/null 3>&- &
        pids[i]=$!
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    for i in 2 3 4 5; do cmp "$BATS_TEST_TMPDIR/out1" "$BATS_TEST_TMPDIR/out$i"; done
    [ "$(find "$cache" -name '*.pack' | wc -l)" = 1 ]
}

@test "a run that is killed in the middle leaves no process, and the next one is whole" {
    echo 500000 >"$limit"
    "$probe" --timeout 60000 --cache "$cache" "$large" >/dev/null 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    pid=$!
    wait_until grep -q fetching "$BATS_TEST_TMPDIR/log"
    child=$(pgrep -P "$pid")
    kill -9 "$pid"
    wait "$pid" || true
    wait_until is_gone "$child"
    rm "$limit"
    run -0 --separate-stderr "$probe" --cache "$cache" "$large"
    expect_text "one.yaml"
    [ -z "$(find "$cache" -name 'tmp_*')" ]
}

@test "runs killed at any moment do no harm" {
    for ms in 005 010 015 020 030 040 060 080 100 150; do
        "$probe" --cache "$cache" "$large" >/dev/null 2>&1 3>&- &
        pid=$!
        sleep 0.$ms
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" || true
    done
    run -0 --separate-stderr "$probe" --cache "$cache" "$large"
    expect_text "one.yaml"
}

@test "a child that dies is an error" {
    echo 500000 >"$limit"
    "$probe" --timeout 60000 "$large" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    pid=$!
    wait_until grep -q fetching "$BATS_TEST_TMPDIR/log"
    kill -9 "$(pgrep -P "$pid")"
    code=0
    wait "$pid" || code=$?
    [ "$code" = 1 ]
    grep -q 'git was ended by signal 9' "$BATS_TEST_TMPDIR/out"
    expect_no_trace
}

@test "a signal ends a fetch at once, with no process and no directory left" {
    for signal in INT TERM; do
        echo 500000 >"$limit"
        # A log of its own: the one before says `fetching` until the shell has emptied it.
        log=$BATS_TEST_TMPDIR/log.$signal
        # A shell starts background commands with SIGINT ignored, which the probe undoes.
        "$probe" --timeout 60000 "$large" >/dev/null 2>"$log" 3>&- &
        pid=$!
        wait_until grep -qs fetching "$log"
        child=$(pgrep -P "$pid")
        start=$(date +%s%N)
        kill -"$signal" "$pid"
        code=0
        wait "$pid" || code=$?
        [ "$code" = 130 ]
        [ $((($(date +%s%N) - start) / 1000000)) -lt 1500 ]
        is_gone "$child"
        expect_no_trace
    done
}

@test "a server that never answers ends at the time-out" {
    start=$(date +%s%N)
    run -1 --separate-stderr "$probe" --timeout 1000 "git://127.0.0.1:$silent_port/origin"
    took=$((($(date +%s%N) - start) / 1000000))
    expect_text "no data from the Git server for 1 s"
    [ "$took" -ge 900 ] && [ "$took" -lt 3000 ]
    run -1 --separate-stderr "$probe" --timeout 1000 "https://localhost:$silent_port/origin"
    expect_text "no data from the Git server for 1 s"
    run -1 --separate-stderr "$probe" --timeout 1000 "ssh://localhost:$silent_port/origin"
    expect_text "no data from the Git server for 1 s"
    expect_no_trace
}

@test "a server that stalls in the middle ends at the time-out" {
    echo 500000 >"$limit"
    run -1 --separate-stderr "$probe" --timeout 1000 --cache "$cache" "$large"
    expect_text "no data from the Git server for 1 s"
}

@test "the deadline ends a fetch, and the wait for another run" {
    echo 500000 >"$limit"
    "$probe" --timeout 60000 --cache "$cache" "$large" >/dev/null 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    pid=$!
    wait_until grep -q fetching "$BATS_TEST_TMPDIR/log"
    run -1 --separate-stderr "$probe" --deadline 700 --cache "$cache" "$large"
    expect_text "deadline exceeded"
    run -1 --separate-stderr "$probe" --timeout 700 --cache "$cache" "$large"
    expect_text "another run holds the Git cache and has made no progress for 1 s"
    kill "$pid"
    wait "$pid" || true
    run -1 --separate-stderr "$probe" --deadline 700 --timeout 60000 "$large"
    expect_text "deadline exceeded"
    expect_no_trace
}
