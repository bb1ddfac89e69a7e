/*
 * ledger_remote.h: the Git branch under a ledger: every git command that ledger.c needs.
 *
 * The branch is fetched into the bare cache, one commit deep; files are read from its tip; a change
 * is one commit on that tip, pushed without force. So the server takes a push only on top of what
 * was fetched last, and that is a compare-and-swap: git sends the tip that was fetched as the old
 * value of the ref, and the server compares it, also for a new branch ("must not exist").
 *
 * Two equal commits of two pushers would both seem to be taken. They never are equal: each message
 * has the id of its run and a number.
 *
 * A test that links other functions of these names is the remote (tests/simulation).
 */
#ifndef RCN_APPLY_LEDGER_REMOTE_H
#define RCN_APPLY_LEDGER_REMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct rcn_git_access;
struct rcn_ledger_remote;

/* Without `#BRANCH` in the location. */
#define RCN_LEDGER_BRANCH "audiencectl-ledger"

/* location: `URL` or `URL#BRANCH`; a path works, too. The bare repository is kept in cache_dir, so
 * that a later run fetches only what is new. Nothing is read yet. */
struct rcn_ledger_remote *rcn_ledger_remote_new(const char *location, const char *cache_dir,
                                                const struct rcn_git_access *access,
                                                struct rcn_error *err);
/* Reads the branch. A branch that does not exist is no error: it has no tip and no files. */
int rcn_ledger_remote_fetch(struct rcn_ledger_remote *self, struct rcn_error *err);

/* The commit that was fetched or pushed last; NULL: the branch does not exist. */
const char *rcn_ledger_remote_get_tip(const struct rcn_ledger_remote *self);

/* The number of the latest change that a run on this machine has read or made; 0: none. It is kept
 * outside the copy; if it is lost, only this check is. A lower one does not replace it. */
int64_t rcn_ledger_remote_get_reached(const struct rcn_ledger_remote *self);
void rcn_ledger_remote_set_reached(struct rcn_ledger_remote *self, int64_t reached);

/* The text of a file at the tip, borrowed until the next fetch; NULL: there is none.
 * RCN_ERROR_REFUSED: it has a NUL. */
int rcn_ledger_remote_read(struct rcn_ledger_remote *self, const char *path, const char **ret,
                           struct rcn_error *err);

/* How many files the tip has below a folder, and their paths, as git sorts them (those of later
 * pushes come last); the array is in the arena. */
size_t rcn_ledger_remote_list(const struct rcn_ledger_remote *self, const char *folder,
                              struct rcn_arena *arena, const char *const **ret);

struct rcn_ledger_file {
    const char *path;
    const char *text;
};

enum rcn_ledger_push {
    RCN_LEDGER_PUSHED,  /* the branch is at our commit */
    RCN_LEDGER_MOVED,   /* the server's branch is not at our tip: fetch and judge again */
    RCN_LEDGER_REFUSED, /* it does not take pushes from us; err says why. Nothing was changed */
    RCN_LEDGER_UNKNOWN, /* no answer: it may have been taken, or may still be. err says why */
};

/* One commit with these files changed on top of the tip, and its push. */
enum rcn_ledger_push rcn_ledger_remote_push(struct rcn_ledger_remote *self,
                                            const struct rcn_ledger_file *files, size_t count,
                                            const char *message, struct rcn_error *err);

void rcn_ledger_remote_free(struct rcn_ledger_remote *self);

#endif
