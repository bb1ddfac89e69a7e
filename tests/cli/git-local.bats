#!/usr/bin/env bats
# Git source: a repository on this machine, opened in place.

bats_require_minimum_version 1.5.0
load ../support/git-helpers.bash

setup_file() {
    need git git
    isolate
    repository=$BATS_FILE_TMPDIR/repository
    make_repository "$repository"
    export repository probe servers
}

setup() {
    main=$(git -C "$repository" rev-parse main)
    feature=$(git -C "$repository" rev-parse feature)
    tmp=$BATS_TEST_TMPDIR
}

@test "the default is HEAD, and its branch is named" {
    run -0 --separate-stderr "$probe" "$repository"
    expect_line "commit: $main"
    expect_line "ref: main"
    expect_line "name: $repository"
    expect_line "text $(stat -c %s "$repository/audiences/one.yaml") path: ${main:0:7}:audiences/one.yaml"
    expect_line "skipped: ${main:0:7}:compose.yaml"
    refute_text hidden
    refute_text warning
}

@test "files come in the order of their path bytes" {
    cp -r "$repository" "$tmp/order"
    mkdir "$tmp/order/a"
    for name in a-b.yaml a.yaml a/x.yaml B.yaml a0.yaml; do manifest m >"$tmp/order/$name"; done
    git -C "$tmp/order" add -A
    git -C "$tmp/order" commit -q -m order
    run -0 --separate-stderr "$probe" "$tmp/order"
    got=$(grep -o ':[aB][^u]*ml$' <<<"$output" | tr -d '\n')
    [ "$got" = ":B.yaml:a-b.yaml:a.yaml:a/x.yaml:a0.yaml" ]
}

@test "a ref is a full name, a branch, a tag, a remote branch or a commit id" {
    git -C "$repository" update-ref refs/remotes/origin/other "$feature"
    for ref in refs/heads/feature feature "$feature" "${feature^^}" origin/other; do
        run -0 --separate-stderr "$probe" --ref "$ref" "$repository"
        expect_line "commit: $feature"
        expect_line "ref: $ref"
    done
    for ref in refs/tags/v1.0 v1.0 light HEAD; do
        run -0 --separate-stderr "$probe" --ref "$ref" "$repository"
        expect_line "commit: $main"
    done
}

@test "of equal names the branch comes before the tag, and a full name says which" {
    cp -r "$repository" "$tmp/same"
    git -C "$tmp/same" tag same main
    git -C "$tmp/same" branch same feature
    run -0 --separate-stderr "$probe" --ref same "$tmp/same"
    expect_line "commit: $feature"
    run -0 --separate-stderr "$probe" --ref refs/tags/same "$tmp/same"
    expect_line "commit: $main"
}

@test "bare, .git, file://, linked work tree and detached HEAD all open" {
    git clone -q --bare "$repository" "$tmp/bare.git"
    git -C "$repository" worktree add -q --detach "$tmp/linked" feature
    ln -s "$repository" "$tmp/with space"
    for address in "$tmp/bare.git" "$repository/.git" "file://$repository" \
        "file://localhost$repository" "file://$tmp/with%20space" "$tmp/with space"; do
        run -0 --separate-stderr "$probe" "$address"
        expect_line "commit: $main"
    done
    run -0 --separate-stderr "$probe" "$tmp/linked"
    expect_line "commit: $feature"
    expect_line "ref: HEAD"
    git -C "$repository" worktree remove "$tmp/linked"
}

@test "nothing is written to the repository" {
    before=$(find "$repository" -printf '%p %T@ %s\n' | sort | sha256sum)
    run -0 "$probe" "$repository"
    [ "$before" = "$(find "$repository" -printf '%p %T@ %s\n' | sort | sha256sum)" ]
}

@test "equal commit and paths give an equal digest, whatever the address" {
    git clone -q --bare "$repository" "$tmp/bare.git"
    run -0 --separate-stderr "$probe" --path audiences "$repository"
    first=$(fact digest)
    run -0 --separate-stderr "$probe" --path ./audiences// "$tmp/bare.git"
    [ "$first" = "$(fact digest)" ]
    run -0 --separate-stderr "$probe" --path audiences/eu "$repository"
    [ "$first" != "$(fact digest)" ]
}

@test "--path chooses folders and files, and each file is read once" {
    run -0 --separate-stderr "$probe" --path audiences/eu --path audiences --path compose.yaml "$repository"
    [ "$(grep -c two.yml <<<"$output")" = 1 ]
    expect_text "one.yaml"
    expect_text "named 13 path: ${main:0:7}:compose.yaml"
    run -0 --separate-stderr "$probe" --path .hidden "$repository"
    expect_text ".hidden/no.yaml"
    run -0 --separate-stderr "$probe" --path . "$repository"
    expect_text "one.yaml"
}

@test "--path cannot leave the tree" {
    for path in .. ../other audiences/../.. audiences/.. /etc ''; do
        run -1 --separate-stderr "$probe" --path "$path" "$repository"
        expect_text "error: the path '$path'"
    done
}

@test "a path that is not there, or leads through a file, is an error" {
    for path in nowhere audiences/nowhere.yaml README.md/x; do
        run -1 --separate-stderr "$probe" --path "$path" "$repository"
        expect_text "'$path' does not exist in commit ${main:0:7}"
    done
}

@test "uncommitted changes of manifests are named, others are not" {
    cp -r "$repository" "$tmp/dirty"
    echo '# more' >>"$tmp/dirty/audiences/one.yaml"
    manifest new >"$tmp/dirty/audiences/new.yaml"
    rm "$tmp/dirty/audiences/eu/two.yml"
    echo '# more' >>"$tmp/dirty/compose.yaml"
    echo more >>"$tmp/dirty/README.md"
    run -0 --separate-stderr "$probe" "$tmp/dirty"
    expect_line "note: uncommitted changes are not read, only what is committed: 'audiences/eu/two.yml', 'audiences/one.yaml', 'audiences/new.yaml'"
    run -0 --separate-stderr "$probe" --path audiences/eu "$tmp/dirty"
    expect_line "note: uncommitted changes are not read, only what is committed: 'audiences/eu/two.yml'"
    git -C "$tmp/dirty" add -A
    run -0 --separate-stderr "$probe" "$tmp/dirty"
    for name in eu/two.yml new.yaml one.yaml; do expect_text "'audiences/$name'"; done
    git -C "$tmp/dirty" commit -q -m all
    run -0 --separate-stderr "$probe" "$tmp/dirty"
    refute_text note:
}

@test "symbolic links, submodules and LFS pointers are left out with a warning" {
    cp -r "$repository" "$tmp/odd"
    cd "$tmp/odd"
    ln -s ../README.md audiences/link.yaml
    ln -s /etc audiences/etc
    for i in 1 2 3 4 5; do ln -s nowhere "audiences/more$i"; done
    printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n' >audiences/big.yaml
    git update-index --add --cacheinfo "160000,$main,audiences/module"
    git add audiences/link.yaml audiences/etc audiences/more* audiences/big.yaml
    git commit -q -m odd
    commit=$(git rev-parse HEAD)
    run -0 --separate-stderr "$probe" --path audiences "$tmp/odd"
    expect_line "warning: symbolic links are not followed: 'audiences/etc', 'audiences/link.yaml', 'audiences/more1', 'audiences/more2', 'audiences/more3' and 2 more"
    expect_line "warning: submodules are not read: 'audiences/module'"
    expect_line "warning: skipped, because Git LFS pointers are not fetched: '${commit:0:7}:audiences/big.yaml'"
    refute_text "path: ${main:0:7}:audiences/link.yaml"
    run -2 --separate-stderr "$probe" --path audiences/big.yaml "$tmp/odd"
    expect_text "this is a Git LFS pointer, not the file"
    for path in audiences/link.yaml audiences/etc audiences/module; do
        run -1 --separate-stderr "$probe" --path "$path" "$tmp/odd"
        expect_text "'$path' in commit"
    done
    run -1 --separate-stderr "$probe" --path audiences/etc/passwd "$tmp/odd"
    expect_text "does not exist"
}

@test "names with control characters are read, and shown harmless" {
    cp -r "$repository" "$tmp/names"
    name=$'audiences/\e[31mred\n::error::.yaml'
    manifest red >"$tmp/names/$name"
    git -C "$tmp/names" add -A
    git -C "$tmp/names" commit -q -m names
    run -0 --separate-stderr "$probe" "$tmp/names"
    expect_text ':audiences/\x1b[31mred\n::error::.yaml'
}

@test "a missing ref suggests the nearest, and a short commit id is no id" {
    run -1 --separate-stderr "$probe" --ref featur "$repository"
    expect_line "error: cannot read '$repository': no branch, tag or commit 'featur'"
    expect_line "hint: did you mean 'feature'?"
    run -1 --separate-stderr "$probe" --ref "${main:0:10}" "$repository"
    expect_line "hint: a commit id needs all of its 40 digits"
    run -1 --separate-stderr "$probe" --ref 0123456789012345678901234567890123456789 "$repository"
    expect_text "cannot read the commit"
    for ref in '' 'a b' $'a\nb' '../x' 'refs/heads/'; do
        run -1 --separate-stderr "$probe" --ref "$ref" "$repository"
        expect_text "error: "
    done
}

@test "a tag of a tree names no commit" {
    cp -r "$repository" "$tmp/tagged"
    git -C "$tmp/tagged" tag -m tree tree-tag "main^{tree}"
    run -1 --separate-stderr "$probe" --ref tree-tag "$tmp/tagged"
    expect_text "'tree-tag': this is not a commit"
}

@test "an empty repository, no repository and a folder inside of one are told apart" {
    git init -q "$tmp/empty"
    run -1 --separate-stderr "$probe" "$tmp/empty"
    expect_text "the repository is empty: it has no commit"
    mkdir "$tmp/none"
    run -1 --separate-stderr "$probe" "$tmp/none"
    expect_line "error: cannot read '$tmp/none': this is not a Git repository"
    run -1 --separate-stderr "$probe" "$tmp/nowhere"
    expect_text "is not a Git repository"
    run -1 --separate-stderr "$probe" "$repository/audiences"
    expect_text "hint: it is inside the repository '$repository'"
}

@test "a repository with SHA-256 names is refused clearly" {
    git init -q --object-format=sha256 "$tmp/sha256"
    git -C "$tmp/sha256" commit -q --allow-empty -m x
    run -1 --separate-stderr "$probe" "$tmp/sha256"
    expect_text "uses SHA-256 object names, which are not supported"
}

@test "a shallow clone, and one with extensions that do not matter, can be read" {
    git clone -q --depth 1 "file://$repository" "$tmp/shallow"
    git -C "$tmp/shallow" config core.repositoryFormatVersion 1
    git -C "$tmp/shallow" config extensions.worktreeConfig true
    run -0 --separate-stderr "$probe" "$tmp/shallow"
    expect_line "commit: $main"
}

@test "a missing object is an error that names the file" {
    cp -r "$repository" "$tmp/broken"
    id=$(git -C "$tmp/broken" rev-parse main:audiences/one.yaml)
    rm -f "$tmp/broken/.git/objects/${id:0:2}/${id:2}"
    run -1 --separate-stderr "$probe" "$tmp/broken"
    expect_text "cannot read 'audiences/one.yaml' in commit ${main:0:7}"
    expect_text "git fsck"
}

@test "a repository of another owner is read all the same" {
    [ "$(id -u)" = 0 ] || return 0
    cp -r "$repository" "$tmp/other"
    chown -R 65534 "$tmp/other"
    run -0 --separate-stderr "$probe" "$tmp/other"
    expect_line "commit: $main"
}

@test "configuration of the user is not read" {
    mkdir -p "$tmp/home"
    printf '[url "file:///nowhere/"]\n\tinsteadOf = file:///\n[broken\n' >"$tmp/home/.gitconfig"
    HOME=$tmp/home GIT_CONFIG_GLOBAL=$tmp/home/.gitconfig run -0 --separate-stderr "$probe" "$repository"
    expect_line "commit: $main"
}

@test "a tree that contains itself over and over, and deep ones, end at a limit" {
    git init -q -b main "$tmp/bomb"
    cd "$tmp/bomb"
    blob=$(manifest x | git hash-object -w --stdin)
    tree=$(printf '100644 blob %s\tm.yaml\n' "$blob" | git mktree)
    for _ in $(seq 10); do
        tree=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %s\td%s\n' "$tree" "$i"; done | git mktree)
    done
    git update-ref refs/heads/main "$(git commit-tree -m bomb "$tree")"
    tree=$(printf '100644 blob %s\tm.yaml\n' "$blob" | git mktree)
    for _ in $(seq 70); do tree=$(printf '040000 tree %s\td\n' "$tree" | git mktree); done
    git update-ref refs/heads/deep "$(git commit-tree -m deep "$tree")"
    run -2 --separate-stderr timeout 60 "$probe" "$tmp/bomb"
    expect_text "diag [limit]"
    run -2 --separate-stderr "$probe" --ref deep "$tmp/bomb"
    expect_text "directories are nested deeper than 64"
}

@test "a file over the limit is a diagnostic, and the others are read" {
    cp -r "$repository" "$tmp/large"
    truncate -s $((64 * 1024 * 1024 + 1)) "$tmp/large/audiences/huge.yaml"
    git -C "$tmp/large" add -A
    git -C "$tmp/large" commit -q -m large
    run -2 --separate-stderr "$probe" "$tmp/large"
    expect_text "huge.yaml: this file is larger than 64 MiB"
    expect_text "audiences/one.yaml"
}

@test "no manifest at all is a diagnostic" {
    git init -q -b main "$tmp/bare-of-manifests"
    echo 'services: {}' >"$tmp/bare-of-manifests/compose.yaml"
    git -C "$tmp/bare-of-manifests" add -A
    git -C "$tmp/bare-of-manifests" commit -q -m x
    run -2 --separate-stderr "$probe" "$tmp/bare-of-manifests"
    expect_text "diag [no-manifest]"
}

@test "addresses that are not read are refused with the reason" {
    run -1 --separate-stderr "$probe" http://localhost/x.git
    expect_text "plain http:// is not supported"
    run -1 --separate-stderr "$probe" ftp://localhost/x.git
    expect_text "unknown scheme"
    run -1 --separate-stderr "$probe" ''
    expect_text "the Git URL is empty"
    run -1 --separate-stderr "$probe" 'ext::sh -c id'
    expect_text "unknown scheme"
    run -1 --separate-stderr "$probe" "https://localhost/x.git?private_token=sesame"
    refute_text sesame
}

@test "40 hex digits are a commit, whatever branch or tag is named like them" {
    git clone -q --bare "$repository" "$tmp/hex.git"
    git -C "$tmp/hex.git" update-ref "refs/heads/$main" "$feature"
    git -C "$tmp/hex.git" update-ref "refs/tags/$main" "$feature"
    for address in "$tmp/hex.git" "file://$tmp/hex.git"; do
        run -0 --separate-stderr "$probe" --ref "$main" "$address"
        expect_line "commit: $main"
        missing=${main//[0-4]/5}
        git -C "$tmp/hex.git" update-ref "refs/heads/$missing" "$feature"
        run -1 --separate-stderr "$probe" --ref "$missing" "$address"
    done
}

@test "in a hook, commits that are still in quarantine are read" {
    git clone -q --bare "$repository" "$tmp/hooked.git"
    cat >"$tmp/hooked.git/hooks/pre-receive" <<HOOK
#!/bin/sh
read -r _ new _
exec "$probe" --ref "\$new" .
HOOK
    chmod +x "$tmp/hooked.git/hooks/pre-receive"
    git clone -q "$tmp/hooked.git" "$tmp/pusher"
    add_commit "$tmp/pusher" pushed
    run -0 git -C "$tmp/pusher" push origin main
    expect_text "commit: $(git -C "$tmp/pusher" rev-parse main)"
    expect_text audiences/pushed.yaml
}

@test "git's own variables of another repository, as a hook sets them, do not matter" {
    export GIT_DIR=$tmp/nowhere GIT_WORK_TREE=$tmp GIT_INDEX_FILE=$tmp/index
    run -0 --separate-stderr "$probe" "$repository"
    expect_line "commit: $main"
    refute_text note:
    run -0 --separate-stderr "$probe" "file://$repository"
    expect_line "commit: $main"
}

@test "sparse and split-index work trees have no changes of their own" {
    git clone -q "$repository" "$tmp/sparse"
    git -C "$tmp/sparse" sparse-checkout set --no-cone audiences/eu
    [ ! -e "$tmp/sparse/audiences/one.yaml" ]
    git clone -q "$repository" "$tmp/split"
    git -C "$tmp/split" update-index --split-index
    for address in "$tmp/sparse" "$tmp/split"; do
        run -0 --separate-stderr "$probe" "$address"
        expect_text audiences/one.yaml
        refute_text note:
        echo '# more' >>"$address/audiences/eu/two.yml"
        run -0 --separate-stderr "$probe" "$address"
        expect_line "note: uncommitted changes are not read, only what is committed: 'audiences/eu/two.yml'"
    done
}

@test "a file whose time alone has changed, or that is ignored, is no change" {
    cp -r "$repository" "$tmp/touched"
    touch "$tmp/touched/audiences/one.yaml"
    echo new.yaml >"$tmp/touched/.gitignore"
    manifest new >"$tmp/touched/new.yaml"
    run -0 --separate-stderr "$probe" "$tmp/touched"
    refute_text note:
}

@test "a repository in a format that libgit2 cannot read is read through git" {
    git init -q -b main --ref-format=reftable "$tmp/reftable" 2>/dev/null || skip "this git has no reftable"
    manifest one >"$tmp/reftable/one.yaml"
    git -C "$tmp/reftable" add -A
    git -C "$tmp/reftable" commit -q -m one
    manifest two >"$tmp/reftable/two.yaml"
    run -0 --separate-stderr "$probe" "$tmp/reftable"
    expect_line "commit: $(git -C "$tmp/reftable" rev-parse main)"
    expect_line "ref: main"
    expect_text "uncommitted changes are not read, only what is committed: 'two.yaml'"
}

@test "without git, local repositories are read, and a URL says what is missing" {
    run -0 --separate-stderr env PATH=/nowhere "$probe" "$repository"
    expect_line "commit: $main"
    run -1 --separate-stderr env PATH=/nowhere "$probe" "file://$repository"
    expect_text "the program 'git' is not on the PATH"
    expect_line "hint: install git; without it only local repositories of the usual format are read"
}

@test "what a repository configures is not run" {
    cp -r "$repository" "$tmp/hostile"
    for name in core.fsmonitor core.sshCommand core.pager; do
        git -C "$tmp/hostile" config "$name" "touch $tmp/run; false"
    done
    printf '#!/bin/sh\ntouch %s\n' "$tmp/run" >"$tmp/hostile/.git/hooks/post-index-change"
    chmod +x "$tmp/hostile/.git/hooks/post-index-change"
    run -0 --separate-stderr "$probe" "$tmp/hostile"
    run -0 --separate-stderr "$probe" "file://$tmp/hostile"
    [ ! -e "$tmp/run" ]
}

@test "a partial clone without the files is an error that says so" {
    git -C "$repository" config uploadpack.allowFilter true
    git clone -q --bare --filter=blob:none "file://$repository" "$tmp/partial.git"
    run -1 --separate-stderr "$probe" "$tmp/partial.git"
    expect_text "cannot read 'audiences/eu/two.yml' in commit ${main:0:7}"
    expect_text "git fetch --refetch"
}
