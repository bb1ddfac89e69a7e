# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The API over TLS: audience-sandbox behind nginx and behind servers that answer badly. Used by
# tests/cli/tls*.bats with sandbox-helpers.bash.

# shellcheck source=tests/support/servers.bash
source "${BASH_SOURCE[0]%/*}/servers.bash"
# shellcheck source=tests/support/certificates.bash
source "${BASH_SOURCE[0]%/*}/certificates.bash"
support=${BASH_SOURCE[0]%/*}

# Once a file: certificates, and nothing of the person who runs the tests.
tls_setup_file() {
    need openssl openssl
    need nginx nginx-light
    make_certificates
    export tls PATH=$PATH:/usr/sbin:/sbin
}

# Once a test: a sandbox of its own, manifests in the working directory.
tls_setup() {
    sandbox_setup
    servers=$work/servers
    : >"$servers"
    sandbox_start --rate off
    cd "$work" || return
    export HOME=$work SEQUENZY_API_KEY=$KEY XDG_STATE_HOME=$work/state
    unset SEQUENZY_API_URL SEQUENZY_COMPANY_ID AUDIENCECTL_CA_FILE
    unset HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
    printf '%s\n' 'apiVersion: audiencectl/v1' 'defaults: {adAccountId: act_1234567890}' 'audienceSyncs:' \
        '  - {audienceName: A, segmentId: seg_vips}' '  - {audienceName: B, segmentId: seg_vips}' >m.yaml
}

tls_teardown() {
    stop_servers
    sandbox_teardown
}

# nginx_start CERTIFICATE [LISTEN-WORDS [DIRECTIVES]]: in front of the sandbox, on $tls_port;
# what it passes on is in $access_log, with the version of HTTP.
nginx_start() {
    local directory
    directory=$(mktemp -d "$work/nginx.XXXX")
    tls_port=$(free_port)
    access_log=$directory/access.log
    {
        [ "$(id -u)" != 0 ] || echo 'user root;'
        echo "daemon off; pid $directory/pid; error_log $directory/error.log;"
        echo 'worker_processes 1; events { worker_connections 64; }'
        echo 'http { log_format short "$request_method $uri $server_protocol $status";'
        echo "access_log $directory/access.log short;"
        for name in client_body proxy fastcgi uwsgi scgi; do echo "${name}_temp_path $directory/$name;"; done
        echo "server { listen 127.0.0.1:$tls_port ssl ${2-}; server_name localhost;"
        echo "ssl_certificate $tls/$1.pem; ssl_certificate_key $tls/$1.key;"
        echo "${3-}"
        echo "location / { proxy_pass $origin; } } }"
    } >"$directory/nginx.conf"
    start nginx -e "$directory/error.log" -c "$directory/nginx.conf"
    wait_for_port "$tls_port"
    : >"$access_log"
}

# bad_start METHOD MODE: tls_server.py on $tls_port, with $bad_log
bad_start() {
    tls_port=$(free_port)
    bad_log=$work/bad.log
    : >"$bad_log"
    start python3 "$support/tls_server.py" "$tls_port" "$tls/good.pem" "$tls/good.key" "$origin" "$bad_log" "$@"
    wait_for_port "$tls_port"
}

# proxy_start MODE: connect_proxy.py on $proxy_port, with $proxy_log
proxy_start() {
    proxy_port=$(free_port)
    proxy_log=$work/proxy.log
    : >"$proxy_log"
    start python3 "$support/connect_proxy.py" "$proxy_port" "$proxy_log" "$1"
    wait_for_port "$proxy_port"
    : >"$proxy_log"
}

# ctl CODE ARGUMENT...: audiencectl over TLS to $tls_port. A minute is for ever.
ctl() {
    local code=$1
    shift
    run "-$code" timeout 60 "$AUDIENCECTL_BIN/audiencectl" "$@" --api-url "https://localhost:$tls_port" \
        --ca-file "$tls/trusted.pem" --rate off
}

# nothing_arrived: not one request reached the sandbox.
nothing_arrived() {
    [ "$(curl -sS "$origin/__sandbox/log" | jq '.requests | length')" = 0 ]
}

posts() {
    curl -sS "$origin/__sandbox/log" | jq '[.requests[] | select(.method == "POST")] | length'
}
