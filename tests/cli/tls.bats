#!/usr/bin/env bats
# The API over TLS, behind a real web server and through proxies: what is trusted, what is refused,
# and where the key goes. Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

bats_require_minimum_version 1.5.0
load ../support/sandbox-helpers
load ../support/tls-helpers

setup_file() { tls_setup_file; }
setup() { tls_setup; }
teardown() { tls_teardown; }

whole_way() {
    ctl 0 plan m.yaml --out plan.json
    ctl 0 apply --plan plan.json --settle 2s
    ctl 0 plan m.yaml
    expect_text '2 in sync'
    [ "$(posts)" = 2 ]
}

@test "HTTP/1.1 behind a private authority, the whole way" {
    nginx_start good
    whole_way
    grep -q '^GET /api/v1/audience-syncs HTTP/1.1 200' "$access_log"
    run ! grep -q 'HTTP/2' "$access_log"
}

@test "HTTP/2 for reads; a create has a connection of its own in HTTP/1.1" {
    nginx_start good http2
    whole_way
    grep -q '^GET /api/v1/audience-syncs HTTP/2.0 200' "$access_log"
    [ "$(grep -c '^POST /api/v1/audience-syncs HTTP/1.1 200' "$access_log")" = 2 ]
    run ! grep -q '^POST .*HTTP/2' "$access_log"
}

# refused CERTIFICATE [DIRECTIVES]: with a reason, which is in the words of the TLS library.
refused() {
    nginx_start "$1" '' "${2-}"
    ctl 1 plan m.yaml
    [[ $output == *"no secure connection to https://localhost:$tls_port: "[!\ ]* ]]
    ctl 1 apply m.yaml --yes
    nothing_arrived
    [ ! -s "$access_log" ]
}

@test "an expired certificate is refused, and nothing is sent" {
    refused expired
}

@test "a certificate for another host is refused, and nothing is sent" {
    refused other
}

@test "an authority that is not in --ca-file is refused, and nothing is sent" {
    refused unknown
    ctl 1 plan m.yaml
    expect_text '--ca-file trusts another authority'
}

@test "a certificate that signed itself is refused, and nothing is sent" {
    refused stranger
}

@test "TLS 1.1 is refused, and nothing is sent" {
    refused good 'ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;'
}

@test "without --ca-file the system decides: a private authority is refused" {
    nginx_start good
    run -1 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "https://localhost:$tls_port"
    expect_text '--ca-file trusts another authority'
    nothing_arrived
}

# system CODE ARGUMENTS: without --ca-file.
system() {
    run "-$1" timeout 60 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "https://localhost:$tls_port" \
        --rate off "${@:2}"
}

@test "SSL_CERT_FILE and SSL_CERT_DIR are trusted in place of the system, --ca-file in place of them" {
    nginx_start good
    SSL_CERT_FILE=$tls/trusted.pem system 0
    SSL_CERT_FILE=$tls/stranger.pem system 1
    expect_text '--ca-file trusts another authority'
    SSL_CERT_FILE=$tls/stranger.pem system 0 --ca-file "$tls/trusted.pem"
    SSL_CERT_FILE=$tls/trusted.pem system 1 --ca-file "$tls/stranger.pem"
    mkdir authorities
    cp "$tls/trusted.pem" authorities
    openssl rehash authorities
    SSL_CERT_DIR=$PWD/authorities system 0
    SSL_CERT_FILE=$tls/stranger.pem SSL_CERT_DIR=$PWD/authorities system 0
    SSL_CERT_DIR=$PWD system 1
    SSL_CERT_FILE=absent.pem system 1
    expect_text "CA file: cannot open 'absent.pem'"
    SSL_CERT_FILE='' SSL_CERT_DIR='' system 1
    SSL_CERT_FILE=absent.pem run -0 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "$origin"
}

@test "a password of the proxy is never shown, however HTTPS_PROXY is written" {
    nginx_start good
    for proxy in "http://u:SECRET@127.0.0.1:1" "u:SECRET@127.0.0.1:1" "http:/u:SECRET@127.0.0.1:1" \
        "//u:SECRET@127.0.0.1:1" "http://u:SEC%52ET@127.0.0.1:1" "http://u:SECRET" "u:SECRET" \
        "http://u:SECRET@" "http://u:SE@SECRET@nohost.invalid:1" "ftp://u:SECRET@127.0.0.1:1" \
        "http://u:SECRET x@127.0.0.1:1" "http://u:SECRET@[::1" "http://u:SECRET@127.0.0.1:port"; do
        HTTPS_PROXY=$proxy run timeout 60 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml -v --deadline 200ms \
            --api-url "https://localhost:$tls_port" --ca-file "$tls/trusted.pem" -o json=report.json
        [ "$status" != 0 ]
        [[ $output$(cat report.json) != *SECRET* ]]
    done
    nothing_arrived
}

@test "plain http is refused but to loopback" {
    for url in http://api.sequenzy.com http://127.0.0.1.evil.example http://localhost@evil.example \
        http://134744072 http://0.0.0.0 'http://[::ffff:8.8.8.8]'; do
        run -64 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "$url"
    done
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "$origin"
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "${origin/127.0.0.1/localhost}"
}

@test "a redirected read is not followed, to this host or another" {
    nginx_start good
    elsewhere=$tls_port
    elsewhere_log=$access_log
    for answer in 301 302 303 307 308; do
        for target in "https://localhost:$elsewhere\$request_uri" /moved; do
            nginx_start good '' "location = /api/v1/audience-syncs { return $answer $target; }"
            ctl 1 plan m.yaml
            expect_text "$answer"
            run ! grep -q moved "$access_log"
        done
    done
    [ ! -s "$elsewhere_log" ]
}

@test "a redirected create is not followed, and its outcome is not known" {
    nginx_start good
    elsewhere=$tls_port
    elsewhere_log=$access_log
    for answer in 301 302 303 307 308; do
        for target in "https://localhost:$elsewhere\$request_uri" /moved; do
            nginx_start good '' "if (\$request_method = POST) { return $answer $target; }"
            rm -rf state
            ctl 3 apply m.yaml --yes --settle 100ms
            expect_text "$answer"
            run ! grep -q moved "$access_log"
            [ "$(grep -c POST "$access_log")" = 2 ] # one for each sync
        done
    done
    [ ! -s "$elsewhere_log" ]
    [ "$(posts)" = 0 ]
}

@test "HTTPS_PROXY is used for reads and creates, and never sees the key" {
    nginx_start good http2
    proxy_start relay
    export HTTPS_PROXY=http://127.0.0.1:$proxy_port
    whole_way
    grep -q "^CONNECT localhost:$tls_port HTTP/1.1" "$proxy_log"
    run ! grep -qa "$KEY" "$proxy_log"
    run ! grep -qai authorization "$proxy_log"
    # Each create has a tunnel of its own.
    [ "$(grep -ca '^CONNECT ' "$proxy_log")" -ge 5 ]
}

@test "NO_PROXY is honoured, and plain http to loopback uses no proxy" {
    nginx_start good
    proxy_start relay
    export HTTPS_PROXY=http://127.0.0.1:$proxy_port HTTP_PROXY=http://127.0.0.1:$proxy_port
    export http_proxy=$HTTP_PROXY ALL_PROXY=$HTTP_PROXY
    run -0 "$AUDIENCECTL_BIN/audiencectl" plan m.yaml --api-url "$origin"
    export NO_PROXY=localhost
    ctl 0 plan m.yaml
    [ ! -s "$proxy_log" ]
}

@test "a proxy that refuses is named, and nothing was sent" {
    nginx_start good
    for answer in 403 407 502; do
        proxy_start "$answer"
        HTTPS_PROXY=http://127.0.0.1:$proxy_port ctl 1 plan m.yaml --deadline 1s
        expect_text "$answer"
        expect_text proxy
        run ! grep -qa "$KEY" "$proxy_log"
    done
    nothing_arrived
}

@test "a proxy that says nothing is left after --timeout and --deadline" {
    nginx_start good
    proxy_start stall
    HTTPS_PROXY=http://127.0.0.1:$proxy_port ctl 1 plan m.yaml --timeout 1s --deadline 2s
    nothing_arrived
}
