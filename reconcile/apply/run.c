#include "apply/run.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"

/* --- may it go on, and until when --- */

const char *run_text(struct run *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = rcn_arena_vprintf(run->results->arena, format, args);
    va_end(args);
    return text;
}

static void tell_stop(struct run *run, const char *why)
{
    const struct rcn_apply_events *events = &run->options->events;
    if (events->stopping && !run->has_told_stop)
        events->stopping(events->context, why);
    run->has_told_stop = true;
}

void run_stop(struct run *run, const char *format, ...)
{
    if (run->stop)
        return;
    va_list args;
    va_start(args, format);
    run->stop = rcn_arena_vprintf(run->results->arena, format, args);
    va_end(args);
    tell_stop(run, run->stop);
}

int run_get_signal(struct run *run)
{
    const struct rcn_apply_options *options = run->options;
    int signal = options->get_signal ? options->get_signal(options->signal_context) : 0;
    if (signal && run->signal_at_ms == 0)
        run->signal_at_ms = rcn_clock_steady_ms();
    return signal;
}

bool run_is_urgent(const struct run *run)
{
    return run->options->is_urgent && run->options->is_urgent(run->options->signal_context);
}

bool run_must_end(struct run *run)
{
    return run_get_signal(run) || rcn_api_is_past_deadline(run->api);
}

void run_tell_progress(struct run *run)
{
    const struct rcn_apply_events *events = &run->options->events;
    size_t done = 0;
    size_t total = 0;
    if (!events->tick)
        return;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct rcn_upload *upload = run->items[i].result->upload;
        total += !run->uploads_since_ms || upload;
        done += run->uploads_since_ms ? upload && upload->status != RCN_UPLOAD_PENDING
                                      : run->items[i].state == ITEM_DONE;
    }
    int64_t left_ms = -1;
    if (!run->uploads_since_ms)
        left_ms = rcn_api_estimate_ms(run->api, total - done);
    else if (done) /* no limit of ours decides about uploads: the rest takes as long as those */
        left_ms = (rcn_clock_steady_ms() - run->uploads_since_ms) * (int64_t)(total - done) /
                  (int64_t)done;
    events->tick(events->context, done, total, left_ms);
}

void run_wait(struct run *run, int64_t until_ms, int64_t whole_ms, const char *why)
{
    const struct rcn_apply_events *events = &run->options->events;
    const int64_t deadline_ms = run->options->deadline_ms;
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (deadline_ms && until_ms > deadline_ms)
        until_ms = deadline_ms;
    if (deadline_ms && whole_ms > deadline_ms)
        whole_ms = deadline_ms;
    if (events->waiting)
        events->waiting(events->context, whole_ms > until_ms ? whole_ms : until_ms, why);
    for (int64_t now_ms; (now_ms = rcn_clock_steady_ms()) < until_ms;) {
        if (run_get_signal(run)) {
            tell_stop(run, "interrupted");
            return;
        }
        if (rcn_api_poll(run->api, until_ms - now_ms < 1000 ? until_ms - now_ms : 1000, &ignored))
            return;
        run_tell_progress(run);
    }
}

void run_pause(struct run *run, int64_t *pause_ms, int64_t whole_ms, const char *why)
{
    const int64_t now_ms = rcn_clock_steady_ms();
    int64_t next_ms = now_ms + *pause_ms;
    if (now_ms < whole_ms && next_ms > whole_ms)
        next_ms = whole_ms;
    *pause_ms = *pause_ms * 2 < RUN_LAST_PAUSE_MS ? *pause_ms * 2 : RUN_LAST_PAUSE_MS;
    run_wait(run, next_ms, whole_ms, why);
}

/* --- items and the list --- */

int run_read_list(struct run *run, const struct rcn_live_company *only, struct rcn_error *err)
{
    if (look_read(&run->look, only, !run->uploads_since_ms, err))
        return -1;
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        const struct rcn_audience_sync *asked = &item->row->desired->sync;
        item->seen = look_find(&run->look, asked);
        if (item->seen)
            item->last_seen_ms = look_find_company(&run->look, asked->company_id)->ended_ms;
    }
    return 0;
}

struct item *run_find_item(const struct run *run, const struct rcn_audience_sync *identity)
{
    return rcn_identity_map_get(run->by_identity, identity);
}

bool run_is_managed(struct run *run, const struct rcn_live_sync *live)
{
    const struct rcn_audience_sync id = rcn_identity_of_id(live->sync.company_id, live->sync.id);
    return rcn_identity_map_get(run->managed, &id) ||
           rcn_identity_map_get(run->managed, &live->sync) || run_find_item(run, &live->sync);
}

/* Is it managed, or what an answer named, or of an identity that some run announced? */
static bool is_accounted(struct run *run, const struct rcn_live_sync *live)
{
    if (run_is_managed(run, live))
        return true;
    for (size_t i = 0; i < rcn_intents_get_count(run->intents); i++) {
        const struct rcn_audience_sync *sync = &rcn_intents_get(run->intents, i)->sync;
        if (rcn_text_is_same(sync->id, live->sync.id) ||
            (strcmp(sync->audience_name, live->sync.audience_name) == 0 &&
             strcmp(sync->ad_account_id, live->sync.ad_account_id) == 0))
            return true;
    }
    return false;
}

bool run_is_replaced(const struct item *item, const char *id)
{
    return item && rcn_desired_sync_replaces(item->row->desired, id);
}

bool run_may_be(struct run *run, const struct rcn_audience_sync *asked, const struct item *item,
                const struct rcn_live_sync *live)
{
    const bool differs = asked->segment_id && live->sync.segment_id &&
                         strcmp(asked->segment_id, live->sync.segment_id) != 0;
    return strcmp(asked->ad_account_id, live->sync.ad_account_id) == 0 && !differs &&
           !run_is_replaced(item, live->sync.id) && !is_accounted(run, live);
}

const struct rcn_live_sync *run_find_renamed(struct run *run, const struct rcn_audience_sync *asked,
                                             const struct item *item)
{
    const struct rcn_live_sync *live =
        asked->id ? rcn_live_state_find_sync(run->look.latest, asked->company_id, asked->id) : NULL;
    return live && rcn_identity_compare(&live->sync, asked) != 0 && !run_is_managed(run, live) &&
                   !run_is_replaced(item, asked->id)
               ? live
               : NULL;
}

const struct rcn_live_sync *run_find_stranger(struct run *run, const struct item *item)
{
    const struct rcn_audience_sync *asked = &item->row->desired->sync;
    for (const struct sighting *fresh = run->look.fresh; fresh; fresh = fresh->next_fresh)
        if (rcn_text_is_same(asked->company_id, fresh->live->sync.company_id) &&
            run_may_be(run, asked, item, fresh->live))
            return fresh->live;
    return NULL;
}
