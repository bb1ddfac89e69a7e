#!/usr/bin/env bash
# Puts audiencectl and audience-sandbox on the PATH of the steps that follow.
set -euo pipefail

fail() {
    echo "::error title=audiencectl::$*"
    exit 1
}

root=$(cd "$(dirname "$0")/../../.." && pwd)
if [ -z "$VERSION" ] && command -v audiencectl >/dev/null; then
    echo "already installed: $(audiencectl version)"
    exit 0
fi
[ "$(uname -s)" = Linux ] || fail "there are releases for Linux only"

from_source() {
    # shellcheck source=tests/support/packages.sh
    . "$root/tests/support/packages.sh"
    # shellcheck source=tests/support/install_packages.sh
    . "$root/tests/support/install_packages.sh"
    # shellcheck disable=SC2086
    install_packages $BUILD_PACKAGES
    (cd "$root" && cmake --workflow --preset release)
    echo "$root/build/release/bin" >>"$GITHUB_PATH"
}

version=${VERSION#v}
if [ "$version" = source ]; then
    from_source
    exit 0
fi
[ -n "$version" ] || version=$(sed -n 's/^project(audiencectl VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")

case $(uname -m) in
x86_64) architecture=amd64 ;;
aarch64) architecture=arm64 ;;
*) fail "there is no release for $(uname -m); use 'version: source'" ;;
esac
repository=${ACTION_REPOSITORY:-$GITHUB_REPOSITORY}
name=audiencectl-$version-linux-$architecture
folder=$(mktemp -d "$RUNNER_TEMP/audiencectl-install.XXXXXX")
if ! gh release view "v$version" --repo "$repository" >"$folder/log" 2>&1; then
    # Only what no one asked for by its number may be something else.
    if [ -n "$VERSION" ] || ! grep -qi 'release not found' "$folder/log"; then
        fail "release v$version: $(tail -n 1 "$folder/log")"
    fi
    echo "no release v$version: building from source"
    from_source
    exit 0
fi
gh release download "v$version" --repo "$repository" --dir "$folder" \
    --pattern "$name.tar.gz" --pattern SHA256SUMS || fail "release v$version could not be downloaded"
cd "$folder"
grep -F "  $name.tar.gz" SHA256SUMS >sums || fail "SHA256SUMS of release v$version does not have $name.tar.gz"
[ -z "$SHA256" ] || echo "$SHA256  $name.tar.gz" >>sums
sha256sum --check --strict --quiet sums || fail "$name.tar.gz is not what its SHA-256 says"
tar -xzf "$name.tar.gz"
"$folder/$name/bin/audiencectl" version
echo "$folder/$name/bin" >>"$GITHUB_PATH"
