#!/usr/bin/env bash
# Stands in for GitHub's `gh` in tests. What GitHub would keep is in the folder $GH_STATE:
# comments.json and issues.json (JSON arrays), issue-N.json (comments of an issue), sarifs (requests),
# releases/TAG/ (assets). Knows what the action and the recipes call, and nothing else.
# shellcheck disable=SC2016 # dollars in single quotes are jq's
set -eu
[ -n "$GH_TOKEN" ]
fail() {
    echo "$*" >&2
    exit 1
}

release() {
    local verb=$1 folder=$GH_STATE/releases/$2 to=. patterns=()
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
        --repo) [ "$2" = acme/audiencectl ] || fail "unknown repository $2" ;;
        --dir) to=$2 ;;
        --pattern) patterns+=("$2") ;;
        *) fail "unknown option $1" ;;
        esac
        shift 2
    done
    [ -d "$folder" ] || fail "release not found"
    [ "$verb" = download ] || exit 0
    for pattern in "${patterns[@]}"; do cp "$folder/$pattern" "$to"; done
}
[ "$1" != release ] || {
    shift
    release "$@"
    exit
}

[ "$1" = api ]
shift
method=GET path='' filter=. input=''
while [ $# -gt 0 ]; do
    case $1 in
    --method) method=$2 && shift 2 ;;
    --jq) filter=$2 && shift 2 ;;
    --input) input=$2 && shift 2 ;;
    --paginate | --silent) shift ;;
    -*) fail "unknown option $1" ;;
    *) path=$1 && shift ;;
    esac
done
[ -z "$input" ] || cp "$input" "$GH_STATE/request"
# change FILE JQ-PROGRAM [JQ-OPTION...]: with the request as $request
change() {
    local file=$GH_STATE/$1 program=$2
    shift 2
    [ -e "$file" ] || echo '[]' >"$file"
    jq --slurpfile requests "$GH_STATE/request" "$@" "\$requests[0] as \$request | $program" "$file" >"$file.new"
    mv "$file.new" "$file"
}
list() {
    [ -e "$GH_STATE/$1" ] || echo '[]' >"$GH_STATE/$1"
    jq -r "$filter" "$GH_STATE/$1"
}
new='. + [$request + {id: (length + 100), number: (length + 1), state: "open", user: {login: "github-actions[bot]"}}]'
repository=repos/acme/ads
id=${path##*/}
case "$method $path" in
"GET $repository/issues/7/comments") list comments.json ;;
"POST $repository/issues/7/comments") change comments.json "$new" ;;
"PATCH $repository/issues/comments/"*)
    change comments.json 'map(if .id == $id then . + $request else . end)' --argjson id "$id"
    ;;
"GET $repository/issues?state=open&creator="*)
    [ -e "$GH_STATE/issues.json" ] || echo '[]' >"$GH_STATE/issues.json"
    jq 'map(select(.state == "open"))' "$GH_STATE/issues.json" | jq -r "$filter"
    ;;
"POST $repository/issues") change issues.json "$new" ;;
"POST $repository/issues/"*/comments)
    id=${path%/comments}
    change "issue-${id##*/}.json" "$new"
    ;;
"PATCH $repository/issues/"*) change issues.json 'map(if .number == $id then . + $request else . end)' --argjson id "$id" ;;
"POST $repository/code-scanning/sarifs") cat "$GH_STATE/request" >>"$GH_STATE/sarifs" ;;
*) fail "unknown request $method $path" ;;
esac
