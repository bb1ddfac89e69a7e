/*
 * source.h: where manifests come from. A source is an ordered set of named texts with an origin.
 *
 * Whether the texts come from a folder, from standard input or from a commit makes no difference to
 * anything right of here: manifest/ sees paths and bytes only. The bytes stay in memory until the
 * source is freed, because diagnostics show source lines (span.h).
 *
 * Selection (SPEC 2): a directory is read recursively, `*.yaml` and `*.yml`, sorted by path bytes,
 * hidden entries left out. A file found there that has neither `audiencectl/` nor `audienceSyncs`
 * in its bytes is no manifest: it is left out unparsed and kept in `skipped`, like a symlink that
 * leads to no file of the directory. A file
 * named by the user is always taken.
 *
 * Problems with one file (unreadable, too large, a FIFO) are diagnostics: rule `unreadable` or
 * `limit`; loading goes on with the next. No manifest found is the diagnostic `no-manifest`.
 */
#ifndef RCN_SOURCE_SOURCE_H
#define RCN_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/span.h"

enum {
    RCN_SOURCE_MAX_FILE_BYTES = 64 << 20, /* 100,000 syncs in one file are 13 MB */
    RCN_SOURCE_MAX_FILES = 100000,
    RCN_SOURCE_MAX_DEPTH = 64, /* nested directories */
};
/* All files together. */
#define RCN_SOURCE_MAX_BYTES ((size_t)512 << 20)

enum rcn_source_kind { RCN_SOURCE_FILES, RCN_SOURCE_STDIN, RCN_SOURCE_GIT };

struct rcn_skipped {
    const char *path;
    const char *reason; /* static; what stands behind `skipped 'PATH': ` */
};

struct rcn_source {
    struct rcn_arena *arena; /* owned; holds paths and bytes */
    enum rcn_source_kind kind;
    struct rcn_text *texts; /* in the order to be read */
    size_t count;
    /* named[i]: texts[i] was named by the user (a file, standard input), so it must be a manifest;
     * the others were found in a directory. NULL: all were found. */
    const bool *named;
    struct rcn_skipped *skipped; /* files found that are not read, in the same order */
    size_t skipped_count;
    /* what a person calls the source: `audiences/`, `<stdin>`, or the Git URL without credentials
     */
    const char *name;
    const char *ref;         /* Git only: as asked for, or the branch that HEAD names */
    const char *commit;      /* Git only: 40 hex digits */
    const char *digest;      /* NULL until rcn_source_set_digest */
    struct rcn_diags *diags; /* borrowed: where problems went */
    const char **warnings;   /* about the source as a whole: uncommitted changes, git:// */
    size_t warning_count;
};

/*
 * Reads files and directories; `-` is standard input (descriptor 0), at most once. With no path the
 * current directory is read, and paths have no `./` before them.
 * NULL and err only for what stops everything (out of memory); the rest goes to diags (borrowed,
 * must outlive the source).
 */
struct rcn_source *rcn_source_new_from_paths(const char *const *paths, size_t count,
                                             struct rcn_diags *diags, struct rcn_error *err);

void rcn_source_free(struct rcn_source *source);

/*
 * Fills in source->digest: `sha256:` over each text's path, a NUL, its length, a NUL and its bytes,
 * equal for equal input. Only documents say it, so whoever writes one asks. -1 and err when out of
 * memory.
 */
int rcn_source_set_digest(struct rcn_source *source, struct rcn_error *err);

struct rcn_git_options {
    const char *url;          /* a URL, an scp-like address, or a local path */
    const char *ref;          /* NULL: the remote's HEAD */
    const char *const *paths; /* inside the tree; none: all of it */
    size_t path_count;
    const struct rcn_secret *token; /* for HTTPS, may be NULL; sent to the URL's host only */
    const char *ssh_key_file;       /* NULL: ssh-agent */
    const char *ca_file;            /* NULL: the system's */
    const char *cache_dir;          /* NULL: no cache, a temporary directory that is removed */
    int64_t timeout_ms;             /* no progress for so long: give up */
    int64_t deadline_ms;            /* steady clock (clock.h); 0: none */
    /* Told now and then during a long fetch; NULL: nobody. Called on the caller's thread. */
    void (*progress)(void *context, const char *phase, unsigned done, unsigned total);
    void *progress_context;
    /* Asked several times a second: true once a signal came (RCN_ERROR_INTERRUPTED). NULL: never.
     */
    bool (*interrupted)(void *context);
    void *interrupted_context;
};

/*
 * Reads blobs at one commit (SPEC 7). Texts are named `<7 digits of the commit>:path`. The other
 * problems (no such ref, host key, certificate, credentials, an empty repository) are err.
 */
struct rcn_source *rcn_source_new_from_git(const struct rcn_git_options *options,
                                           struct rcn_diags *diags, struct rcn_error *err);

/* --- for those who fill one in --- */

/* An empty set that holds at most so many bytes. NULL and err when out of memory. */
struct rcn_source *rcn_source_new(enum rcn_source_kind kind, size_t max_bytes,
                                  struct rcn_diags *diags, struct rcn_error *err);
/* True when the name ends in .yaml or .yml. */
bool rcn_source_is_yaml_name(const char *name);
/*
 * True when the bytes hold `audiencectl/` or `audienceSyncs`; for a text that begins with a UTF-16
 * byte order mark, also when it holds them in UTF-16, so that it is not passed over in silence.
 */
bool rcn_source_looks_like_manifest(const char *bytes, size_t len);
#endif
