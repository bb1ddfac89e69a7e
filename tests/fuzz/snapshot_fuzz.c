/*
 * Any bytes as a snapshot, once as they are and once with the digest that they would need: what is
 * taken has a URL and answers that can be found again.
 */
#include "base/sha256.h"
#include "fuzz.h"
#include "live/snapshot.h"

static void check(const char *bytes, size_t len)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_snapshot *snapshot = rcn_snapshot_read(bytes, len, &err);
    FUZZ_CHECK(snapshot || err.message[0]);
    if (snapshot) {
        FUZZ_CHECK(snapshot->url);
        const struct rcn_snapshot_answer *found =
            rcn_snapshot_find(snapshot, "/audience-syncs", NULL);
        FUZZ_CHECK(!found || (found->body && found->status >= 200 && found->status < 600));
    }
    rcn_snapshot_free(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_buf whole;
    char *bytes = fuzz_copy(data, size);
    check(bytes, size);
    rcn_buf_init(&whole, size + 256);
    rcn_buf_add(&whole, bytes, size);
    rcn_sha256_seal(&whole, 0);
    check(whole.data, whole.len);
    rcn_buf_release(&whole);
    free(bytes);
    return 0;
}
