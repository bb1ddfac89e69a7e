# shellcheck shell=bash
# Git over HTTPS behind nginx, with a private certificate authority. Used with git-helpers.bash.

# shellcheck source=tests/support/certificates.bash
source "${BASH_SOURCE[0]%/*}/certificates.bash"

# server_block PORT CERTIFICATE
server_block() {
    cat <<CONF
server {
    listen 127.0.0.1:$1 ssl;
    server_name localhost;
    ssl_certificate $tls/$2.pem;
    ssl_certificate_key $tls/$2.key;
    location /open/ { include $tls/backend.conf; }
    location /private/ {
        auth_basic Git;
        auth_basic_user_file $tls/users;
        include $tls/backend.conf;
    }
    location /bearer/ { add_header WWW-Authenticate Bearer always; return 401; }
    location /forbidden/ { return 403; }
    location /broken/ { return 503; }
    location /page/ { default_type text/html; return 200 "<html>"; }
    location /elsewhere/ { return 301 https://elsewhere.invalid\$request_uri; }
}
CONF
}

# start_https ROOT: open/ needs no login, private/ takes user git, or robot, with the token sesame.
start_https() {
    local directory=$BATS_FILE_TMPDIR/nginx name password
    mkdir "$directory"
    make_certificates
    password=$(openssl passwd -apr1 sesame)
    printf 'git:%s\nrobot:%s\n' "$password" "$password" >"$tls/users"
    cat >"$tls/backend.conf" <<CONF
fastcgi_pass unix:$directory/cgi;
fastcgi_param SCRIPT_FILENAME $(git --exec-path)/git-http-backend;
fastcgi_param GIT_PROJECT_ROOT $1;
fastcgi_param GIT_HTTP_EXPORT_ALL "";
fastcgi_param PATH_INFO \$uri;
fastcgi_param QUERY_STRING \$query_string;
fastcgi_param REQUEST_METHOD \$request_method;
fastcgi_param CONTENT_TYPE \$content_type;
fastcgi_param CONTENT_LENGTH \$content_length;
fastcgi_param HTTP_CONTENT_ENCODING \$http_content_encoding;
fastcgi_param REMOTE_ADDR \$remote_addr;
CONF
    {
        [ "$(id -u)" != 0 ] || echo 'user root;'
        echo "daemon off; pid $directory/pid; error_log $directory/error.log;"
        echo 'worker_processes 1; events { worker_connections 64; }'
        echo "http { access_log $directory/access.log; client_max_body_size 0;"
        for name in client_body proxy fastcgi uwsgi scgi; do echo "${name}_temp_path $directory/$name;"; done
        for name in good expired other unknown; do
            declare -g "port_$name=$(free_port)"
            server_block "$(eval echo "\$port_$name")" "$name"
        done
        echo '}'
    } >"$directory/nginx.conf"
    start fcgiwrap -f -c 2 -s "unix:$directory/cgi"
    start nginx -e "$directory/error.log" -c "$directory/nginx.conf"
    wait_for_port "$port_good"
    export access_log=$directory/access.log port_good port_expired port_other port_unknown tls
}
