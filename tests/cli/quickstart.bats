#!/usr/bin/env bats
# examples/quickstart.sh, which is what a newcomer runs first. It builds the release.

@test "the quickstart shows the whole way and leaves nothing behind" {
    export TMPDIR="$BATS_TEST_TMPDIR"
    cd / || return
    "$BATS_TEST_DIRNAME/../../examples/quickstart.sh" >"$BATS_TEST_TMPDIR.out" 3>&-
    # in this order
    grep -E '^(valid|Next|Apply|Verified|Verdict): ' "$BATS_TEST_TMPDIR.out" >"$BATS_TEST_TMPDIR.way"
    diff "$BATS_TEST_TMPDIR.way" - <<'WAY'
valid: audiences (4 syncs in 2 manifests)
Next:     apply will create 4 syncs
Apply:    4 created
Verified: the list shows every created sync once
Next:     nothing to create
Verdict:  no difference that counts
WAY
    [ -z "$(ls -A "$TMPDIR")" ]
}
