#!/bin/sh
# Installs what the tests need, builds, and runs every test. From any directory, on a fresh Debian 12
# or 13 (as root, or through sudo).
#
#     tests/run.sh           about twelve minutes on two cores
#     tests/run.sh --long    also the long campaigns and the slow gates (README.md here), the package,
#                            and everything once more in a Debian 13 of its own (as root)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

long=OFF
case "${1:-}" in
"") ;;
--long) long=ON ;;
*)
    echo "usage: tests/run.sh [--long]" >&2
    exit 64
    ;;
esac

# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh
# shellcheck source=tests/support/install_packages.sh
. tests/support/install_packages.sh
# shellcheck disable=SC2086
install_packages $BUILD_PACKAGES $TEST_PACKAGES
# shellcheck disable=SC2086
[ "$long" = OFF ] || install_packages $LONG_PACKAGES

# The tests bring their own; a key or a proxy of the caller must not get into them.
unset SEQUENZY_API_KEY SEQUENZY_API_URL SEQUENZY_COMPANY_ID AUDIENCECTL_GIT_TOKEN NO_COLOR
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
# Nothing is left in the tree but build/.
export PYTHONDONTWRITEBYTECODE=1

jobs=$(nproc)
mkdir -p build
# A build says nothing when all is well.
build() {
    echo "== build: $1"
    log="$root/build/$1.log"
    if cmake --preset "$1" -DAUDIENCECTL_LONG_TESTS="$long" >"$log" 2>&1 &&
        cmake --build --preset "$1" -j "$jobs" >>"$log" 2>&1; then
        return 0
    fi
    grep -vE '^\[[0-9]+/[0-9]+\]|^-- ' "$log" >&2
    return 1
}
# Tests wait for servers and clocks more than they compute.
run() {
    echo "== test: $*"
    ctest --preset "$@" -j "$((3 * jobs))"
}

# Both compilers see every line; the count of what is covered sees every test, and the sanitizers all
# but those that mostly wait, for other programs or for the clock.
build coverage
build clang
build asan
run clang -L unit -E live/api_test
run coverage
if [ "$long" = ON ]; then
    run asan
else
    run asan -E '^(cli/(ci-|quickstart|tls|install|pre-commit|sandbox-rate)|faults/sweep|report/browser)'
fi
[ "$long" = OFF ] || tests/gates/debian-13.sh
