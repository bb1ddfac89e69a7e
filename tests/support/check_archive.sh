#!/bin/sh
# The archive for every Linux in a new, empty Debian 13 that has libcurl and git and nothing else:
# downloaded (from a folder), verified, unpacked and used. Needs root, debootstrap and a mirror.
#
#     tests/support/check_archive.sh [FOLDER FOR THE EMPTY SYSTEM, WHICH IS KEPT]
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/empty_debian.sh
. tests/support/empty_debian.sh

make_scratch archive "$@"
system="$scratch/system"

quietly cmake --workflow --preset portable
make_debian trixie "$system"
quietly inside "$system" apt-get update
quietly inside "$system" apt-get install -y --no-install-recommends libcurl4t64 git
mkdir "$system/download"
cp build/portable/* "$system/download"
cp tests/support/use_installed.sh "$system/tmp"

inside "$system" sh -euc '
    cd /download
    sha256sum --check --ignore-missing SHA256SUMS
    tar -xzf audiencectl-*-linux-*.tar.gz --strip-components=1 -C /usr/local
    /tmp/use_installed.sh /usr/local/share/doc/audiencectl/examples
    git init -q -b main /tmp/ads
    cp -r /usr/local/share/doc/audiencectl/examples/audiences /tmp/ads
    git -C /tmp/ads add .
    git -C /tmp/ads -c user.name=a -c user.email=a@example.com commit -q -m a
    audiencectl validate --git file:///tmp/ads
' >"$scratch/used" 2>"$log" || {
    cat "$scratch/used" "$log" >&2
    fail "the programs of the archive failed"
}
for line in 'tar.gz: OK' 'valid: audiences (4 syncs in 2 manifests)' 'Apply:    4 created' '4 syncs: 4 in sync' \
    'valid: file:///tmp/ads (4 syncs in 2 manifests) at commit'; do
    grep -qF "$line" "$scratch/used" || fail "not printed: $line"
done
echo "$(basename build/portable/*.tar.gz): runs on Debian 13"
