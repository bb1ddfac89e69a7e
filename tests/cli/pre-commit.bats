#!/usr/bin/env bats
# The hooks that .pre-commit-hooks.yaml offers. Needs AUDIENCECTL_BIN, the folder with the programs.

bats_require_minimum_version 1.5.0

setup() {
    export HOME="$BATS_TEST_TMPDIR" PRE_COMMIT_HOME="$BATS_TEST_TMPDIR/cache"
    export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    git init -q -b main "$BATS_TEST_TMPDIR/ads"
    cd "$BATS_TEST_TMPDIR/ads" || return
    cp -r "$root/examples/audiences" .
    git add .
}

break_a_manifest() {
    sed -i 's/frequency: hourly/frequency: sometimes/' audiences/retention.yaml
    git add .
}

# entry ID: the words of its entry
entry() {
    python3 -c 'import sys, yaml; print(next(h["entry"] for h in yaml.safe_load(open(sys.argv[1])) if h["id"] == sys.argv[2]))' \
        "$root/.pre-commit-hooks.yaml" "$1"
}

# passes_and_stops ENTRY: it does so with good and bad manifests
passes_and_stops() {
    [ "$($1)" = "valid: . (4 syncs in 2 manifests)" ]
    break_a_manifest
    # shellcheck disable=SC2086
    run -1 $1
    [[ $output == *"audiences/retention.yaml"*"[bad-frequency]"* ]]
}

@test "the hook with an installed program passes good manifests and stops bad ones" {
    PATH="$AUDIENCECTL_BIN:$PATH"
    passes_and_stops "$(entry audiencectl-validate-system)"
}

@test "the hook that builds uses what it has built" {
    mkdir -p ../hooks/cmd/package ../hooks/build/release
    cp "$root/cmd/package/pre-commit.sh" ../hooks/cmd/package
    ln -s "$AUDIENCECTL_BIN" ../hooks/build/release/bin
    passes_and_stops "../hooks/$(entry audiencectl-validate)"
}

@test "the hook that builds says what is missing when it cannot" {
    mkdir -p ../hooks/cmd/package ../hooks/tests/support
    cp "$root/cmd/package/pre-commit.sh" ../hooks/cmd/package
    cp "$root/tests/support/packages.sh" ../hooks/tests/support
    run -1 "../hooks/$(entry audiencectl-validate | cut -d ' ' -f 1)" validate
    [[ $output == *"audiencectl could not be built"*"apt-get install cmake "* ]]
}

@test "pre-commit itself builds and runs it" {
    command -v pre-commit || skip "pre-commit is not installed"
    mkdir ../hooks
    tar -c -C "$root" --exclude=./build --exclude=./.git . | tar -x -C ../hooks
    git init -q -b main ../hooks
    git -C ../hooks add .
    git -C ../hooks commit -q -m hooks
    cat >.pre-commit-config.yaml <<HOOK
repos:
  - repo: $BATS_TEST_TMPDIR/hooks
    rev: $(git -C ../hooks rev-parse HEAD)
    hooks:
      - id: audiencectl-validate
HOOK
    git add .
    pre-commit install
    git commit -q -m good
    break_a_manifest
    run ! git commit -q -m bad
    [[ $output == *"[bad-frequency]"* ]]
    [ "$(git rev-list --count HEAD)" -eq 1 ]
}
