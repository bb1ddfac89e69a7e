#!/usr/bin/env bats
# Git source: a remote repository over HTTPS, behind a real web server. What git itself says is not
# looked at, because it differs between versions.

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
    private=$base/private/origin.git
    cache=$BATS_TEST_TMPDIR/cache
    main=$(git -C "$root/open/origin" rev-parse main)
    ca=(--ca-file "$tls/trusted.pem")
    # What a test sets up for git is read, and what the person who runs it has set up is not.
    export HOME=$BATS_TEST_TMPDIR/home GIT_CONFIG_GLOBAL=$BATS_TEST_TMPDIR/gitconfig
    mkdir "$HOME"
    : >"$GIT_CONFIG_GLOBAL"
}

count() {
    grep -c -- "$1" "$access_log" || true
}

@test "an open repository is read, and the second run asks for no pack" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/open/origin"
    expect_line "commit: $main"
    expect_line "name: $base/open/origin"
    refute_text warning
    refute_text note
    requests=$(wc -l <"$access_log")
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/open/origin"
    expect_line "commit: $main"
    [ "$(wc -l <"$access_log")" -le $((requests + 2)) ]
    requests=$(wc -l <"$access_log")
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" --ref "$main" "$base/open/origin"
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" --ref "$main" "$base/open/origin"
    [ "$(wc -l <"$access_log")" -le $((requests + 3)) ]
}

@test "a commit id and an annotated tag are read" {
    for ref in v1.0 "$main"; do
        run -0 --separate-stderr "$probe" "${ca[@]}" --ref "$ref" "$base/open/origin"
        expect_line "commit: $main"
    done
}

@test "TLS 1.3 alone, Ed25519 and RSA-PSS certificates, and a certificate for an address" {
    for address in "localhost:$port_tls13" "localhost:$port_ed25519" "localhost:$port_pss" \
        "127.0.0.1:$port_address"; do
        run -0 --separate-stderr "$probe" "${ca[@]}" "https://$address/open/origin"
        expect_line "commit: $main"
    done
}

@test "bad certificates are refused" {
    for port in $port_expired $port_other $port_unknown; do
        run -1 --separate-stderr "$probe" "${ca[@]}" "https://localhost:$port/open/origin"
        expect_text ": git: "
    done
    run -1 --separate-stderr "$probe" "$base/open/origin"
    run -1 --separate-stderr "$probe" "${ca[@]}" "https://127.0.0.1:$port_good/open/origin"
}

@test "the authority comes from --ca-file, SSL_CERT_FILE or git's own settings" {
    SSL_CERT_FILE=$tls/trusted.pem run -0 --separate-stderr "$probe" "$base/open/origin"
    GIT_SSL_CAINFO=$tls/trusted.pem run -0 --separate-stderr "$probe" "$base/open/origin"
    SSL_CERT_FILE=$tls/stranger.pem run -0 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
    SSL_CERT_FILE=$tls/stranger.pem GIT_SSL_CAINFO=$tls/trusted.pem \
        run -0 --separate-stderr "$probe" "$base/open/origin"
    git config --file "$GIT_CONFIG_GLOBAL" http.sslCAInfo "$tls/trusted.pem"
    run -0 --separate-stderr "$probe" "$base/open/origin"
    run -1 --separate-stderr "$probe" --ca-file "$BATS_TEST_TMPDIR/nowhere.pem" "$base/open/origin"
    expect_text "cannot read the CA file '$BATS_TEST_TMPDIR/nowhere.pem'"
    echo nonsense >"$BATS_TEST_TMPDIR/ca.pem"
    run -1 --separate-stderr "$probe" --ca-file "$BATS_TEST_TMPDIR/ca.pem" "$base/open/origin"
    expect_text "$BATS_TEST_TMPDIR/ca.pem"
}

@test "the token opens a private repository, as git or as the user in the URL" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame --cache "$cache" "$private"
    expect_line "commit: $main"
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "https://robot@localhost:$port_good/private/origin.git"
    expect_line "commit: $main"
    expect_line "name: $private"
    tail -n 2 "$access_log" | grep -q ' robot '
    run -1 grep -r sesame "$cache"
}

@test "a token with characters that mean something to a shell or a URL is given as it is" {
    token='a'\''b"c$d`e\f%41&;(g'
    printf 'git:%s\n' "$(openssl passwd -apr1 "$token")" >>"$tls/users.odd"
    cp "$tls/users" "$BATS_TEST_TMPDIR/users"
    cp "$tls/users.odd" "$tls/users"
    run -0 --separate-stderr "$probe" "${ca[@]}" --token "$token" "$private"
    cp "$BATS_TEST_TMPDIR/users" "$tls/users"
    expect_line "commit: $main"
}

@test "a password in the URL works, is not shown, and is a note" {
    run -0 "$probe" "${ca[@]}" --cache "$cache" "https://robot:ses%61me@localhost:$port_good/private/origin.git"
    expect_line "commit: $main"
    expect_text "note: every user of this machine can see a password in a URL"
    refute_text sesame
    refute_text ses%61me
    refute_text robot
    run -1 grep -rE 'ses|robot' "$cache"
}

@test "no token is in an argument, and none of ours is in the environment of a local read" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    cat >"$BATS_TEST_TMPDIR/bin/git" <<'GIT'
#!/bin/sh
printf '%s\n' "$@" >>"$ARGUMENTS"
env | grep -q sesame && echo secret-in-environment >>"$ARGUMENTS.env"
exec /usr/bin/git "$@"
GIT
    chmod +x "$BATS_TEST_TMPDIR/bin/git"
    export ARGUMENTS=$BATS_TEST_TMPDIR/arguments
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "$private"
    grep -q fetch "$ARGUMENTS"
    [ -e "$ARGUMENTS.env" ]
    run -1 grep sesame "$ARGUMENTS"
    rm "$ARGUMENTS.env"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 --separate-stderr "$probe" --token sesame "$root/open/origin"
    [ ! -e "$ARGUMENTS.env" ]
}

@test "a wrong token is offered once for each request, and no message holds it" {
    before=$(count 'Basic')
    run -1 "$probe" "${ca[@]}" --token wrongwrong "$private"
    expect_text "hint: check the token, its expiry, and the user in the URL"
    refute_text wrongwrong
    [ $(($(count 'Basic') - before)) = 1 ]
    run -1 "$probe" "${ca[@]}" --token sesame "https://nobody@localhost:$port_good/private/origin.git"
    refute_text nobody
}

@test "without a token the hint names the ways to give one" {
    run -1 --separate-stderr "$probe" "${ca[@]}" "$private"
    expect_text "hint: set AUDIENCECTL_GIT_TOKEN, give --git-token-file, or set up git's own credentials"
    run -1 --separate-stderr "$probe" "${ca[@]}" --ref "$main" "$private"
    expect_text "hint: set AUDIENCECTL_GIT_TOKEN, give --git-token-file, or set up git's own credentials"
}

@test "the token is not sent to a server that does not ask" {
    before=$(count 'auth Basic')
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/open/origin"
    [ "$(count 'auth Basic')" = "$before" ]
}

@test "a redirect to another port does not take the token along" {
    # Without the login first, git follows; what asks there for one gets none.
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/direct/open/origin"
    expect_line "commit: $main"
    run -1 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/direct/private/origin.git"
    # After a login versions of git differ.
    run "$probe" "${ca[@]}" --token sesame "$base/moved/open/origin"
    run -1 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/moved/private/origin.git"
    run -1 --separate-stderr "$probe" "${ca[@]}" "https://git:sesame@localhost:$port_good/moved/private/origin.git"
    [ "$(count "port $port_good auth Basic")" -gt 0 ]
    [ "$(count "port $port_second auth -")" -gt 0 ]
    [ "$(count "port $port_second auth Basic")" = 0 ]
    # On the same origin it does.
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/renamed/origin.git"
    expect_line "commit: $main"
}

@test "no output shows what a server repeats of a credential" {
    run -1 "$probe" "${ca[@]}" --token sesame "$base/echo/x"
    expect_text "got Basic ***, which is"
    refute_text sesame
    refute_text "$(printf git:sesame | base64)"
    run -1 "$probe" "${ca[@]}" "https://robot:sesame@localhost:$port_good/echo/x"
    refute_text sesame
    refute_text "$(printf robot:sesame | base64)"
}

@test ".netrc, a credential helper and an extra header work as they do for git" {
    printf 'machine localhost login git password sesame\n' >"$HOME/.netrc"
    run -0 --separate-stderr "$probe" "${ca[@]}" "$private"
    expect_line "commit: $main"
    rm "$HOME/.netrc"
    run -1 --separate-stderr "$probe" "${ca[@]}" "$private"
    git config --file "$GIT_CONFIG_GLOBAL" credential.helper '!printf "username=git\npassword=sesame\n"; :'
    run -0 --separate-stderr "$probe" "${ca[@]}" "$private"
    : >"$GIT_CONFIG_GLOBAL"
    git config --file "$GIT_CONFIG_GLOBAL" "http.$base/.extraHeader" "Authorization: Basic $(printf git:sesame | base64)"
    run -0 --separate-stderr "$probe" "${ca[@]}" "$private"
    : >"$GIT_CONFIG_GLOBAL"
    # As CI systems hand it over.
    GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.extraHeader" \
        GIT_CONFIG_VALUE_0="Authorization: Basic $(printf git:sesame | base64)" \
        run -0 --separate-stderr "$probe" "${ca[@]}" "$private"
    # A token of ours comes before a helper of the user.
    git config --file "$GIT_CONFIG_GLOBAL" credential.helper '!printf "username=git\npassword=wrong\n"; :'
    run -0 --separate-stderr "$probe" "${ca[@]}" --token sesame "$private"
}

@test "insteadOf works, without taking the token along" {
    git config --file "$GIT_CONFIG_GLOBAL" "url.$base/.insteadOf" https://git.example/
    run -0 --separate-stderr "$probe" "${ca[@]}" https://git.example/open/origin
    expect_line "commit: $main"
    expect_line "name: https://git.example/open/origin"
    run -1 --separate-stderr "$probe" "${ca[@]}" --token sesame https://git.example/private/origin.git
    git config --file "$GIT_CONFIG_GLOBAL" "url.ext::sh -c .insteadOf" helper:
    git config --file "$GIT_CONFIG_GLOBAL" protocol.ext.allow always
    run -1 --separate-stderr "$probe" "helper:touch% $BATS_TEST_TMPDIR/run"
    [ ! -e "$BATS_TEST_TMPDIR/run" ]
}

@test "answers that are no repository are git's own words, with a hint of ours" {
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/open/nowhere"
    expect_text "cannot read '$base/open/nowhere': git: "
    expect_text "hint: check the URL"
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/forbidden/x"
    expect_text "hint: the credentials may lack the right to read this repository"
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/page/x"
    expect_text "cannot read '$base/page/x': "
    run -1 --separate-stderr "$probe" "${ca[@]}" --token sesame "$base/bearer/x"
    expect_text "hint: check the token"
}

# has_more_than COUNT TEXT: of the requests that the server has answered
has_more_than() { [ "$(count "$2")" -gt "$1" ]; }

@test "503 and 429 are tried again, after the time that the server asks for" {
    for file in busy limited; do
        touch "$tls/$file"
        before=$(count '/busy/origin')
        { wait_until has_more_than "$before" '/busy/origin'; rm "$tls/$file"; } 3>&- &
        start=$(date +%s%N)
        run -0 --separate-stderr "$probe" "${ca[@]}" "$base/busy/origin"
        expect_line "commit: $main"
        [ $((($(date +%s%N) - start) / 1000000)) -ge 1900 ]
    done
    before=$(count '/broken/x')
    run -1 --separate-stderr "$probe" "${ca[@]}" --deadline 20000 "$base/broken/x"
    expect_text "hint: the server or a proxy has a problem; try again later"
    [ $(($(count '/broken/x') - before)) = 5 ]
}

@test "a cache survives a server that has a problem" {
    run -0 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/busy/origin"
    pack=$(find "$cache" -name '*.pack' -printf '%p %i')
    add_commit "$root/open/origin" later
    touch "$tls/no-pack"
    run -1 --separate-stderr "$probe" "${ca[@]}" --cache "$cache" "$base/busy/origin"
    rm "$tls/no-pack"
    git -C "$root/open/origin" reset -q --hard "$main"
    [ "$(find "$cache" -name '*.pack' -printf '%p %i')" = "$pack" ]
}

@test "a Retry-After past the deadline, or a signal, ends the wait" {
    touch "$tls/busy"
    start=$(date +%s%N)
    run -1 --separate-stderr "$probe" "${ca[@]}" --deadline 600 "$base/busy/origin"
    rm "$tls/busy"
    [ $((($(date +%s%N) - start) / 1000000)) -lt 900 ]
}

@test "a proxy from the environment is used, and its password is not shown" {
    start_proxy login=me:SECRET
    HTTPS_PROXY=http://me:SECRET@127.0.0.1:$proxy_port run -0 "$probe" "${ca[@]}" "$base/open/origin"
    expect_line "commit: $main"
    grep -q Basic "$proxy_log"
    for proxy in "me:SECRET@127.0.0.1:$proxy_port" "http://me:SECRET@127.0.0.1:$(free_port)" \
        "http://me:SEC RET@host.invalid:1" "http:/me:SECRET@x" "socks9://me:SECRET@x:1" "me:SECRET"; do
        HTTPS_PROXY=$proxy run "$probe" "${ca[@]}" --timeout 3000 "$base/open/origin"
        refute_text SECRET
        refute_text "SEC RET"
    done
    HTTPS_PROXY=http://me:wrongpass@127.0.0.1:$proxy_port run -1 "$probe" "${ca[@]}" "$base/open/origin"
    expect_text "hint: the proxy wants a user and a password; HTTPS_PROXY can hold them"
    refute_text wrongpass
}

@test "NO_PROXY takes a list, and a network" {
    HTTPS_PROXY=http://127.0.0.1:$(free_port)
    export HTTPS_PROXY
    run -1 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
    NO_PROXY=example.com,localhost run -0 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
    NO_PROXY=10.0.0.0/8,127.0.0.0/8 \
        run -0 --separate-stderr "$probe" "${ca[@]}" "https://127.0.0.1:$port_address/open/origin"
}

@test "a first address that does not answer is passed over" {
    start_black_hole "$port_good"
    git config --file "$GIT_CONFIG_GLOBAL" http.curloptResolve "localhost:$port_good:[::1],127.0.0.1"
    start=$(date +%s%N)
    run -0 --separate-stderr "$probe" "${ca[@]}" "$base/open/origin"
    expect_line "commit: $main"
    [ $((($(date +%s%N) - start) / 1000000)) -lt 4000 ]
}

@test "mistyped addresses are refused, and their password is not shown" {
    for address in "https:/u:SECRET@localhost/x" "//u:SECRET@localhost/x" "u:SECRET@localhost/x" \
        "http://u:SECRET@localhost/x" "https://u:SECRET@" "https://u:SECRET@localhost/x?y"; do
        run -1 "$probe" --timeout 3000 "$address"
        refute_text SECRET
    done
}
