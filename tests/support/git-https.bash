# shellcheck shell=bash
# shellcheck disable=SC2154
# Git over HTTPS behind nginx, with a private certificate authority. Used with git-helpers.bash.

# shellcheck source=tests/support/certificates.bash
source "${BASH_SOURCE[0]%/*}/certificates.bash"

# server_block PORT CERTIFICATE [EXTRA]
server_block() {
    cat <<CONF
server {
    listen 127.0.0.1:$1 ssl;
    server_name localhost;
    ssl_certificate $tls/$2.pem;
    ssl_certificate_key $tls/$2.key;
    ${3:-}
    location /open/ { include $tls/backend.conf; }
    location /private/ {
        auth_basic Git;
        auth_basic_user_file $tls/users;
        include $tls/backend.conf;
    }
    location /bearer/ { add_header WWW-Authenticate Bearer always; return 401; }
    location /forbidden/ { return 403; }
    location /broken/ { return 503; }
    location /page/ { default_type text/html; return 200 "<html>\n<body>\nHello\n"; }
    # Busy for as long as the file is there.
    location /busy/ {
        if (-f $tls/busy) { add_header Retry-After 2 always; return 503; }
        if (-f $tls/limited) { add_header Retry-After 2 always; return 429; }
        if (-f $tls/no-pack) { rewrite git-upload-pack\$ /forbidden/x last; }
        rewrite ^/busy/(.*)\$ /open/\$1 last;
    }
    # After a login, to another port.
    location /moved/ {
        if (\$http_authorization = "") { add_header WWW-Authenticate 'Basic realm="x"' always; return 401; }
        rewrite ^/moved/(.*)\$ https://localhost:$port_second/\$1 redirect;
    }
    location /direct/ { rewrite ^/direct/(.*)\$ https://localhost:$port_second/\$1 redirect; }
    location /renamed/ { rewrite ^/renamed/(.*)\$ /private/\$1 redirect; }
    # Says what it was given.
    location /echo/ {
        default_type text/plain;
        if (\$http_authorization = "") { add_header WWW-Authenticate 'Basic realm="x"' always; return 401; }
        return 403 "got \$http_authorization, which is git:sesame or sesame";
    }
}
CONF
}

# start_https ROOT: open/ needs no login, private/ takes user git, or robot, with the token sesame.
start_https() {
    local directory=$BATS_FILE_TMPDIR/nginx name password
    mkdir "$directory"
    make_certificates
    make_modern_certificates
    password=$(openssl passwd -apr1 sesame)
    printf 'git:%s\nrobot:%s\n' "$password" "$password" >"$tls/users"
    cat >"$tls/backend.conf" <<CONF
fastcgi_pass unix:$directory/cgi;
fastcgi_param SCRIPT_FILENAME $(git --exec-path)/git-http-backend;
fastcgi_param GIT_PROJECT_ROOT $1;
fastcgi_param GIT_HTTP_EXPORT_ALL "";
fastcgi_param GIT_PROTOCOL \$http_git_protocol;
fastcgi_param PATH_INFO \$uri;
fastcgi_param QUERY_STRING \$query_string;
fastcgi_param REQUEST_METHOD \$request_method;
fastcgi_param CONTENT_TYPE \$content_type;
fastcgi_param CONTENT_LENGTH \$content_length;
fastcgi_param HTTP_CONTENT_ENCODING \$http_content_encoding;
fastcgi_param REMOTE_ADDR \$remote_addr;
CONF
    for name in good expired other unknown second tls13 ed25519 pss address; do
        declare -g "port_$name=$(free_port)"
        export "port_${name?}"
    done
    {
        [ "$(id -u)" != 0 ] || echo 'user root;'
        echo "daemon off; pid $directory/pid; error_log $directory/error.log;"
        echo 'worker_processes 1; events { worker_connections 64; }'
        echo "http { client_max_body_size 0; server_names_hash_bucket_size 64;"
        # shellcheck disable=SC2016
        echo "log_format it '\$remote_addr - \$remote_user [\$time_local] \"\$request\" \$status" \
            "port \$server_port auth \$http_authorization';"
        echo "access_log $directory/access.log it;"
        for name in client_body proxy fastcgi uwsgi scgi; do echo "${name}_temp_path $directory/$name;"; done
        for name in good expired other unknown ed25519 pss address; do
            server_block "$(eval echo "\$port_$name")" "$name"
        done
        server_block "$port_second" good
        server_block "$port_tls13" good 'ssl_protocols TLSv1.3;'
        echo '}'
    } >"$directory/nginx.conf"
    start fcgiwrap -f -c 2 -s "unix:$directory/cgi"
    start nginx -e "$directory/error.log" -c "$directory/nginx.conf"
    wait_for_port "$port_good"
    export access_log=$directory/access.log tls
}

# start_proxy MODE: connect_proxy.py, see there; sets $proxy_port and $proxy_log
start_proxy() {
    proxy_port=$(free_port)
    proxy_log=$BATS_TEST_TMPDIR/proxy.log
    start python3 "${BASH_SOURCE[0]%/*}/connect_proxy.py" "$proxy_port" "$proxy_log" "$1"
    wait_for_port "$proxy_port"
}

# A port of ::1 that takes no connection and refuses none, as an address that is not reachable does.
start_black_hole() {
    start python3 -c '
import socket, sys, time
hole = socket.socket(socket.AF_INET6)
hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
hole.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
hole.bind(("::1", int(sys.argv[1])))
hole.listen(0)
kept = []
for _ in range(8):
    kept.append(socket.socket(socket.AF_INET6))
    kept[-1].setblocking(False)
    kept[-1].connect_ex(("::1", int(sys.argv[1])))
open(sys.argv[2], "w").close()
time.sleep(600)' "$1" "$BATS_TEST_TMPDIR/hole"
    wait_until test -e "$BATS_TEST_TMPDIR/hole"
}
