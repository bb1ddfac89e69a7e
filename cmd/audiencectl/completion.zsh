#compdef audiencectl
_audiencectl() {
    local line paths=
    local -a offers
    for line in "${(@f)$(${(Q)words[1]} __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        case $line in
        :files*) paths=_files ;;
        :folders*) paths=_directories ;;
        ?*) offers+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done
    compset -P '*='
    [[ -n $paths ]] && $paths
    (( $#offers )) && _describe audiencectl offers
}
if [ "$funcstack[1]" = _audiencectl ]; then
    _audiencectl "$@"
else
    compdef _audiencectl audiencectl
fi
