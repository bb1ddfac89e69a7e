# shellcheck shell=sh
# A new, empty Debian in a folder, for tests that must not see what this machine has. Sourced; needs
# root, debootstrap, and a mirror of Debian: the one that this machine uses.
#
#     make_scratch NAME [FOLDER]                    makes $scratch, removed at the end; in FOLDER, and kept
#     make_debian trixie "$scratch/system"
#     inside "$scratch/system" COMMAND [ARGUMENT...]
#     quietly COMMAND [ARGUMENT...]                  shows what it printed ($log) when it fails

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

make_scratch() {
    [ "$(id -u)" -eq 0 ] || fail "this needs root"
    scratch=$(mktemp -d "${2:-${TMPDIR:-/tmp}}/audiencectl-$1.XXXXXX")
    log="$scratch/log"
    # Nothing is mounted in there, so this removes what was made here and nothing else.
    [ $# -gt 1 ] || trap 'rm -rf --one-file-system "$scratch"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

quietly() {
    "$@" >"$log" 2>&1 || {
        tail -n 60 "$log" >&2
        fail "this failed: $*"
    }
}

make_debian() {
    # shellcheck disable=SC2016 # apt fills it in
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
    [ -n "$mirror" ] || fail "apt knows no mirror"
    quietly debootstrap --variant=minbase "$1" "$2" "$mirror"
    # It is lost anyway when this machine stops: no file is waited for until it is on the disk.
    echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/unsafe-io"
    cp /etc/resolv.conf "$2/etc/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$2/etc/hosts"
}

# Its processes and mounts (/proc, terminals, shared memory) end with the command, so that nothing is
# left to end and to unmount, also after a signal.
inside() {
    system=$1
    shift
    # shellcheck disable=SC2016
    unshare --mount --propagation private --pid --fork --kill-child sh -euc '
        system=$1
        shift
        # a mount point of its own, so that this works in there, too
        mount --bind "$system" "$system"
        mount -t proc proc "$system/proc"
        mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$system/dev/pts"
        mount -t tmpfs -o mode=1777 tmpfs "$system/dev/shm"
        exec chroot "$system" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
    ' sh "$system" "$@"
}
