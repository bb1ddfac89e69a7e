#!/usr/bin/env bash
# One comment of the pull request for each report-id, replaced by every run.
set -euo pipefail

number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
[ -n "$number" ] || exit 0
if jq -e '.pull_request.head.repo.full_name != .repository.full_name' "$GITHUB_EVENT_PATH" >/dev/null ||
    [ "${GITHUB_ACTOR:-}" = "dependabot[bot]" ]; then
    echo "::notice title=audiencectl::the token of this pull request may not comment; the report is in the summary"
    exit 0
fi

scratch=$(mktemp -d "$RUNNER_TEMP/comment.XXXXXX")
mark="<!-- audiencectl-report:$REPORT_ID -->"
commit=$(jq -r '.pull_request.head.sha[:10]' "$GITHUB_EVENT_PATH")
run="$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
{
    echo "$mark"
    cat "$MARKDOWN"
    printf '\n<sub>commit %s, [run %s](%s)</sub>\n' "$commit" "$GITHUB_RUN_ID" "$run"
} >"$scratch/body"
jq -n --rawfile body "$scratch/body" '{$body}' >"$scratch/request"

# Others can write the mark, too.
mark=$mark gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
    --jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.mark))) | .id' >"$scratch/ids"
id=$(head -n 1 "$scratch/ids")
if [ -n "$id" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --input "$scratch/request" --silent
else
    gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" --input "$scratch/request" --silent
fi
