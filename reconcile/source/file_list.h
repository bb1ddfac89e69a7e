/*
 * file_list.h: which files are to be read, found before any of them is.
 *
 * Named files are taken as they are; directories are walked (SPEC 2, source.h). Problems with a
 * path go to diags at once; -1 and err only when out of memory.
 */
#ifndef RCN_SOURCE_FILE_LIST_H
#define RCN_SOURCE_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"

struct rcn_file_entry {
    const char *path; /* as shown to people; `-`: standard input */
    bool named;
    bool passed_over; /* a symlink that leads nowhere, or out of the directory */
    struct {
        uint64_t device;
        uint64_t inode;
    } id; /* zero: standard input */
};

/* The first three are the caller's and borrowed; the rest begins as zero. */
struct rcn_file_list {
    struct rcn_arena *arena; /* paths */
    struct rcn_diags *diags;
    struct rcn_error *err;
    struct rcn_file_entry *entries; /* heap */
    size_t count;
    size_t capacity;
    const char *root; /* the directory that is being walked, with no symlink in it */
    bool had_problem;
    bool stopped; /* a limit on the whole is passed, which was told */
};

void rcn_file_list_release(struct rcn_file_list *list);

/* Adds what a path of the user stands for: a file, standard input, or what lies in a directory. */
int rcn_file_list_add_path(struct rcn_file_list *list, const char *path);

/*
 * Each real file once: under its first path (a symlink may stand beside its target, a file may be
 * named and lie in a named directory), and as a named one if any of its paths was named.
 */
int rcn_file_list_drop_repeated(struct rcn_file_list *list);

/* Tells of a path (copied); hint may be NULL. */
int rcn_file_list_add_problem(struct rcn_file_list *list, const char *rule, const char *path,
                              const char *message, const char *hint);
/* The same for a failed call; error is its errno. ENOMEM is no problem of the path. */
int rcn_file_list_add_unreadable(struct rcn_file_list *list, const char *path, int error);
/* Tells of a limit on the whole. */
int rcn_file_list_stop(struct rcn_file_list *list, const char *path, const char *message);

#endif
