#!/bin/sh
# reproducible.sh: what is published, built in two folders of different names, has equal bytes.
set -eu
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for folder in one another/deeper; do
    mkdir -p "$scratch/$folder"
    tar -c --exclude=./build --exclude=./.git . | tar -x -C "$scratch/$folder"
    if ! (cd "$scratch/$folder" && cmake --workflow --preset portable) >"$scratch/log" 2>&1; then
        cat "$scratch/log"
        exit 1
    fi
done
diff -r "$scratch/one/build/portable" "$scratch/another/deeper/build/portable"
