/*
 * export.h: live syncs as files of manifests, and what would get lost when a file is replaced.
 *
 * What is written here and loaded again (manifest.h) asks for exactly what is live: names and ids
 * byte for byte, frequency and isActive as they are, and a pin (`id:`) for each of several syncs
 * that share an identity. Equal input gives equal bytes. A document holds the syncs of one company
 * and ad account. A live sync that cannot be declared (the API takes names that manifests refuse,
 * and a sync may have no segment any more) is written as a comment that says why.
 *
 * We write the text ourselves because libyaml's emitter cannot write comments; values are plain
 * where YAML 1.2 and 1.1 read them back as the same string, else double-quoted.
 *
 * Pure; what is made belongs to the arena of the live state.
 */
#ifndef RCN_MANIFEST_EXPORT_H
#define RCN_MANIFEST_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/audience_sync.h"
#include "model/live_state.h"

struct rcn_export_item {
    const struct rcn_live_sync *sync;
    bool is_shared;      /* another live sync has its identity, so it needs a pin */
    const char *refused; /* why it cannot be declared: `its id is empty`; NULL: it can */
};

struct rcn_export_file {
    const char *path;
    const char *bytes; /* of its documents */
    size_t len;
    size_t count; /* of syncs that it declares */
};

struct rcn_export {
    struct rcn_export_item *items; /* by identity and id */
    size_t count;
    size_t left_out; /* of them cannot be declared */
    struct rcn_export_file *files;
    size_t file_count;
    size_t document_count;
};

/* Every live sync; then the caller may take some out. */
struct rcn_export rcn_export_all(const struct rcn_live_state *live);

/*
 * Fills in what is counted and the files: one for each document in `dir`, `comp_123-act_1.yaml`, or
 * `act_1.yaml` without a company; dir NULL: one, `<stdout>`, with all of them. by_names: `segment`
 * and `adAccount` where names are unique.
 */
void rcn_export_write(struct rcn_export *self, const struct rcn_live_state *live, const char *dir,
                      bool by_names);

/*
 * What a file that is to be replaced holds and this export does not write: entries, `ignore`,
 * `labels`, `replaces`, comments, variables. bytes: its text, declared: what it declares, settled.
 * `holds 2 syncs that ...`, or NULL.
 */
const char *rcn_export_find_loss(const struct rcn_export *self, const struct rcn_export_file *file,
                                 const struct rcn_live_state *live, const char *bytes,
                                 const struct rcn_desired_set *declared);

#endif
