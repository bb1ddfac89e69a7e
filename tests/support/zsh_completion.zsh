# zsh -f zsh_completion.zsh FOLDER LINE: what a real, interactive zsh offers behind LINE, a word a
# line, with the completions in FOLDER.
zmodload zsh/zpty
setup=$(mktemp)
trap 'rm -f $setup' EXIT
cat >$setup <<'SETUP'
autoload -Uz compinit
compinit -C -d $scripts/zcompdump
zstyle ':completion:*' insert-tab false
bindkey '^I' complete-word
begin() { print -r -- BEGIN }
finish() { print -r -- END; exit }
compprefuncs=(begin)
comppostfuncs=(finish)
# prints what would be offered; calls that only ask (-O, -A, -D) are let through
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a hits
    builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- $hits
    builtin compadd "$@" # so that zsh knows that it need not look for more
}
SETUP
zpty shell zsh -f -i
zpty -w shell "PS1=; scripts=${(q)1}; fpath=(\$scripts \$fpath); source $setup; print -r -- READ''Y"
while zpty -r shell line && [[ $line != *READY* ]]; do :; done
zpty -n -w shell "$2"$'\t'
while zpty -r shell line && [[ $line != *BEGIN* ]]; do :; done
while zpty -r shell line && [[ $line != *END* ]]; do print -r -- ${line%%$'\r'*}; done
