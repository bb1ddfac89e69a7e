/*
 * write.h: live syncs as the text of a manifest, for `export`.
 *
 * What is written here and loaded again (manifest.h) asks for exactly what is live: names and ids
 * byte for byte, frequency and isActive as they are, and a pin (`id:`) for each of several syncs
 * that share an identity. Equal input gives equal bytes.
 *
 * Not every live sync can be declared: the API takes names that manifests refuse, and a sync may
 * have no segment any more. Such a one is written as a comment that says why.
 *
 * The text is our own writing because libyaml's emitter cannot write comments; values are plain
 * where YAML 1.2 and 1.1 read them back as the same string, else double-quoted.
 */
#ifndef RCN_MANIFEST_WRITE_H
#define RCN_MANIFEST_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/audience_sync.h"
#include "model/live_state.h"

/* The syncs of one company and ad account: one document. All is borrowed. */
struct rcn_written_document {
    const char *company_id;      /* NULL: the document names none */
    const char *company_name;    /* for a comment; NULL: unknown */
    const char *ad_account_id;   /* of every sync */
    const char *ad_account_name; /* for a comment; NULL: unknown */
    /* Where names are unique, `segment` and `adAccount` are written in place of ids; NULL: ids. */
    const struct rcn_live_company *names;
    const struct rcn_live_sync *const *syncs;
    const bool *is_shared; /* for each: another live sync has its identity, so it needs a pin */
    size_t count;
};

/*
 * Why the sync cannot be declared in a manifest, as the end of a sentence: `its audienceName begins
 * with white space`. NULL when it can. Static text.
 */
const char *rcn_manifest_refuses(const struct rcn_live_sync *sync);

/* Appends the document, which begins with its apiVersion. out->failed tells of failures. */
void rcn_manifest_write(struct rcn_buf *out, const struct rcn_written_document *document);

/* Appends one scalar of a block mapping: plain or double-quoted, `${` as `$${`. */
void rcn_manifest_write_text(struct rcn_buf *out, const char *text);

#endif
