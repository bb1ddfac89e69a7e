#!/usr/bin/env bats
# The command line itself: what is usage, where things are printed, what the environment sets.
# Needs AUDIENCECTL_BIN, the folder with the programs.
bats_require_minimum_version 1.5.0

setup() {
    PATH="$AUDIENCECTL_BIN:$PATH"
    unset SEQUENZY_API_KEY SEQUENZY_API_URL SEQUENZY_COMPANY_ID
    cd "$BATS_TEST_TMPDIR" || return
    export HOME="$BATS_TEST_TMPDIR"
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs: []' >empty.yaml
}

# usage ARGUMENT...: exit 64, nothing on stdout, one line on stderr
usage() {
    local code=0
    audiencectl "$@" >out 2>err || code=$?
    echo "audiencectl $*: exit $code, $(cat out err)"
    [ "$code" -eq 64 ]
    [ ! -s out ]
    [ "$(wc -l <err)" -eq 1 ]
    grep -q '^audiencectl: error: ' err
}

@test "no command: the help, and exit 64" {
    run -64 audiencectl
    [[ "$output" == "usage: audiencectl "*"  apply "* ]]
}

@test "an unknown command, options before it, the words of other programs" {
    usage pln
    grep -q "did you mean 'plan'" err
    usage -v plan
    grep -q "options go after the command: audiencectl COMMAND -v" err
    usage help pln
    usage valid
    grep -q "did you mean 'validate'" err
    usage diff
    grep -q "did you mean 'drift'" err
    usage status
    grep -q "did you mean 'get syncs'" err
    usage apply --dry-run
    grep -q "did you mean 'plan'" err
}

@test "unknown options and options that have no meaning for the command" {
    usage plan --nope
    usage plan --nope=1
    usage plan -X
    usage plan -vX
    usage plan --detailed-exitcod
    grep -q "did you mean '--detailed-exitcode'" err
    usage plan --repor json
    grep -q "did you mean '--report'" err
    usage plan --yes
    grep -q "no meaning for 'plan'" err
    usage plan -y
    usage plan --plan x
    usage validate --api-url https://example.com
    usage validate --name x
    usage validate --no-preflight
    usage apply --out x
    usage drift --max-creates 1
    usage show x --git y
    usage export --var a=b
    usage get syncs --label a=b
    usage get segments --ad-account act_1
    usage version --report json
}

@test "what gives access to Git is for manifests and for the ledger" {
    mkdir ledger && echo x >key
    for option in --ssh-key --git-token-file; do
        usage plan "$option" key
        grep -q "option '$option' needs '--git'" err
        run -4 audiencectl log --ledger ledger "$option" key
        run -1 audiencectl plan --ledger ledger "$option" key
    done
}

@test "options are written out" {
    usage plan --time 5
    usage plan --detailed
    usage plan --ver
}

@test "missing, empty and superfluous values" {
    usage plan --timeout
    usage plan -o
    usage plan --name=
    usage plan --ref ''
    usage plan --quiet=yes
    usage validate --strict=1
}

@test "values that cannot be" {
    usage plan --timeout x
    usage plan --timeout 0
    usage plan --deadline -1
    usage plan --rate 5
    usage plan --company 'comp 1'
    usage plan --name $'\xff*'
    usage plan --color sometimes
    usage plan --api-url http://example.com
    usage plan --api-url ftp://example.com
    usage plan -o xml
    usage plan -o json=
    usage apply --max-creates -1
    usage apply --max-creates 1x
    usage apply --settle 5x
    usage apply --plan-ttl soon
    usage drift --fail-on missing,lost
    usage plan --var noequals empty.yaml
    usage plan --var 1=2 empty.yaml
    usage get sync
    usage completion tcsh
}

@test "operands: too few, too many, together with what excludes them" {
    usage show
    usage show a b
    usage get
    usage version x
    usage export dir
    usage plan --git repository manifests
    usage plan --ref main
    usage apply --plan-ttl 1h manifests
    usage plan --path a
    usage apply --plan p.json manifests
    usage apply --plan p.json --var a=b
    usage apply --plan p.json --name x
    usage apply --plan p.json --git x
}

@test "two reports to one place" {
    usage plan -o json -o html
    usage plan -o json=a -o html=a
    usage plan -o json=a --out a
    usage plan -o json=a -o html=./a
    usage plan -o json -o html=/dev/stdout
    usage drift --history a -o json=./a
}

@test "a report for /dev/stdout goes to standard output, and /dev stays as it is" {
    before=$(ls -l /dev/stdout /dev/stderr)
    audiencectl validate -o json=/dev/stdout empty.yaml >out
    jq -e '.command == "validate"' out
    echo first >out
    audiencectl validate -o json=/dev/stderr empty.yaml 2>>out
    [ "$(head -n 1 out)" = first ]
    tail -n +2 out | jq -e '.command == "validate"'
    [ "$(ls -l /dev/stdout /dev/stderr)" = "$before" ]
}

@test "a bad environment twin is usage, and names the variable" {
    AUDIENCECTL_TIMEOUT=x usage plan
    grep -q AUDIENCECTL_TIMEOUT err
    AUDIENCECTL_DEADLINE=x usage plan
    AUDIENCECTL_RATE=x usage drift
    AUDIENCECTL_NO_PREFLIGHT=maybe usage plan
    SEQUENZY_API_URL=http://example.com usage get syncs
    grep -q SEQUENZY_API_URL err
}

@test "the command line wins over the environment, and empty means absent" {
    export SEQUENZY_API_KEY=seq_test_key
    AUDIENCECTL_RATE=x run audiencectl plan --rate off --api-url http://127.0.0.1:1 empty.yaml
    [ "$status" -eq 1 ]
    AUDIENCECTL_TIMEOUT='' AUDIENCECTL_NO_PREFLIGHT='' run audiencectl plan --api-url http://127.0.0.1:1 empty.yaml
    [ "$status" -eq 1 ]
}

@test "validate asks for no key and does not judge one" {
    SEQUENZY_API_KEY=$'bad\nkey' SEQUENZY_API_URL=nonsense run audiencectl validate empty.yaml
    [ "$status" -eq 0 ]
}

@test "no key" {
    run audiencectl plan empty.yaml
    [ "$status" -eq 1 ]
    [[ "$output" == *"no API key is given"*"SEQUENZY_API_KEY"* ]]
}

@test "a key that could not stand in a header is not printed" {
    SEQUENZY_API_KEY=$'se\ncret' run audiencectl plan empty.yaml
    [ "$status" -eq 1 ]
    [[ "$output" == *SEQUENZY_API_KEY* ]]
    [[ "$output" != *cret* ]]
}

@test "options before, between and behind operands; -- ends them" {
    cp empty.yaml -- --strict
    run audiencectl validate -q empty.yaml --strict -- --strict
    [ "$status" -eq 0 ]
    POSIXLY_CORRECT=1 run audiencectl validate empty.yaml --strict
    [ "$status" -eq 0 ]
    POSIXLY_CORRECT=1 usage validate empty.yaml --yes
}

@test "help names every command, and every option of a command" {
    run audiencectl help
    [ "$status" -eq 0 ]
    for command in validate plan apply drift show export get version help completion; do
        [[ "$output" == *"  $command "* ]]
        audiencectl help "$command" >one
        audiencectl "$command" --help >two
        audiencectl "$command" -h >three
        cmp one two
        cmp one three
        grep -q '^usage: audiencectl '"$command" one
    done
    audiencectl help plan | grep -q -- --detailed-exitcode
    audiencectl --help >one
    audiencectl help >two
    cmp one two
}

@test "version" {
    run audiencectl version
    [ "$status" -eq 0 ]
    [[ "$output" =~ ^audiencectl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    run audiencectl --version
    [ "$status" -eq 0 ]
}

@test "what completion asks: the words so far, the last one unfinished" {
    [ "$(audiencectl __complete)" = "$(audiencectl __complete '')" ]
    audiencectl __complete plan --detailed | grep -qx -- $'--detailed-exitcode\tExit with 2 .*'
    [ "$(audiencectl __complete plan --yes)" = '' ]
    [ "$(audiencectl __complete plan -o html=)" = :files ]
    [ "$(audiencectl __complete plan --report=html=dr)" = :files ]
    [ "$(audiencectl __complete export --dir '')" = :folders ]
    [ "$(audiencectl __complete nonsense '')" = '' ]
    [ "$(audiencectl __complete help dr | cut -f 1)" = drift ]
    for shell in bash zsh fish; do audiencectl completion "$shell" >script; done
    grep -q '^#compdef audiencectl' <(audiencectl completion zsh)
}

@test "a reader that has seen enough is no error" {
    set -o pipefail
    for command in help 'completion bash' 'validate -o json empty.yaml' 'validate -o html empty.yaml'; do
        # shellcheck disable=SC2086
        audiencectl $command 2>err | :
        [ ! -s err ]
    done
}

@test "a standard output that does not block gets all of it" {
    for number in $(seq 3000); do echo "  - {audienceName: A $number, adAccountId: act_1, segmentId: 5}"; done |
        sed '1i apiVersion: audiencectl/v1\naudienceSyncs:' >many.yaml
    audiencectl validate many.yaml -o json >expected || true
    python3 - <<'PYTHON'
import fcntl, os, subprocess, time
read, write = os.pipe()
fcntl.fcntl(write, fcntl.F_SETFL, os.O_NONBLOCK)
program = subprocess.Popen(["audiencectl", "validate", "many.yaml", "-o", "json"], stdout=write,
                           stderr=subprocess.DEVNULL)
os.close(write)
time.sleep(0.3)
got = open(read, "rb").read()
assert program.wait() == 1
assert len(got) > 100000 and len(got) == len(open("expected", "rb").read()), len(got)
PYTHON
}

@test "a standard output that takes nothing is an error" {
    [ -e /dev/full ] || skip "no /dev/full"
    for command in version help "completion bash" "validate empty.yaml" "validate -o json empty.yaml"; do
        code=0
        # shellcheck disable=SC2086
        audiencectl $command >/dev/full 2>err || code=$?
        echo "$command: $code"
        [ "$code" -eq 1 ]
        grep -q 'cannot write to standard output' err
        code=0
        # shellcheck disable=SC2086
        audiencectl $command >&- 2>err || code=$?
        [ "$code" -eq 1 ]
    done
}

@test "closed standard streams do not let a report into the wrong file" {
    code=0
    audiencectl validate -o json=report.json empty.yaml >&- 2>&- <&- || code=$?
    [ "$code" -eq 1 ]
    jq -e '.command == "validate"' report.json
}

@test "a report file that cannot be written is found before anything is done" {
    code=0
    audiencectl validate -o json=nowhere/report.json empty.yaml >out 2>err || code=$?
    [ "$code" -eq 1 ]
    grep -q "nowhere/report.json" err
}

@test "a report for a file that is mounted by itself is written into it, or refused before anything is done" {
    unshare -m true 2>/dev/null || skip "cannot mount"
    printf 'a very long line that was here before, longer than any report\n%.0s' $(seq 200) >mounted.json
    cp mounted.json target.json
    # shellcheck disable=SC2016
    unshare -m bash -c 'mount --bind mounted.json target.json && audiencectl validate -o json=target.json empty.yaml'
    jq -e '.command == "validate"' mounted.json
    code=0
    # shellcheck disable=SC2016
    unshare -m bash -c 'mount --bind mounted.json target.json && mount -o remount,ro,bind target.json &&
        exec audiencectl validate -o json=target.json empty.yaml' >out 2>err || code=$?
    cat err
    [ "$code" -eq 1 ]
    grep -q "cannot write 'target.json'" err
    [ ! -s out ]
}

@test "GITHUB_STEP_SUMMARY is added to, not replaced" {
    echo '# Before' >summary.md
    export GITHUB_STEP_SUMMARY=$PWD/summary.md
    audiencectl validate -o markdown="$GITHUB_STEP_SUMMARY" empty.yaml
    audiencectl validate -o markdown=./summary.md empty.yaml
    [ "$(head -n 1 summary.md)" = '# Before' ]
    [ "$(grep -c 'audiencectl validate' summary.md)" -ge 2 ]
}

@test "a report for /dev/stderr goes where standard error goes" {
    printf '%s\n' 'apiVersion: audiencectl/v1' 'nonsense: 1' >bad.yaml
    audiencectl validate -o json=/dev/stderr bad.yaml 2>both >out || true
    grep -q 'error: unknown key' both
    grep -q '"command": "validate"' both
    audiencectl validate -o json=/dev/fd/5 empty.yaml 5>five >out
    jq -e '.command == "validate"' five
    code=0
    audiencectl validate -o json=/dev/fd/77 empty.yaml >out 2>err || code=$?
    [ "$code" -eq 1 ]
}

@test "a report is written although the command fails" {
    export SEQUENZY_API_KEY=seq_test_key
    code=0
    audiencectl plan --api-url http://127.0.0.1:1 --timeout 1 --deadline 1 -o json=a.json -o html=b.html \
        --out c.json empty.yaml >out 2>err || code=$?
    [ "$code" -eq 1 ]
    jq -e '.outcome == "error" and .exitCode == 1' a.json
    [ -s b.html ]
    cmp a.json c.json
    [ -z "$(find . -name '*.??????' -newer empty.yaml ! -name '*.json' ! -name '*.html')" ]
}

@test "colour: only when asked for, or on a terminal" {
    printf '%s\n' 'apiVersion: audiencectl/v1' 'nonsense: 1' >bad.yaml
    run audiencectl validate bad.yaml
    [[ "$output" != *$'\e['* ]]
    run audiencectl validate --color always bad.yaml
    [[ "$output" == *$'\e['* ]]
    NO_COLOR=1 run audiencectl validate --color=always bad.yaml
    [[ "$output" == *$'\e['* ]]
    if command -v script >/dev/null; then
        TERM=xterm run script -qec 'audiencectl validate bad.yaml' /dev/null
        [[ "$output" == *$'\e['* ]]
        TERM=xterm NO_COLOR=1 run script -qec 'audiencectl validate bad.yaml' /dev/null
        [[ "$output" != *$'\e['* ]]
        TERM=dumb run script -qec 'audiencectl validate bad.yaml' /dev/null
        [[ "$output" != *$'\e['* ]]
    fi
}

@test "-q leaves only errors on standard error" {
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs:' \
        '  - {audienceName: A, adAccountId: act_1, predefinedSegmentId: unheard-of}' >warn.yaml
    audiencectl validate warn.yaml 2>err >out
    grep -q 'unknown-template' err
    audiencectl validate -q warn.yaml 2>err >out
    [ ! -s err ]
    [ "$(wc -l <out)" -eq 1 ]
}

@test "a mistyped URL as any operand or value does not show its password" {
    export SEQUENZY_API_KEY=seq_test_key SEQUENZY_API_URL=http://127.0.0.1:1 AUDIENCECTL_DEADLINE=1s
    local form command
    for form in 'https:/u:SECRET@h' '//u:SECRET@h/x' 'u:SECRET@h/x' 'https://u:SECRET@h/x' 'https://SECRET@h'; do
        for command in 'validate @' 'validate @ -v -o json=report.json' 'plan --git @' 'plan --api-url @' 'show @' \
            'apply --plan @' 'validate -o json=@ empty.yaml' '@' 'help @' 'get @' 'export --dir out --unmanaged @' \
            'drift --history @ empty.yaml' 'validate --var-file @ empty.yaml' 'plan --company @' 'plan --@' \
            'plan --api-key-file @ empty.yaml' 'plan --ca-file @ empty.yaml' 'plan --ref @ --git .'; do
            # shellcheck disable=SC2086
            timeout 20 audiencectl ${command//@/$form} --timeout 1 >out.txt 2>err.txt || true
            if grep -r SECRET out.txt err.txt; then
                echo "audiencectl ${command//@/$form}"
                return 1
            fi
            [ ! -e report.json ] || ! grep SECRET report.json
        done
    done
    usage validate https://u:SECRET@h/x
    grep -q "'https://\*\*\*@h/x' is a URL, not a file: read it with '--git'" err
}

@test "text of others cannot reach the terminal raw" {
    usage plan $'--\e[31mred'
    [ "$(LC_ALL=C grep -c $'\e' err)" -eq 0 ]
    usage $'pl\e[31man'
    [ "$(LC_ALL=C grep -c $'\e' err)" -eq 0 ]
}

@test "what a shell makes of <(command) is read; a pipe that nobody writes to is not waited for" {
    [ "$(audiencectl validate <(cat empty.yaml) | sed 's|/dev/fd/[0-9]*|PIPE|')" = \
        'valid: PIPE (0 syncs in 1 manifest)' ]
    # shellcheck disable=SC2016
    printf '%s\n' 'apiVersion: ${VERSION}' 'audienceSyncs: []' >variable.yaml
    audiencectl validate variable.yaml --var-file <(echo 'VERSION: audiencectl/v1')
    mkfifo pipe.yaml
    run timeout 10 audiencectl validate pipe.yaml
    [ "$status" -eq 1 ]
    [[ "$output" = *'not a manifest: the text is empty [no-manifest]'* ]]
}

@test "a crash would leave no core dump, which holds the key" {
    mkfifo input
    (
        ulimit -S -c "$(ulimit -H -c)"
        exec "$AUDIENCECTL_BIN/audiencectl" validate - <input >/dev/null 2>&1 3>&-
    ) &
    exec 9>input
    for _ in $(seq 100); do
        grep -q audiencectl "/proc/$!/comm" && break
        sleep 0.05
    done
    sleep 0.2
    limits=$(cat "/proc/$!/limits")
    exec 9>&-
    wait "$!" || true
    [[ $limits =~ "Max core file size"\ +0\  ]]
}

@test "a secret that does not count is not judged" {
    echo seq_test_key >key
    export SEQUENZY_API_KEY=$'bad\nkey'
    code=0
    audiencectl plan --api-key-file key --api-url http://127.0.0.1:1 --timeout 1 --deadline 1 empty.yaml 2>err || code=$?
    [ "$code" -eq 1 ]
    run ! grep SEQUENZY_API_KEY err
    unset SEQUENZY_API_KEY
    git init -q repository
    export AUDIENCECTL_GIT_TOKEN=$'bad\ntoken'
    audiencectl validate --git repository --git-token-file key 2>err || true
    run ! grep AUDIENCECTL_GIT_TOKEN err
}

@test "a key that is known, or given in place of something else, is not shown" {
    export SEQUENZY_API_KEY=Zq9TopSecret77
    for words in "$SEQUENZY_API_KEY" "plan --timeout $SEQUENZY_API_KEY" "get $SEQUENZY_API_KEY" \
        "plan --api-key-file $SEQUENZY_API_KEY" "plan --api-url http://127.0.0.1:9/?key=$SEQUENZY_API_KEY"; do
        # shellcheck disable=SC2086
        run "$AUDIENCECTL_BIN/audiencectl" $words
        [ "$status" -ne 0 ]
        [[ "$output" != *Zq9TopSecret77* ]]
    done
    unset SEQUENZY_API_KEY
    run "$AUDIENCECTL_BIN/audiencectl" plan --api-key-file seq_live_8fk2jd93 .
    [ "$status" = 1 ]
    [[ "$output" != *8fk2jd93* ]]
    run "$AUDIENCECTL_BIN/audiencectl" get syncs --api-url 'http://127.0.0.1:9/?key=seq_live_8fk2jd93'
    [ "$status" = 64 ]
    [[ "$output" != *8fk2jd93* ]]
}
