/*
 * secret.h: an API key or a token. It is never formatted into a message, and wiped when released.
 * It comes from an environment variable or a file, never from the command line, which every user of
 * the machine can read.
 */
#ifndef RCN_BASE_SECRET_H
#define RCN_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A core dump of this process or one that it forks would hold the key, which libcurl and OpenSSL
 * copy while they send it: so core dumps are switched off, instead of locking pages. */
void rcn_secret_forbid_core_dumps(void);

/* No vendor key is near this long; a longer one is a wrong file. */
enum { RCN_SECRET_MAX = 4096 };

struct rcn_secret {
    char *text; /* NUL-terminated; NULL: there is none */
    size_t len;
};

/*
 * Keeps a copy of text, trimmed of white space at both ends (files end in a line feed), which
 * rcn_redact masks from now on. Fails on an empty one, one over RCN_SECRET_MAX, and one that an
 * HTTP header cannot hold (anything but printable ASCII). `what` names it in messages:
 * `SEQUENZY_API_KEY`.
 */
int rcn_secret_init(struct rcn_secret *secret, const char *text, const char *what,
                    struct rcn_error *err);

/*
 * From a file, or from an environment variable, which counts less when the file was named on the
 * command line. What does not count is not judged. The variable is wiped: no child process inherits
 * it, and no later reader of /proc finds it.
 */
int rcn_secret_take(const char *variable, bool is_wanted, const char *file, bool file_wins,
                    struct rcn_secret *ret, struct rcn_error *err);

/* Wipes and frees. */
void rcn_secret_release(struct rcn_secret *secret);

#endif
