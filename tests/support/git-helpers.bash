# shellcheck shell=bash disable=SC2034,SC2154
# Helpers for tests/cli/git*.bats: repositories, and real Git servers on loopback. Everything is kept
# in $BATS_FILE_TMPDIR; every server is ended by stop_servers.

# shellcheck source=tests/support/servers.bash
source "${BASH_SOURCE[0]%/*}/servers.bash"

# Nothing of the person who runs the tests has a say in them.
isolate() {
    export HOME=$BATS_FILE_TMPDIR/home
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
    export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost
    export GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
    export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z'
    export PATH=$PATH:/usr/sbin:/sbin
    unset SSH_AUTH_SOCK HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY no_proxy
    unset GIT_SSL_CAINFO SSL_CERT_FILE SSL_CERT_DIR GIT_SSH_COMMAND GIT_SSH GIT_ASKPASS SSH_ASKPASS
    mkdir -p "$HOME"
    servers=$BATS_FILE_TMPDIR/servers
    : >"$servers"
    probe=${GIT_SOURCE_PROBE:?is the path of git_source_probe}
}

manifest() {
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs:' "  - audienceName: $1" \
        '    adAccountId: act_1234567890' '    predefinedSegmentId: recent-buyers'
}

# make_repository DIR: two manifests, a file that is none, a hidden one; a branch, two tags.
make_repository() {
    local dir=$1
    git init -q -b main "$dir"
    mkdir -p "$dir/audiences/eu" "$dir/.hidden"
    manifest one >"$dir/audiences/one.yaml"
    manifest two >"$dir/audiences/eu/two.yml"
    manifest hidden >"$dir/.hidden/no.yaml"
    echo 'services: {}' >"$dir/compose.yaml"
    echo text >"$dir/README.md"
    git -C "$dir" add -A
    git -C "$dir" commit -q -m first
    git -C "$dir" tag light
    git -C "$dir" tag -a -m 'first release' v1.0
    git -C "$dir" checkout -q -b feature
    manifest three >"$dir/audiences/three.yaml"
    git -C "$dir" add -A
    git -C "$dir" commit -q -m second
    git -C "$dir" checkout -q main
}

# add_commit DIR NAME
add_commit() {
    manifest "$2" >"$1/audiences/$2.yaml"
    git -C "$1" add -A
    git -C "$1" commit -q -m "$2"
}

# Serves every repository below DIR by git://, and logs each request.
start_daemon() {
    daemon_port=$(free_port)
    daemon_log=$BATS_FILE_TMPDIR/daemon.log
    setsid git daemon --listen=127.0.0.1 --port="$daemon_port" --base-path="$1" --export-all --verbose \
        --reuseaddr </dev/null >"$daemon_log" 2>&1 3>&- &
    echo $! >>"$servers"
    wait_for_port "$daemon_port"
    export daemon_url=git://127.0.0.1:$daemon_port
}

# A server that accepts and never answers.
start_silent() {
    silent_port=$(free_port)
    start python3 -c '
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(16)
kept = []
while True: kept.append(s.accept())' "$silent_port"
    wait_for_port "$silent_port"
}

fact() {
    sed -n "s/^$1: //p" <<<"$output"
}

# A relay to $1 that passes only as many bytes to the client as the file $2 says, then nothing more;
# everything when there is no such file. It stands for a server that stalls in the middle.
start_relay() {
    relay_port=$(free_port)
    start python3 "$BATS_TEST_DIRNAME/../support/git-relay.py" "$relay_port" "$1" "$2"
    wait_for_port "$relay_port"
}
