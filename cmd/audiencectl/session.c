#include "session.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "environment.h"
#include "interrupt.h"
#include "live/pace.h"

int session_take_key(struct session *self, const struct options *options, struct rcn_error *err)
{
    if (environment_take_secret(ENVIRONMENT_API_KEY, &self->key, err))
        return -1;
    if (!options->api_key_file || (self->key.text && !options->is_api_key_file_explicit))
        return 0;
    rcn_secret_release(&self->key);
    environment_disable_core_dumps();
    return rcn_secret_init_from_file(&self->key, options->api_key_file, err);
}

/* -v: the line would land in the middle of the bar. */
static void log_exchange(void *context, const char *line)
{
    struct progress *progress = context;
    progress_hide(progress);
    term_print_note(&progress->term, line);
}

int session_open(struct session *self, const struct options *options, int64_t deadline_ms,
                 struct progress *progress, struct rcn_error *err)
{
    if (!self->key.text) {
        rcn_error_set(err, RCN_ERROR_FAILED, "no API key is given");
        return rcn_error_set_hint(err, "set SEQUENZY_API_KEY, or name a file with --api-key-file");
    }
    struct rcn_api_options api = {.http = {.origin = options->api_url,
                                           .key = &self->key,
                                           .ca_file = options->ca_file,
                                           .timeout_ms = options->timeout_ms,
                                           .log = options->verbose ? log_exchange : NULL,
                                           .log_context = progress},
                                  .rate = options->rate ? options->rate : RCN_PACE_DEFAULT,
                                  .deadline_ms = deadline_ms,
                                  .seed = (uint64_t)rcn_clock_wall_ms() << 20 ^ (uint64_t)getpid(),
                                  .interrupted = interrupt_is_pending,
                                  .is_hurried = interrupt_has_come,
                                  .waiting = progress_waiting,
                                  .context = progress};
    self->api = rcn_api_new(&api, err);
    return self->api ? 0 : -1;
}

int session_fetch(struct session *self, const struct rcn_live_request *request,
                  struct progress *progress, struct rcn_error *err)
{
    progress_begin(progress, "reading the live state", 0);
    self->live = rcn_reading_fetch(self->api, request, err);
    progress_end(progress);
    return self->live ? 0 : -1;
}

void session_release(struct session *self)
{
    rcn_live_state_free(self->live);
    rcn_api_free(self->api);
    rcn_secret_release(&self->key);
    memset(self, 0, sizeof *self);
}
