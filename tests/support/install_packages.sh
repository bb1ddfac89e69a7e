# shellcheck shell=sh
# install_packages NAME... installs the Debian packages that are missing, and says nothing when none
# is. Sourced; needs root or sudo only when something is missing.

install_packages() {
    missing=""
    if ! command -v dpkg-query >/dev/null 2>&1; then
        echo "this script installs packages on Debian 12 and 13 alone." >&2
        echo "On another system install what corresponds to: $*" >&2
        echo "and run it again with AUDIENCECTL_SKIP_INSTALL=1" >&2
        [ "${AUDIENCECTL_SKIP_INSTALL:-}" = 1 ] || return 1
        return 0
    fi
    [ "${AUDIENCECTL_SKIP_INSTALL:-}" = 1 ] && return 0
    for package in "$@"; do
        status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=""
        [ "$status" = "install ok installed" ] || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "these packages are missing, and installing them needs root or sudo:$missing" >&2
            return 1
        fi
        as_root="sudo"
    fi
    echo "installing:$missing"
    log=$(mktemp)
    # shellcheck disable=SC2086
    if $as_root apt-get update >"$log" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            $missing >>"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "the packages could not be installed" >&2
    return 1
}
