#!/usr/bin/env bats
# The completion scripts, loaded by the shells themselves. Needs AUDIENCECTL_BIN, the folder with the programs.

setup() {
    PATH="$AUDIENCECTL_BIN:$PATH"
    export HOME="$BATS_TEST_TMPDIR" TERM=dumb
    cd "$BATS_TEST_TMPDIR" || return
    mkdir scripts work
    audiencectl completion bash >scripts/bash
    audiencectl completion zsh >scripts/_audiencectl
    audiencectl completion fish >scripts/fish
    mkdir work/audiences
    touch work/plan.json "work/plan of may.json"
    cd work || return
}

# What each shell offers behind a line, a word a line, sorted.
offered_by_bash() {
    bash --norc -c '
        source ../scripts/bash
        # as readline takes a line apart: at spaces, and "=" is a word
        read -ra COMP_WORDS <<<"${1//=/ = }"
        [[ $1 == *[\ =] ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _audiencectl
        printf "%s\n" "${COMPREPLY[@]}"' - "$1" | sort
}

offered_by_zsh() {
    timeout 20 zsh -f "$BATS_TEST_DIRNAME/../support/zsh_completion.zsh" ../scripts "$1" 3>&- |
        tr -d "\\\\" | sort -u
}

# What begins with the last word: fish 4 also offers what only contains its letters.
offered_by_fish() {
    timeout 20 fish --no-config -c 'source ../scripts/fish; complete -C $argv[1]' "$1" 3>&- |
        cut -f 1 | awk -v word="${1##* }" 'index($0, word) == 1' | sort
}

# offers LINE WORD...: exactly these words
offers() {
    local line=$1 expected
    shift
    expected=$(printf '%s\n' "$@" | sort)
    diff <(echo "$expected") <("offered_by_$shell" "$line")
}

commands_options_and_values() {
    offers 'audiencectl ' validate plan apply drift snapshot show export get log version help completion
    offers 'audiencectl dr' drift
    offers 'audiencectl plan --de' --detailed-exitcode --deadline
    offers 'audiencectl drift --h' --help --history
    offers 'audiencectl plan --color ' auto always never
    offers 'audiencectl plan -o mark' markdown
    offers 'audiencectl drift --fail-on un' unhealthy unmanaged
    offers 'audiencectl get ' ad-accounts segments syncs
    offers 'audiencectl get se' segments
    offers 'audiencectl help co' completion
    offers 'audiencectl completion ' bash zsh fish
    # every option that help speaks of
    local command
    for command in $(audiencectl help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
        # shellcheck disable=SC2046
        offers "audiencectl $command --" $(audiencectl help "$command" |
            sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p')
    done
}

@test "bash offers commands, options, values and files" {
    shell=bash
    commands_options_and_values
    offers 'audiencectl plan --color=a' auto always
    offers 'audiencectl apply --plan pl' plan.json 'plan of may.json'
    offers 'audiencectl apply --plan=pl' plan.json 'plan of may.json'
    offers 'audiencectl export --dir ' audiences
    offers 'audiencectl validate aud' audiences
}

@test "zsh offers commands, options, values and files" {
    shell=zsh
    commands_options_and_values
    offers 'audiencectl plan --color=a' auto always
    offers 'audiencectl apply --plan pl' plan.json 'plan of may.json'
    offers 'audiencectl export --dir ' audiences
    offers 'audiencectl validate aud' audiences
}

@test "fish offers commands, options, values and files" {
    shell=fish
    commands_options_and_values
    offers 'audiencectl plan --color=a' --color=auto --color=always
    offers 'audiencectl apply --plan pl' plan.json 'plan of may.json'
    offers 'audiencectl export --dir ' audiences/
    offers 'audiencectl validate aud' audiences/
}
