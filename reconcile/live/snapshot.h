/*
 * snapshot.h: the answers of the API in a file, to be read later in its place and without a key.
 *
 * It holds the answers as they came, so that they are judged like fresh ones (reading.h), no
 * request header and no key; of /account it keeps the companies and what the key reaches, not whose
 * it is. The digest in its last line is for integrity: it is not a signature.
 */
#ifndef RCN_LIVE_SNAPSHOT_H
#define RCN_LIVE_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

#define RCN_SNAPSHOT_MAX_BYTES ((size_t)1 << 30)

struct rcn_snapshot_answer {
    const char *path;       /* `/audience-syncs?limit=50&offset=50` */
    const char *company_id; /* x-company-id; NULL: none was sent */
    int64_t status;         /* 2xx, or 403 from the API */
    const char *body;
};

struct rcn_snapshot {
    struct rcn_arena *arena;
    const char *url;            /* of the API; this and the next two are set before writing */
    const char *own_company_id; /* of requests without x-company-id; NULL: unknown */
    int64_t taken_ms;           /* wall clock: when the last answer was whole */
    struct rcn_snapshot_answer *answers;
    size_t count;
    size_t capacity;
};

/* An empty one, to be filled. */
struct rcn_snapshot *rcn_snapshot_new(void);
void rcn_snapshot_free(struct rcn_snapshot *snapshot);

/* Keeps a copy of an answer, its secrets masked, in place of one to the same request. */
void rcn_snapshot_add(struct rcn_snapshot *snapshot, const char *path, const char *company_id,
                      long status, const char *body);

/* Appends the document. -1 and err when an answer is not UTF-8. */
int rcn_snapshot_write(const struct rcn_snapshot *snapshot, struct rcn_buf *out,
                       struct rcn_error *err);

/* NULL and err: RCN_ERROR_REFUSED when it was edited, RCN_ERROR_FAILED when it is no snapshot or of
 * another version. */
struct rcn_snapshot *rcn_snapshot_read(const char *bytes, size_t len, struct rcn_error *err);

/* RCN_ERROR_REFUSED when it is older than max_age_ms or from the future (wall clock), or of another
 * API than api_url (NULL: any). */
int rcn_snapshot_check(const struct rcn_snapshot *snapshot, int64_t max_age_ms, const char *api_url,
                       struct rcn_error *err);

/* The answer to a request, or NULL. A request for the company that the snapshot was taken of
 * without naming it finds that answer too. */
const struct rcn_snapshot_answer *rcn_snapshot_find(const struct rcn_snapshot *snapshot,
                                                    const char *path, const char *company_id);

#endif
