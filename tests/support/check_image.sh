#!/bin/sh
# The image of examples/container, built by buildah on an empty Debian 12 that stands for the public
# one, and used: as it is, and as a CI system runs a job in it. Needs root, debootstrap, buildah and a mirror.
#
#     tests/support/check_image.sh [FOLDER FOR IMAGES]
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/empty_debian.sh
. tests/support/empty_debian.sh

make_scratch image "$@"
# Nothing of this machine's images; no overlays and namespaces, which a container of its own may not have.
b() { buildah --root "$scratch/images" --runroot "$scratch/run" --storage-driver vfs "$@"; }
export BUILDAH_ISOLATION=chroot

make_debian bookworm "$scratch/base"
base=$(b from scratch)
quietly b add "$base" "$scratch/base" /
quietly b config --cmd sh "$base"
quietly b commit --rm "$base" localhost/debian:bookworm-slim
rm -rf --one-file-system "$scratch/base"
quietly b build --pull-never -f examples/container/Containerfile -t audiencectl .

container=$(b from --pull-never localhost/audiencectl)
settings=$(b inspect --type image --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' localhost/audiencectl)
[ "$settings" = 'audiencectl [audiencectl] [help]' ] || fail "the image has $settings"

# As it is: no root, and what manifests in Git need is there.
quietly b copy "$container" tests/support/use_installed.sh /use_installed.sh
# shellcheck disable=SC2016 # for the shell in there
quietly b run "$container" -- sh -euc '
    test "$(id -u)" -ne 0
    for program in git ssh curl jq; do command -v "$program"; done
    test -s /etc/ssl/certs/ca-certificates.crt
    env -u XDG_STATE_HOME sh /use_installed.sh /usr/share/doc/audiencectl/examples
    test -w "$XDG_STATE_HOME"'
grep -q 'Apply:    4 created' "$log" || fail "$(cat "$log")"

# As a job container: other users, and folders of the runner.
for user in 0 1001 65532; do
    mkdir "$scratch/$user"
    chown "$user" "$scratch/$user"
    quietly b run --user "$user" --volume "$scratch/$user:/job" --workingdir /job "$container" -- \
        sh -euc 'audiencectl version >/job/output && cp -r /usr/share/doc/audiencectl/examples/audiences . && audiencectl validate'
    [ -s "$scratch/$user/output" ] || fail "nothing written as $user"
done
echo "the image builds and runs"
