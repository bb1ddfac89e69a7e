/*
 * session.h: from options to the API: the key, the connection, the live state.
 */
#ifndef AUDIENCECTL_SESSION_H
#define AUDIENCECTL_SESSION_H

#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "live/api.h"
#include "live/reading.h"
#include "options.h"
#include "progress.h"

struct session {
    struct rcn_secret key;
    struct rcn_api *api;
    struct rcn_live_state *live;
};

/*
 * Takes the key out of the environment. Precedence: --api-key-file, SEQUENZY_API_KEY,
 * AUDIENCECTL_API_KEY_FILE. No key at all is no error here. The struct must be zeroed before.
 */
int session_take_key(struct session *self, const struct options *options, struct rcn_error *err);

/* Opens the API. progress is told of waits and must live as long as the session. */
int session_open(struct session *self, const struct options *options, int64_t deadline_ms,
                 struct progress *progress, struct rcn_error *err);

/* Reads the live state (reading.h). */
int session_fetch(struct session *self, const struct rcn_live_request *request,
                  struct progress *progress, struct rcn_error *err);

void session_release(struct session *self);

#endif
