#!/bin/sh
# Makes the Debian package, reads it with lintian, and installs, uses and removes it in a new, empty
# Debian of the same release. Needs root, debootstrap and a mirror of Debian.
#
#     tests/support/check_package.sh [FOLDER FOR THE EMPTY SYSTEM, WHICH IS KEPT]
set -eu
cd "$(dirname "$0")/../.."

# shellcheck source=tests/support/empty_debian.sh
. tests/support/empty_debian.sh
# shellcheck source=/dev/null
. /etc/os-release

make_scratch package "$@"
system="$scratch/system"

quietly cmake --workflow --preset portable
package=$(ls build/portable/*.deb)
lintian --allow-root --fail-on error "$package"

make_debian "$VERSION_CODENAME" "$system"
# Every path but for what apt and dpkg keep about their own work.
list_files() {
    (cd "$system" && find . -path ./var/lib/dpkg -prune -o -path ./var/lib/apt -prune -o \
        -path ./var/cache -prune -o -path ./var/log -prune -o -path ./tmp -prune -o -print | LC_ALL=C sort)
}

cp "$package" "$system/tmp/audiencectl.deb"
quietly inside "$system" apt-get update
# What the package pulls in stays when it goes: it comes first, so that only its own files count.
depends=$(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086
quietly inside "$system" apt-get install -y --no-install-recommends $depends
list_files >"$scratch/before"
quietly inside "$system" apt-get install -y --no-install-recommends /tmp/audiencectl.deb

for file in usr/share/man/man1/audiencectl.1.gz usr/share/man/man1/audience-sandbox.1.gz \
    usr/share/man/man5/audiencectl-manifest.5.gz usr/share/bash-completion/completions/audiencectl \
    usr/share/zsh/vendor-completions/_audiencectl usr/share/fish/vendor_completions.d/audiencectl.fish \
    usr/share/doc/audiencectl/copyright usr/share/doc/audiencectl/changelog.Debian.gz; do
    [ -s "$system/$file" ] || fail "/$file was not installed"
done

cp tests/support/use_installed.sh "$system/tmp"
inside "$system" /tmp/use_installed.sh /usr/share/doc/audiencectl/examples >"$scratch/used" 2>"$log" || {
    cat "$scratch/used" "$log" >&2
    fail "the programs of the package failed"
}
for line in 'valid: audiences (4 syncs in 2 manifests)' '4 missing' 'Apply:    4 created' '4 syncs: 4 in sync'; do
    grep -qF "$line" "$scratch/used" || fail "not printed by the programs of the package: $line"
done

quietly inside "$system" apt-get purge -y audiencectl
list_files >"$scratch/after"
diff "$scratch/before" "$scratch/after" || fail "the package leaves something behind"
echo "$(basename "$package"): installs, runs and goes"
