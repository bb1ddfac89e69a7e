#!/usr/bin/env bash
# One open issue for each report-id as long as drift finds differences: opened by the first run that
# does, its text replaced by every run, a comment when differences are new or gone, closed by the
# first run that finds none. A run that could not compare (exit code 1) changes nothing.
# shellcheck disable=SC2016 # dollars in single quotes are jq's
set -euo pipefail

[ "$EXIT_CODE" = 0 ] || [ "$EXIT_CODE" = 2 ] || exit 0
scratch=$(mktemp -d "$RUNNER_TEMP/issue.XXXXXX")
issues="repos/$GITHUB_REPOSITORY/issues"
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
mark="<!-- audiencectl-drift:$REPORT_ID "

# Each row that differs, by a hash, which the issue keeps: names may be long, and hold anything.
jq -r '.syncs[]? | select(.ignored == null and (.status != "in-sync" or .health != []))
    | [.status, .companyId, .adAccountId, .audienceName, .live[]?.id, .health[]?] | @json' "$REPORT" >"$scratch/rows"
while IFS= read -r row; do
    printf '%s' "$row" | sha256sum | cut -c 1-8
done <"$scratch/rows" | sort -u >"$scratch/now"

mark=$mark gh api --paginate "$issues?state=open&creator=github-actions%5Bbot%5D&per_page=100" \
    --jq '.[] | select(.pull_request == null and .user.login == "github-actions[bot]" and ((.body // "") | startswith(env.mark)))
        | "\(.number) \(.body | split("\n")[0])"' >"$scratch/found"
read -r number before < <(head -n 1 "$scratch/found") || true

# send METHOD PATH JQ-PROGRAM [FILE-AS-$body]
send() {
    jq -n --rawfile body "${4:-/dev/null}" "$3" >"$scratch/request"
    gh api --method "$1" "$2" --input "$scratch/request" --silent
}

if [ "$EXIT_CODE" = 0 ]; then
    [ -n "${number:-}" ] || exit 0
    printf 'No difference any more, as of [run %s](%s).\n' "$GITHUB_RUN_ID" "$run" >"$scratch/body"
    send POST "$issues/$number/comments" '{$body}' "$scratch/body"
    send PATCH "$issues/$number" '{state: "closed", state_reason: "completed"}'
    exit 0
fi

{
    # An issue has room for 65,536 characters: 1,000 hashes, and a report of at most 50,000 bytes.
    printf '%s%s -->\n' "$mark" "$(head -n 1000 "$scratch/now" | paste -s -d ' ')"
    if [ "$(wc -c <"$MARKDOWN")" -gt 50000 ]; then
        head -c 50000 "$MARKDOWN" | iconv -c -f UTF-8 -t UTF-8
        printf '\n\n(cut off here: all of it is in the summary of the run)\n'
    else
        cat "$MARKDOWN"
    fi
    printf '\n<sub>[run %s](%s)</sub>\n' "$GITHUB_RUN_ID" "$run"
} >"$scratch/body"
if [ -z "${number:-}" ]; then
    send POST "$issues" '{title: "Audience syncs differ from their manifests", $body}' "$scratch/body"
    exit 0
fi
send PATCH "$issues/$number" '{$body}' "$scratch/body"
# More than 1,000 rows are not compared.
[ "$(wc -l <"$scratch/now")" -lt 1000 ] || exit 0
grep -oE '\b[0-9a-f]{8}\b' <<<"$before" | sort -u >"$scratch/before" || true
new=$(comm -13 "$scratch/before" "$scratch/now" | wc -l)
gone=$(comm -23 "$scratch/before" "$scratch/now" | wc -l)
[ "$new" -gt 0 ] || [ "$gone" -gt 0 ] || exit 0
printf '%s new, %s resolved since the run before: [run %s](%s).\n' "$new" "$gone" "$GITHUB_RUN_ID" "$run" >"$scratch/body"
send POST "$issues/$number/comments" '{$body}' "$scratch/body"
