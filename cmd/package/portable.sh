#!/bin/sh
# portable.sh BUILD VERSION ARCHITECTURE FOLDER: fills FOLDER with what is published. Equal sources
# give equal bytes: no time is in them but $SOURCE_DATE_EPOCH, or else that of the commit.
set -eu
build=$1
version=$2
architecture=$3
folder=$4
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    # Sources without a repository: the date of the changelog.
    SOURCE_DATE_EPOCH=$(git -C "$(dirname "$0")" log -1 --format=%ct 2>/dev/null ||
        date -d "$(sed -n 's/^ -- .*>  //p' "$build/cmd/package/changelog.Debian")" +%s)
fi
export SOURCE_DATE_EPOCH
umask 022

rm -rf "$folder"
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
name=audiencectl-$version-linux-$architecture
top=$scratch/$name

cmake --install "$build" --prefix "$top" >/dev/null
install -s -m 755 "$build/cmd/package/audiencectl" "$build/cmd/package/audience-sandbox" "$top/bin"

# What was linked in, from the linker's own account: archive -> package -> source package.
sed -n '/^Archive member/,/^\(Discarded\|Memory\)/s/^\(\/.*\.a\)(.*/\1/p' "$build"/cmd/package/*.map |
    grep -v "^$build/" | xargs realpath | sort -u | xargs dpkg-query -S | sed 's/: \/.*//' | sort -u >"$scratch/packages"
mkdir "$top/share/doc/audiencectl/licenses"
while read -r package; do
    dpkg-query -W -f '${source:Package} ${source:Version} ${Homepage}\n' "$package" >>"$scratch/sources"
    source=$(dpkg-query -W -f '${source:Package}' "$package")
    cp "/usr/share/doc/${package%%:*}/copyright" "$top/share/doc/audiencectl/licenses/$source"
done <"$scratch/packages"
# Debian keeps the text of a common licence in one place, and only names it in the others.
grep -rhoE '/usr/share/common-licenses/[A-Za-z]+-[0-9.]*[0-9]' "$top/share/doc/audiencectl/licenses" | sort -u |
    xargs -I '{}' cp '{}' "$top/share/doc/audiencectl/licenses"
sort -u -o "$scratch/sources" "$scratch/sources"

tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --format=ustar -C "$scratch" "$name" | gzip -9n >"$folder/$name.tar.gz"

# SPDX 2.3: names and versions of packages have no character that JSON escapes.
package() { # NAME VERSION DOWNLOAD PURL
    printf '    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "downloadLocation": "%s",\n' \
        "$(printf %s "$1" | tr -c 'A-Za-z0-9.-' -)" "$1" "$2" "$3"
    printf '     "filesAnalyzed": false, "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION"'
    [ -z "$4" ] || printf ',\n     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                       "referenceLocator": "%s"}]' "$4"
    printf '}'
}
{
    sum=$(sha256sum "$folder/$name.tar.gz" | cut -d ' ' -f 1)
    printf '{\n  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",\n'
    printf '  "name": "%s", "documentNamespace": "https://spdx.org/spdxdocs/%s-%s",\n' "$name" "$name" "$sum"
    printf '  "creationInfo": {"created": "%s", "creators": ["Tool: audiencectl-portable.sh"]},\n' \
        "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)"
    printf '  "packages": [\n'
    package audiencectl "$version" NOASSERTION "" | sed 's/"licenseConcluded": "NOASSERTION"/"licenseConcluded": "Apache-2.0"/'
    while read -r source source_version _; do
        printf ',\n'
        package "$source" "$source_version" NOASSERTION "pkg:deb/debian/$source@$(printf %s "$source_version" | sed 's/+/%2B/g; s/:/%3A/g')?arch=source"
    done <"$scratch/sources"
    printf '\n  ],\n  "relationships": [\n'
    printf '    {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-audiencectl"}'
    while read -r source _; do
        printf ',\n    {"spdxElementId": "SPDXRef-audiencectl", "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-%s"}' \
            "$(printf %s "$source" | tr -c 'A-Za-z0-9.-' -)"
    done <"$scratch/sources"
    printf '\n  ]\n}\n'
} >"$folder/$name.spdx.json"

cpack --config "$build/CPackConfig.cmake" -B "$scratch/deb" >"$scratch/log" 2>&1 || {
    cat "$scratch/log" >&2
    exit 1
}
mv "$scratch"/deb/*.deb "$folder"

cd "$folder"
sha256sum -- *.deb *.json *.tar.gz >SHA256SUMS
ls "$folder"
