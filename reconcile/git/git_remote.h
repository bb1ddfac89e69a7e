/*
 * git_remote.h: the refs of a repository on a server, and one of them brought here.
 *
 * Both are tried again like a GET of the API: five times after 408, 429 and 5xx, with the wait that
 * the server asks for; once more where no HTTP answer came. Over SSH nothing is tried again: a
 * refused login looks the same there, and servers shut out who repeats one.
 */
#ifndef RCN_GIT_GIT_REMOTE_H
#define RCN_GIT_GIT_REMOTE_H

#include "base/arena.h"
#include "base/error.h"
#include "git/git_program.h"
#include "git/git_url.h"

enum { RCN_GIT_ID_SIZE = 41 };

struct rcn_git_ref {
    const char *name; /* `HEAD`, `refs/heads/main`; an annotated tag has its own id */
    const char *id;   /* 40 hex digits */
};

struct rcn_git_refs {
    struct rcn_git_ref *items; /* in the order of the server */
    size_t count;
    const char *head; /* the full name of the branch that HEAD is; NULL: none, or not known */
};

/* Lists the refs. Strings are put into arena. */
int rcn_git_remote_list(const struct rcn_git_access *access, const struct rcn_git_url *url,
                        struct rcn_arena *arena, struct rcn_git_refs *ret, struct rcn_error *err);

/*
 * Fetches what `source` names, a full ref name or 40 hex digits, into the bare repository, as its
 * ref `target`, without history. Returns 1 and err where git failed and no answer over HTTP says
 * why: the repository here may be damaged.
 */
int rcn_git_remote_fetch(const struct rcn_git_access *access, const struct rcn_git_url *url,
                         const char *repository, const char *source, const char *target,
                         struct rcn_error *err);

#endif
