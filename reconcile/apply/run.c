#include "apply/run.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

static const char *text(struct run *run, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static const char *text(struct run *run, const char *format, va_list args)
{
    const char *copy = rcn_arena_vprintf(run->results->arena, format, args);
    return copy ? copy : "out of memory";
}

const char *run_text(struct run *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *copy = text(run, format, args);
    va_end(args);
    return copy;
}

void run_stop(struct run *run, const char *format, ...)
{
    if (run->stop)
        return;
    va_list args;
    va_start(args, format);
    run->stop = text(run, format, args);
    va_end(args);
    run->results->problem = run->stop;
    run_tell_stop(run, run->stop);
}

void run_tell_stop(struct run *run, const char *why)
{
    const struct rcn_apply_events *events = &run->options->events;
    if (events->stopping && !run->has_told_stop)
        events->stopping(events->context, why);
    run->has_told_stop = true;
}

int run_get_signal(const struct run *run)
{
    return run->options->get_signal ? run->options->get_signal(run->options->signal_context) : 0;
}

bool run_is_urgent(const struct run *run)
{
    return run->options->is_urgent && run->options->is_urgent(run->options->signal_context);
}

void run_tell_progress(struct run *run)
{
    const struct rcn_apply_events *events = &run->options->events;
    size_t done = 0;
    if (!events->tick)
        return;
    for (size_t i = 0; i < run->item_count; i++)
        done += run->items[i].state == ITEM_DONE;
    events->tick(events->context, done, run->item_count,
                 rcn_api_estimate_ms(run->api, run->item_count - done));
}

void run_wait(struct run *run, int64_t until_ms, const char *why)
{
    const struct rcn_apply_events *events = &run->options->events;
    const int signal_before = run_get_signal(run);
    const int64_t deadline_ms = run->options->deadline_ms;
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (deadline_ms && until_ms > deadline_ms)
        until_ms = deadline_ms;
    if (events->waiting)
        events->waiting(events->context, until_ms, why);
    for (int64_t now_ms = rcn_clock_steady_ms(); now_ms < until_ms;
         now_ms = rcn_clock_steady_ms()) {
        int64_t slice_ms = until_ms - now_ms < 1000 ? until_ms - now_ms : 1000;
        if (rcn_api_poll(run->api, slice_ms, &ignored))
            return;
        run_tell_progress(run);
        if (run_get_signal(run) != signal_before || run_is_urgent(run)) {
            run_tell_stop(run, "interrupted");
            return;
        }
    }
}
