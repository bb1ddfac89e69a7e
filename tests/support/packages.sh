# shellcheck shell=sh
# The Debian packages that this project needs, in one place: sourced by the scripts that install them.

# to build the two programs
# shellcheck disable=SC2034
BUILD_PACKAGES="cmake ninja-build pkg-config gcc libc6-dev libcurl4-openssl-dev libyaml-dev
libjansson-dev libgit2-dev libssl-dev libunistring-dev libmicrohttpd-dev libsqlite3-dev
ca-certificates curl"

# to make what is published
# shellcheck disable=SC2034
PACKAGE_PACKAGES="dpkg-dev file"

# to build and run the tests
# shellcheck disable=SC2034
TEST_PACKAGES="clang libclang-rt-dev libcmocka-dev bats jq python3 python3-yaml
python3-jsonschema python3-prometheus-client cmark-gfm yamllint mandoc man-db zsh fish git nginx-light fcgiwrap openssh-server
openssh-client openssl procps chromium clang-format clang-tidy cppcheck shellcheck pyflakes3 valgrind
gcovr binutils $PACKAGE_PACKAGES"

# to check it, with tests/run.sh --long
# shellcheck disable=SC2034
LONG_PACKAGES="lintian debootstrap pre-commit buildah"
