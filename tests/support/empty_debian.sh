# shellcheck shell=sh
# A new, empty Debian in a folder, for tests that must not see what this machine has. Sourced; needs
# root, debootstrap, and a mirror of Debian: the one that this machine uses.
#
#     make_debian trixie FOLDER
#     inside FOLDER COMMAND [ARGUMENT...]
#     rm -rf --one-file-system FOLDER

make_debian() {
    # shellcheck disable=SC2016 # apt fills it in
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
    [ -n "$mirror" ] || {
        echo "apt knows no mirror" >&2
        return 1
    }
    debootstrap --variant=minbase "$1" "$2" "$mirror" >"$2.log" 2>&1 || {
        tail -n 20 "$2.log" >&2
        return 1
    }
    rm "$2.log"
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
        mount -t proc proc "$system/proc"
        mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$system/dev/pts"
        mount -t tmpfs -o mode=1777 tmpfs "$system/dev/shm"
        exec chroot "$system" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            LANG=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
    ' sh "$system" "$@"
}
