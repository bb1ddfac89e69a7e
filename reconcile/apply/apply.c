#include "apply/apply.h"

#include <stdlib.h>
#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "live/reading.h"

/* How long one wait for exchanges may last, so that progress and signals are looked at. */
enum { TICK_MS = 1000 };

/* Between two tries of a create that could not be sent: 0.5, 1, 2, 4 s. */
enum { UNSENT_PAUSE_MS = 500 };

/* An fsync takes milliseconds, and nothing is sent during it: one serves this many more creates. */
enum { JOURNAL_AHEAD = 32 };

/* --- what can be sent --- */

static size_t count_state(const struct run *run, enum item_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < run->item_count; i++)
        count += run->items[i].state == state;
    return count;
}

static bool is_due(const struct run *run, const struct item *item)
{
    if (item->state == ITEM_QUEUED)
        return true;
    /* Rule 4 of apply.h: the list that does not have it was read a settle window after the 429. */
    return item->state == ITEM_WAITING && run->read_started_ms >= item->resend_at_ms;
}

/* New ones first: they need no proof, and time passes for the others. */
static size_t choose(struct run *run, struct item **ret, size_t room)
{
    static const enum item_state order[] = {ITEM_QUEUED, ITEM_WAITING};
    size_t count = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < run->item_count && count < room; i++)
            if (run->items[i].state == order[s] && is_due(run, &run->items[i]))
                ret[count++] = &run->items[i];
    return count;
}

/* The earliest time at which a waiting item may be proven absent; 0: none waits. */
static int64_t get_next_resend_ms(const struct run *run)
{
    int64_t next_ms = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct item *item = &run->items[i];
        if (item->state == ITEM_WAITING && (next_ms == 0 || item->resend_at_ms < next_ms))
            next_ms = item->resend_at_ms;
    }
    return next_ms;
}

static int start(struct run *run, struct item *item, struct rcn_error *err)
{
    if (rcn_api_start_create(run->api, &item->row->desired->sync, item->has_company, item, err))
        return -1;
    item->state = ITEM_IN_FLIGHT;
    item->tries++;
    return 0;
}

/* How many of those behind the next `room` will be sent while their lines still count as new. */
static size_t count_ahead(const struct run *run, size_t room)
{
    bool is_soon = rcn_api_estimate_ms(run->api, room + JOURNAL_AHEAD) < RUN_ENTRY_FRESH_MS / 2;
    return run->canary_done && is_soon ? JOURNAL_AHEAD : 0;
}

/* Sends what the pace allows at once; every one is in the journal before the first goes out. */
static void send_some(struct run *run)
{
    struct item *chosen[RCN_APPLY_IN_FLIGHT + JOURNAL_AHEAD];
    struct rcn_error err = RCN_ERROR_INIT;
    size_t in_flight = rcn_api_get_creates_in_flight(run->api);
    size_t most = run->canary_done ? RCN_APPLY_IN_FLIGHT : 1;
    if (in_flight >= most || rcn_api_get_wait_ms(run->api) > 0)
        return;
    size_t room = most - in_flight;
    size_t count = choose(run, chosen, room + count_ahead(run, room));
    if (count == 0)
        return;
    if (run_journal_items(run, chosen, count < room ? count : room, count, &err)) {
        run_stop(run, "%s", err.message);
        return;
    }
    for (size_t i = 0; i < count && i < room && rcn_api_get_wait_ms(run->api) == 0; i++)
        if (start(run, chosen[i], &err)) {
            run_stop(run, "%s", err.message);
            return;
        }
}

/* --- answers --- */

static void keep_answer(struct run *run, struct item *item, const struct rcn_create_answer *answer)
{
    struct rcn_result *result = item->result;
    result->http_status = answer->status;
    result->id = answer->id ? run_text(run, "%s", answer->id) : NULL;
    item->is_id_certain = answer->id != NULL;
    result->error = answer->problem[0] ? run_text(run, "%s", answer->problem) : NULL;
}

static void take_unsent(struct run *run, struct item *item, const struct rcn_create_answer *answer)
{
    if (item->tries < RCN_APPLY_TRIES) {
        item->state = ITEM_QUEUED;
        item->result->outcome = RCN_OUTCOME_NONE;
        rcn_api_pause(run->api, (int64_t)UNSENT_PAUSE_MS << (item->tries - 1));
        return;
    }
    run_stop(run, "the API cannot be reached: %s", answer->problem);
}

static void take_too_many(struct run *run, struct item *item,
                          const struct rcn_create_answer *answer)
{
    bool is_over = item->tries >= RCN_APPLY_TRIES;
    item->result->outcome = is_over ? RCN_OUTCOME_UNKNOWN : RCN_OUTCOME_NONE;
    item->state = is_over ? ITEM_DONE : ITEM_WAITING;
    item->resend_at_ms = answer->ended_ms + run->options->settle_ms;
    run->is_held = true;
    run->canary_done = false;
    rcn_api_hold(run->api, answer->retry_after_ms);
}

static bool differs(const char *asked, const char *answered)
{
    return asked && answered && strcmp(asked, answered) != 0;
}

/* SPEC 5: a server that makes something else of what it was asked for is not asked again. */
static void check_answer(struct run *run, struct item *item, const struct rcn_create_answer *answer)
{
    const struct rcn_audience_sync *asked = &item->row->desired->sync;
    const char *what = NULL;
    const char *remedy = "";
    const char *answered = NULL;
    if (!answer->is_success)
        return;
    if (differs(asked->audience_name, answer->audience_name)) {
        what = "audienceName";
        remedy = ": write that name in the manifest";
        answered = answer->audience_name;
    } else if (differs(asked->ad_account_id, answer->ad_account_id)) {
        what = "adAccountId";
        answered = answer->ad_account_id;
    } else if (differs(asked->segment_id, answer->segment_id)) {
        what = "segmentId";
        answered = answer->segment_id;
    }
    if (!what)
        return;
    item->result->error = run_text(run, "the API made %s of it, with the %s '%s'%s", answer->id,
                                   what, answered, remedy);
    run_stop(run, "the API does not create what it is asked for: '%s' became %s with the %s '%s'",
             asked->audience_name, answer->id, what, answered);
}

static void tell(struct run *run, const struct item *item)
{
    const struct rcn_apply_events *events = &run->options->events;
    if (events->item && item->state == ITEM_DONE)
        events->item(events->context, item->row, item->result);
}

static void take_answer(struct run *run, const struct rcn_create_answer *answer)
{
    struct item *item = answer->tag;
    item->state = ITEM_DONE;
    keep_answer(run, item, answer);
    item->result->outcome = rcn_outcome_of_answer(answer, &item->row->desired->sync);
    if (answer->transfer == RCN_HTTP_NOT_SENT) {
        take_unsent(run, item, answer);
        tell(run, item);
        return;
    }
    item->was_sent = true;
    item->ended_ms = answer->ended_ms;
    run->canary_done = true;
    if (answer->transfer == RCN_HTTP_ANSWERED && answer->status == 429)
        take_too_many(run, item, answer);
    if (answer->status == 401 || answer->status == 403)
        run_stop(run, "%s", item->result->error ? item->result->error : "the key was refused");
    check_answer(run, item, answer);
    tell(run, item);
}

static void take_answers(struct run *run)
{
    struct rcn_create_answer answer;
    while (rcn_api_next_create(run->api, &answer)) {
        take_answer(run, &answer);
        rcn_create_answer_release(&answer);
    }
}

/* --- the loop --- */

/* What has appeared need not be created; what was sent and is there has been. */
static void strike_out_seen(struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        if (item->seen_count && (item->state == ITEM_QUEUED || item->state == ITEM_WAITING))
            item->state = ITEM_DONE;
    }
}

/* True when the list has to be read before anything more is sent. */
static bool needs_list(struct run *run)
{
    const int64_t now_ms = rcn_clock_steady_ms();
    if (run->is_held)
        return rcn_api_get_wait_ms(run->api) == 0;
    if (now_ms - run->read_started_ms >= RCN_APPLY_READ_EVERY_MS)
        return count_state(run, ITEM_QUEUED) + count_state(run, ITEM_WAITING) > 0;
    int64_t resend_ms = get_next_resend_ms(run);
    return resend_ms && now_ms >= resend_ms && run->read_started_ms < resend_ms &&
           count_state(run, ITEM_QUEUED) == 0;
}

/* What is new and could be an item under another name may be what a 429 let through. */
static int strike_out_renamed(struct run *run, struct rcn_error *err)
{
    bool has_strangers = false;
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        if (item->state != ITEM_WAITING || !is_due(run, item))
            continue;
        if (!has_strangers && run_list_strangers(run, err))
            return -1;
        has_strangers = true;
        if (run_find_suspect(run, item))
            item->state = ITEM_DONE;
    }
    return 0;
}

static void read_list(struct run *run)
{
    struct rcn_error err = RCN_ERROR_INIT;
    if (run_read_list(run, &err)) {
        run_stop(run, "the list could not be read again: %s", err.message);
    } else {
        strike_out_seen(run);
        if (strike_out_renamed(run, &err))
            run_stop(run, "%s", err.message);
    }
    run->is_held = false;
}

static void check_stop(struct run *run)
{
    if (run_get_signal(run))
        run_stop(run, "interrupted");
    if (rcn_api_is_past_deadline(run->api))
        run_stop(run, "the deadline is over");
}

static bool has_due(const struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++)
        if (is_due(run, &run->items[i]))
            return true;
    return false;
}

/* How long nothing can happen unless an exchange ends. */
static int64_t get_pause_ms(const struct run *run)
{
    const int64_t now_ms = rcn_clock_steady_ms();
    const int64_t pace_ms = rcn_api_get_wait_ms(run->api);
    const int64_t resend_ms = get_next_resend_ms(run);
    const size_t room = run->canary_done ? RCN_APPLY_IN_FLIGHT : 1;
    int64_t pause_ms = TICK_MS;
    if (run->stop)
        return pause_ms;
    if (run->is_held || (has_due(run) && rcn_api_get_creates_in_flight(run->api) < room))
        pause_ms = pace_ms < pause_ms ? pace_ms : pause_ms;
    if (resend_ms > now_ms && resend_ms - now_ms < pause_ms)
        pause_ms = resend_ms - now_ms;
    return pause_ms;
}

static void tell_waiting(struct run *run)
{
    const struct rcn_apply_events *events = &run->options->events;
    const int64_t now_ms = rcn_clock_steady_ms();
    const int64_t pace_ms = rcn_api_get_wait_ms(run->api);
    const int64_t resend_ms = get_next_resend_ms(run);
    if (!events->waiting || run->stop || rcn_api_get_creates_in_flight(run->api))
        return;
    if (run->is_held)
        events->waiting(events->context, now_ms + pace_ms, "the API answered 429");
    else if (count_state(run, ITEM_QUEUED) == 0 && resend_ms > now_ms)
        events->waiting(events->context, resend_ms, "making sure that a 429 created nothing");
    else if (pace_ms > 0)
        events->waiting(events->context, now_ms + pace_ms, "rate limit");
}

static void create_all(struct run *run)
{
    struct rcn_error err = RCN_ERROR_INIT;
    while (!run_is_urgent(run)) {
        take_answers(run);
        check_stop(run);
        size_t in_flight = rcn_api_get_creates_in_flight(run->api);
        size_t left = count_state(run, ITEM_QUEUED) + count_state(run, ITEM_WAITING);
        if (in_flight == 0 && (left == 0 || run->stop))
            return;
        /* A list in pages changes under the reader while creates are in flight. */
        const bool wants_list = !run->stop && left && needs_list(run);
        if (wants_list && in_flight == 0) {
            read_list(run);
            continue;
        }
        if (!run->stop && !run->is_held && !wants_list)
            send_some(run);
        run_tell_progress(run);
        tell_waiting(run);
        if (rcn_api_poll(run->api, wants_list ? TICK_MS : get_pause_ms(run), &err)) {
            run_stop(run, "%s", err.message);
            break; /* it would fail again at once, for ever */
        }
    }
    take_answers(run);
}

/* Left at once, by a second signal: what is in flight may or may not become a sync. */
static void give_up_in_flight(struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        if (item->state != ITEM_IN_FLIGHT)
            continue;
        item->state = ITEM_DONE;
        item->was_sent = true;
        item->ended_ms = rcn_clock_steady_ms();
        item->result->outcome = RCN_OUTCOME_UNKNOWN;
        item->result->error = "left while it was in flight";
    }
}

/* --- making and ending a run --- */

static bool is_company_sent(const struct rcn_live_state *live, const char *company_id)
{
    for (size_t i = 0; i < live->company_count; i++) {
        if (rcn_text_is_same(live->companies[i].company_id, company_id))
            return live->companies[i].is_sent;
    }
    return false;
}

static int index_item(struct run *run, struct item *item, struct rcn_error *err)
{
    size_t len;
    const char *key = rcn_identity_get_key(run->scratch, &item->row->desired->sync, &len);
    void **place = key ? rcn_strmap_put(run->by_identity, key, len) : NULL;
    if (!place)
        return rcn_error_no_memory(err);
    if (*place)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "the plan asks for '%s' (%s) twice",
                             item->row->desired->sync.audience_name,
                             item->row->desired->sync.ad_account_id);
    *place = item;
    return 0;
}

static int make_items(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    run->items = rcn_arena_calloc(run->scratch, run->plan->counts.by_status[RCN_STATUS_MISSING] + 1,
                                  sizeof *run->items);
    if (!run->items)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < run->plan->row_count; i++) {
        const struct rcn_plan_row *row = &run->plan->rows[i];
        if (row->was_missing) {
            run->results->items[i] = (struct rcn_result){
                .outcome = RCN_OUTCOME_EXISTS, .id = row->live[0]->sync.id, .is_verified = true};
            run->results->by_outcome[RCN_OUTCOME_EXISTS]++;
        }
        if (row->status != RCN_STATUS_MISSING)
            continue;
        struct item *item = &run->items[run->item_count++];
        item->row = row;
        item->result = &run->results->items[i];
        item->has_company = is_company_sent(live, row->desired->sync.company_id);
        if (index_item(run, item, err))
            return -1;
    }
    return 0;
}

static struct rcn_results *new_results(const struct rcn_plan *plan, struct rcn_error *err)
{
    struct rcn_results *results = calloc(1, sizeof *results);
    if (!results || !(results->arena = rcn_arena_new(SIZE_MAX)) ||
        !(results->items =
              rcn_arena_calloc(results->arena, plan->row_count, sizeof *results->items))) {
        rcn_error_no_memory(err);
        rcn_results_free(results);
        return NULL;
    }
    results->count = plan->row_count;
    return results;
}

static int init(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    run->results = new_results(run->plan, err);
    if (!run->results)
        return -1;
    run->scratch = rcn_arena_new(SIZE_MAX);
    run->by_identity = rcn_strmap_new(run->plan->counts.by_status[RCN_STATUS_MISSING]);
    run->baseline_ids = rcn_strmap_new(0);
    if (!run->scratch || !run->by_identity || !run->baseline_ids)
        return rcn_error_no_memory(err);
    return make_items(run, live, err);
}

static void release(struct run *run)
{
    for (size_t i = 0; i < run->journal_count; i++)
        rcn_journal_free(run->journals[i]);
    for (size_t i = 0; i < run->doubtful_count; i++)
        rcn_journal_free(run->doubtful[i]);
    free(run->doubtful);
    rcn_live_state_free(run->latest);
    rcn_strmap_free(run->by_identity);
    rcn_strmap_free(run->baseline_ids);
    rcn_arena_free(run->scratch);
}

/* The list that counts is read with the journal's lock held: nobody here creates in between. */
static int read_baseline(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    run->read_started_ms = rcn_clock_steady_ms();
    run->latest = rcn_reading_again(run->api, live, true, err);
    if (!run->latest)
        return -1;
    if (run_look(run, err) || run_await_pending(run, err))
        return -1;
    return run_index_baseline(run, err);
}

static int run_all(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    const struct rcn_apply_events *events = &run->options->events;
    if (init(run, live, err))
        return -1;
    if (run->item_count == 0) {
        run->results->is_verified = true;
        return 0;
    }
    if (run_open_journals(run, live, err) || read_baseline(run, live, err))
        return -1;
    if (run_get_signal(run))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted before anything was created");
    if (events->begin)
        events->begin(events->context, run->item_count);
    strike_out_seen(run);
    create_all(run);
    give_up_in_flight(run);
    run_settle(run);
    if (events->end)
        events->end(events->context);
    return 0;
}

struct rcn_results *rcn_apply_run(struct rcn_api *api, const struct rcn_plan *plan,
                                  const struct rcn_live_state *live,
                                  const struct rcn_apply_options *options, struct rcn_error *err)
{
    struct run run = {.api = api, .plan = plan, .options = options};
    int result = run_all(&run, live, err);
    release(&run);
    if (result) {
        rcn_results_free(run.results);
        return NULL;
    }
    return run.results;
}
