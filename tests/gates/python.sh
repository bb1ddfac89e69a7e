#!/bin/sh
# Every Python script compiles, and uses what it names.
set -eu
cd "$(dirname "$0")/../.."
find tests examples -name '*.py' -exec pyflakes3 {} +
