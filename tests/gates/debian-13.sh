#!/bin/sh
# debian-13.sh [FOLDER]: makes a new Debian 13, and runs tests/run.sh and the check of the package in
# it. Needs root, debootstrap and a mirror of Debian. What it has made is removed; with FOLDER it is made
# there and kept, to run one test again in it:
#
#     . tests/support/empty_debian.sh
#     inside FOLDER/audiencectl-debian-13.*/system ctest --test-dir /source/build/coverage -R cli/ledger
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/empty_debian.sh
. tests/support/empty_debian.sh

make_scratch debian-13 "$@"

make_debian trixie "$scratch/system"
mkdir "$scratch/system/source"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$scratch/system/source"
# pre-commit for a test that is left out without it, the others for the check of the package.
inside "$scratch/system" sh -c '. /source/tests/support/install_packages.sh && install_packages "$@"' sh \
    pre-commit lintian debootstrap
inside "$scratch/system" /source/tests/run.sh
inside "$scratch/system" /source/tests/support/check_package.sh
