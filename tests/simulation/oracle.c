/*
 * What must hold, judged by the server's truth. It knows what was asked for and by whom, and
 * nothing of how the product comes to its results.
 */
#include <string.h>

#include "sim.h"

/* A person's sync that came this long before a create was on every list that apply should look at:
 * it reads one at least once a minute. */
enum { READ_EVERY_MS = 60000, SLACK_MS = 30000 };

static bool has_same_place(const struct sim_sync *a, const struct sim_sync *b)
{
    return a->company == b->company && strcmp(a->account, b->account) == 0;
}

/*
 * A run that names no company has to see, after its approval, that the key's own is still the one
 * that it compared with. Behind that look no client can see.
 */
static void check_company(const struct sim_sync *sync, struct sim_process *process,
                          const struct sim_asked *asked)
{
    if (process->own_company == SIM_NAMED || process->own_company == sync->company)
        return;
    process->is_excused = true;
    if (process->own_company == SIM_UNREADABLE)
        return;
    if (asked->account_ms < process->approved_ms)
        sim_fail("apply %d creates %s in %s without a look at whose the key is now", sync->by,
                 sync->id, sim_company_id(sync->company));
    if (asked->account_company != process->own_company)
        sim_fail("apply %d creates %s in %s, which it knew to be another company", sync->by,
                 sync->id, sim_company_id(sync->company));
}

/* Called for every create that takes effect: the sync is in the truth already. */
void sim_oracle_commit(const struct sim_sync *sync, struct sim_process *process,
                       const struct sim_asked *asked)
{
    check_company(sync, process, asked);
    if (process->is_excused)
        return;
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *other = &sim_server.syncs[i];
        if (other == sync || !sim_sync_is_live(other) || !has_same_place(other, sync) ||
            other->was_touched || sync->is_second)
            continue;
        if (other->by != SIM_BY_PERSON && strcmp(other->asked, sync->asked) == 0)
            sim_fail("'%s' is live twice: %s by apply %d and %s by apply %d", sync->asked,
                     other->id, other->by, sync->id, sync->by);
        else if (other->by == SIM_BY_PERSON && strcmp(other->name, sync->asked) == 0 &&
                 asked->at_ms > other->named_ms + sim_server.bound_ms + READ_EVERY_MS + SLACK_MS &&
                 !sim.was_paused)
            sim_fail("'%s' was there as %s, made by a person, long before apply %d created %s",
                     sync->asked, other->id, sync->by, sync->id);
    }
}

/*
 * A create goes out while the end of the latest read of its company's list is a minute ago at most.
 * A process that is stopped between its last look at the clock and the send cannot know, nor one
 * that is stopped before it has seen that the read is over.
 */
void sim_oracle_send(const struct sim_process *process, int company)
{
    enum { SEND_CALLS = 5, READ_CALLS = 16 }; /* from the last look at the clock, to it */
    if (company < 0) /* the key's own, which may have changed since it was read */
        company = process->listed_ms[1] > process->listed_ms[0];
    int64_t age_ms = sim.now_ms - process->listed_ms[company];
    const unsigned stop = process->pause_at_call;
    const unsigned listed_call = process->listed_call[company];
    bool was_just_stopped = stop && process->calls >= stop &&
                            (process->calls - stop < SEND_CALLS ||
                             (stop >= listed_call && stop - listed_call < READ_CALLS));
    if (age_ms > READ_EVERY_MS + 1000 && !was_just_stopped)
        sim_fail("apply %u sends a create on a list that is %.1f s old", process->number,
                 (double)age_ms / 1000);
}

static const struct sim_sync *find_id(const char *id)
{
    for (int i = 0; id && i < sim_server.count; i++)
        if (strcmp(sim_server.syncs[i].id, id) == 0)
            return &sim_server.syncs[i];
    return NULL;
}

/* A run that does not know the key's company means the first: it never moves then. */
static bool is_of_company(const struct sim_sync *sync, const char *company_id)
{
    return strcmp(sim_company_id(sync->company), company_id ? company_id : sim_company_id(0)) == 0;
}

static bool has_identity(const struct sim_sync *sync, const struct rcn_audience_sync *asked)
{
    return is_of_company(sync, asked->company_id) &&
           strcmp(sync->account, asked->ad_account_id) == 0 &&
           strcmp(sync->name, asked->audience_name) == 0;
}

/* Lists count together: with one of a company missing, the others say nothing. */
static bool was_shown(const struct sim_sync *sync, const struct sim_process *process)
{
    int64_t seen_ms = process->seen_ms[0];
    if (sim_server.reaches_all && process->seen_ms[1] < seen_ms)
        seen_ms = process->seen_ms[1];
    return sync->deleted_ms > seen_ms && sync->shown_ms <= seen_ms && sync->named_ms <= seen_ms &&
           !sim_server.page_size;
}

static bool has_persons_hand(const struct rcn_audience_sync *asked)
{
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *sync = &sim_server.syncs[i];
        if ((sync->by == SIM_BY_PERSON || sync->was_touched || sync->deleted_ms != INT64_MAX) &&
            (has_identity(sync, asked) || strcmp(sync->asked, asked->audience_name) == 0))
            return true;
    }
    return false;
}

/* What the result says about the sync must be so. */
static void check_claim(const struct sim_process *process, const struct rcn_audience_sync *asked,
                        const struct rcn_result *result)
{
    const struct sim_sync *named = find_id(result->id);
    if (result->id && !named)
        sim_fail("'%s' is reported as %s, which never was", asked->audience_name, result->id);
    if (result->outcome == RCN_OUTCOME_CREATED && !result->error && named &&
        named->by == SIM_BY_PERSON &&
        (!has_persons_hand(asked) || named->shown_ms < process->started_ms))
        sim_fail("'%s' is reported as created, and %s is a person's", asked->audience_name,
                 named->id);
    if (result->is_verified && (!named || !has_identity(named, asked)) && !has_persons_hand(asked))
        sim_fail("'%s' is reported as verified, and %s is not it", asked->audience_name,
                 result->id ? result->id : "nothing");
}

/* What the run's requests made must be in its report. */
static void check_reported(const struct sim_process *process, const struct rcn_audience_sync *asked,
                           const struct rcn_result *result)
{
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *sync = &sim_server.syncs[i];
        if (sync->by != (int)process->number || strcmp(sync->asked, asked->audience_name) != 0 ||
            !is_of_company(sync, asked->company_id) ||
            strcmp(sync->account, asked->ad_account_id) != 0 || !was_shown(sync, process) ||
            has_persons_hand(asked) || strcmp(sync->segment, sync->asked_segment) != 0)
            continue;
        if (result->outcome == RCN_OUTCOME_FAILED || result->outcome == RCN_OUTCOME_NOT_ATTEMPTED)
            sim_fail("%s was created for '%s', which is reported as %s", sync->id,
                     asked->audience_name, rcn_outcome_name(result->outcome));
        if (result->outcome == RCN_OUTCOME_UNKNOWN && !result->id)
            sim_fail("%s was created for '%s', the list shows it, and it is reported as unknown",
                     sync->id, asked->audience_name);
    }
}

/* Exit 0 says that every row is there exactly once. */
static void check_complete(const struct sim_process *process, const struct rcn_audience_sync *asked)
{
    int live = 0;
    int shown = 0;
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *sync = &sim_server.syncs[i];
        if (!has_identity(sync, asked))
            continue;
        live += sync->deleted_ms > process->started_ms;
        shown += was_shown(sync, process);
    }
    if (live == 0 && !has_persons_hand(asked))
        sim_fail("exit 0, and '%s' is not live", asked->audience_name);
    if (shown > 1)
        sim_fail("exit 0, and the list shows '%s' %d times", asked->audience_name, shown);
}

void sim_oracle_results(const struct sim_process *process, const struct rcn_plan *plan,
                        const struct rcn_results *results)
{
    const bool is_complete = rcn_results_are_complete(results);
    if (process->is_excused)
        return;
    for (size_t i = 0; i < plan->row_count; i++) {
        if (plan->rows[i].status != RCN_STATUS_MISSING)
            continue;
        const struct rcn_audience_sync *asked = &plan->rows[i].desired->sync;
        check_claim(process, asked, &results->items[i]);
        /* Unless it says that the list has not had the last word. */
        if (!results->problem || !strstr(results->problem, "not verified"))
            check_reported(process, asked, &results->items[i]);
        if (is_complete)
            check_complete(process, asked);
    }
}
