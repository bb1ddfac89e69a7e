/* The creates: announced, sent, answered. The part of run.h that sends. */
#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "base/memory.h"

/* How long one wait for exchanges may last, so that progress and signals are looked at. */
enum { TICK_MS = 1000 };

/* How many are announced at once. An fsync takes milliseconds and a push to a ledger a second, and
 * nothing is sent during either. */
enum { BATCH_AHEAD = 32, BATCH_MOST = 100 };

/* Between two tries of a create that could not be sent: 0.5, 1, 2, 4 s. */
enum { UNSENT_PAUSE_MS = 500 };

/*
 * Creates go out one by one until one has a usable answer. When one has none, the list is read
 * until it shows what became of it, or the settle window is over, before anything more goes out.
 */
struct sender {
    struct run *run;
    bool is_trusted; /* a create since the start (or the last 429) had a usable answer */
    bool is_held;    /* a 429: the list is read before anything more is sent */
    bool is_proving; /* the list is read until it shows the lost ones, or their window is over */
    size_t lost;     /* answers without use since the last usable one */
    unsigned proofs_failed;
    unsigned cached_reads; /* that say nothing, although it was time */
};

/* --- what can be sent --- */

/* The first items that can be sent. */
static size_t choose(const struct run *run, struct item **ret, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < run->item_count && count < room; i++)
        if (run->items[i].state == ITEM_QUEUED)
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

/* The company of the item, when its list is too old to create it; NULL: it is not. */
static const struct rcn_live_company *find_old_list(const struct run *run, const struct item *item)
{
    const struct rcn_live_company *company =
        look_find_company(&run->look, item->row->desired->sync.company_id);
    bool is_old = rcn_clock_steady_ms() - company->ended_ms >= RCN_APPLY_READ_EVERY_MS;
    return is_old ? company : NULL;
}

static size_t get_most_in_flight(const struct sender *sender)
{
    return sender->is_trusted ? RCN_APPLY_IN_FLIGHT : 1;
}

/* --- answers --- */

/* 408 and 429 say nothing certain of whether the request was handled. */
enum rcn_outcome rcn_outcome_of_answer(const struct rcn_create_answer *answer,
                                       const struct rcn_audience_sync *asked)
{
    if (answer->transfer == RCN_HTTP_NOT_SENT)
        return RCN_OUTCOME_NOT_ATTEMPTED;
    if (answer->transfer == RCN_HTTP_LOST)
        return RCN_OUTCOME_UNKNOWN;
    if (answer->is_success && answer->audience_name &&
        strcmp(answer->audience_name, asked->audience_name) == 0)
        return RCN_OUTCOME_CREATED;
    if (answer->status >= 400 && answer->status < 500 && answer->status != 408 &&
        answer->status != 429)
        return RCN_OUTCOME_FAILED;
    return RCN_OUTCOME_UNKNOWN;
}

/* SPEC 5: a server that makes something else of what it was asked for is not asked again. */
static void check_answer(struct run *run, struct item *item, const struct rcn_create_answer *answer)
{
    const struct rcn_audience_sync *asked = &item->row->desired->sync;
    const struct {
        const char *field;
        const char *asked;
        const char *answered;
        const char *remedy;
    } fields[] = {
        {"audienceName", asked->audience_name, answer->audience_name,
         ": write that name in the manifest"},
        {"adAccountId", asked->ad_account_id, answer->ad_account_id, ""},
        {"segmentId", asked->segment_id, answer->segment_id, ""},
    };
    for (size_t i = 0; answer->is_success && i < sizeof fields / sizeof *fields; i++) {
        const char *answered = fields[i].answered;
        if (!fields[i].asked || !answered || strcmp(fields[i].asked, answered) == 0)
            continue;
        item->result->error = run_text(run, "the API created %s with the %s '%s' instead%s",
                                       answer->id, fields[i].field, answered, fields[i].remedy);
        run_stop(run,
                 "the API does not create what it is asked for: '%s' became %s with the %s '%s'",
                 asked->audience_name, answer->id, fields[i].field, answered);
        return;
    }
}

static void take_unsent(struct run *run, struct item *item, const struct rcn_create_answer *answer)
{
    if (item->tries < RCN_APPLY_TRIES) {
        item->state = ITEM_QUEUED;
        item->result->outcome = RCN_OUTCOME_NONE;
        rcn_api_pause(run->api, (int64_t)UNSENT_PAUSE_MS << (item->tries - 1));
        return;
    }
    /* An earlier try may have reached the server. */
    if (item->was_sent)
        item->result->outcome = RCN_OUTCOME_UNKNOWN;
    run_stop(run, "the API cannot be reached: %s", answer->problem);
}

static void take_sent(struct sender *sender, struct item *item,
                      const struct rcn_create_answer *answer)
{
    struct run *run = sender->run;
    struct rcn_result *result = item->result;
    item->was_sent = true;
    item->lost_answer |= !answer->id;
    item->ended_ms = answer->ended_ms;
    rcn_intent_end(item->intent, rcn_clock_wall_ms(), rcn_outcome_names[result->outcome],
                   result->id);
    if (answer->transfer == RCN_HTTP_ANSWERED && answer->status == 429) {
        if (item->tries < RCN_APPLY_TRIES) {
            result->outcome = RCN_OUTCOME_NONE;
            item->state = ITEM_WAITING;
        }
        item->resend_at_ms = answer->ended_ms + run->options->settle_ms;
        sender->is_held = true;
        sender->is_trusted = false;
        rcn_api_hold(run->api, answer->retry_after_ms);
    } else if (result->outcome != RCN_OUTCOME_UNKNOWN || answer->id) {
        sender->is_trusted = true;
        sender->is_proving = false;
        sender->lost = 0;
    } else {
        sender->lost++;
        sender->is_proving |= !sender->is_trusted;
        if (sender->is_trusted && sender->lost >= RCN_APPLY_IN_FLIGHT)
            run_stop(run, "%zu creates in a row got no usable answer", sender->lost);
    }
    if (answer->status == 401 || answer->status == 403)
        run_stop(run, "%s", result->error ? result->error : "the key was refused");
    check_answer(run, item, answer);
}

static void take_answers(struct sender *sender)
{
    struct run *run = sender->run;
    const struct rcn_apply_events *events = &run->options->events;
    struct rcn_create_answer answer;
    while (rcn_api_next_create(run->api, &answer)) {
        struct item *item = answer.tag;
        struct rcn_result *result = item->result;
        item->state = ITEM_DONE;
        result->http_status = (size_t)answer.status;
        result->id = answer.id ? run_text(run, "%s", answer.id) : NULL;
        result->error = answer.problem[0] ? run_text(run, "%s", answer.problem) : NULL;
        result->outcome = rcn_outcome_of_answer(&answer, &item->row->desired->sync);
        if (answer.transfer == RCN_HTTP_NOT_SENT)
            take_unsent(run, item, &answer);
        else
            take_sent(sender, item, &answer);
        if (events->item && item->state == ITEM_DONE)
            events->item(events->context, item->row, result);
        rcn_create_answer_release(&answer);
    }
}

/* --- the list in between --- */

/*
 * What has appeared need not be created, what was sent and is there has been; and what has appeared
 * under a name that no one asked for may be an item that a server renames: it is for the next plan.
 * What a 429 has refused, and is not there a settle window later, can be sent again.
 */
static void judge_list(struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        if (item->state != ITEM_QUEUED && item->state != ITEM_WAITING)
            continue;
        const struct rcn_live_sync *stranger = item->seen ? NULL : run_find_stranger(run, item);
        if (item->seen || stranger)
            item->state = ITEM_DONE;
        else if (item->state == ITEM_WAITING && run->look.began_ms >= item->resend_at_ms)
            item->state = ITEM_QUEUED;
        if (stranger && !item->was_sent) {
            item->result->outcome = RCN_OUTCOME_NOT_ATTEMPTED;
            item->result->error =
                run_text(run,
                         "%s, '%s', has appeared in its ad account since the plan and may be the "
                         "same audience: plan again",
                         stranger->sync.id, stranger->sync.audience_name);
        }
    }
}

/* 0, or -1 when nothing more is sent. */
static int read_list(struct run *run, const struct rcn_live_company *only)
{
    struct rcn_error err = RCN_ERROR_INIT;
    if (run_read_list(run, only, &err)) {
        run_stop(run, "the list could not be read again: %s", err.message);
        return -1;
    }
    judge_list(run);
    return 0;
}

/* When the list has said what became of the lost ones; 0: it shows each. */
static int64_t get_proof_ms(const struct run *run)
{
    int64_t last_ms = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        const struct item *item = &run->items[i];
        if (item->state == ITEM_DONE && !item->seen &&
            item->result->outcome == RCN_OUTCOME_UNKNOWN &&
            item->ended_ms + run->options->settle_ms > last_ms)
            last_ms = item->ended_ms + run->options->settle_ms;
    }
    return last_ms;
}

/* The list that has to begin then, or later, has been read since; it may come from a cache. */
static void check_cache(struct sender *sender, int64_t until_ms, bool was_time)
{
    if (was_time && sender->run->look.began_ms < until_ms &&
        ++sender->cached_reads > RUN_CACHED_READS_MOST)
        run_stop(sender->run, "the list comes from a cache that holds it longer than --settle");
}

/* Reads the list until it has said what became of the lost ones. */
static void prove(struct sender *sender)
{
    struct run *run = sender->run;
    int64_t pause_ms = RUN_FIRST_PAUSE_MS;
    int64_t until_ms = 0;
    bool was_time = false;
    while (!read_list(run, NULL) && (until_ms = get_proof_ms(run)) > run->look.began_ms) {
        check_cache(sender, until_ms, was_time);
        run_pause(run, &pause_ms, until_ms, "looking for a create that got no usable answer");
        was_time = rcn_clock_steady_ms() >= until_ms;
        if (run_must_end(run))
            return;
    }
    sender->is_proving = false;
    if (run->stop)
        return;
    if (!until_ms)
        sender->is_trusted = true; /* it creates what it is asked for, only answers get lost */
    else if (++sender->proofs_failed > 1)
        run_stop(run, "%zu creates in a row got no usable answer, and the list does not show them",
                 sender->lost);
}

/* Reads the list when nothing may be sent without it, with nothing in flight: a list in pages
 * changes under the reader. False: something may be sent. */
static bool look_again(struct sender *sender)
{
    struct run *run = sender->run;
    struct item *next;
    const bool can_send = choose(run, &next, 1);
    const int64_t resend_ms = get_next_resend_ms(run);
    const struct rcn_live_company *old = can_send ? find_old_list(run, next) : NULL;
    if (!sender->is_held && !sender->is_proving && !old && (can_send || !resend_ms))
        return false;
    if (rcn_api_get_creates_in_flight(run->api))
        return true;
    int64_t until_ms = 0;
    if (sender->is_held)
        until_ms = rcn_clock_steady_ms() + rcn_api_get_wait_ms(run->api);
    else if (!sender->is_proving && !can_send)
        until_ms = resend_ms;
    if (until_ms)
        run_wait(run, until_ms, until_ms,
                 sender->is_held ? "the API answered 429"
                                 : "making sure that a 429 created nothing");
    if (run_must_end(run))
        return true;
    if (sender->is_proving)
        prove(sender);
    else if (!read_list(run, sender->is_held ? NULL : old) && !can_send && !sender->is_held)
        check_cache(sender, resend_ms, true);
    sender->is_held = false;
    return true;
}

/* --- sending --- */

/* Announces those of the items that are not. -1: nothing is sent now, the list has been read again
 * or the run stops. */
static int announce(struct run *run, struct item *const *items, size_t count)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_intent *fresh = rcn_arena_calloc(run->scratch, count, sizeof *fresh);
    struct item *chosen[BATCH_MOST];
    size_t fresh_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i]->intent)
            continue;
        const struct rcn_audience_sync *sync = &items[i]->row->desired->sync;
        const char *newest = look_get_newest(&run->look, sync->company_id);
        chosen[fresh_count] = items[i];
        fresh[fresh_count] =
            (struct rcn_intent){.sync = *sync,
                                .newest = newest ? rcn_arena_strdup(run->scratch, newest) : NULL,
                                .at_ms = rcn_clock_wall_ms(),
                                .timeout_ms = run->options->timeout_ms,
                                .settle_ms = run->options->settle_ms};
        fresh[fresh_count++].sync.id = NULL; /* a pin is not what an answer named */
    }
    const int result = rcn_intents_announce(run->intents, fresh, fresh_count, &err);
    for (size_t i = 0; i < fresh_count && !result; i++)
        chosen[i]->intent = &fresh[i];
    if (result > 0) { /* another machine was faster */
        (void)read_list(run, NULL);
        (void)run_judge_earlier(run);
    } else if (result) {
        run_stop(run, "%s", err.message);
        if (run->options->ledger) {
            if (err.kind != RCN_ERROR_INTERRUPTED)
                err.kind = RCN_ERROR_REFUSED;
            run->refused = err;
        }
    }
    return result ? -1 : 0;
}

/* Sends what the pace allows at once; every one is announced before the first goes out. */
static void send_some(struct sender *sender)
{
    struct run *run = sender->run;
    struct item *chosen[BATCH_MOST];
    struct rcn_error err = RCN_ERROR_INIT;
    const size_t in_flight = rcn_api_get_creates_in_flight(run->api);
    const size_t most = get_most_in_flight(sender);
    if (in_flight >= most || rcn_api_get_wait_ms(run->api) > 0)
        return;
    size_t room = most - in_flight;
    const size_t count = choose(run, chosen,
                                run->options->ledger ? BATCH_MOST
                                : sender->is_trusted ? room + BATCH_AHEAD
                                                     : room);
    room = count < room ? count : room;
    for (size_t i = 0; i < room; i++)
        if (!chosen[i]->intent && announce(run, chosen, count))
            return;
    for (size_t i = 0; i < room && rcn_api_get_wait_ms(run->api) == 0; i++) {
        struct item *item = chosen[i];
        const struct rcn_audience_sync *sync = &item->row->desired->sync;
        /* Announcing may have taken long, or the process may have been paused since the look. */
        if (find_old_list(run, item) || run_must_end(run))
            return;
        if (item->intent->good_until_ms && rcn_clock_steady_ms() >= item->intent->good_until_ms) {
            item->intent = NULL;
            return;
        }
        rcn_memory_set_exit_code(3);
        if (rcn_api_start_create(run->api, sync,
                                 look_find_company(&run->look, sync->company_id)->is_sent, item,
                                 &err)) {
            run_stop(run, "%s", err.message);
            return;
        }
        item->state = ITEM_IN_FLIGHT;
        item->tries++;
    }
}

/* --- the loop --- */

/* What is in flight may or may not become a sync. Its connection is reset now, and not when the
 * process ends: the next run takes the end of this one's requests from the locks. */
static void give_up_in_flight(struct run *run)
{
    rcn_api_drop_creates(run->api);
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        if (item->state != ITEM_IN_FLIGHT)
            continue;
        item->state = ITEM_DONE;
        item->was_sent = true;
        item->lost_answer = true;
        item->ended_ms = rcn_clock_steady_ms();
        item->result->outcome = RCN_OUTCOME_UNKNOWN;
        item->result->error = "interrupted while it was in flight";
    }
}

/* How long nothing can be done unless an exchange ends. */
static int64_t get_pause_ms(const struct sender *sender)
{
    const struct run *run = sender->run;
    const struct rcn_apply_events *events = &run->options->events;
    const size_t in_flight = rcn_api_get_creates_in_flight(run->api);
    struct item *next;
    if (run->stop || in_flight >= get_most_in_flight(sender) || !choose(run, &next, 1))
        return TICK_MS;
    const int64_t pace_ms = rcn_api_get_wait_ms(run->api);
    if (events->waiting && in_flight == 0 && pace_ms)
        events->waiting(events->context, rcn_clock_steady_ms() + pace_ms, "rate limit");
    return pace_ms < TICK_MS ? pace_ms : TICK_MS;
}

void run_send(struct run *run)
{
    struct sender sender = {.run = run};
    struct rcn_error err = RCN_ERROR_INIT;
    struct item *next;
    judge_list(run);
    for (;;) {
        take_answers(&sender);
        if (run_get_signal(run))
            run_stop(run, "interrupted");
        if (rcn_api_is_past_deadline(run->api))
            run_stop(run, "deadline exceeded");
        const bool has_left = choose(run, &next, 1) || get_next_resend_ms(run);
        if (rcn_api_get_creates_in_flight(run->api) == 0 && (!has_left || run->stop))
            break;
        if (run_is_urgent(run) ||
            (run->signal_at_ms && rcn_clock_steady_ms() - run->signal_at_ms >= RUN_FLIGHT_MS))
            break;
        bool looks = !run->stop && has_left && look_again(&sender);
        if (looks && rcn_api_get_creates_in_flight(run->api) == 0)
            continue;
        if (!looks && !run->stop)
            send_some(&sender);
        run_tell_progress(run);
        if (rcn_api_poll(run->api, looks ? TICK_MS : get_pause_ms(&sender), &err)) {
            run_stop(run, "%s", err.message);
            break; /* it would fail again at once, for ever */
        }
    }
    take_answers(&sender);
    give_up_in_flight(run);
}
