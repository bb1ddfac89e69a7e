#!/bin/sh
# Times the Git source on a repository with 10,000 commits, served by git daemon on loopback, beside
# `git clone --depth 1` of the same.
#
#     tests/bench/git.sh path/to/git_source_probe [COMMITS]
set -eu
probe=$(realpath "${1:?is the path of git_source_probe}")
commits=${2:-10000}
work=$(mktemp -d)
daemon=
finish() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

# Each commit changes one of 200 manifests.
git init -q --bare -b main "$work/large.git"
python3 - "$commits" <<'PYTHON' | git -C "$work/large.git" fast-import --quiet
import sys
for number in range(int(sys.argv[1])):
    text = ("apiVersion: audiencectl/v1\naudienceSyncs:\n  - audienceName: Audience %d\n"
            "    adAccountId: act_1\n    segmentId: seg_%d\n" % (number, number * 7919))
    print("commit refs/heads/main\ncommitter test <test@localhost> %d +0000\ndata 1\nx" % number)
    print("M 100644 inline audiences/%d.yaml\ndata %d\n%s" % (number % 200, len(text), text))
PYTHON
git -C "$work/large.git" repack -q -a -d

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
git daemon --listen=127.0.0.1 --port="$port" --base-path="$work" --export-all --reuseaddr >/dev/null 2>&1 &
daemon=$!
sleep 1
url=git://127.0.0.1:$port/large.git

measure() {
    name=$1
    shift
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1
    printf '%-32s %6d ms\n' "$name" $((($(date +%s%N) - start) / 1000000))
}
echo "$commits commits, $(du -sk "$work/large.git/objects" | cut -f 1) KiB"
measure 'first run' "$probe" --cache "$work/cache" "$url"
measure 'second run, nothing new' "$probe" --cache "$work/cache" "$url"
printf 'commit refs/heads/main\ncommitter test <test@localhost> 20000 +0000\ndata 1\nx\nfrom refs/heads/main^0\nM 100644 inline audiences/new.yaml\ndata 2\nx\n' |
    git -C "$work/large.git" fast-import --quiet
measure 'third run, one new commit' "$probe" --cache "$work/cache" "$url"
measure 'a local repository' "$probe" "$work/large.git"
measure 'git clone --depth 1' git clone -q --depth 1 "$url" "$work/shallow"
measure 'git clone' git clone -q "$url" "$work/full"
