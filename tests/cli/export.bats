#!/usr/bin/env bats
# `export` promises manifests that plan to nothing. Needs AUDIENCECTL_BIN, the folder with the programs.

setup() {
    PATH="$AUDIENCECTL_BIN:$PATH"
    cd "$BATS_TEST_TMPDIR" || return
    export HOME="$BATS_TEST_TMPDIR" SEQUENZY_API_KEY=seq_test_key AUDIENCECTL_RATE=off
    unset SEQUENZY_COMPANY_ID
    python3 "$BATS_TEST_DIRNAME/../support/odd_names.py" >seed.json
    audience-sandbox --api-key "$SEQUENZY_API_KEY" --seed seed.json --port-file port 3>&- >/dev/null &
    SANDBOX=$!
    for _ in $(seq 300); do
        [ -s port ] && break
        sleep 0.02
    done
    SEQUENZY_API_URL="http://127.0.0.1:$(cat port)"
    export SEQUENZY_API_URL
}

teardown() {
    kill "$SANDBOX"
    wait "$SANDBOX" || true
}

# plans_to_nothing SOURCE: every sync is declared, in sync, and the duplicates are pinned
plans_to_nothing() {
    audiencectl validate "$1"
    audiencectl plan "$1" -o json >plan.json
    jq -e '.summary | .desired == 200 and .inSync == 200 and .unmanaged == 0' plan.json
    [ "$(cat "${@:2}" | grep -c '^    id: ')" -eq 3 ]
}

@test "200 odd names, into a folder" {
    audiencectl export --dir out >/dev/null
    [ "$(find out -type f | wc -l)" -eq 3 ]
    plans_to_nothing out out/*.yaml
}

@test "200 odd names, to standard output, in UTF-8 that other readers read too" {
    audiencectl export >all.yaml 2>err
    grep -q '3 pinned as duplicates' err
    plans_to_nothing all.yaml all.yaml
    python3 - <<'PYTHON'
import json, yaml
class Loader(yaml.BaseLoader):
    pass
names = sorted(sync["audienceName"].replace("$${", "${")
               for document in yaml.load_all(open("all.yaml", encoding="utf-8"), Loader)
               for sync in document["audienceSyncs"])
seed = sorted(sync["audienceName"] for sync in json.load(open("seed.json"))["audienceSyncs"])
assert names == seed, [pair for pair in zip(names, seed) if pair[0] != pair[1]][:3]
PYTHON
    audiencectl export >again.yaml 2>/dev/null
    cmp all.yaml again.yaml
}

@test "a folder that holds other manifests too is told" {
    mkdir out
    printf '%s\n' 'services: {}' >out/compose.yaml
    audiencectl export --dir out >/dev/null 2>err
    [ "$(grep -c 'other manifests' err)" = 0 ]
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs: []' >out/mine.yaml
    audiencectl export --dir out --force >/dev/null 2>err
    grep -q "warning: 'out' holds other manifests too" err
    rm out/mine.yaml
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs: 5' >out/broken.yaml
    audiencectl export --dir out --force -o json=report.json >/dev/null 2>err
    grep -q "warning: 'out' holds other manifests too" err
    jq -e '.diagnostics[0].rule == "other-manifests"' report.json
}

@test "nothing is overwritten without --force, and nothing is written in part" {
    mkdir out
    echo mine >out/comp_123-act_2.yaml
    code=0
    audiencectl export --dir out >/dev/null 2>err || code=$?
    [ "$code" -eq 4 ]
    [ "$(ls out)" = comp_123-act_2.yaml ]
    [ "$(cat out/comp_123-act_2.yaml)" = mine ]
    audiencectl export --dir out --force >/dev/null
    plans_to_nothing out out/*.yaml
    # the last file cannot be prepared: the others are not put in place
    rm -r out
    mkdir -p out/comp_123-act_2.yaml
    code=0
    audiencectl export --dir out --force >/dev/null 2>err || code=$?
    [ "$code" -eq 1 ]
    [ "$(find out -type f | wc -l)" -eq 0 ]
}

@test "what was put in place is taken back when a later file cannot be" {
    # Nobody may replace a file of another user in a folder like /tmp.
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become two users"
    mkdir -m 1777 out
    chmod a+rx . ..
    echo mine | install -m 644 /dev/stdin out/comp_123-act_2.yaml
    echo before | install -m 644 -o 65534 /dev/stdin out/comp_123-act_0.yaml
    # The other user may not be let into the folder of the build.
    install -m 755 "$(command -v audiencectl)" program
    code=0
    setpriv --reuid 65534 --clear-groups env HOME=/nonexistent \
        ./program export --dir out --force >/dev/null 2>err || code=$?
    [ "$code" -eq 1 ]
    [ "$(ls out)" = "$(printf 'comp_123-act_0.yaml\ncomp_123-act_2.yaml')" ]
    [ "$(cat out/*)" = "$(printf 'before\nmine')" ]
}

@test "nothing live: no file, no folder, and nothing is claimed" {
    kill "$SANDBOX"
    wait "$SANDBOX" || true
    rm port
    audience-sandbox --api-key "$SEQUENZY_API_KEY" --port-file port 3>&- >/dev/null &
    SANDBOX=$!
    for _ in $(seq 300); do
        [ -s port ] && break
        sleep 0.02
    done
    SEQUENZY_API_URL="http://127.0.0.1:$(cat port)" audiencectl export --dir out >/dev/null 2>err
    [ ! -e out ]
    [ "$(cat err)" = "audiencectl: warning: nothing is live: there is nothing to export" ]
}
