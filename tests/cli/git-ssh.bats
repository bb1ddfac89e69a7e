#!/usr/bin/env bats
# Git source: a remote repository over SSH, with real servers. ssh takes its home from the system and
# not from HOME, so each test has a configuration of its own, named in GIT_SSH_COMMAND.

bats_require_minimum_version 1.5.0
load ../support/git-helpers.bash
load ../support/git-ssh.bash

setup_file() {
    need git git
    need python3 python3
    need ssh-keygen openssh-client
    need ssh-keyscan openssh-client
    need ssh-agent openssh-client
    need sshd openssh-server
    isolate
    make_repository "$BATS_FILE_TMPDIR/origin"
    keys=$BATS_FILE_TMPDIR/keys
    mkdir -m 700 "$keys"
    for name in host_ed25519 good stranger; do
        ssh-keygen -q -t ed25519 -N '' -C test -f "$keys/$name"
    done
    ssh-keygen -q -t ecdsa -N '' -C test -f "$keys/host_ecdsa"
    for name in host_rsa good_rsa; do ssh-keygen -q -t rsa -b 2048 -N '' -C test -f "$keys/$name"; done
    ssh-keygen -q -t ed25519 -N secret -C test -f "$keys/locked"
    cat "$keys/good.pub" "$keys/locked.pub" "$keys/good_rsa.pub" >"$keys/authorized"
    start_sshd all "$(printf 'HostKey %s\n' "$keys"/host_{rsa,ecdsa,ed25519})"
    start_sshd rsa "HostKey $keys/host_rsa
PubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256
HostKeyAlgorithms rsa-sha2-512"
    start_sshd hard "HostKey $keys/host_ed25519
KexAlgorithms sntrup761x25519-sha512@openssh.com
Ciphers chacha20-poly1305@openssh.com
MACs hmac-sha2-512-etm@openssh.com
HostKeyAlgorithms ssh-ed25519
PubkeyAcceptedAlgorithms ssh-ed25519"
    export keys probe servers
}

teardown_file() {
    stop_servers
}

setup() {
    user=$(id -un)
    url=ssh://$user@localhost:$port_all$BATS_FILE_TMPDIR/origin
    cache=$BATS_TEST_TMPDIR/cache
    known=$BATS_TEST_TMPDIR/known_hosts
    config=$BATS_TEST_TMPDIR/config
    printf 'UserKnownHostsFile %s\nGlobalKnownHostsFile /dev/null\nIdentityFile none\n' "$known" >"$config"
    export GIT_SSH_COMMAND="ssh -F '$config'"
    know all ed25519
    main=$(git -C "$BATS_FILE_TMPDIR/origin" rev-parse main)
}

# know NAME TYPE: the only key of the server that is known
know() {
    local port=port_$1
    echo "[localhost]:${!port} $(cut -d ' ' -f 1,2 "$keys/host_$2.pub")" >"$known"
}

start_agent() {
    eval "$(ssh-agent -a "$BATS_TEST_TMPDIR/agent" 3>&-)" >/dev/null
    for key in "$@"; do ssh-add -q "$keys/$key"; done
}

teardown() {
    [ -z "${SSH_AGENT_PID:-}" ] || kill "$SSH_AGENT_PID"
}

@test "a key file opens the repository" {
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" --cache "$cache" "$url"
    expect_line "commit: $main"
    expect_line "name: $url"
    refute_text warning
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" --cache "$cache" "$url"
    expect_line "commit: $main"
    run -1 grep -r "$keys" "$cache"
}

@test "the path of a key file may have any characters" {
    odd="$BATS_TEST_TMPDIR/it's a \$(key)"
    cp "$keys/good" "$odd"
    run -0 --separate-stderr "$probe" --ssh-key "$odd" "$url"
    expect_line "commit: $main"
    cd "$keys"
    run -0 --separate-stderr "$probe" --ssh-key good "$url"
}

@test "a server with RSA keys alone, and a hardened one, are read" {
    know rsa rsa
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good_rsa" "ssh://$user@localhost:$port_rsa$BATS_FILE_TMPDIR/origin"
    expect_line "commit: $main"
    know hard ed25519
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "ssh://$user@localhost:$port_hard$BATS_FILE_TMPDIR/origin"
    expect_line "commit: $main"
}

@test "what ssh-keyscan prints is good in any order, and hashed" {
    ssh-keyscan -4 -p "$port_all" localhost 2>/dev/null | grep -v '^#' >"$BATS_TEST_TMPDIR/scan"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/scan")" = 3 ]
    for order in 1,2,3 3,2,1 2,3,1; do
        for line in ${order//,/ }; do sed -n "${line}p" "$BATS_TEST_TMPDIR/scan"; done >"$known"
        run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    done
    ssh-keygen -q -H -f "$known" 2>/dev/null
    run -1 grep -q localhost "$known"
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    know all rsa
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
}

@test "an unknown, a changed and a revoked host key are refused, and nothing is asked or written" {
    for content in '' "[localhost]:$port_all $(cut -d ' ' -f 1,2 "$keys/stranger.pub")" \
        "@revoked [localhost]:$port_all $(cut -d ' ' -f 1,2 "$keys/host_ed25519.pub")"; do
        echo "$content" >"$known"
        run -1 --separate-stderr timeout 20 "$probe" --ssh-key "$keys/good" "$url" </dev/null
        expect_text "cannot read '$url': git: "
        [ "$(cat "$known")" = "$content" ]
    done
    rm "$known"
    run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    [ ! -e "$known" ]
}

@test "scp-like addresses, an alias and no user are understood as ssh does" {
    cat >>"$config" <<CONF
Host forge
    HostName localhost
    Port $port_all
    User $user
    IdentityFile $keys/good
CONF
    for address in "forge:$BATS_FILE_TMPDIR/origin" "ssh://forge$BATS_FILE_TMPDIR/origin" \
        "$user@forge:$BATS_FILE_TMPDIR/origin"; do
        run -0 --separate-stderr "$probe" "$address"
        expect_line "commit: $main"
        expect_line "name: $address"
    done
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "[$user@localhost:$port_all]:$BATS_FILE_TMPDIR/origin"
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "ssh://localhost:$port_all$BATS_FILE_TMPDIR/origin"
}

@test "ssh-agent opens the repository, whichever of its keys is the right one" {
    start_agent stranger good
    run -0 --separate-stderr "$probe" "$url"
    expect_line "commit: $main"
    # With --ssh-key only that one is offered.
    run -1 --separate-stderr "$probe" --ssh-key "$keys/stranger" "$url"
}

@test "a refused key, a locked key and no key end at once, with git's words and a hint" {
    for key in stranger locked; do
        run -1 --separate-stderr timeout 20 "$probe" --ssh-key "$keys/$key" "$url" </dev/null
        expect_text "cannot read '$url': git: "
        expect_text "hint: check that \`git ls-remote $url\` works"
    done
    run -1 --separate-stderr timeout 20 "$probe" "$url" </dev/null
    expect_text ": git: "
    run -1 --separate-stderr "$probe" --ssh-key "$keys/nowhere" "$url"
    expect_text "cannot read the SSH key '$keys/nowhere'"
}

@test "a login that was refused is not tried again" {
    printf '#!/bin/sh\necho x >>"%s"\nexec ssh "$@"\n' "$BATS_TEST_TMPDIR/count" >"$BATS_TEST_TMPDIR/ssh"
    chmod +x "$BATS_TEST_TMPDIR/ssh"
    GIT_SSH_COMMAND="$BATS_TEST_TMPDIR/ssh -F $config" \
        run -1 --separate-stderr "$probe" --ssh-key "$keys/stranger" "$url"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/count")" = 1 ]
}

@test "on a terminal nothing is asked either" {
    : >"$known"
    echo "IdentityFile $keys/good" >>"$config"
    cat >"$BATS_TEST_TMPDIR/ask" <<'PYTHON'
import pty, sys
code = pty.spawn(sys.argv[1:])
sys.exit(code >> 8)
PYTHON
    start=$(date +%s%N)
    run -1 timeout 20 python3 "$BATS_TEST_TMPDIR/ask" "$probe" --timeout 5000 "$url" </dev/null
    refute_text "yes/no"
    # Nor is anything waited for.
    [ $((($(date +%s%N) - start) / 1000000)) -lt 4000 ]
}

@test "a connection that stays open for others does not hold the run up" {
    printf 'ControlMaster auto\nControlPath %s/mux\nControlPersist 5\n' "$BATS_TEST_TMPDIR" >>"$config"
    start=$(date +%s%N)
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    expect_line "commit: $main"
    [ $((($(date +%s%N) - start) / 1000000)) -lt 4000 ]
}

@test "a repository that does not exist, and an option in place of a host, are errors" {
    run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "ssh://$user@localhost:$port_all/nowhere/x.git"
    expect_text ": git: "
    run -1 --separate-stderr "$probe" "ssh://-oProxyCommand=touch%20$BATS_TEST_TMPDIR/run/x"
    run -1 --separate-stderr "$probe" -- "-oProxyCommand=touch $BATS_TEST_TMPDIR/run:x"
    [ ! -e "$BATS_TEST_TMPDIR/run" ]
    run -1 --separate-stderr "$probe" "ssh://$user:sesame@localhost:$port_all/x.git"
    refute_text sesame
}
