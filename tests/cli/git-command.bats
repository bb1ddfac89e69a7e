#!/usr/bin/env bats
# Git source: the options of audiencectl, against real servers.

bats_require_minimum_version 1.5.0
load ../support/git-helpers.bash
load ../support/git-https.bash

setup_file() {
    need git git
    need jq jq
    need python3 python3
    need openssl openssl
    need nginx nginx-light
    need fcgiwrap fcgiwrap
    isolate
    root=$BATS_FILE_TMPDIR/root
    mkdir -p "$root/private"
    make_repository "$root/open/origin"
    git clone -q --bare "$root/open/origin" "$root/private/origin.git"
    start_https "$root"
    start_silent
    start "${AUDIENCECTL_BIN:?is the folder of the programs}/audience-sandbox" \
        --port-file "$BATS_FILE_TMPDIR/sandbox-port"
    wait_until test -s "$BATS_FILE_TMPDIR/sandbox-port"
    SEQUENZY_API_URL=http://127.0.0.1:$(cat "$BATS_FILE_TMPDIR/sandbox-port")
    export SEQUENZY_API_URL SEQUENZY_API_KEY=seq_sandbox_key root servers silent_port
}

teardown_file() {
    stop_servers
}

setup() {
    audiencectl=$AUDIENCECTL_BIN/audiencectl
    repository=$root/open/origin
    private=https://localhost:$port_good/private/origin.git
    main=$(git -C "$repository" rev-parse main)
    export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache TMPDIR=$BATS_TEST_TMPDIR/tmp
    mkdir "$TMPDIR"
    unset AUDIENCECTL_GIT_TOKEN
}

@test "validate reads a commit, and places in messages name it" {
    run -0 "$audiencectl" validate --git "$repository" --ref feature
    cp -r "$repository" "$BATS_TEST_TMPDIR/wrong"
    echo 'wrong: 1' >>"$BATS_TEST_TMPDIR/wrong/audiences/one.yaml"
    git -C "$BATS_TEST_TMPDIR/wrong" commit -q -a -m wrong
    commit=$(git -C "$BATS_TEST_TMPDIR/wrong" rev-parse --short=7 main)
    run -1 "$audiencectl" validate --git "$BATS_TEST_TMPDIR/wrong"
    expect_text "$commit:audiences/one.yaml:6:1: error: unknown key 'wrong' [unknown-key]"
}

@test "documents name the files as they are in the tree, and show names the commit again" {
    cd "$BATS_TEST_TMPDIR"
    "$audiencectl" plan --git "$repository" --out plan.json >plan.text
    grep -q "^Commit   $main " plan.text
    grep -q ' at audiences/one.yaml:' plan.text
    "$audiencectl" show plan.json | cmp plan.text -
    "$audiencectl" show plan.json -o json | cmp plan.json -
    [ "$(jq -r '.syncs[].location.file' plan.json)" = $'audiences/eu/two.yml\naudiences/one.yaml' ]
    "$audiencectl" show plan.json -o junit | grep -q 'classname="audiences/one.yaml"'
}

@test "plan reports the URL, the ref, the commit and the digest" {
    run -0 "$audiencectl" plan --git "$repository" --ref v1.0 --path audiences --report "json=$BATS_TEST_TMPDIR/plan.json"
    expect_text "${main:0:7}"
    [ "$(jq -r .source.kind "$BATS_TEST_TMPDIR/plan.json")" = git ]
    [ "$(jq -r .source.url "$BATS_TEST_TMPDIR/plan.json")" = "$repository" ]
    [ "$(jq -r .source.ref "$BATS_TEST_TMPDIR/plan.json")" = v1.0 ]
    [ "$(jq -r .source.commit "$BATS_TEST_TMPDIR/plan.json")" = "$main" ]
    [ "$(jq -r .source.files "$BATS_TEST_TMPDIR/plan.json")" = 2 ]
    jq -e '.source.digest | startswith("sha256:")' "$BATS_TEST_TMPDIR/plan.json"
}

@test "every report of every command names the whole commit" {
    for command in validate plan drift; do
        for format in text json markdown html junit sarif github; do
            run "$audiencectl" $command --git "$repository" --ref v1.0 --path audiences -o $format
            expect_text "$main"
        done
    done
}

@test "uncommitted changes are a warning" {
    cp -r "$repository" "$BATS_TEST_TMPDIR/dirty"
    manifest new >"$BATS_TEST_TMPDIR/dirty/audiences/new.yaml"
    run -0 "$audiencectl" validate --git "$BATS_TEST_TMPDIR/dirty"
    expect_text "warning: uncommitted changes are not read, only what is committed: 'audiences/new.yaml'"
    # It is about this run, and --strict is about manifests.
    echo '# more' >>"$BATS_TEST_TMPDIR/dirty/audiences/one.yaml"
    run -0 "$audiencectl" validate --strict --git "$BATS_TEST_TMPDIR/dirty" --path audiences/one.yaml
    expect_text "only what is committed: 'audiences/one.yaml'"
    run -0 "$audiencectl" validate --quiet --git "$BATS_TEST_TMPDIR/dirty"
    refute_text uncommitted
}

@test "the token comes from the environment or a file, and is in no output" {
    AUDIENCECTL_GIT_TOKEN=sesame run -0 "$audiencectl" validate -v --git "$private" --ca-file "$tls/trusted.pem"
    refute_text sesame
    echo sesame >"$BATS_TEST_TMPDIR/token"
    run -0 "$audiencectl" validate --git "$private" --ca-file "$tls/trusted.pem" --git-token-file "$BATS_TEST_TMPDIR/token"
    AUDIENCECTL_GIT_TOKEN=wrongwrong run -1 "$audiencectl" validate -v --git "$private" --ca-file "$tls/trusted.pem"
    expect_text "check the token, its expiry, and the user in the URL"
    refute_text wrongwrong
    run -1 "$audiencectl" validate --git "$private" --ca-file "$tls/trusted.pem"
    expect_text AUDIENCECTL_GIT_TOKEN
    run -1 grep -r sesame "$XDG_CACHE_HOME"
}

@test "an invalid token in the environment does not matter beside a token file" {
    echo sesame >"$BATS_TEST_TMPDIR/token"
    AUDIENCECTL_GIT_TOKEN='not a token' run -0 "$audiencectl" validate --git "$private" --ca-file "$tls/trusted.pem" --git-token-file "$BATS_TEST_TMPDIR/token"
    AUDIENCECTL_GIT_TOKEN='not a token' run -1 "$audiencectl" validate --git "$private" --ca-file "$tls/trusted.pem"
    refute_text "not a token"
}

@test "no report and no line of -v holds a credential, whoever wrote it" {
    for format in text json markdown html junit sarif github; do
        AUDIENCECTL_GIT_TOKEN=sesame run -1 "$audiencectl" validate -v -o $format \
            --git "https://localhost:$port_good/echo/x" --ca-file "$tls/trusted.pem"
        refute_text sesame
        refute_text "$(printf git:sesame | base64)"
        for address in "https:/u:SECRET@h" "//u:SECRET@h/x" "u:SECRET@h/x" "https://u:SECRET@localhost:1/x"; do
            run "$audiencectl" validate -v -o $format --timeout 3 --deadline 3 --git "$address"
            refute_text SECRET
            run "$audiencectl" validate -v -o $format "$address"
            refute_text SECRET
        done
    done
}

@test "a path in a report is as a reader of the repository writes it" {
    cd "$repository"
    sed -i 's/act_1234567890/act_x/' audiences/one.yaml
    for path in ./audiences/ audiences//one.yaml "$repository/../origin/audiences/./one.yaml" audiences/eu/../one.yaml; do
        run -1 "$audiencectl" validate -o sarif "$path"
        refute_text "./"
        refute_text "audiences//"
        refute_text ".."
        expect_text "audiences/one.yaml"
    done
    git checkout -q audiences/one.yaml
}

@test "the cache is below XDG_CACHE_HOME, and --no-cache leaves nothing" {
    run -0 "$audiencectl" validate --no-cache --git "https://localhost:$port_good/open/origin" --ca-file "$tls/trusted.pem"
    [ ! -e "$XDG_CACHE_HOME" ]
    [ -z "$(ls -A "$TMPDIR")" ]
    run -0 "$audiencectl" validate --git "https://localhost:$port_good/open/origin" --ca-file "$tls/trusted.pem"
    [ "$(find "$XDG_CACHE_HOME/audiencectl" -name '*.pack' | wc -l)" = 1 ]
}

@test "a signal, the time-out and the deadline end a fetch" {
    for signal in 2:130 15:143; do
        # Python, because a shell starts background commands with SIGINT ignored.
        run -"${signal#*:}" python3 - "$audiencectl" "$silent_port" "${signal%:*}" <<'PYTHON'
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
run = subprocess.Popen([sys.argv[1], "validate", "--no-cache", "--timeout", "60", "--git",
                        "git://127.0.0.1:" + sys.argv[2] + "/x"])
# It fetches in a child: once that is there, the signals are attended to.
while subprocess.run(["pgrep", "-P", str(run.pid)], stdout=subprocess.DEVNULL).returncode:
    time.sleep(0.02)
run.send_signal(int(sys.argv[3]))
sys.exit(run.wait(5))
PYTHON
    done
    run -1 "$audiencectl" validate --timeout 500ms --git "git://127.0.0.1:$silent_port/x"
    expect_text "no data from the Git server for 1 s"
    run -1 "$audiencectl" validate --deadline 500ms --git "git://127.0.0.1:$silent_port/x"
    expect_text "deadline exceeded"
    [ -z "$(ls -A "$TMPDIR")" ]
}

@test "options that need --git, and --git with a path operand, are usage errors" {
    for option in --ref=x --path=x --git-token-file=x --ssh-key=x --no-cache; do
        run -64 "$audiencectl" validate "$option" .
    done
    run -64 "$audiencectl" validate --git "$repository" audiences
}
