/*
 * environment.h: what comes from environment variables that are no twin of an option.
 */
#ifndef AUDIENCECTL_ENVIRONMENT_H
#define AUDIENCECTL_ENVIRONMENT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"

#define ENVIRONMENT_API_KEY "SEQUENZY_API_KEY"
#define ENVIRONMENT_GIT_TOKEN "AUDIENCECTL_GIT_TOKEN"

/* For a process that holds a secret: a core file would hold it too. */
void environment_disable_core_dumps(void);

/*
 * Moves a secret out of the environment: its value is wiped there, so that no child process
 * inherits it and no later reader of /proc finds it. An absent or empty variable leaves the secret
 * empty.
 */
int environment_take_secret(const char *name, struct rcn_secret *ret, struct rcn_error *err);

/* Wipes every variable that may hold a secret of ours. */
void environment_drop_secrets(void);

/*
 * `$XDG_x/audiencectl`, or `$HOME/<fallback>/audiencectl`; relative values do not count (the XDG
 * specification says so). Adds nothing when there is no home either.
 */
void environment_add_xdg_dir(struct rcn_buf *path, const char *variable, const char *fallback);

#endif
