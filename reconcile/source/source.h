/*
 * source.h: where manifests come from. A source is an ordered set of named texts with an origin.
 *
 * The rooms after this one see paths and bytes, wherever they come from. The bytes stay in memory
 * until the source is freed, because diagnostics show source lines (span.h).
 *
 * Selection (SPEC 2): a directory is read recursively, `*.yaml` and `*.yml`, sorted by path bytes,
 * hidden entries left out. What is found there and is no manifest is kept in `skipped`, unparsed: a
 * file without `audiencectl/` or `audienceSyncs` in its bytes, a Git LFS or git-crypt pointer
 * (which is a warning, too), a symlink that leads to no file of the directory. A file named by the
 * user is always taken.
 *
 * Problems with one file are the diagnostics `unreadable` and `limit`, and loading goes on with the
 * next; no manifest at all is `no-manifest`. Paths are shown without `./`, `//` and `a/..`.
 */
#ifndef RCN_SOURCE_SOURCE_H
#define RCN_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/span.h"
#include "git/git_program.h"

enum {
    RCN_SOURCE_MAX_FILE_BYTES = 64 << 20, /* 100,000 syncs in one file are 13 MB */
    RCN_SOURCE_MAX_FILES = 100000,
    RCN_SOURCE_MAX_DEPTH = 64, /* nested directories */
};
/* All files together. */
#define RCN_SOURCE_MAX_BYTES ((size_t)512 << 20)

enum { RCN_SOURCE_MAX_WARNINGS = 8, RCN_SOURCE_MAX_NAMES = 5 };

/* Names for a warning: the first few, and how many there are. */
struct rcn_source_names {
    const char *first[RCN_SOURCE_MAX_NAMES]; /* borrowed */
    size_t count;
};

struct rcn_skipped {
    const char *path;
    const char *reason; /* static; comes after `skipped 'PATH': ` */
};

/* A file to be read. All are listed before the first is read: spans point at the texts, which so
 * never move. */
struct rcn_source_file {
    const char *path;
    const char *shown;  /* as a reader of the repository writes it */
    const char *key;    /* two with one key are the same file; NULL: it is like no other */
    const void *handle; /* for its reader */
    bool is_named;
};

struct rcn_source {
    struct rcn_arena *arena; /* owned; holds paths and bytes */
    const char *kind;        /* `files`, `stdin` or `git` */
    struct rcn_text *texts;  /* in the order to be read */
    size_t count;
    bool *named;                   /* texts[i] was named by the user: it must be a manifest */
    struct rcn_source_file *files; /* heap; what is to be read */
    size_t file_count;
    struct rcn_skipped *skipped; /* files found that are not read, in the same order */
    size_t skipped_count;
    const char *name;        /* for people: `audiences/`, `<stdin>`, a URL without credentials */
    const char *ref;         /* Git only: as asked for, or the branch that HEAD names */
    const char *commit;      /* Git only: 40 hex digits */
    const char *digest;      /* NULL until rcn_source_set_digest */
    struct rcn_diags *diags; /* borrowed: where problems went */
    const char *warnings[RCN_SOURCE_MAX_WARNINGS]; /* about files that are not read */
    size_t warning_count;
    const char *notes[RCN_SOURCE_MAX_WARNINGS]; /* about this run: uncommitted changes, git:// */
    size_t note_count;
    bool had_problem; /* a file could not be read */
    bool is_cut;      /* a limit on the whole was passed, and reported: no more is read */
    size_t total_bytes;
};

/* Reads files and directories (none: the current one); `-` is standard input, at most once. diags
 * is borrowed and must outlive the source. */
struct rcn_source *rcn_source_new_from_paths(const char *const *paths, size_t count,
                                             struct rcn_diags *diags);

void rcn_source_free(struct rcn_source *source);

/* Fills in source->digest, which only documents show: `sha256:` over each text's path, a NUL, its
 * length, a NUL and its bytes. */
void rcn_source_set_digest(struct rcn_source *source);

struct rcn_git_options {
    const char *url;          /* a URL, an scp-like address, or a local path */
    const char *ref;          /* NULL: the remote's HEAD */
    const char *const *paths; /* inside the tree; none: all of it */
    size_t path_count;
    const char *cache_dir; /* NULL: no cache, a temporary directory that is removed */
    struct rcn_git_access access;
};

/* Reads blobs at one commit (SPEC 7), as `<7 digits of the commit>:path`. NULL and err: no such
 * ref, an error of git, an empty repository. */
struct rcn_source *rcn_source_new_from_git(const struct rcn_git_options *options,
                                           struct rcn_diags *diags, struct rcn_error *err);

/* --- for those who fill one in --- */

/* An empty set that holds at most so many bytes. */
struct rcn_source *rcn_source_new(const char *kind, size_t max_bytes, struct rcn_diags *diags);
/* Lists a file, unless there are too many. */
void rcn_source_list(struct rcn_source *source, struct rcn_source_file file);
/* Sorts what was listed from index `first` on. */
void rcn_source_sort_files(struct rcn_source *source, size_t first);
/* The list is complete: each file is left once, where it came first, and named if it was named
 * anywhere. Before the first is added. */
void rcn_source_end_files(struct rcn_source *source);
/* One file becomes a text or a skipped path. path is kept, bytes are copied. */
void rcn_source_add(struct rcn_source *source, const char *path, const char *bytes, size_t len,
                    bool is_named);
void rcn_source_add_skipped(struct rcn_source *source, const char *path, const char *reason);
/* A diagnostic for a path (copied) as a whole; with a hint when the source is cut. */
void rcn_source_add_problem(struct rcn_source *source, const char *rule, const char *path,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));
/* After the last file: warns of pointers, and reports when there is no manifest at all. `where`
 * ends that sentence, `hint` is for when there is no YAML file either. */
void rcn_source_finish(struct rcn_source *source, const char *where, const char *hint);

/* At most RCN_SOURCE_MAX_WARNINGS in all; text is static or in the arena. */
void rcn_source_add_note(struct rcn_source *source, const char *text);
void rcn_source_names_add(struct rcn_source_names *names, const char *name);
/* `<what>: 'a', 'b' and 3 more`, in the arena; NULL when there is no name. */
const char *rcn_source_names_format(struct rcn_source *source, const struct rcn_source_names *names,
                                    const char *what);
/* Adds that as a warning. */
void rcn_source_warn_names(struct rcn_source *source, const struct rcn_source_names *names,
                           const char *what);

/* Without `.` and empty components, and `a/..` taken out; what is empty then is `.`. */
char *rcn_source_simplify_path(struct rcn_arena *arena, const char *path);
bool rcn_source_is_yaml_name(const char *name);
/* True when the bytes hold `audiencectl/` or `audienceSyncs`, in UTF-16 too after a byte order
 * mark, so that this is not skipped without a word. */
bool rcn_source_looks_like_manifest(const char *bytes, size_t len);
#endif
