#!/usr/bin/env bash
# release.sh BUILDS ASSETS NOTES: checks the sums of every build in BUILDS/*, puts all files into
# ASSETS under one list of sums, and writes what .github/CHANGELOG.md says of this version to NOTES.
set -euo pipefail
builds=$1
assets=$2
notes=$3
cd "$(dirname "$0")/../.."
mkdir "$assets"
for build in "$builds"/*/; do
    (cd "$build" && sha256sum --check --strict --quiet SHA256SUMS)
    for file in "$build"*; do
        [ "${file##*/}" != SHA256SUMS ] || continue
        [ ! -e "$assets/${file##*/}" ] || {
            echo "${file##*/} comes from two builds" >&2
            exit 1
        }
        cp "$file" "$assets"
    done
done
(cd "$assets" && sha256sum -- * >../SHA256SUMS.new)
mv "$assets/../SHA256SUMS.new" "$assets/SHA256SUMS"
version=$(sed -n 's/^project(audiencectl VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
awk -v heading="## $version" 'index($0, "## ") == 1 { inside = index($0, heading) == 1; next } inside' \
    .github/CHANGELOG.md >"$notes"
grep -q '[^[:space:]]' "$notes" || {
    echo ".github/CHANGELOG.md says nothing of $version" >&2
    exit 1
}
