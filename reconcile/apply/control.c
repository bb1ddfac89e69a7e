#include "apply/control.h"

#include <stdarg.h>

#include "base/clock.h"

const char *control_text(struct control *control, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = rcn_arena_vprintf(control->texts, format, args);
    va_end(args);
    return text;
}

static void tell_stop(struct control *control, const char *why)
{
    const struct rcn_apply_events *events = &control->options->events;
    if (events->stopping && !control->has_told_stop)
        events->stopping(events->context, why);
    control->has_told_stop = true;
}

void control_stop(struct control *control, const char *format, ...)
{
    if (control->stop)
        return;
    va_list args;
    va_start(args, format);
    control->stop = rcn_arena_vprintf(control->texts, format, args);
    va_end(args);
    tell_stop(control, control->stop);
}

int control_get_signal(struct control *control)
{
    const struct rcn_apply_options *options = control->options;
    int signal = options->get_signal ? options->get_signal(options->signal_context) : 0;
    if (signal && control->signal_at_ms == 0)
        control->signal_at_ms = rcn_clock_steady_ms();
    return signal;
}

bool control_is_urgent(const struct control *control)
{
    const struct rcn_apply_options *options = control->options;
    return options->is_urgent && options->is_urgent(options->signal_context);
}

bool control_must_end(struct control *control)
{
    return control_get_signal(control) || rcn_api_is_past_deadline(control->api);
}

void control_tell_progress(struct control *control, size_t done, size_t total)
{
    const struct rcn_apply_events *events = &control->options->events;
    int64_t left_ms = -1;
    if (!events->tick)
        return;
    if (!control->uploads_since_ms)
        left_ms = rcn_api_estimate_ms(control->api, total - done);
    else if (done) /* no limit of ours decides about uploads: the rest takes as long as those */
        left_ms = (rcn_clock_steady_ms() - control->uploads_since_ms) * (int64_t)(total - done) /
                  (int64_t)done;
    events->tick(events->context, done, total, left_ms);
}

void control_wait(struct control *control, int64_t until_ms, const char *why, size_t done,
                  size_t total)
{
    const struct rcn_apply_events *events = &control->options->events;
    const int64_t deadline_ms = control->options->deadline_ms;
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (deadline_ms && until_ms > deadline_ms)
        until_ms = deadline_ms;
    if (events->waiting)
        events->waiting(events->context, until_ms, why);
    for (int64_t now_ms = rcn_clock_steady_ms(); now_ms < until_ms;
         now_ms = rcn_clock_steady_ms()) {
        if (control_get_signal(control)) {
            tell_stop(control, "interrupted");
            return;
        }
        if (rcn_api_poll(control->api, until_ms - now_ms < 1000 ? until_ms - now_ms : 1000,
                         &ignored))
            return;
        control_tell_progress(control, done, total);
    }
}
