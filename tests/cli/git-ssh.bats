#!/usr/bin/env bats
# Git source: a remote repository over SSH, with a real sshd.

bats_require_minimum_version 1.5.0
load ../support/git-helpers.bash

setup_file() {
    need git git
    need python3 python3
    need ssh-keygen openssh-client
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
    ssh-keygen -q -t ed25519 -N secret -C test -f "$keys/locked"
    cat "$keys/good.pub" "$keys/locked.pub" >"$keys/authorized"
    start_sshd
    export keys sshd_port probe servers
}

# As root sshd wants its directory for privilege separation, which a package's service makes.
start_sshd() {
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
    sshd_port=$(free_port)
    cat >"$keys/sshd_config" <<CONF
ListenAddress 127.0.0.1
Port $sshd_port
HostKey $keys/host_ecdsa
HostKey $keys/host_ed25519
PidFile none
AuthorizedKeysFile $keys/authorized
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
AcceptEnv GIT_*
CONF
    # The program is named with its whole path: sshd starts itself again for each connection.
    sshd=$(command -v sshd)
    # OpenSSH 10 shuts out an address whose logins have failed, and here all come from one.
    ! "$sshd" -t -f "$keys/sshd_config" -o PerSourcePenalties=no 2>/dev/null ||
        echo 'PerSourcePenalties no' >>"$keys/sshd_config"
    start "$sshd" -D -e -f "$keys/sshd_config"
    wait_for_port "$sshd_port"
}

teardown_file() {
    stop_servers
}

setup() {
    user=$(id -un)
    url=ssh://$user@localhost:$sshd_port$BATS_FILE_TMPDIR/origin
    cache=$BATS_TEST_TMPDIR/cache
    export HOME=$BATS_TEST_TMPDIR/home
    mkdir -m 700 "$HOME" "$HOME/.ssh"
    know ed25519
    main=$(git -C "$BATS_FILE_TMPDIR/origin" rev-parse main)
}

# know TYPE: the only key of the host that is known
know() {
    echo "[localhost]:$sshd_port $(cut -d ' ' -f 1,2 "$keys/host_$1.pub")" >"$HOME/.ssh/known_hosts"
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

@test "scp-like addresses, with a port, are read" {
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "[$user@localhost:$sshd_port]:$BATS_FILE_TMPDIR/origin"
    expect_line "commit: $main"
}

@test "without a user the local one is meant" {
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "ssh://localhost:$sshd_port$BATS_FILE_TMPDIR/origin"
    expect_line "commit: $main"
}

@test "ssh-agent opens the repository, whichever of its keys is the right one" {
    start_agent stranger good
    run -0 --separate-stderr "$probe" "$url"
    expect_line "commit: $main"
}

@test "a refused key, a refused agent and no key at all are told apart" {
    run -1 --separate-stderr "$probe" --ssh-key "$keys/stranger" "$url"
    expect_text "the server did not accept the key"
    run -1 --separate-stderr "$probe" "$url"
    expect_text "the server asks for an SSH key and there is none"
    expect_text "hint: start ssh-agent and ssh-add a key, or give --ssh-key"
    start_agent stranger
    run -1 --separate-stderr "$probe" "$url"
    expect_text "the server accepts none of the keys in ssh-agent"
}

@test "an agent that is not there is an error" {
    SSH_AUTH_SOCK=$BATS_TEST_TMPDIR/nowhere run -1 --separate-stderr "$probe" "$url"
    expect_text "error: "
    expect_text "agent"
}

@test "a key with a passphrase is never asked for, and the message names ssh-agent" {
    run -1 --separate-stderr timeout 5 "$probe" --ssh-key "$keys/locked" "$url" </dev/null
    expect_text "ssh-add"
}

@test "a key file that is not there, or is none, is an error" {
    run -1 --separate-stderr "$probe" --ssh-key "$keys/nowhere" "$url"
    expect_text "cannot read the SSH key '$keys/nowhere'"
    echo nonsense >"$BATS_TEST_TMPDIR/key"
    run -1 --separate-stderr "$probe" --ssh-key "$BATS_TEST_TMPDIR/key" "$url"
    expect_text "the SSH key file has a passphrase, or is no private key"
}

@test "an unknown host key is refused, with its fingerprint and the way out" {
    fingerprints=$(for type in ed25519 ecdsa; do ssh-keygen -lf "$keys/host_$type.pub" | cut -d ' ' -f 2; done)
    for content in '' "[other]:$sshd_port $(cut -d ' ' -f 1,2 "$keys/host_ed25519.pub")" \
        "localhost $(cut -d ' ' -f 1,2 "$keys/stranger.pub")"; do
        echo "$content" >"$HOME/.ssh/known_hosts"
        run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
        expect_text "the key of the host 'localhost'"
        expect_text "ssh-keyscan -p $sshd_port localhost"
        grep -qF "$(sed -n 's/.*(\(SHA256:[^)]*\)).*/\1/p' <<<"$output")" <<<"$fingerprints"
    done
    rm "$HOME/.ssh/known_hosts"
    run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    expect_text "the key of the host 'localhost'"
    rmdir "$HOME/.ssh"
    run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    expect_text "the key of the host 'localhost'"
}

@test "another key than the known one is refused" {
    echo "[localhost]:$sshd_port $(cut -d ' ' -f 1,2 "$keys/stranger.pub")" >"$HOME/.ssh/known_hosts"
    run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    expect_text "the key of the host 'localhost'"
}

@test "hashed names in known_hosts, and a host known by another type of key, work" {
    ssh-keygen -q -H -f "$HOME/.ssh/known_hosts" 2>/dev/null
    run -1 grep -q localhost "$HOME/.ssh/known_hosts"
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    know ecdsa
    run -0 --separate-stderr "$probe" --ssh-key "$keys/good" "$url"
    expect_line "commit: $main"
}

@test "a repository that is not there is an error" {
    run -1 --separate-stderr "$probe" --ssh-key "$keys/good" "ssh://$user@localhost:$sshd_port/nowhere/x.git"
    expect_text "there is no such repository"
}

@test "a password in the URL, a quote in it, and no HOME are refused" {
    run -1 --separate-stderr "$probe" "ssh://$user:sesame@localhost:$sshd_port/x.git"
    expect_text "a password in this kind of Git URL is not used"
    refute_text sesame
    run -1 --separate-stderr "$probe" "ssh://$user@localhost:$sshd_port/x';id;'"
    expect_text "has a quote in it"
    run -1 --separate-stderr env -u HOME "$probe" "$url"
    expect_text "HOME is not set"
}
