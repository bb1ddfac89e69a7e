#!/usr/bin/env bats
# Git source: a remote repository over HTTPS, behind a real web server.

bats_require_minimum_version 1.5.0
load ../support/git-helpers.bash
load ../support/git-https.bash

setup_file() {
    need git git
    need python3 python3
    need openssl openssl
    need nginx nginx-light
    need fcgiwrap fcgiwrap
    isolate
    root=$BATS_FILE_TMPDIR/root
    mkdir -p "$root/private"
    make_repository "$root/open/origin"
    git clone -q --bare "$root/open/origin" "$root/private/origin.git"
    start_https "$root"
    export root probe servers
}

teardown_file() {
    stop_servers
}

setup() {
    base=https://localhost:$port_good
    cache=$BATS_TEST_TMPDIR/cache
    main=$(git -C "$root/open/origin" rev-parse main)
    ca=(--ca-file "$tls/trusted.pem")
}

@test "an open repository is read, and the second run asks for no pack" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/open/origin"
    expect_line "commit: $main"
    expect_line "name: $base/open/origin"
    refute_text warning
    packs=$(grep -c 'POST .*git-upload-pack' "$access_log")
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/open/origin"
    expect_line "commit: $main"
    [ "$(grep -c 'POST .*git-upload-pack' "$access_log")" = "$packs" ]
}

@test "a commit id and an annotated tag are read" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --ref v1.0 "$base/open/origin"
    expect_line "commit: $main"
    run -0 --separate-stderr "$probe" "${ca[@]}" --ref "$main" "$base/open/origin"
    expect_line "commit: $main"
}

@test "what is new is fetched, when the branch moves on" {
    cp -r "$root/open/origin" "$root/open/moving"
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/open/moving"
    for i in $(seq 30); do add_commit "$root/open/moving" "n$i"; done
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/open/moving"
    expect_text "audiences/n30.yaml"
}

@test "the token opens a private repository, as git or as the user in the URL" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame --cache "$cache" "$base/private/origin.git"
    expect_line "commit: $main"
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "https://robot@localhost:$port_good/private/origin.git"
    expect_line "commit: $main"
    expect_line "name: $base/private/origin.git"
    tail -n 2 "$access_log" | grep -q ' robot '
    run -1 grep -r sesame "$cache"
}

@test "a password in the URL works, is not shown, and is warned of" {
    run -0 "$probe" "${ca[@]}" --cache "$cache" "https://robot:ses%61me@localhost:$port_good/private/origin.git"
    expect_line "commit: $main"
    expect_text "warning: a password in a URL can be seen"
    refute_text sesame
    refute_text ses%61me
    refute_text robot
    run -1 grep -rE 'ses|robot' "$cache"
}

@test "a wrong token is offered once, and the message does not hold it" {
    before=$(wc -l <"$access_log")
    run -1 "$probe" "${ca[@]}" --token wrongwrong "$base/private/origin.git"
    expect_text "the server refused the token"
    refute_text wrongwrong
    [ "$(($(wc -l <"$access_log") - before))" -le 2 ]
    run -1 "$probe" "${ca[@]}" --token sesame "https://nobody@localhost:$port_good/private/origin.git"
    expect_text "the server refused the token"
    refute_text nobody
}

@test "without a token the message names the ways to give one" {
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/private/origin.git"
    expect_text "the server asks for a login and there is no token"
    expect_text "AUDIENCECTL_GIT_TOKEN"
    expect_text "--git-token-file"
}

@test "the token is not sent to a server that does not ask" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/open/origin"
    tail -n 2 "$access_log" | grep -q '^127.0.0.1 - - '
}

@test "answers that are no repository are explained" {
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/open/nowhere"
    expect_text "there is no such repository"
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/forbidden/x"
    expect_text "the server refuses access"
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/broken/x"
    expect_text "unexpected http status code: 503"
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/page/x"
    expect_text "the server answers, but not as a Git server"
    run -1 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/bearer/x"
    expect_text "the server asks for a kind of login that is not supported"
}

@test "a redirect to another host is not followed" {
    run -1 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/elsewhere/x"
    expect_text "the server sends to another address, which is not followed"
}

@test "bad certificates are told apart" {
    run -1 --separate-stderr "$probe" "${ca[@]}" "https://localhost:$port_expired/open/origin"
    expect_text "the certificate of the server has expired"
    run -1 --separate-stderr "$probe" "${ca[@]}" "https://localhost:$port_other/open/origin"
    expect_text "the certificate of the server is for another host"
    run -1 --separate-stderr "$probe" "${ca[@]}" "https://localhost:$port_unknown/open/origin"
    expect_text "is not signed by an authority that is trusted here"
    expect_text "hint: for a private authority give its certificate with --ca-file"
    run -1 --separate-stderr "$probe" "$base/open/origin"
    expect_text "is not signed by an authority that is trusted here"
}

@test "a CA file that cannot be used is an error" {
    echo nonsense >"$BATS_TEST_TMPDIR/ca.pem"
    for file in "$BATS_TEST_TMPDIR/ca.pem" "$BATS_TEST_TMPDIR/nowhere.pem"; do
        run -1 --separate-stderr "$probe" --ca-file "$file" "$base/open/origin"
        expect_text "cannot use the CA file '$file'"
    done
}

@test "a proxy from the environment is used" {
    proxy=http://127.0.0.1:$(free_port)
    HTTPS_PROXY=$proxy run -1 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
    expect_text "failed to connect to 127.0.0.1"
    NO_PROXY=localhost HTTPS_PROXY=$proxy run -0 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
}

@test "configuration of the user is not read" {
    printf '[url "https://elsewhere.invalid/"]\n\tinsteadOf = https://\n[http]\n\tsslVerify = false\n' >"$HOME/.gitconfig"
    run -0 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
    run -1 --separate-stderr "$probe" "${ca[@]}" "https://localhost:$port_unknown/open/origin"
    rm "$HOME/.gitconfig"
}

@test "a token over plain http is never sent" {
    run -1 "$probe" --token sesame "http://localhost:$port_good/private/origin.git"
    expect_text "plain http:// is not read"
    refute_text sesame
}
