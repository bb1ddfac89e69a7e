# shellcheck shell=sh
# Sourced by gates whose findings change with the version of their tool: they run with Debian 12's,
# and are skipped (77, as ctest reads it) elsewhere.
if ! grep -qsx 'VERSION_ID="12"' /etc/os-release; then
    echo "skipped: this gate runs on Debian 12 only, its findings change with the version of the tool"
    exit 77
fi
