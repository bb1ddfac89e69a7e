#!/bin/sh
# reproducible.sh: the release, built in two folders of different names, gives equal bytes.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for folder in one another/deeper; do
    mkdir -p "$scratch/$folder"
    tar -c --exclude=./build --exclude=./.git . | tar -x -C "$scratch/$folder"
    if ! (cd "$scratch/$folder" && cmake --workflow --preset release) >"$scratch/log" 2>&1; then
        cat "$scratch/log"
        exit 1
    fi
done
for program in audiencectl audience-sandbox; do
    cmp "$scratch/one/build/release/bin/$program" "$scratch/another/deeper/build/release/bin/$program"
done
