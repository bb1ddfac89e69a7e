# fish completion for audiencectl
function __audiencectl_offers
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l start (string match -r '^.*=' -- $word)
    set -l program $words[1]
    set -e words[1]
    for line in ($program __complete $words "$word" 2>/dev/null)
        switch $line
            case ':files*'
                string replace -r '^' -- "$start" (__fish_complete_path (string replace -r '^.*=' '' -- $word))
            case ':folders*'
                string replace -r '^' -- "$start" (__fish_complete_directories (string replace -r '^.*=' '' -- $word))
            case '*'
                echo -- "$start$line"
        end
    end
end
complete -c audiencectl -f -a '(__audiencectl_offers)'
