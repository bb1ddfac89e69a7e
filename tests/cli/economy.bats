#!/usr/bin/env bats
# What a run costs beside its time: requests, and libraries that have to be set up.

load ../support/sandbox-helpers

setup() {
    sandbox_setup
    audiencectl=$AUDIENCECTL_BIN/audiencectl
    cat >"$work/a.yaml" <<'MANIFEST'
apiVersion: audiencectl/v1
audienceSyncs:
  - {audienceName: VIPs, adAccountId: act_1234567890, segmentId: seg_vips}
MANIFEST
    export SEQUENZY_API_KEY=$KEY
}

teardown() { sandbox_teardown; }

@test "plan sends four requests, at the same time" {
    sandbox_start --latency 1500
    SEQUENZY_API_URL=$origin "$audiencectl" plan "$work/a.yaml" 3>&-
    log=$(curl -sS "$origin/__sandbox/log")
    echo "$log"
    [ "$(jq -c '[.requests[] | .method] | unique' <<<"$log")" = '["GET"]' ]
    [ "$(jq '[.requests[] | .path] | length' <<<"$log")" = 4 ]
    [ "$(jq '[.requests[] | .path] | unique | length' <<<"$log")" = 4 ]
    [ "$(jq '([.requests[].ms] | max) < ([.requests[].endMs] | min)' <<<"$log")" = true ]
}

# The library is set up by the first call of these, which the linker then binds: not before, as long
# as nothing tells it to bind all at the start.
called() {
    LD_DEBUG=bindings "$audiencectl" "$@" 2>&1 >/dev/null 3>&- |
        sed -nE 's/.*file [^ ]*audiencectl .*`(curl_global_init|git_libgit2_init|EVP_DigestInit_ex).*/\1/p' |
        sort -u | paste -sd' '
}

@test "a command sets up only the libraries that it uses" {
    sandbox_start
    export SEQUENZY_API_URL=$origin
    [ "$(called version)" = "" ]
    [ "$(called help plan)" = "" ]
    [ "$(called validate "$work/a.yaml")" = "" ]
    [ "$(called validate "$work/a.yaml" -o json)" = "EVP_DigestInit_ex" ]
    [ "$(called plan "$work/a.yaml")" = "curl_global_init" ]
    git -C "$work" init -q
    git -C "$work" add a.yaml
    git -C "$work" -c user.name=test -c user.email=test@localhost commit -qm test
    [ "$(called validate --git "$work")" = "git_libgit2_init" ]
}

# The limits of a minute, 100 requests: before the creates go four reads, the list and the account
# once more, and after them the list that verifies them.
@test "the time that plan tells counts the reads of apply in" {
    sandbox_start
    export SEQUENZY_API_URL=$origin
    for count in 93 94; do
        {
            printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs:'
            seq -f '  - {audienceName: A %g, adAccountId: act_1234567890, segmentId: seg_vips}' "$count"
        } >"$work/many.yaml"
        "$audiencectl" plan "$work/many.yaml" -o json >"$work/plan$count.json"
    done
    [ "$(jq .apply.requests "$work/plan93.json")" = 93 ]
    [ "$(jq .apply.ms "$work/plan93.json")" -lt 6000 ]
    [ "$(jq .apply.ms "$work/plan94.json")" -gt 60000 ]
    "$audiencectl" plan "$work/many.yaml" | grep -q '^Cost: *94 requests, 116,560 people uploaded, at least 1 min 1 s '
}
