/*
 * What earlier runs announced and left open: the part of run.h that waits for it.
 *
 * A request of an earlier run on this machine ended, at the latest, before the locks were ours. So
 * every read that begins a settle window after that shows what it created. Times of two clocks are
 * compared only for other machines, whose lines in the ledger say until when they may send
 * (ledger.h). The manifests, selection and plan of this run decide only which syncs are managed.
 */
#include <string.h>

#include "apply/ledger.h"
#include "apply/run.h"
#include "base/clock.h"
#include "base/time.h"

/* The clocks of the servers of one API may differ by so much in createdAt. */
enum { SERVER_SKEW_MS = 300000 };

static const char why_new_place[] = "an earlier run elsewhere may have created something; "
                                    "nothing was kept here before";

/* When the list shows what the intent may have created, if it ever will. */
static int64_t get_settled_ms(const struct run *run, const struct rcn_intent *intent)
{
    int64_t own_ms = run->options->settle_ms;
    /* Of another machine only the wall clock is known to both. */
    if (intent->over_ms)
        return rcn_clock_steady_ms() + (intent->over_ms - rcn_clock_wall_ms());
    return run->began_ms + (intent->settle_ms > own_ms ? intent->settle_ms : own_ms);
}

/* By the server's own clock: the newest sync that was there before came first. */
static bool is_older(const struct rcn_live_sync *live, const struct rcn_intent *intent)
{
    int64_t created_ms;
    int64_t newest_ms;
    return intent->newest && rcn_time_parse(intent->newest, &newest_ms) && live->created_at &&
           rcn_time_parse(live->created_at, &created_ms) && created_ms < newest_ms - SERVER_SKEW_MS;
}

/*
 * The create was sent by a run that did not live to see the answer, and its identity never showed
 * up: it never arrived, or the server made another name of it. This finds what it may have become.
 * Such a sync counts for every intent that it could be: which one it is, is not known.
 */
static const struct rcn_live_sync *find_suspect(struct run *run, const struct rcn_intent *intent,
                                                const struct item *item, const char *company_id)
{
    const struct rcn_live_company *company = look_find_company(&run->look, company_id);
    for (size_t i = 0; company && i < company->sync_count; i++) {
        const struct rcn_live_sync *live = &company->syncs[i];
        if (!is_older(live, intent) && run_may_be(run, &intent->sync, item, live))
            return live;
    }
    return NULL;
}

/* What an answer or a list has named for it, if that is live in the company; or NULL. */
static const struct rcn_live_sync *
find_named(const struct run *run, const struct rcn_intent *intent, const char *company_id)
{
    const char *id = intent->sync.id;
    return id ? rcn_live_state_find_sync(run->look.latest, company_id, id) : NULL;
}

/* The item is not created: what it may be, or NULL, and why. */
static void give_up(struct run *run, struct item *item, const char *id, const char *why)
{
    if (item->state == ITEM_IN_FLIGHT)
        return; /* its answer, or the list, says what became of it */
    item->state = ITEM_DONE;
    item->result->outcome = item->was_sent ? RCN_OUTCOME_UNKNOWN : RCN_OUTCOME_NOT_ATTEMPTED;
    item->result->id = id ? run_text(run, "%s", id) : NULL;
    item->result->error = why;
}

/*
 * The item was created by an earlier run, or may have been, and the API has it under another name.
 * Creating it again would make another one each time.
 */
static void give_up_renamed(struct run *run, struct item *item, const struct rcn_live_sync *live)
{
    if (item && item->state != ITEM_DONE)
        give_up(run, item, live->sync.id,
                run_text(run,
                         "an earlier run created it as %s, or may have, and the API lists that one "
                         "as '%s' (%s): write that name in the manifest, or, if it is another "
                         "sync, add 'replaces: %s'",
                         live->sync.id, live->sync.audience_name, live->sync.ad_account_id,
                         live->sync.id));
}

/* Others go on: no one waits for a run elsewhere, which may take hours. */
static void give_up_announced(struct run *run, struct item *item, const struct rcn_intent *intent)
{
    char announced[RCN_TIME_SIZE];
    char time[RCN_TIME_SIZE];
    rcn_time_format(intent->over_ms + 999, time);
    rcn_time_format(intent->at_ms, announced);
    give_up(run, item, NULL,
            run_text(run,
                     "another run (%s) announced it at %s and has not recorded an outcome: it may "
                     "still create it until %s, by clocks that may differ by 5 minutes; if it is "
                     "not live then, run again",
                     intent->where, announced, time));
}

/* It was live, and the list does not show it: deleted by a person, or this list is old. */
static void give_up_known(struct run *run, struct item *item)
{
    const struct rcn_ledger *ledger = run->options->ledger;
    const struct rcn_known_sync *known =
        ledger ? rcn_ledger_find_known(ledger, &item->row->desired->sync) : NULL;
    char time[RCN_TIME_SIZE];
    if (!known || item->seen || run_is_replaced(item, known->sync.id))
        return;
    rcn_time_format(known->seen_at_ms, time);
    give_up(run, item, known->sync.id,
            run_text(run,
                     "it was live as %s at %s, by the ledger, and the list does not show it: plan "
                     "again",
                     known->sync.id, time));
}

/* A list has shown it, and the next one may show it renamed. If its run did not see it, its line is
 * all that the ledger has of it. */
static void learn_id(struct run *run, struct rcn_intent *intent, bool is_own,
                     const struct sighting *sighting)
{
    const struct rcn_live_sync *live = NULL;
    if (sighting)
        live = sighting->next ? NULL : sighting->live;
    else if (!intent->is_known)
        live = look_find_planned(&run->look, &intent->sync);
    if (!live || !is_own)
        return;
    intent->is_known = true;
    intent->sync.id = run_text(run, "%s", live->sync.id);
}

/* An open intent against the latest list. Returns the time to wait for; 0: nothing. */
static int64_t judge_in(struct run *run, struct rcn_intent *intent, const char *company_id)
{
    struct rcn_audience_sync identity = intent->sync;
    identity.company_id = company_id;
    struct item *item = run_find_item(run, &identity);
    const int64_t settled_ms = get_settled_ms(run, intent);
    const bool is_settled = run->look.began_ms >= settled_ms;
    /* A list of another company does not close it: the list of its own was not read. */
    const bool is_own = rcn_text_is_same(company_id, intent->sync.company_id);
    const bool can_close = is_settled && is_own;
    const struct sighting *sighting = look_find(&run->look, &identity);
    const bool is_renamed = run_find_renamed(run, &identity, item);
    if (!is_renamed)
        learn_id(run, intent, is_own, sighting);
    if (sighting) {
        if (item)
            item->was_asked_before = true;
        if (can_close && !is_renamed)
            rcn_intent_close(intent);
        return 0;
    }
    const struct rcn_live_sync *named = find_named(run, intent, company_id);
    if (named && run_is_managed(run, named)) {
        if (can_close)
            rcn_intent_close(intent);
        return 0;
    }
    /* A person knows that one. A proxy may have sent the request twice: look for another. */
    const struct rcn_live_sync *live =
        named && run_is_replaced(item, named->sync.id) ? NULL : named;
    if (!live && !is_settled) {
        if (!item || item->state == ITEM_DONE)
            return 0;
        if (!intent->over_ms)
            return settled_ms;
        give_up_announced(run, item, intent);
        return 0;
    }
    /* Also when an answer named an id: the list may have it under another one, and renamed. */
    if (!live)
        live = find_suspect(run, intent, item, company_id);
    if (live)
        give_up_renamed(run, item, live);
    else if (can_close && !named && !find_suspect(run, intent, NULL, company_id))
        /* It never arrived, or is gone again. What is replaced counts again without `replaces`. */
        rcn_intent_close(intent);
    return 0;
}

int64_t run_judge_earlier(struct run *run)
{
    const struct rcn_live_state *latest = run->look.latest;
    int64_t until_ms = 0;
    for (size_t i = 0; i < rcn_intents_get_count(run->intents); i++) {
        struct rcn_intent *intent = rcn_intents_get(run->intents, i);
        if (!intent->is_open || !intent->is_earlier)
            continue;
        /* When its run knew the company by another name, it may be any of those that were read. */
        const char *own_id = intent->sync.company_id;
        const bool is_read = look_find_company(&run->look, own_id);
        for (size_t j = 0; j < latest->company_count; j++) {
            const char *company_id = latest->companies[j].company_id;
            if (is_read && !rcn_text_is_same(company_id, own_id))
                continue;
            int64_t wait_ms = judge_in(run, intent, company_id);
            until_ms = wait_ms > until_ms ? wait_ms : until_ms;
        }
    }
    for (size_t i = 0; i < run->item_count; i++)
        if (run->items[i].state == ITEM_QUEUED && !run->items[i].was_sent)
            give_up_known(run, &run->items[i]);
    return until_ms;
}

static bool has_queued(const struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++)
        if (run->items[i].state == ITEM_QUEUED && !run->items[i].seen)
            return true;
    return false;
}

/* What is waited for before the first create, and until when; 0: nothing. */
static int64_t find_wait(struct run *run, const char **ret_why)
{
    const int64_t settled_ms = run->began_ms + run->options->settle_ms;
    int64_t until_ms = run_judge_earlier(run);
    *ret_why = "a create of an earlier run may still show up";
    if (rcn_intents_are_in_doubt(run->intents) && run->look.began_ms >= settled_ms)
        rcn_intents_clear_doubt(run->intents);
    if (rcn_intents_are_in_doubt(run->intents) && until_ms < settled_ms && has_queued(run)) {
        if (until_ms == 0)
            *ret_why = why_new_place;
        return settled_ms;
    }
    /* An old list may show what is deleted by now, so it is not even enough for "exists". */
    if (until_ms == 0 && run->look.began_ms < run->began_ms) {
        *ret_why = "a cache answered with an old list";
        return run->began_ms;
    }
    return until_ms;
}

int run_await_earlier(struct run *run, struct rcn_error *err)
{
    int64_t pause_ms = RUN_FIRST_PAUSE_MS;
    const char *why;
    unsigned cached_reads = 0;
    for (int64_t until_ms; (until_ms = find_wait(run, &why));) {
        const bool is_over = rcn_clock_steady_ms() >= until_ms;
        if (is_over && ++cached_reads > RUN_CACHED_READS_MOST)
            return rcn_error_set(err, RCN_ERROR_FAILED,
                                 "the list comes from a cache that holds it longer than --settle: "
                                 "nothing can be created safely");
        /* In a new place there is nothing to look for in between. */
        if (!is_over && why == why_new_place)
            run_wait(run, until_ms, until_ms, why);
        else
            run_pause(run, &pause_ms, until_ms, why);
        if (run_get_signal(run))
            return rcn_error_set(err, RCN_ERROR_INTERRUPTED,
                                 "interrupted before anything was created");
        if (rcn_api_is_past_deadline(run->api))
            return rcn_error_set(err, RCN_ERROR_FAILED,
                                 "the deadline was exceeded before anything was created");
        if (run_read_list(run, NULL, err))
            return -1;
    }
    return 0;
}
