/*
 * control.h: may the run go on, and until when: signals, the deadline, a reason to stop; and
 * whoever is told how it goes.
 *
 * A first signal ends a run in order, within the ten seconds that runners give before they kill:
 * nothing new is sent, every wait ends, creates in flight have CONTROL_FLIGHT_MS left and one read
 * of the list RCN_API_HURRY_MS.
 */
#ifndef RCN_APPLY_CONTROL_H
#define RCN_APPLY_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "apply/apply.h"
#include "base/arena.h"

/* From the first signal on. */
enum { CONTROL_FLIGHT_MS = 4000, CONTROL_END_MS = 10000 };

struct control {
    struct rcn_api *api;
    const struct rcn_apply_options *options;
    struct rcn_arena *texts; /* of the results: what is written for people outlives the run */
    const char *stop;        /* why nothing new is sent; NULL: go on */
    int64_t signal_at_ms;    /* steady: when the first signal was seen; 0: none was */
    bool has_told_stop;
    int64_t uploads_since_ms; /* steady: since when uploads are waited for; 0: creates are */
};

const char *control_text(struct control *control, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets control->stop, once. */
void control_stop(struct control *control, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first signal, or 0. */
int control_get_signal(struct control *control);
bool control_is_urgent(const struct control *control);
/* Nothing is to be waited for any more: a signal, or the deadline. */
bool control_must_end(struct control *control);

/*
 * Waits until then (steady) or the deadline, while exchanges go on; ends early for a signal. done
 * and total are for the progress.
 */
void control_wait(struct control *control, int64_t until_ms, const char *why, size_t done,
                  size_t total);
void control_tell_progress(struct control *control, size_t done, size_t total);

#endif
