#!/bin/sh
# Checks that no room includes a header of a room in front of it, that foreign headers stay with the
# files that own them, and that the sandbox shares only base/ with the reconciler. What a room may
# use is read from reconcile/CMakeLists.txt, so the rule is written down once.
set -eu
cd "$(dirname "$0")/../.."

failed=0
complain() {
    printf '%s\n' "$1" >&2
    failed=1
}

# The rooms named in `add_room(<room> ...)`.
named_by() {
    sed -n "s/^add_room($1\\(.*\\))\$/\\1/p" reconcile/CMakeLists.txt | tr ' ' '\n' | sed -n 's/^rcn_//p'
}

# A room, and all that it uses, each on a line.
reachable_from() {
    printf '%s\n' "$1"
    for used in $(named_by "$1"); do
        reachable_from "$used"
    done
}

rooms=$(sed -n 's/^add_room(\([a-z]*\) .*/\1/p' reconcile/CMakeLists.txt)
[ -n "$rooms" ] || complain "no rooms found in reconcile/CMakeLists.txt"

for room in $rooms; do
    allowed=$(reachable_from "$room" | sort -u | paste -sd'|')
    wrong=$(grep -rnE '^#include "' --include='*.[ch]' "reconcile/$room" |
        grep -vE "#include \"($allowed)/[a-z0-9_]+\\.h\"" || true)
    [ -z "$wrong" ] || complain "reconcile/$room may include only ($allowed):
$wrong"
done

# header, and the files that may see it
while read -r header owners; do
    wrong=$(grep -rlE "^#include <$header" --include='*.[ch]' reconcile cmd | grep -vE "^($owners)\$" || true)
    [ -z "$wrong" ] || complain "<$header belongs to $owners, also seen in:
$wrong"
done <<'OWNERS'
jansson reconcile/base/json\.c
openssl reconcile/base/[a-z0-9]+\.c
uni(case|ctype|norm|str|width)\.h reconcile/base/unicode\.c
yaml reconcile/manifest/yaml_[a-z]+\.c
git2 reconcile/source/git_[a-z_]+\.[ch]
curl reconcile/live/http[a-z_]*\.[ch]
microhttpd cmd/audience-sandbox/[a-z_]+\.[ch]
sqlite3 cmd/audience-sandbox/[a-z_]+\.[ch]
OWNERS

wrong=$(grep -rnE '^#include "[a-z]+/' --include='*.[ch]' cmd/audience-sandbox | grep -v '#include "base/' || true)
[ -z "$wrong" ] || complain "the sandbox shares only base/:
$wrong"

exit "$failed"
