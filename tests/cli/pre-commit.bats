#!/usr/bin/env bats
# The hook that .pre-commit-hooks.yaml offers. Needs AUDIENCECTL_BIN, the folder with the programs.

setup() {
    PATH="$AUDIENCECTL_BIN:$PATH"
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

@test "its entry passes good manifests and stops bad ones" {
    entry=$(python3 -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))[0]["entry"])' \
        "$root/.pre-commit-hooks.yaml")
    [ "$($entry)" = "valid: . (4 syncs in 2 manifests)" ]
    break_a_manifest
    run $entry
    [ "$status" -eq 1 ]
    [[ $output == *"audiences/retention.yaml"*"[bad-frequency]"* ]]
}

@test "pre-commit itself installs and runs it" {
    command -v pre-commit || skip "pre-commit is not installed"
    git init -q -b main ../hooks
    cp "$root/.pre-commit-hooks.yaml" ../hooks
    git -C ../hooks add .
    git -C ../hooks commit -q -m hooks
    cat >.pre-commit-config.yaml <<END
repos:
  - repo: $BATS_TEST_TMPDIR/hooks
    rev: $(git -C ../hooks rev-parse HEAD)
    hooks:
      - id: audiencectl-validate
END
    git add .
    pre-commit install
    git commit -q -m good
    break_a_manifest
    run git commit -q -m bad
    [ "$status" -ne 0 ]
    [[ $output == *"[bad-frequency]"* ]]
    [ "$(git rev-list --count HEAD)" -eq 1 ]
}
