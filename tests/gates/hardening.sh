#!/bin/sh
# hardening.sh: builds what users run (preset portable), and reads from the ELF files that what makes
# a mistake in C harder to use is really in them.
set -eu
cd "$(dirname "$0")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --workflow --preset portable >"$log" 2>&1; then
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)|^-- ' "$log"
    exit 1
fi

failed=0
# want FILE WHAT PATTERN: a line of the file's description matches
want() {
    grep -qE "$3" "$log" && return 0
    echo "$1: no $2" >&2
    failed=1
}
refuse() {
    grep -E "$3" "$log" >&2 || return 0
    echo "$1: $2" >&2
    failed=1
}

for program in build/release/bin/audiencectl build/release/bin/audience-sandbox \
    build/release/cmd/package/audiencectl build/release/cmd/package/audience-sandbox; do
    readelf -Whldn --dyn-syms "$program" >"$log"
    want $program 'position-independent executable' 'FLAGS_1.* PIE'
    want $program 'relocations that become read-only' 'GNU_RELRO'
    want $program 'binding at the start, so that all of them do' 'BIND_NOW'
    want $program 'stack that is not executable' 'GNU_STACK.* RW '
    want $program 'stack protector' '__stack_chk_fail'
    want $program 'fortified calls' '__snprintf_chk'
    refuse $program 'a segment that is both writable and executable' 'LOAD.* RWE '
    refuse $program 'relocations in code' 'TEXTREL'
    refuse $program 'a search path for libraries' 'RPATH|RUNPATH'
    if [ "$(uname -m)" = x86_64 ]; then
        # Not the mark in the ELF notes: the start files of Debian 12's C library are without it.
        objdump -d --disassemble=main "$program" >"$log"
        want $program 'control-flow protection' endbr64
    fi
done
exit "$failed"
