#!/usr/bin/env bash
# Runs the command, and leaves its exit code, its counts and its reports in the step's outputs. Ends
# well whatever the exit code is: the last step of the action fails with it, after the reports.
set -euo pipefail

[ -z "$API_KEY" ] || export SEQUENZY_API_KEY="$API_KEY"
if [ "$COMMAND" = plan ] && [ -z "${SEQUENZY_API_KEY:-}${AUDIENCECTL_API_KEY_FILE:-}" ] &&
    [ "${GITHUB_EVENT_NAME:-}" = pull_request ]; then
    # As in a pull request from a fork or of Dependabot.
    if [ -n "$LIVE" ] && [ -s "$LIVE" ]; then
        echo "::notice title=audiencectl::no API key: planned with a snapshot of what is live"
        ARGUMENTS+=$'\n'--live=$LIVE
    else
        LIVE=""
        echo "::notice title=audiencectl::no API key and no snapshot: validated, not planned"
        COMMAND=validate
        ARGUMENTS=""
    fi
else
    LIVE=""
fi

# What a pull request changes, beside the commit that GitHub has merged it with.
if [ "$COMMAND" = plan ] && [ "$BASE" = true ]; then
    if git rev-parse -q --verify 'HEAD^2' >/dev/null 2>&1; then
        while IFS= read -r path; do
            [ -z "$path" ] || ARGUMENTS+=$'\n'--path=$path
        done <<<"$PATHS"
        ARGUMENTS+=$'\n'--git=.$'\n'--ref=HEAD$'\n'--base=$(git rev-parse 'HEAD^1')
        PATHS=""
    else
        echo "::notice title=audiencectl::no merge commit with its parents (fetch-depth: 2): planned as a whole"
    fi
fi

out=$(mktemp -d "$RUNNER_TEMP/audiencectl.XXXXXX")
arguments=("$COMMAND")
case $COMMAND in
validate | plan | apply | drift)
    reports=true
    arguments+=(-o text -o "json=$out/report.json" -o "markdown=$out/report.md" -o "github=$out/annotations")
    [ "$SARIF" != true ] || arguments+=(-o "sarif=$out/report.sarif")
    ;;
*) reports=false ;;
esac
# A plan of a snapshot cannot be applied.
[ "$COMMAND" != plan ] || [ -n "$LIVE" ] || arguments+=(--out "$out/plan.json")
if [ -n "$PLAN" ]; then
    arguments+=(--plan "$PLAN")
    PATHS=""
fi
while IFS= read -r line; do
    [ -z "$line" ] || arguments+=("$line")
done <<<"$ARGUMENTS"$'\n'"$PATHS"

# A signal is handed on, and the program's end waited for: creates in flight are finished, and the
# reports written. -m: without it, a program in the background ignores SIGINT.
set -m
audiencectl "${arguments[@]}" &
program=$!
trap 'kill -s INT "$program" 2>/dev/null || true' INT
trap 'kill -s TERM "$program" 2>/dev/null || true' TERM
code=0
wait "$program" || code=$?
while kill -0 "$program" 2>/dev/null; do
    code=0
    wait "$program" || code=$?
done

[ ! -e "$out/annotations" ] || cat "$out/annotations"
if [ "$reports" = true ] && [ ! -s "$out/report.md" ]; then
    printf '**audiencectl %s** ended with exit code %s and wrote no report. See the log of the run.\n' "$COMMAND" "$code" \
        >"$out/report.md"
fi
[ "$SUMMARY$reports" != truetrue ] || cat "$out/report.md" >>"$GITHUB_STEP_SUMMARY"
{
    echo "exit-code=$code"
    [ "$reports" = false ] || echo "markdown=$out/report.md"
    [ ! -s "$out/plan.json" ] || echo "plan=$out/plan.json"
    [ ! -s "$out/report.sarif" ] || echo "sarif=$out/report.sarif"
    if [ -s "$out/report.json" ]; then
        echo "report=$out/report.json"
        jq -r '"outcome=\(.outcome)", "summary=\(.summary // {} | tojson)", "changes=\((.summary.missing // 0) > 0)"' \
            "$out/report.json"
    fi
} >>"$GITHUB_OUTPUT"
