#include "apply/apply.h"

#include <stdlib.h>

#include "apply/ledger.h"
#include "apply/run.h"
#include "base/clock.h"
#include "base/memory.h"

static void index_managed(struct run *run, struct rcn_audience_sync identity)
{
    *rcn_identity_map_put(run->managed, &identity) = run; /* any value */
}

/* What manifests manage, selected or not: such a sync is no lost create. */
static void index_plan(struct run *run)
{
    const struct rcn_plan *plan = run->plan;
    for (size_t i = 0; i < plan->row_count; i++)
        for (size_t j = 0; j < plan->rows[i].live_count; j++) {
            const struct rcn_audience_sync *live = &plan->rows[i].live[j]->sync;
            index_managed(run, rcn_identity_of_id(live->company_id, live->id));
        }
    for (size_t i = 0; i < plan->managed_elsewhere_count; i++)
        index_managed(run, rcn_identity_of_id(plan->managed_elsewhere[i]->company_id,
                                              plan->managed_elsewhere[i]->id));
    for (size_t i = 0; i < plan->left_out_count; i++)
        index_managed(run, plan->left_out[i]->sync);
}

static int make_items(struct run *run, struct rcn_error *err)
{
    run->items = rcn_arena_calloc(run->scratch, run->plan->row_count, sizeof *run->items);
    for (size_t i = 0; i < run->plan->row_count; i++) {
        const struct rcn_plan_row *row = &run->plan->rows[i];
        if (row->was_missing) {
            run->results->items[i] = (struct rcn_result){
                .outcome = RCN_OUTCOME_EXISTS,
                .id = rcn_arena_strdup(run->results->arena, row->live[0]->sync.id),
                .is_verified = true};
            run->results->by_outcome[RCN_OUTCOME_EXISTS]++;
        }
        if (row->status != RCN_STATUS_MISSING)
            continue;
        struct item *item = &run->items[run->item_count++];
        item->row = row;
        item->result = &run->results->items[i];
        void **place = rcn_identity_map_put(run->by_identity, &row->desired->sync);
        if (*place)
            return rcn_error_set(err, RCN_ERROR_REFUSED, "the plan asks for '%s' (%s) twice",
                                 row->desired->sync.audience_name,
                                 row->desired->sync.ad_account_id);
        *place = item;
    }
    return 0;
}

/* What is live of the plan's rows by now, what became of each item, and of what earlier runs left
 * open, for the ledger. */
static int remember(struct run *run, struct rcn_error *err)
{
    const struct rcn_plan *plan = run->plan;
    const size_t intent_count = run->intents ? rcn_intents_get_count(run->intents) : 0;
    if (!run->options->ledger)
        return 0;
    struct rcn_ledger_record *records = rcn_arena_calloc(
        run->scratch, plan->row_count + run->item_count + intent_count, sizeof *records);
    size_t count = 0;
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].live_count == 1)
            records[count++] =
                (struct rcn_ledger_record){.sync = &plan->rows[i].desired->sync,
                                           .live = &plan->rows[i].live[0]->sync,
                                           .seen_at_ms = run->look.planned->fetched_at_ms};
    for (size_t i = 0; i < run->item_count; i++) {
        const struct item *item = &run->items[i];
        const bool is_live = item->seen && !item->seen->next;
        records[count++] =
            (struct rcn_ledger_record){.sync = &item->row->desired->sync,
                                       .live = is_live ? &item->seen->live->sync : NULL,
                                       .seen_at_ms = is_live ? run->look.latest->fetched_at_ms : 0,
                                       .outcome = rcn_outcome_names[item->result->outcome],
                                       .id = item->result->id};
    }
    for (size_t i = 0; i < intent_count; i++) {
        const struct rcn_intent *intent = rcn_intents_get(run->intents, i);
        if (intent->is_earlier && intent->is_known)
            records[count++] =
                (struct rcn_ledger_record){.sync = &intent->sync,
                                           .live = &intent->sync,
                                           .seen_at_ms = run->look.latest->fetched_at_ms};
    }
    return rcn_ledger_finish(run->options->ledger, records, count, err);
}

static int create(struct run *run, struct rcn_error *err)
{
    const struct rcn_apply_events *events = &run->options->events;
    struct rcn_results *results = run->results;
    struct rcn_error lost = RCN_ERROR_INIT;
    /* The list that counts is read with the locks held: no one here creates in between. */
    run->began_ms = rcn_clock_steady_ms();
    if (run_read_list(run, NULL, err) || run_await_earlier(run, err))
        return -1;
    if (run_get_signal(run))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted before anything was created");
    if (events->begin)
        events->begin(events->context, run->item_count);
    run_send(run);
    bool has_sent = !run->refused.message[0];
    for (size_t i = 0; i < run->item_count; i++)
        has_sent |= run->items[i].was_sent;
    if (!has_sent) {
        *err = run->refused;
        return -1;
    }
    run_settle(run);
    (void)run_judge_earlier(run);
    if (remember(run, &lost)) {
        results->is_verified = false;
        results->problem = run_text(run, "%s%sthe ledger could not be written: %s",
                                    results->problem ? results->problem : "",
                                    results->problem ? "; " : "", lost.message);
    }
    if (events->end)
        events->end(events->context);
    return 0;
}

static int run_all(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    if (make_items(run, err))
        return -1;
    if (run->item_count == 0) {
        run->results->is_verified = true;
        if (remember(run, err) == 0)
            return 0;
        if (err->kind != RCN_ERROR_INTERRUPTED) {
            rcn_error_wrap(err, "the ledger cannot be written");
            err->kind = RCN_ERROR_REFUSED;
        }
        return -1;
    }
    index_plan(run);
    /* The companies in which something may be created. */
    const char **companies = rcn_arena_calloc(run->scratch, live->company_count, sizeof *companies);
    struct rcn_intents_options options = {.state_dir = run->options->state_dir,
                                          .api_url = rcn_api_get_url(run->api),
                                          .company_ids = companies,
                                          .ledger = run->options->ledger};
    for (size_t i = 0; i < live->company_count; i++) {
        const char *company_id = live->companies[i].company_id;
        size_t j = 0;
        while (j < run->item_count &&
               !rcn_text_is_same(run->items[j].row->desired->sync.company_id, company_id))
            j++;
        if (j < run->item_count)
            companies[options.company_count++] = company_id;
    }
    run->intents = rcn_intents_open(&options, err);
    if (!run->intents)
        return -1;
    int result = create(run, err);
    rcn_intents_free(run->intents);
    if (result == 0 && run->options->wait_ms)
        run_await_uploads(run);
    return result;
}

struct rcn_results *rcn_apply_run(struct rcn_api *api, const struct rcn_plan *plan,
                                  const struct rcn_live_state *live,
                                  const struct rcn_apply_options *options, struct rcn_error *err)
{
    struct rcn_results *results = rcn_calloc(1, sizeof *results);
    struct run run = {.api = api,
                      .plan = plan,
                      .options = options,
                      .results = results,
                      .scratch = rcn_arena_new(SIZE_MAX),
                      .by_identity = rcn_identity_map_new(0),
                      .managed = rcn_identity_map_new(0)};
    results->arena = rcn_arena_new(SIZE_MAX);
    results->count = plan->row_count;
    results->items = rcn_arena_calloc(results->arena, plan->row_count, sizeof *results->items);
    look_init(&run.look, api, live);
    int result = run_all(&run, live, err);
    look_release(&run.look);
    rcn_identity_map_free(run.by_identity);
    rcn_identity_map_free(run.managed);
    rcn_arena_free(run.scratch);
    if (result == 0)
        return results;
    rcn_results_free(results);
    return NULL;
}
