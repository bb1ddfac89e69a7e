#!/usr/bin/env bash
# Stands in for GitHub's `gh` in tests of the CI recipes: the comments of one pull request, kept in
# $GH_COMMENTS, a JSON array. Knows `gh api` with the options that the recipes use.
# shellcheck disable=SC2016 # these dollars are jq's
set -eu
[ "$1" = api ]
shift
method=GET path='' filter=. body=''
while [ $# -gt 0 ]; do
    case $1 in
    --method) method=$2 && shift 2 ;;
    --jq) filter=$2 && shift 2 ;;
    --field) body=${2#body=@} && shift 2 ;;
    --paginate | --silent) shift ;;
    -*) echo "unknown option $1" >&2 && exit 1 ;;
    *) path=$1 && shift ;;
    esac
done
[ -n "$GH_TOKEN" ]
change() { jq --rawfile body "$body" "$@" "$GH_COMMENTS" >"$GH_COMMENTS.new" && mv "$GH_COMMENTS.new" "$GH_COMMENTS"; }
case "$method $path" in
"GET repos/acme/ads/issues/7/comments") jq -r "$filter" "$GH_COMMENTS" ;;
"POST repos/acme/ads/issues/7/comments")
    change '. + [{id: (length + 100), user: {login: "github-actions[bot]"}, body: $body}]'
    ;;
"PATCH repos/acme/ads/issues/comments/"*)
    change --argjson id "${path##*/}" 'map(if .id == $id then .body = $body else . end)'
    ;;
*) echo "unknown request $method $path" >&2 && exit 1 ;;
esac
