# bash completion for audiencectl
_audiencectl() {
    local cur=${COMP_WORDS[COMP_CWORD]} words=() count=0 glue='' word IFS=$'\n'
    # readline takes --color=auto apart at the '='
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ $count -gt 0 && ( -n $glue || $word == = ) ]]; then
            words[count - 1]+=$word
        else
            words[count++]=$word
        fi
        if [[ $word == = ]]; then glue=1; else glue=''; fi
    done
    [[ $cur == = ]] && cur=''
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        case $word in
        :files)
            compopt -o filenames 2>/dev/null
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
            ;;
        :folders)
            compopt -o filenames 2>/dev/null
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur")
            ;;
        *) COMPREPLY+=("$word") ;;
        esac
    done < <("${1:-audiencectl}" __complete "${words[@]}" 2>/dev/null)
}
complete -F _audiencectl audiencectl
