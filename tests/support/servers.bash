# shellcheck shell=bash disable=SC2154
# Real servers for bats files: free ports, starting, ending, and looking at what a program printed.
# The file that uses it sets $servers to the name of an empty file.

# A missing program is a failure, never a skipped test.
need() {
    local program=$1 package=$2
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || {
        echo "the program '$program' is missing: install the package '$package'" >&2
        return 1
    }
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for_port() {
    python3 - "$1" <<'PYTHON'
import socket, sys, time
for _ in range(200):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit("nothing listens on port " + sys.argv[1])
PYTHON
}

# Starts a program in the background, in a process group of its own, to be ended by stop_servers.
start() {
    setsid "$@" </dev/null >>"$BATS_FILE_TMPDIR/server.log" 2>&1 3>&- &
    echo $! >>"$servers"
}

stop_servers() {
    local pid
    while read -r pid; do
        kill -- "-$pid" 2>/dev/null || true
    done <"$servers"
    : >"$servers"
}

expect_line() {
    grep -qxF -- "$1" <<<"$output" || {
        printf 'expected the line: %s\n--- output:\n%s\n' "$1" "$output" >&2
        return 1
    }
}

expect_text() {
    grep -qF -- "$1" <<<"$output" || {
        printf 'expected the text: %s\n--- output:\n%s\n' "$1" "$output" >&2
        return 1
    }
}

refute_text() {
    ! grep -qF -- "$1" <<<"$output" || {
        printf 'did not expect the text: %s\n--- output:\n%s\n' "$1" "$output" >&2
        return 1
    }
}

# wait_until COMMAND...: for at most 10 seconds
wait_until() {
    for _ in $(seq 200); do
        "$@" && return 0
        sleep 0.05
    done
    echo "waited in vain for: $*" >&2
    return 1
}
