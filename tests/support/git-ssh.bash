# shellcheck shell=bash disable=SC2154
# Git over SSH, with real servers. Used with git-helpers.bash; the file that uses it sets $keys to a
# directory with the host keys, and with `authorized`: the public keys that may log in.

# start_sshd NAME LINES: a server with these lines in its configuration; sets $port_NAME.
# As root sshd wants its directory for privilege separation, which a package's service makes.
start_sshd() {
    local sshd port config=$keys/sshd_$1
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
    port=$(free_port)
    declare -g "port_$1=$port"
    export "port_${1?}"
    cat >"$config" <<CONF
ListenAddress 127.0.0.1
Port $port
$2
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
    ! "$sshd" -t -f "$config" -o PerSourcePenalties=no 2>/dev/null ||
        echo 'PerSourcePenalties no' >>"$config"
    start "$sshd" -D -e -f "$config"
    wait_for_port "$port"
}
