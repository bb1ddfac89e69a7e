#!/usr/bin/env bats
# What a person sees and answers at a terminal. Needs AUDIENCECTL_BIN and AUDIENCE_SANDBOX.

load ../support/sandbox-helpers
bats_require_minimum_version 1.5.0

QUESTION="Only 'yes' is taken as an answer: "

setup() {
    three_syncs_setup
    export TERM=xterm
    unset NO_COLOR
}

teardown() { sandbox_teardown; }

# start [OPTION...] begins a sandbox that audiencectl talks to.
start() {
    sandbox_start --rate off "$@"
    export SEQUENZY_API_URL="$origin"
}

# at_terminal OPTION... -- ARGUMENT...: what it showed is in shown, without colours and carriage
# returns in plain, its exit code in $code
at_terminal() {
    local options=()
    while [ "$1" != -- ]; do options+=("$1"); shift; done
    shift
    code=0
    "$BATS_TEST_DIRNAME/../support/at_terminal.py" "${options[@]}" -- "$AUDIENCECTL_BIN/audiencectl" "$@" \
        >shown || code=$?
    sed 's/\x1b\[[0-9;]*m//g; s/\r//g' shown >plain
    cat -v shown
}

@test "apply shows the plan, asks, and creates after yes" {
    start
    at_terminal --when "$QUESTION" --type 'yes\r' -- apply m.yaml --settle 1s
    [ "$code" = 0 ]
    [ "$(live_count)" = 3 ]
    question=$(grep -nx 'Create 3 audience syncs?' plain | cut -d: -f1)
    [ "$(grep -n "^+ 'C' is missing" plain | cut -d: -f1)" -lt "$question" ]
    [ "$(grep -n 'Apply:    3 created' plain | cut -d: -f1)" -gt "$question" ]
}

@test "whatever is not exactly yes creates nothing" {
    start
    for keys in 'no\r' 'y\r' 'YES\r' ' yes\r' 'yes \r' '\r' '\x04' 'yes\x04' 'yesyesyesyesyesyesyes\r'; do
        at_terminal --when "$QUESTION" --type "$keys" -- apply m.yaml || true
        [ "$code" = 4 ]
        grep -q 'not approved: nothing was created' plain
    done
    [ "$(live_count)" = 0 ]
}

@test "the question names company, API, syncs and people; a no prints one line, not the plan again" {
    start
    at_terminal --when "$QUESTION" --type 'no\r' -- apply m.yaml
    [ "$code" = 4 ]
    sed -n '/^Create /,$p' plain >asked
    diff asked - <<END
Create 3 audience syncs?
  Company  Acme (comp_123)
  API      $origin
  People   3,720
They are uploaded to Meta at once, and it cannot be undone.
${QUESTION}no
audiencectl: error: not approved: nothing was created
END
}

@test "Ctrl-C at the question creates nothing" {
    start
    at_terminal --when "$QUESTION" --type '\x03' -- apply m.yaml
    [ "$code" = 130 ]
    [ "$(live_count)" = 0 ]
    [ "$(grep -c "'A' is missing" plain)" = 1 ]
}

@test "a signal that was ignored at the start stays ignored" {
    start --latency 300
    (
        trap '' INT TERM HUP
        exec "$AUDIENCECTL_BIN/audiencectl" apply m.yaml --yes --settle 1s >out 2>err 3>&-
    ) &
    sleep 0.5
    kill -INT $! && kill -TERM $! && kill -HUP $!
    code=0
    wait $! || code=$?
    [ "$code" = 0 ]
    [ "$(live_count)" = 3 ]
}

# long_list: so much to create that a terminal takes the plan only while it is read
long_list() { seq -f '  - {audienceName: More %04.0f, segmentId: seg_vips}' 1000; }

@test "Ctrl-C while the plan is shown: nobody is asked any more" {
    start
    long_list >>m.yaml
    at_terminal --when 'Source ' --type '\x03' -- apply m.yaml -v >/dev/null
    [ "$code" = 130 ]
    run ! grep -q 'Create .* audience syncs?' plain
    grep -q 'not approved: nothing was created' plain
    [ "$(live_count)" = 0 ]
}

@test "what is typed before the question is no answer to it" {
    start
    long_list >>m.yaml
    at_terminal --when 'Source ' --type 'yes\r' --when "$QUESTION" --type '\x04' -- apply m.yaml -v --settle 1s >/dev/null
    [ "$code" = 4 ]
    [ "$(live_count)" = 0 ]
}

@test "what comes to be while the question waits is not created" {
    start
    body=$(create_body B)
    at_terminal --when "$QUESTION" --run "curl -sf -H 'Authorization: Bearer $KEY' -d '$body' '$url/audience-syncs' \
            -H 'Content-Type: application/json'" --type 'yes\r' -- apply m.yaml --settle 1s
    [ "$code" = 0 ]
    [ "$(live_count)" = 3 ]
    grep -q 'Apply:    2 created, 1 already existed' plain
}

@test "nobody is asked when there is nothing to create, with --yes, or for a saved plan" {
    start
    sed -i '/audienceSyncs/,$d' m.yaml
    printf 'audienceSyncs: []\n' >>m.yaml
    at_terminal -- apply m.yaml
    [ "$code" = 0 ]
    printf '%s\n' 'apiVersion: audiencectl/v1' 'audienceSyncs:' \
        '  - {audienceName: A, segmentId: seg_vips, adAccountId: act_1234567890}' >a.yaml
    sed 's/: A/: B/; s/seg_vips/seg_newsletter/' a.yaml >b.yaml
    "$AUDIENCECTL_BIN/audiencectl" plan b.yaml --out b.json >/dev/null
    at_terminal -- apply a.yaml --yes --settle 1s
    [ "$code" = 0 ]
    at_terminal -- apply --plan b.json --settle 1s
    [ "$code" = 0 ]
    [ "$(live_count)" = 2 ]
}

# drawn: what was drawn in place, a line for each time
drawn() { tr '\r' '\n' <shown | sed -n 's/\x1b\[K$//p'; }

@test "a bar is drawn in place, no wider than the terminal, and wiped at the end" {
    start --latency 400
    for columns in 24 80; do
        at_terminal --columns "$columns" --when "$QUESTION" --type 'yes\r' -- apply m.yaml --settle 3s
        [ "$code" = 0 ]
        drawn >"bars$columns"
        sed -i 's/act_1234567890/act_2345678901/' m.yaml
    done
    grep -qx 'creating 1/3 \[#####\.\.\.\.' bars24
    [ "$(awk '{ if (length > most) most = length } END { print most }' bars24)" -eq 23 ]
    grep -qx 'creating 1/3 \[#####\.\.\.\.\.\.\.\.\.\.\.\].*' bars80
    # Whatever was drawn last is gone before the summary comes.
    tr -d '\n' <shown | grep -qa $'\r\x1b\\[K[^\x1b]*Source '
}

@test "--quiet draws nothing, and still asks" {
    start --latency 300
    at_terminal --when "$QUESTION" --type 'yes\r' -- apply m.yaml --quiet --settle 1s
    [ "$code" = 0 ]
    [ -z "$(drawn)" ]
}

@test "Ctrl-C while creating: what is in flight ends, and the summary is there" {
    start --fault 'POST /audience-syncs nth=1 drip:10'
    at_terminal --when "$QUESTION" --type 'yes\r' --when 'creating 0/3' --type '\x03' -- apply m.yaml --settle 1s
    [ "$code" = 130 ]
    [ "$(live_count)" = 1 ]
    grep -q 'stopping: interrupted (a second signal leaves at once)' plain
    grep -q 'Apply:    1 created, 2 not attempted' plain
}

@test "a dumb terminal gets lines, no control characters" {
    start
    export TERM=dumb
    at_terminal --when "$QUESTION" --type 'yes\r' -- apply m.yaml --settle 1s
    [ "$code" = 0 ]
    run ! grep -q $'\x1b' shown
    grep -q '3/3 created' plain
}
