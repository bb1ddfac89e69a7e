/* The last word: the list decides what became of every create. The part of run.h that settles. */
#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "base/time.h"

/* The read after the window has the last word: it is tried again before the run ends without it. */
enum { LAST_READ_TRIES = 3 };

/* More ids than this of one identity say no more. */
enum { MAX_IDS = 10 };

/* How far the settling came. */
struct settled {
    bool is_whole;          /* the window is over, or everything sent is accounted for */
    bool has_read;          /* some list was read after the last create */
    struct rcn_error error; /* why the latest read does not count; empty: it does */
};

/* When the list shows everything that it ever will; 0: nothing is to be waited for. */
static int64_t get_window_end_ms(const struct run *run)
{
    int64_t last_ms = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct item *item = &run->items[i];
        if (item->was_sent && item->ended_ms > last_ms)
            last_ms = item->ended_ms;
        /* An earlier list has shown it: this one came from a replica that lags. */
        if (!item->seen && item->last_seen_ms > last_ms)
            last_ms = item->last_seen_ms;
    }
    return last_ms ? last_ms + run->options->settle_ms : 0;
}

static bool is_seen_as_new(const struct item *item)
{
    return item->seen && item->seen->is_fresh;
}

/*
 * Is each create accounted for by its answer and the list alike? One answer without an id is enough
 * to wait for all of the window: only then is a second sync seen.
 */
static bool is_all_proven(const struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++) {
        const struct item *item = &run->items[i];
        if (item->was_sent && (item->lost_answer || !is_seen_as_new(item) ||
                               !rcn_text_is_same(item->result->id, item->seen->live->sync.id)))
            return false;
        if (!item->seen && item->last_seen_ms)
            return false;
    }
    return true;
}

static void read_until_settled(struct run *run, struct settled *settled)
{
    int64_t pause_ms = RUN_FIRST_PAUSE_MS;
    int64_t end_ms = get_window_end_ms(run);
    unsigned late_failures = 0;
    settled->is_whole = settled->has_read = end_ms == 0; /* nothing was sent */
    while (!settled->is_whole && !run_is_urgent(run) && !rcn_api_is_past_deadline(run->api)) {
        /* After a signal one look is all that there is time for. */
        const bool is_last = run_get_signal(run) != 0;
        if (is_last && rcn_api_get_wait_ms(run->api) > RUN_FIRST_PAUSE_MS)
            return;
        const bool is_late = rcn_clock_steady_ms() >= end_ms;
        settled->error.message[0] = '\0';
        if (!run_read_list(run, NULL, &settled->error)) {
            if (is_late && run->look.began_ms < end_ms)
                rcn_error_set(&settled->error, RCN_ERROR_FAILED, "the list comes from a cache");
            end_ms = get_window_end_ms(run);
            settled->has_read = true;
            settled->is_whole = is_all_proven(run) || run->look.began_ms >= end_ms;
        }
        late_failures += is_late && settled->error.message[0];
        if (is_last || late_failures == LAST_READ_TRIES)
            return;
        if (!settled->is_whole)
            run_pause(run, &pause_ms, end_ms, "the list does not show everything yet");
    }
}

/* --- outcomes --- */

/* When a create that ended then is in the list, if it ever will be; never a time that is over. */
static const char *advise(struct run *run, int64_t ended_ms)
{
    char time[RCN_TIME_SIZE];
    int64_t left_ms = ended_ms + run->options->settle_ms - rcn_clock_steady_ms();
    int64_t again_at_ms = rcn_clock_wall_ms() + (left_ms > 0 ? left_ms : 0) + 999;
    if (again_at_ms > run->results->again_at_ms)
        run->results->again_at_ms = again_at_ms;
    rcn_time_format(again_at_ms, time);
    return run_text(run, "do not run again before %s", time);
}

static void add_note(struct run *run, struct rcn_result *result, const char *note)
{
    result->note = result->note ? run_text(run, "%s; %s", result->note, note) : note;
}

static const struct rcn_live_sync *find_renamed(struct run *run, const struct item *item)
{
    struct rcn_audience_sync asked = item->row->desired->sync;
    asked.id = item->intent ? item->intent->sync.id : NULL;
    return run_find_renamed(run, &asked, item);
}

/* The list shows it once, as a sync that was not there before, or that we did not ask for. */
static void confirm(struct run *run, struct item *item)
{
    struct rcn_result *result = item->result;
    const struct rcn_live_sync *live = item->seen->live;
    struct rcn_change changes[RCN_CHANGES_MAX];
    if (result->outcome != RCN_OUTCOME_CREATED) {
        result->note = item->was_sent           ? "confirmed by re-reading"
                       : item->was_asked_before ? "appeared since the plan; an earlier run had "
                                                  "asked for it"
                                                : "appeared since the plan";
        /* Refused, and there: by a server that did it all the same, or by another client. */
        if (result->outcome == RCN_OUTCOME_FAILED && result->error)
            add_note(run, result, run_text(run, "the answer was %s", result->error));
        result->outcome = item->was_sent ? RCN_OUTCOME_CREATED : RCN_OUTCOME_EXISTS;
        result->error = NULL;
    }
    const struct rcn_live_sync *renamed = find_renamed(run, item);
    if (renamed)
        result->error = run_text(run,
                                 "the answer named %s, which the list shows as '%s', and %s has "
                                 "this name: look in the dashboard which to keep",
                                 renamed->sync.id, renamed->sync.audience_name, live->sync.id);
    else if (result->id && strcmp(result->id, live->sync.id) != 0)
        result->error =
            run_text(run, "the answer named %s, but the list shows %s", result->id, live->sync.id);
    else if (rcn_changes_find(&item->row->desired->sync, &live->sync, changes))
        result->error = run_text(run, "the list shows it with %s '%s'", changes[0].field,
                                 changes[0].live); /* else the answer's difference stays */
    /* With --wait it is the upload that says so (uploads.c). */
    const char *status = run->options->wait_ms || !live->sync_status ? "" : live->sync_status;
    if (strcmp(status, "error") == 0 || strcmp(status, "disconnected") == 0)
        add_note(run, result,
                 run_text(run, "its syncStatus is %s%s%s", status,
                          live->last_sync_error ? ": " : "",
                          live->last_sync_error ? live->last_sync_error : ""));
    result->id = run_text(run, "%s", live->sync.id);
    result->is_verified = !result->error;
}

void run_report_duplicate(struct run *run, struct item *item)
{
    struct rcn_result *result = item->result;
    const struct sighting *chosen = item->seen;
    const char *ids = NULL;
    size_t count = 0;
    for (const struct sighting *one = item->seen; one; one = one->next) {
        const char *id = one->live->sync.id;
        if (++count <= MAX_IDS)
            ids = ids ? run_text(run, "%s, %s", ids, id) : id;
        /* Named: the one that the answer did, else one that was not there before. */
        if (rcn_text_is_same(id, result->id) ||
            (!rcn_text_is_same(chosen->live->sync.id, result->id) && !chosen->is_fresh &&
             one->is_fresh))
            chosen = one;
    }
    result->id = run_text(run, "%s", chosen->live->sync.id);
    result->outcome = item->was_sent ? RCN_OUTCOME_CREATED : RCN_OUTCOME_EXISTS;
    result->note = NULL;
    result->error = run_text(
        run, "the list shows it %zu times: %s; look in the dashboard which to keep", count, ids);
}

static void judge_unseen(struct run *run, struct item *item, bool has_read)
{
    struct rcn_result *result = item->result;
    if (result->outcome == RCN_OUTCOME_CREATED) {
        if (has_read && !result->error)
            result->error = run_text(
                run, "created as %s by the answer, but the list does not show it", result->id);
        result->note = advise(run, item->ended_ms);
        return;
    }
    if (result->outcome == RCN_OUTCOME_NONE) {
        result->outcome = item->was_sent ? RCN_OUTCOME_UNKNOWN : RCN_OUTCOME_NOT_ATTEMPTED;
        if (!result->error)
            result->error = item->last_seen_ms
                                ? "an earlier read of the list showed it, the last one does not"
                            : run->stop ? run->stop
                                        : "the run ended before it";
    }
    const struct rcn_live_sync *stranger = result->id ? NULL : run_find_stranger(run, item);
    /* The API refused it, and may have created it all the same, under another name. */
    if (result->outcome == RCN_OUTCOME_FAILED && stranger)
        result->outcome = RCN_OUTCOME_UNKNOWN;
    if (result->outcome != RCN_OUTCOME_UNKNOWN)
        return;
    result->note = advise(run, item->ended_ms);
    if (!stranger)
        return;
    result->id = run_text(run, "%s", stranger->sync.id);
    result->error = run_text(run, "%s; the new sync %s, '%s', may be it under another name",
                             result->error ? result->error : "no answer", stranger->sync.id,
                             stranger->sync.audience_name);
}

static void judge(struct run *run, struct item *item, bool has_read)
{
    struct rcn_result *result = item->result;
    if (!item->seen) {
        judge_unseen(run, item, has_read);
    } else if (item->seen->next) {
        run_report_duplicate(run, item);
    } else if (!item->was_sent || is_seen_as_new(item)) {
        confirm(run, item);
    } else {
        /* The identity has come to a sync that was there before: no proof of what was sent. */
        if (result->outcome == RCN_OUTCOME_NONE)
            result->outcome = RCN_OUTCOME_UNKNOWN;
        result->error = run_text(
            run, "%s; the list shows %s under that name, which was there before",
            result->error ? result->error : "created by the answer", item->seen->live->sync.id);
        result->note = advise(run, item->ended_ms);
    }
}

/*
 * Evidence counts once a settle window is over since the end of the request: until then the list
 * may show it and hide it again, and a refusal may be followed by the sync.
 */
static void close_intent(struct run *run, struct item *item)
{
    if (!item->intent || find_renamed(run, item))
        return;
    const bool is_over = run->look.began_ms >= item->ended_ms + run->options->settle_ms;
    /* What a ledger knows as seen is not created again, whatever a later list hides. Without an
     * answer it may be a person's, and ours comes later. */
    if (item->was_sent && item->result->is_verified && (is_over || !item->lost_answer))
        item->intent->is_known = true;
    if (!item->was_sent ||
        (is_over && (is_seen_as_new(item) || item->result->outcome == RCN_OUTCOME_FAILED)))
        rcn_intent_close(item->intent);
}

void run_settle(struct run *run)
{
    struct settled settled = {.error = RCN_ERROR_INIT};
    struct rcn_results *results = run->results;
    read_until_settled(run, &settled);
    results->is_verified = settled.has_read && settled.is_whole;
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        judge(run, item, settled.has_read);
        close_intent(run, item);
        results->by_outcome[item->result->outcome]++;
        if (item->result->outcome == RCN_OUTCOME_CREATED ||
            item->result->outcome == RCN_OUTCOME_EXISTS)
            results->is_verified &= item->result->is_verified;
    }
    results->problem = run->stop;
    if (settled.is_whole)
        return;
    results->problem = run_text(
        run, "%s%s%s: %s; %s", run->stop ? run->stop : "", run->stop ? "; " : "",
        results->by_outcome[RCN_OUTCOME_CREATED] ? "created, not verified" : "not verified",
        settled.error.message[0] ? settled.error.message
                                 : "the run was cut off before the list showed all",
        advise(run, get_window_end_ms(run) - run->options->settle_ms));
}
