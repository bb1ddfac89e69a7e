#!/usr/bin/env bats
# `cmake --install`: what is where, and that it is usable there. Needs AUDIENCECTL_BIN, the folder with the programs.

setup() {
    unset DESTDIR
    cmake --install "$AUDIENCECTL_BIN/.." --prefix "$BATS_TEST_TMPDIR/usr" >/dev/null
    cd "$BATS_TEST_TMPDIR/usr" || return
    export PATH="$PWD/bin:$PATH" HOME="$BATS_TEST_TMPDIR"
}

@test "every file has its place" {
    diff <(find . -type f ! -path './share/doc/*' | LC_ALL=C sort) - <<'PLACES'
./bin/audience-sandbox
./bin/audiencectl
./share/audiencectl/manifest.schema.json
./share/bash-completion/completions/audiencectl
./share/fish/vendor_completions.d/audiencectl.fish
./share/man/man1/audience-sandbox.1.gz
./share/man/man1/audiencectl.1.gz
./share/man/man5/audiencectl-manifest.5.gz
./share/zsh/site-functions/_audiencectl
PLACES
    for file in LICENSE README.md examples/audiences/retention.yaml examples/ci/README.md; do
        [ -s "share/doc/audiencectl/$file" ]
    done
}

@test "the programs run, their manuals are found, and the examples are manifests" {
    audiencectl version
    audience-sandbox --version
    for page in audiencectl audience-sandbox audiencectl-manifest; do
        MANPATH="$PWD/share/man" man -w "$page"
        MANPATH="$PWD/share/man" man "$page" | grep -q '^NAME'
    done
    audiencectl validate share/doc/audiencectl/examples/audiences
}

@test "the completion that was installed is the one that the program prints" {
    cmp share/bash-completion/completions/audiencectl <(audiencectl completion bash)
    cmp share/zsh/site-functions/_audiencectl <(audiencectl completion zsh)
    cmp share/fish/vendor_completions.d/audiencectl.fish <(audiencectl completion fish)
}
