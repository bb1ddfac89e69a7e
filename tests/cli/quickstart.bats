#!/usr/bin/env bats
# examples/quickstart.sh, which is what a newcomer runs first. It builds the release.

@test "the quickstart shows the whole way and leaves nothing behind" {
    export TMPDIR="$BATS_TEST_TMPDIR"
    cd / || return
    "$BATS_TEST_DIRNAME/../../examples/quickstart.sh" >"$BATS_TEST_TMPDIR.out" 3>&-
    # in this order
    sed -n -e '/^valid: audiences (4 syncs in 2 manifests)$/p' -e '/^Next: .* create 4 syncs/p' \
        -e '/^Apply:   4 created, 0 already there, 0 failed/p' -e '/^Next:    nothing to create/p' \
        -e '/^\$ audiencectl drift/,$s/^Summary: 4 syncs desired: 4 in sync, 0 missing, 0 drifted.*/no drift/p' \
        "$BATS_TEST_TMPDIR.out" | cut -c 1-12 >"$BATS_TEST_TMPDIR.way"
    diff "$BATS_TEST_TMPDIR.way" - <<'WAY'
valid: audie
Next:    app
Apply:   4 c
Next:    not
no drift
WAY
    [ -z "$(ls -A "$TMPDIR")" ]
}
