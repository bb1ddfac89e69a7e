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

# refused CODE OPTION...: export ends so, and the folder is as it was
refused() {
    local code=0 expected=$1 before
    shift
    before=$(cd out && find . -type f -exec sha256sum {} + | sort)
    audiencectl export --dir out "$@" >/dev/null 2>err || code=$?
    cat err
    [ "$code" -eq "$expected" ]
    [ "$(cd out && find . -type f -exec sha256sum {} + | sort)" = "$before" ]
}

@test "a file that exists is replaced with --force alone" {
    mkdir out
    echo mine >out/comp_123-act_2.yaml
    refused 4
    grep -q "'out/comp_123-act_2.yaml' exists" err
    audiencectl export --dir out --force >/dev/null
    plans_to_nothing out out/*.yaml
    audiencectl export --dir out --force >/dev/null
    plans_to_nothing out out/*.yaml
    rm -r out
    mkdir -p out/comp_123-act_2.yaml
    refused 1 --force
}

@test "no entry is taken out of a file, with --force too" {
    audiencectl export --dir out >/dev/null
    account=$(audiencectl get syncs -o json | jq -r '[.items[].adAccountId] | group_by(.) | max_by(length)[0]')
    name=$(audiencectl get syncs -o json |
        jq -r --arg account "$account" '[.items[] | select(.adAccountId == $account)][0].audienceName')
    refused 1 --name "$(printf %s "$name" | sed 's/[][*?\\]/\\&/g')" --ad-account "$account" --force
    grep -q "holds .* syncs that this export would not write again: '" err
    grep -q -- --unmanaged err
    refused 1 --name "$(printf %s "$name" | sed 's/[][*?\\]/\\&/g')" --ad-account "$account"
    # what somebody wrote and is not live
    file=$(find out -name "*.yaml" | LC_ALL=C sort | head -n 1)
    printf '%s\n' --- 'apiVersion: audiencectl/v1' 'audienceSyncs:' \
        '  - {audienceName: Mine, adAccountId: act_9, segmentId: seg_vips}' >>"$file"
    refused 1 --force
    grep -q "'$file' holds 1 sync that this export would not write again: 'Mine'" err
    sed -i '/^---$/,$d' "$file"
    printf '%s\n' --- 'apiVersion: audiencectl/v1' 'audienceSyncs: []' 'ignore: [{audienceName: "x*"}]' >>"$file"
    refused 1 --force
    grep -q "holds 'ignore' entries" err
    sed -i '/^---$/,$d' "$file"
    printf '%s\n' --- 'apiVersion: audiencectl/v1' 'audienceSyncs: 5' >>"$file"
    refused 1 --force
    grep -q 'is not a valid manifest' err
    # a pin that is not live
    sed -i '/^---$/,$d' "$file"
    audiencectl export --dir out --force >/dev/null
    pinned=$(grep -l '^    id: ' out/*.yaml | head -n 1)
    sed -i '0,/^    id: .*/s//    id: sync_of_somebody/' "$pinned"
    refused 1 --force
}

@test "nothing that a person wrote is taken out of a file, with --force too" {
    audiencectl export --dir out >/dev/null
    file=$(grep -l 'frequency: weekly' out/*.yaml | head -n 1)
    cp "$file" before.yaml
    # a value that export writes itself is brought up to date
    sed -i '0,/frequency: weekly/s//frequency: hourly/' "$file"
    audiencectl export --dir out --force >/dev/null
    cmp before.yaml "$file"
    line_count=$(wc -l <before.yaml)
    for line in '# ask Ada first' '    # ask Ada first' '    labels: {owner: crm}' '    replaces: sync_1'; do
        cp before.yaml "$file"
        printf '%s\n' "$line" >>"$file"
        refused 1 --force
    done
    grep -q "'$file' holds 'replaces', which export does not write" err
    sed 's/^    frequency: .*/& # ours/' before.yaml >"$file"
    refused 1 --force
    grep -q "'$file' holds a comment in line [0-9]*, which export does not write" err
    sed '1a x-name: &x ${NAME:-y}' before.yaml >"$file"
    refused 1 --force
    grep -q "'$file' holds a variable in line 2, which export does not write" err
    # names that export itself wrote, of before they were changed; a checkout with other line ends
    for change in 's/^\( *[a-zA-Z]*: .*\) # .*/\1 # old name/' 's/$/\r/'; do
        sed "$change" before.yaml >"$file"
        ! cmp -s before.yaml "$file"
        audiencectl export --dir out --force >/dev/null
        cmp before.yaml "$file"
    done
    [ "$(wc -l <"$file")" = "$line_count" ]
}

@test "--unmanaged adds what is in no manifest, and changes no byte that is there" {
    audiencectl export --dir out >/dev/null
    for file in out/*.yaml; do
        # all but the first three entries go, and the line feed at the end
        awk '/^  - /{n++} n<4' "$file" >short && printf %s "$(cat short)" >"$file"
    done
    audiencectl validate out
    copies=$(mktemp -d)
    cp -r out "$copies/before"
    audiencectl export --unmanaged --dir out out >/dev/null 2>err
    cat err
    grep -q 'added [0-9]* syncs to out/comp_123-act_' err
    for file in "$copies"/before/*.yaml; do
        cmp -n "$(stat -c %s "$file")" "$file" "out/${file##*/}"
    done
    plans_to_nothing out out/*.yaml
    # nothing is left to be added, also where SOURCE does not name the folder
    cp -r out "$copies/again"
    audiencectl export --unmanaged --dir out >/dev/null 2>err
    grep -q 'nothing is unmanaged: nothing was added' err
    mkdir none
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs: []' >none/none.yaml
    audiencectl export --unmanaged --dir out none >/dev/null 2>err
    diff -r out "$copies/again"
    rm -r "$copies"
}

@test "--unmanaged leaves out what an ignore entry covers, keeps to the selection, and pins a second one" {
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs: []' 'ignore: [{audienceName: "*"}]' >all.yaml
    audiencectl export --unmanaged --dir out all.yaml >/dev/null 2>err
    grep -q 'nothing is unmanaged' err
    [ ! -e out ]
    audiencectl export >whole.yaml 2>/dev/null
    id=$(sed -n 's/^    id: \([^ ]*\).*/\1/p' whole.yaml | head -n 1)
    audiencectl get syncs -o json | jq --arg id "$id" '.items[] | select(.id == $id)' >sync.json
    jq '{apiVersion: "audiencectl/v1", audienceSyncs: [{id, audienceName, adAccountId, segmentId, frequency}]}' \
        sync.json >one.json
    sed 's/^/ /' one.json >one.yaml
    audiencectl export --unmanaged --dir out one.yaml >/dev/null
    [ "$(cat out/*.yaml | grep -c '^    id: ')" -eq 2 ]
    audiencectl plan one.yaml out -o json | jq -e '.summary | .desired == 200 and .inSync == 200'
}

@test "--unmanaged refuses what cannot be read, and what has no meaning" {
    mkdir out
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs: 5' >out/bad.yaml
    refused 1 --unmanaged out
    for options in '--dir -' '--unmanaged' '--unmanaged --dir out --force' '--dir out x.yaml' '--dir out --var a=b'; do
        code=0
        # shellcheck disable=SC2086
        audiencectl export $options >/dev/null 2>err </dev/null || code=$?
        cat err
        [ "$code" -eq 64 ]
        [ "$(wc -l <err)" -eq 1 ]
    done
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
    [ "$(cat err)" = "audiencectl: warning: nothing is live: nothing was exported" ]
}
