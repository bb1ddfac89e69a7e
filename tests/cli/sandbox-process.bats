#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2034,SC2154
# audience-sandbox as a program: options, seed, start, end, kill -9.

load ../support/sandbox-helpers

setup() { sandbox_setup; }
teardown() { sandbox_teardown; }

@test "one line on stdout, the port in the file, exit 0 on SIGTERM and SIGINT" {
    for signal in TERM INT; do
        sandbox_start
        [ "$(cat "$work/stdout")" = "listening on $origin" ]
        [[ $(cat "$work/port") =~ ^[0-9]+$ ]]
        sandbox_stop $signal
        [ "$sandbox_exit" = 0 ]
        [ "$(wc -l <"$work/stdout")" = 1 ]
        [ ! -s "$work/stderr" ]
    done
}

@test "loopback only" {
    for bad in 0.0.0.0:0 192.168.1.1:0 '[::]:0' example.com:0 '' 127.0.0.1 127.0.0.1:x 127.0.0.1:65536 :0; do
        run timeout 10 "$AUDIENCE_SANDBOX" --listen "$bad"
        [ "$status" = 64 ]
        [ "${#lines[@]}" = 1 ]
    done
    sandbox_start --listen localhost:0
    request GET /segments
    [ "$code" = 200 ]
    sandbox_stop
    sandbox_start --listen 127.0.0.2:0
    [[ $(cat "$work/stdout") == "listening on http://127.0.0.2:"* ]]
}

@test "a port that is taken is exit 1" {
    sandbox_start
    run timeout 10 "$AUDIENCE_SANDBOX" --listen "127.0.0.1:$(cat "$work/port")"
    [ "$status" = 1 ]
    [[ $output == *"cannot listen on"* ]]
}

@test "help, version, unknown options" {
    run timeout 10 "$AUDIENCE_SANDBOX" --help
    [ "$status" = 0 ]
    for word in --listen --db --api-key --seed --rate --latency --list-lag --fault --port-file \
        --random-seed --set seq_sandbox_key reset-before commit-late companies; do
        [[ $output == *"$word"* ]]
    done
    run timeout 10 "$AUDIENCE_SANDBOX" --version
    [ "$status" = 0 ]
    [[ $output =~ ^audience-sandbox\ [0-9.]+$ ]]
    for bad in --bogus -x extra --db --latency=x --latency=-1 --random-seed=a --list-lag=; do
        run timeout 10 "$AUDIENCE_SANDBOX" "$bad"
        [ "$status" = 64 ]
        [ "${#lines[@]}" = 1 ]
    done
}

@test "committed syncs survive kill -9" {
    sandbox_start --rate off --db "$work/db"
    for i in 1 2 3 4 5; do
        request POST /audience-syncs "$(create_body "N$i")"
        [ "$code" = 200 ]
    done
    id=$(get .audienceSync.id)
    sandbox_stop KILL
    sandbox_start --rate off --db "$work/db"
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 5 ]
    [ "$(get '.audienceSyncs[4].id')" = "$id" ]
    request DELETE "/audience-syncs/$id"
    sandbox_stop KILL
    sandbox_start --rate off --db "$work/db"
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 4 ]
}

@test "kill -9 amid many creates: what was answered is there" {
    sandbox_start --rate off --db "$work/db"
    for worker in 1 2 3 4; do
        (
            for i in $(seq 200); do
                curl -s -m 5 -H "Authorization: Bearer $KEY" -d "$(create_body "$worker-$i")" \
                    "$url/audience-syncs" || exit 0
                echo
            done
        ) >"$work/answers.$worker" 3>&- &
    done
    sleep 0.7
    sandbox_stop KILL
    wait
    sandbox_start --rate off --db "$work/db"
    request GET /audience-syncs
    jq -r '.audienceSyncs[].id' <<<"$body" | sort >"$work/live"
    cat "$work"/answers.* | jq -r .audienceSync.id | sort >"$work/answered"
    [ -s "$work/answered" ]
    [ -z "$(comm -23 "$work/answered" "$work/live")" ]
}

@test "a database is seeded once; keys of options go with the options" {
    echo '{"audienceSyncs": [{"adAccountId": "act_1", "audienceName": "N"}]}' >"$work/seed"
    sandbox_start --db "$work/db" --seed "$work/seed" --api-key seq_a
    sandbox_stop
    sandbox_start --db "$work/db" --seed "$work/seed" --api-key seq_b
    key=seq_b
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 1 ]
    key=seq_a
    request GET /audience-syncs
    [ "$code" = 401 ]
}

@test "a file that is no database is refused" {
    echo "something else, long enough to be looked at as a header of a database file" >"$work/db"
    run timeout 10 "$AUDIENCE_SANDBOX" --db "$work/db"
    [ "$status" = 1 ]
    [[ $output == *"cannot use '$work/db'"* ]]
    run timeout 10 "$AUDIENCE_SANDBOX" --db "$work/none/db"
    [ "$status" = 1 ]
}

@test "a seed: any field, duplicates, raw items, keys" {
    cat >"$work/seed" <<'SEED'
{"companies": [{"id": "c1", "name": "One", "role": "viewer"},
               {"id": "c2", "name": "Two", "metaConnected": false}],
 "keys": [{"key": "seq_live_1"}, {"key": "seq_live_2", "companies": ["c2"]},
          {"key": "odd", "type": "personal"}],
 "adAccounts": [{"companyId": "c1", "id": "act_1", "name": "A", "currency": "EUR"}],
 "segments": [{"companyId": "c1", "id": "seg_1", "name": "Seg", "activeSubscriberCount": 7}],
 "audienceSyncs": [
   {"companyId": "c1", "segmentId": "seg_1", "adAccountId": "act_1", "audienceName": "Same"},
   {"companyId": "c1", "segmentId": "seg_1", "adAccountId": "act_1", "audienceName": "Same",
    "id": "sync_given", "isActive": false, "syncStatus": "error", "lastSyncError": "no",
    "lastSyncAt": "2026-01-01T00:00:00.000Z", "frequency": "hourly", "extra": {"x": [1]}},
   {"companyId": "c1", "raw": {"id": 5, "audienceName": null}},
   {"companyId": "c1", "raw": "not an object"}]}
SEED
    sandbox_start --seed "$work/seed"
    key=seq_live_1
    request GET /audience-syncs
    [ "$code" = 200 ]
    [ "$(get '.audienceSyncs[0] | [.segmentName, .frequency, .isActive, .syncStatus] | join(" ")')" = \
        "Seg daily true idle" ]
    [ "$(get '.audienceSyncs[1] | [.id, .isActive, .syncStatus, .extra.x[0]] | join(" ")')" = \
        "sync_given false error 1" ]
    [ "$(get '.audienceSyncs[2:] | tojson')" = '[{"id":5,"audienceName":null},"not an object"]' ]
    request GET /ad-accounts
    [ "$body" = '{"success": true, "adAccounts": [{"id": "act_1", "name": "A", "currency": "EUR"}]}' ]
    key=seq_live_2
    request GET /audience-syncs
    [ "$(get '.audienceSyncs | length')" = 0 ]
    request GET /ad-accounts
    [ "$code" = 400 ]
    key=odd
    request GET /account
    [ "$(get '[.companies[] | .id, .role] | join(" ")')" = "c1 viewer c2 owner" ]
    key=$KEY
    request GET /account
    [ "$code" = 401 ]
}

@test "seeds that are wrong name the place" {
    wrong() { # SEED WORDS
        echo "$1" >"$work/seed"
        run timeout 10 "$AUDIENCE_SANDBOX" --seed "$work/seed"
        [ "$status" = 1 ]
        [ "${#lines[@]}" = 1 ]
        [[ $output == *"seed '$work/seed': $2"* ]]
    }
    wrong '{' 'not valid JSON'
    wrong '[]' 'must be an object'
    wrong '{"audienceSync": []}' "unknown key 'audienceSync', did you mean 'audienceSyncs'?"
    wrong '{"segments": {}}' "'segments' must be a list"
    wrong '{"segments": [{"id": "a", "name": "A"}, 1]}' 'segments[1]: must be an object'
    wrong '{"companies": [{"id": 1}]}' "companies[0]: 'id' must be a string"
    wrong '{"companies": [{"id": "c", "nam": "x"}]}' "companies[0]: unknown key 'nam', did you mean 'name'?"
    wrong '{"companies": []}' "'companies' is empty"
    wrong '{"keys": [{"key": "k", "type": "x"}]}' "keys[0]: 'type' must be"
    wrong '{"keys": [{"key": "k", "scopes": [1]}]}' "keys[0]: 'scopes' must be a list of strings"
    wrong '{"keys": [{"key": "k", "companies": ["z"]}]}' "keys[0]: there is no company 'z'"
    wrong '{"audienceSyncs": [{"companyId": "z"}]}' "audienceSyncs[0]: there is no company 'z'"
    wrong '{"audienceSyncs": [{"audienceName": "x"}]}' "audienceSyncs[0]: 'adAccountId' is missing"
    run timeout 10 "$AUDIENCE_SANDBOX" --seed "$work/none"
    [ "$status" = 1 ]
}

@test "100,000 syncs are listed in a few seconds" {
    jq -nc '{audienceSyncs: [range(100000) | {segmentId: "seg_vips", adAccountId: "act_1234567890",
        audienceName: "Audience \(.)"}]}' >"$work/seed"
    sandbox_start --seed "$work/seed"
    SECONDS=0
    request GET /audience-syncs
    [ "$code" = 200 ]
    [ "$SECONDS" -le 5 ]
    [ "$(jq '.audienceSyncs | length' "$work/body")" = 100000 ]
}
