#!/bin/sh
# portable.sh: makes what is published (preset portable), and checks that the archive runs where only
# libc 2.34, libcurl.so.4 and libcrypto.so.3 are, that it holds what it lists, and that sums are right.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
sandbox=""
finish() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    rm -rf "$scratch"
}
trap finish EXIT
log="$scratch/log"
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}
cmake --workflow --preset portable >"$log" 2>&1 || fail "$(grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)|^-- ' "$log")"

(cd build/portable && sha256sum --strict -c SHA256SUMS >"$log") || fail "$(cat "$log")"
[ "$(wc -l <build/portable/SHA256SUMS)" -eq 3 ] || fail "$(cat build/portable/SHA256SUMS)"
archive=$(ls build/portable/*.tar.gz)
name=$(basename "$archive" .tar.gz)
tar -x -f "$archive" -C "$scratch"
top="$scratch/$name"
[ "$(tar -t -f "$archive" | cut -d / -f 1 | sort -u)" = "$name" ] || fail "more than $name in the archive"

for program in audiencectl audience-sandbox; do
    needed=$(readelf -d "$top/bin/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
        grep -vxE 'libc\.so\.6|libm\.so\.6|ld-linux[a-z0-9_-]*\.so\.[0-9]|libcurl\.so\.4|libcrypto\.so\.3') || true
    [ -z "$needed" ] || fail "$program needs $needed"
    readelf -VW "$top/bin/$program" | grep -oE 'Name: [A-Z]+_[A-Z0-9_.]+' | cut -c 7- | sort -u >"$log"
    others=$(grep -vE '^GLIBC_|^OPENSSL_3\.0\.0$' "$log") || true
    [ -z "$others" ] || fail "$program wants the version $others of a library"
    # On a newer Debian the program needs what is new there, and is not what is published.
    highest=$(sort -V "$log" | grep GLIBC_ | tail -n 1)
    [ "$(printf '%s\n' GLIBC_2.34 "$highest" | sort -V | tail -n 1)" = GLIBC_2.34 ] ||
        ! grep -qsx 'VERSION_ID="12"' /etc/os-release || fail "$program needs $highest"
done

# Each library inside is in the list of contents and has its licence.
sbom=build/portable/$name.spdx.json
jq -e '.spdxVersion == "SPDX-2.3" and (.packages | map(has("SPDXID") and has("versionInfo") and has("downloadLocation")) | all)
    and ([.relationships[].relatedSpdxElement] == [.packages[].SPDXID])' "$sbom" >"$log" 2>&1 || fail "$sbom: $(cat "$log")"
for library in libgit2 libyaml jansson libunistring libmicrohttpd sqlite3; do
    jq -e --arg name "$library" '.packages | any(.name == $name)' "$sbom" >/dev/null || fail "$sbom: no $library"
done
for library in $(jq -r '.packages[1:][].name' "$sbom"); do
    [ -s "$top/share/doc/audiencectl/licenses/$library" ] || fail "no licence of $library"
done

# It runs: also the parts of libgit2 that are left.
"$top/bin/audience-sandbox" --port-file "$scratch/port" >"$log" 2>&1 &
sandbox=$!
tries=0
while [ ! -s "$scratch/port" ] && [ "$tries" -lt 200 ]; do
    sleep 0.05
    tries=$((tries + 1))
done
git init -q "$scratch/ads"
cp -r examples/audiences "$scratch/ads"
git -C "$scratch/ads" add .
git -C "$scratch/ads" -c user.name=a -c user.email=a@example.com commit -qm a
SEQUENZY_API_URL="http://127.0.0.1:$(cat "$scratch/port")" SEQUENZY_API_KEY=seq_sandbox_key \
    "$top/bin/audiencectl" plan --git "$scratch/ads" >"$log" 2>&1 || fail "$(cat "$log")"
grep -q 'apply will create 4 syncs' "$log" || fail "$(cat "$log")"
