/* The last word: the list decides what became of every create. The part of run.h that settles. */
#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "base/time.h"

/* Reads follow each other after 1, 2, 4, 4, ... seconds (SPEC 5). */
enum { FIRST_PAUSE_MS = 1000, LAST_PAUSE_MS = 4000 };

/* The read behind the window has the last word: it is tried again before the run ends without it.
 */
enum { LAST_READ_TRIES = 3 };

/* How far the settling came. */
struct settled {
    bool is_whole;          /* the window is over, or everything sent is accounted for */
    bool has_read;          /* some list was read after the last create */
    unsigned late_failures; /* reads that failed after the window was over */
    struct rcn_error error; /* of the latest read that failed */
};

static int64_t get_window_end_ms(const struct run *run)
{
    int64_t last_ms = 0;
    for (size_t i = 0; i < run->item_count; i++)
        if (run->items[i].was_sent && run->items[i].ended_ms > last_ms)
            last_ms = run->items[i].ended_ms;
    return last_ms ? last_ms + run->options->settle_ms : 0;
}

static bool is_seen_as_new(struct run *run, const struct item *item)
{
    return item->seen_count && !run_was_there(run, item->seen);
}

static bool is_all_seen(struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++)
        if (run->items[i].was_sent && !is_seen_as_new(run, &run->items[i]))
            return false;
    return true;
}

static bool is_cut(const struct run *run)
{
    return run_is_urgent(run) || rcn_api_is_past_deadline(run->api);
}

/* One read; true when no further one is needed. */
static bool read_once(struct run *run, int64_t window_end_ms, struct settled *settled)
{
    const bool is_behind_window = rcn_clock_steady_ms() >= window_end_ms;
    if (run_read_list(run, &settled->error)) {
        settled->late_failures += is_behind_window;
        return settled->late_failures == LAST_READ_TRIES;
    }
    settled->has_read = true;
    settled->is_whole = is_all_seen(run) || run->read_started_ms >= window_end_ms;
    return settled->is_whole;
}

static void read_until_settled(struct run *run, struct settled *settled)
{
    const int64_t window_end_ms = get_window_end_ms(run);
    int64_t pause_ms = FIRST_PAUSE_MS;
    if (window_end_ms == 0) {
        settled->is_whole = settled->has_read = true; /* nothing was sent */
        return;
    }
    while (!is_cut(run) && !read_once(run, window_end_ms, settled)) {
        const int64_t now_ms = rcn_clock_steady_ms();
        int64_t next_ms = now_ms + pause_ms;
        if (now_ms < window_end_ms && next_ms > window_end_ms)
            next_ms = window_end_ms;
        run_wait(run, next_ms, "the list does not show everything yet");
        pause_ms = pause_ms * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause_ms * 2;
    }
}

/* --- outcomes --- */

static bool has_other_segment(const struct item *item)
{
    const char *asked = item->row->desired->sync.segment_id;
    const char *live = item->seen->sync.segment_id;
    return asked && live && strcmp(asked, live) != 0;
}

/* When a create that ended then is in the list, if it ever will be. */
static const char *advise(struct run *run, int64_t ended_ms)
{
    char time[RCN_TIME_SIZE];
    int64_t ago_ms = rcn_clock_steady_ms() - ended_ms;
    int64_t again_at_ms = rcn_clock_wall_ms() - ago_ms + run->options->settle_ms + 999;
    if (again_at_ms > run->results->again_at_ms)
        run->results->again_at_ms = again_at_ms;
    rcn_time_format(again_at_ms, time);
    return run_text(run, "do not run again before %s", time);
}

/* The identity has come to a sync that was there before: it is no proof of what was sent. */
static void judge_other(struct run *run, struct item *item)
{
    struct rcn_result *result = item->result;
    if (result->outcome == RCN_OUTCOME_NONE)
        result->outcome = RCN_OUTCOME_UNKNOWN;
    result->error =
        run_text(run, "%s; the list shows %s under that name, which was there before",
                 result->error ? result->error : "created by the answer", item->seen->sync.id);
    result->note = advise(run, item->ended_ms);
}

static const char *find_proof(const struct item *item)
{
    if (item->was_sent)
        return "confirmed by re-reading";
    if (item->was_asked_before)
        return "appeared since the plan; an earlier run had asked for it";
    return "appeared since the plan";
}

static void confirm(struct run *run, struct item *item)
{
    struct rcn_result *result = item->result;
    const char *live_id = item->seen->sync.id;
    bool answered_otherwise = result->id && strcmp(result->id, live_id) != 0;
    if (result->outcome != RCN_OUTCOME_CREATED) {
        result->note = find_proof(item);
        /* Refused, and there: by a server that did it all the same, or by somebody else. */
        if (result->outcome == RCN_OUTCOME_FAILED && result->error)
            result->note = run_text(run, "%s; the answer was %s", result->note, result->error);
        result->outcome = item->was_sent ? RCN_OUTCOME_CREATED : RCN_OUTCOME_EXISTS;
        result->error = NULL;
    }
    if (answered_otherwise)
        result->error =
            run_text(run, "the answer named %s, but the list shows %s", result->id, live_id);
    else if (item->was_sent && has_other_segment(item))
        result->error =
            run_text(run, "the list shows it with the segment '%s'", item->seen->sync.segment_id);
    result->id = run_text(run, "%s", live_id);
    result->is_verified = !result->error;
}

static void report_duplicate(struct run *run, struct item *item)
{
    item->result->outcome = item->was_sent ? RCN_OUTCOME_CREATED : RCN_OUTCOME_EXISTS;
    item->result->id = run_text(run, "%s", item->seen->sync.id);
    item->result->note = NULL;
    item->result->error =
        run_text(run, "the list shows it %zu times: %s; look in the dashboard which to keep",
                 item->seen_count, item->seen_ids);
}

static void judge_unseen(struct run *run, struct item *item, const struct settled *settled)
{
    struct rcn_result *result = item->result;
    if (result->outcome == RCN_OUTCOME_CREATED) {
        if (settled->has_read && !result->error) {
            result->error = run_text(
                run, "created as %s by the answer, but the list does not show it", result->id);
            result->note = "do not run again before the list shows it";
        }
        return;
    }
    if (result->outcome == RCN_OUTCOME_NONE) {
        result->outcome = item->was_sent ? RCN_OUTCOME_UNKNOWN : RCN_OUTCOME_NOT_ATTEMPTED;
        if (!result->error)
            result->error = run->stop ? run->stop : "the run ended before it";
    }
    if (result->outcome != RCN_OUTCOME_UNKNOWN)
        return;
    result->note = advise(run, item->ended_ms);
    const struct rcn_live_sync *suspect = result->id ? NULL : run_find_suspect(run, item);
    if (!suspect)
        return;
    result->id = run_text(run, "%s", suspect->sync.id);
    result->error = run_text(run, "%s; the new sync %s, '%s', may be it under another name",
                             result->error ? result->error : "no answer", suspect->sync.id,
                             suspect->sync.audience_name);
}

static void judge(struct run *run, struct item *item, const struct settled *settled)
{
    if (item->seen_count > 1)
        report_duplicate(run, item);
    else if (item->seen_count == 1 && item->was_sent && !is_seen_as_new(run, item))
        judge_other(run, item);
    else if (item->seen_count == 1)
        confirm(run, item);
    else
        judge_unseen(run, item, settled);
}

/* --- the journal --- */

static void close_entry(struct item *item, bool is_whole)
{
    const enum rcn_outcome outcome = item->result->outcome;
    if (!item->has_entry)
        return;
    /* A refusal is final once the window is over; what was never sent needs no proof. */
    if (item->seen_count || !item->was_sent || (outcome == RCN_OUTCOME_FAILED && is_whole))
        rcn_journal_close(item->journal, item->entry);
    else if (item->result->id)
        rcn_journal_set_id(item->journal, item->entry, item->result->id, item->is_id_certain);
}

/* Why the list has not had the last word on what was sent; NULL: it has, or nothing was sent. */
static const char *find_flaw(struct run *run, const struct settled *settled)
{
    const struct rcn_results *results = run->results;
    if (settled->is_whole)
        return NULL;
    const char *advice = advise(run, get_window_end_ms(run) - run->options->settle_ms);
    const char *what =
        results->by_outcome[RCN_OUTCOME_CREATED] ? "created, not verified" : "not verified";
    if (settled->late_failures || (!settled->has_read && settled->error.message[0]))
        return run_text(run, "%s: %s; %s", what, settled->error.message, advice);
    return run_text(run, "%s: the run was cut off before the list showed all; %s", what, advice);
}

static void summarise(struct run *run, const struct settled *settled)
{
    struct rcn_results *results = run->results;
    results->is_verified = settled->has_read && settled->is_whole;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct rcn_result *result = run->items[i].result;
        results->by_outcome[result->outcome]++;
        if (result->outcome == RCN_OUTCOME_CREATED || result->outcome == RCN_OUTCOME_EXISTS)
            results->is_verified = results->is_verified && result->is_verified;
    }
    results->interrupted_by = run_get_signal(run);
    const char *flaw = find_flaw(run, settled);
    if (flaw)
        results->problem =
            results->problem ? run_text(run, "%s; %s", results->problem, flaw) : flaw;
}

void run_settle(struct run *run)
{
    struct settled settled = {.error = RCN_ERROR_INIT};
    struct rcn_error error = RCN_ERROR_INIT;
    read_until_settled(run, &settled);
    /* Without memory for them, strangers are not named: nothing is decided by them. */
    if (run_list_strangers(run, &error))
        run->stranger_count = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        judge(run, &run->items[i], &settled);
        close_entry(&run->items[i], settled.is_whole);
    }
    summarise(run, &settled);
}
