#include "plan/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "plan/diff.h"
#include "plan/ignores.h"
#include "plan/live_index.h"
#include "plan/notes.h"

/* What building needs at every step. */
struct builder {
    struct rcn_plan *plan;
    const struct rcn_desired_set *desired;
    const struct rcn_live_state *live;
    const struct rcn_plan_options *options;
    struct rcn_live_index *index;
    struct rcn_diags *diags;
    struct rcn_plan_row *rows;   /* one for each desired sync, selected or not */
    struct rcn_ignores *ignores; /* NULL: they do not count */
    struct rcn_error *err;
};

static int no_memory(struct builder *builder)
{
    return rcn_error_no_memory(builder->err);
}

static int compare_live_ids(const void *left, const void *right)
{
    const struct rcn_live_sync *a = *(const struct rcn_live_sync *const *)left;
    const struct rcn_live_sync *b = *(const struct rcn_live_sync *const *)right;
    return strcmp(a->sync.id, b->sync.id);
}

static int take_one(struct builder *builder, struct rcn_plan_row *row, struct rcn_live_entry *entry)
{
    const struct rcn_live_sync **live =
        rcn_arena_alloc(builder->plan->arena, sizeof(struct rcn_live_sync *));
    if (!live)
        return no_memory(builder);
    live[0] = entry->live;
    entry->is_managed = true;
    row->live = live;
    row->live_count = 1;
    return 0;
}

/* Takes the chain into the row, in order of ids, and marks it managed. */
static int take_chain(struct builder *builder, struct rcn_plan_row *row,
                      struct rcn_live_entry *chain)
{
    size_t count = 0;
    for (struct rcn_live_entry *entry = chain; entry; entry = entry->next)
        count++;
    if (count == 0)
        return 0;
    if (count == 1)
        return take_one(builder, row, chain);
    const struct rcn_live_sync **live =
        rcn_arena_calloc(builder->plan->arena, count, sizeof(struct rcn_live_sync *));
    if (!live)
        return no_memory(builder);
    size_t at = 0;
    for (struct rcn_live_entry *entry = chain; entry; entry = entry->next) {
        live[at++] = entry->live;
        entry->is_managed = true;
    }
    qsort(live, count, sizeof(struct rcn_live_sync *), compare_live_ids);
    row->live = live;
    row->live_count = count;
    return 0;
}

static void report_pin_not_live(struct builder *builder, const struct rcn_desired_sync *desired)
{
    struct rcn_diag *diag = rcn_diags_error(builder->diags, "unknown-pin", desired->id_span,
                                            "no live sync has the id '%s'", desired->sync.id);
    rcn_diag_set_hint(builder->diags, diag,
                      "remove the id to have the sync created, or write the id of a live one");
}

static void report_pin_elsewhere(struct builder *builder, const struct rcn_desired_sync *desired,
                                 const struct rcn_live_sync *live)
{
    struct rcn_diag *diag =
        rcn_diags_error(builder->diags, "unknown-pin", desired->id_span,
                        "the live sync '%s' is another one: '%s' in ad account %s",
                        desired->sync.id, live->sync.audience_name, live->sync.ad_account_id);
    rcn_diag_set_hint(builder->diags, diag,
                      "audienceName and adAccountId must be those of the pin");
}

/* A pin that does not hold is an error; the row is then withheld, so that nothing is created. */
static int match_pin(struct builder *builder, struct rcn_plan_row *row)
{
    const struct rcn_desired_sync *desired = row->desired;
    struct rcn_live_entry *entry;
    if (rcn_live_index_find_id(builder->index, desired->sync.company_id, desired->sync.id, &entry,
                               builder->err))
        return -1;
    if (entry && rcn_identity_compare(&entry->live->sync, &desired->sync) == 0)
        return take_one(builder, row, entry);
    row->status = RCN_STATUS_WITHHELD;
    if (entry)
        report_pin_elsewhere(builder, desired, entry->live);
    else
        report_pin_not_live(builder, desired);
    return 0;
}

static int match(struct builder *builder, struct rcn_plan_row *row)
{
    if (row->desired->sync.id)
        return match_pin(builder, row);
    struct rcn_live_entry *chain;
    if (rcn_live_index_find(builder->index, &row->desired->sync, &chain, builder->err))
        return -1;
    return take_chain(builder, row, chain);
}

static int compare_fields(struct builder *builder, struct rcn_plan_row *row)
{
    if (rcn_diff_fields(builder->plan->arena, &row->desired->sync, &row->live[0]->sync,
                        &row->changes, &row->change_count))
        return no_memory(builder);
    row->status = row->change_count ? RCN_STATUS_DRIFTED : RCN_STATUS_IN_SYNC;
    return 0;
}

/* Judges a row that has found what is live of it; missing ones wait until all are matched. */
static int judge(struct builder *builder, struct rcn_plan_row *row)
{
    const int64_t now_ms = builder->live->fetched_at_ms;
    for (size_t i = 0; i < row->live_count; i++)
        row->health |= rcn_health_judge(row->live[i], now_ms);
    if (row->live_count > 1)
        row->status = RCN_STATUS_DUPLICATE;
    else if (row->live_count == 1 && compare_fields(builder, row))
        return -1;
    if (row->live_count == 0)
        return 0;
    return rcn_notes_write(builder->plan->arena, row) ? no_memory(builder) : 0;
}

static int judge_missing(struct builder *builder, struct rcn_plan_row *row)
{
    struct rcn_arena *arena = builder->plan->arena;
    const struct rcn_audience_sync *sync = &row->desired->sync;
    const struct rcn_live_sync *other;
    if (row->live_count > 0 || sync->id)
        return 0;
    row->status = RCN_STATUS_WITHHELD;
    if (sync->is_active == RCN_FALSE)
        return rcn_notes_add_paused(arena, row) ? no_memory(builder) : 0;
    if (rcn_live_index_find_similar(builder->index, sync, &other, builder->err))
        return -1;
    if (other)
        return rcn_notes_add_similar(arena, row, other) ? no_memory(builder) : 0;
    row->status = RCN_STATUS_MISSING;
    if (rcn_live_index_find_segment(builder->index, sync, &other, builder->err))
        return -1;
    return other && rcn_notes_add_rename(arena, row, other) ? no_memory(builder) : 0;
}

/* --- selection and counts --- */

bool rcn_selection_includes(const struct rcn_selection *selection,
                            const struct rcn_audience_sync *sync)
{
    bool account = selection->ad_account_count == 0;
    bool name = selection->name_count == 0;
    for (size_t i = 0; !account && i < selection->ad_account_count; i++)
        account = strcmp(selection->ad_accounts[i], sync->ad_account_id) == 0;
    for (size_t i = 0; !name && i < selection->name_count; i++)
        name = rcn_glob_matches(selection->names[i], sync->audience_name);
    return account && name;
}

static void count_row(struct rcn_plan_counts *counts, const struct rcn_plan_row *row)
{
    counts->desired += row->desired != NULL;
    if (row->is_ignored) {
        counts->ignored++;
        return;
    }
    counts->by_status[row->status]++;
    counts->unhealthy += row->desired && row->health;
}

/* Finishes a row that is selected: what only reports need. */
static int finish_row(struct builder *builder, struct rcn_plan_row *row,
                      const struct rcn_audience_sync *sync)
{
    row->ad_account_name =
        rcn_live_state_get_ad_account_name(builder->live, sync->company_id, sync->ad_account_id);
    if (builder->ignores &&
        rcn_ignores_judge(builder->ignores, builder->plan->arena, row, sync, builder->err))
        return -1;
    count_row(&builder->plan->counts, row);
    return 0;
}

/*
 * A company whose list was not read has nothing live only as far as we know: planning its syncs as
 * missing would create them a second time.
 */
static int check_company(struct builder *builder, const struct rcn_audience_sync *sync)
{
    for (size_t i = 0; i < builder->live->company_count; i++)
        if (rcn_text_is_same(builder->live->companies[i].company_id, sync->company_id))
            return 0;
    return rcn_error_set(builder->err, RCN_ERROR_FAILED,
                         "the live state of the company '%s' was not read",
                         sync->company_id ? sync->company_id : "of the key");
}

static int build_rows(struct builder *builder)
{
    const struct rcn_desired_set *desired = builder->desired;
    builder->rows = rcn_arena_calloc(builder->plan->arena, desired->count, sizeof *builder->rows);
    if (!builder->rows)
        return no_memory(builder);
    for (size_t i = 0; i < desired->count; i++) {
        struct rcn_plan_row *row = &builder->rows[i];
        row->desired = &desired->syncs[i];
        row->status = RCN_STATUS_MISSING;
        if (check_company(builder, &row->desired->sync) || match(builder, row) ||
            judge(builder, row))
            return -1;
    }
    return 0;
}

static int build_unmanaged(struct builder *builder)
{
    struct rcn_live_entry **entries;
    size_t count;
    struct rcn_plan *plan = builder->plan;
    if (rcn_live_index_list_unmanaged(builder->index, &entries, &count, builder->err))
        return -1;
    plan->unmanaged = rcn_arena_calloc(plan->arena, count, sizeof *plan->unmanaged);
    if (!plan->unmanaged)
        return no_memory(builder);
    for (size_t i = 0; i < count; i++) {
        const struct rcn_live_sync *live = entries[i]->live;
        if (!rcn_selection_includes(&builder->options->selection, &live->sync))
            continue;
        struct rcn_plan_row *row = &plan->unmanaged[plan->unmanaged_count++];
        row->status = RCN_STATUS_UNMANAGED;
        row->health = rcn_health_judge(live, builder->live->fetched_at_ms);
        if (take_one(builder, row, entries[i]) || finish_row(builder, row, &live->sync))
            return -1;
    }
    return 0;
}

static int reserve_left_out(struct builder *builder)
{
    struct rcn_plan *plan = builder->plan;
    size_t live_count = 0;
    for (size_t i = 0; i < builder->live->company_count; i++)
        live_count += builder->live->companies[i].sync_count;
    plan->left_out =
        rcn_arena_calloc(plan->arena, builder->desired->count + 1, sizeof *plan->left_out);
    plan->managed_elsewhere =
        rcn_arena_calloc(plan->arena, live_count + 1, sizeof *plan->managed_elsewhere);
    return plan->left_out && plan->managed_elsewhere ? 0 : no_memory(builder);
}

static void leave_out(struct rcn_plan *plan, const struct rcn_plan_row *row)
{
    if (row->status == RCN_STATUS_MISSING)
        plan->left_out[plan->left_out_count++] = row->desired;
    for (size_t i = 0; i < row->live_count; i++)
        plan->managed_elsewhere[plan->managed_elsewhere_count++] = &row->live[i]->sync;
}

/* Missing or withheld is decided last, because `unmanaged` is what no row has taken. */
static int finish_rows(struct builder *builder)
{
    struct rcn_plan *plan = builder->plan;
    plan->rows = builder->rows;
    if (plan->is_selected && reserve_left_out(builder))
        return -1;
    for (size_t i = 0; i < builder->desired->count; i++) {
        struct rcn_plan_row *row = &builder->rows[i];
        if (judge_missing(builder, row))
            return -1;
        if (plan->left_out &&
            !rcn_selection_includes(&builder->options->selection, &row->desired->sync)) {
            leave_out(plan, row);
            continue;
        }
        if (finish_row(builder, row, &row->desired->sync))
            return -1;
        plan->rows[plan->row_count++] = *row;
    }
    return 0;
}

static int mark_managed_elsewhere(struct builder *builder)
{
    const struct rcn_plan_options *options = builder->options;
    for (size_t i = 0; i < options->managed_elsewhere_count; i++) {
        const struct rcn_audience_sync *then = options->managed_elsewhere[i];
        struct rcn_live_entry *entry;
        if (rcn_live_index_find_id(builder->index, then->company_id, then->id, &entry,
                                   builder->err))
            return -1;
        if (entry && rcn_identity_compare(&entry->live->sync, then) == 0)
            entry->is_managed = true;
    }
    return 0;
}

static int build_live_facts(struct builder *builder)
{
    const struct rcn_live_state *live = builder->live;
    struct rcn_live_facts *facts = &builder->plan->live;
    *facts = (struct rcn_live_facts){.api_url = live->api_url,
                                     .company_count = live->company_count,
                                     .fetched_at_ms = live->fetched_at_ms,
                                     .digest = live->digest};
    facts->companies =
        rcn_arena_calloc(builder->plan->arena, live->company_count, sizeof *facts->companies);
    if (!facts->companies)
        return no_memory(builder);
    for (size_t i = 0; i < live->company_count; i++) {
        const struct rcn_live_company *company = &live->companies[i];
        facts->companies[i] = (struct rcn_company_facts){.company_id = company->company_id,
                                                         .name = company->name,
                                                         .syncs = company->sync_count,
                                                         .is_named = company->is_named};
    }
    return 0;
}

static int index_both(struct builder *builder)
{
    builder->index = rcn_live_index_new(builder->live, builder->err);
    if (!builder->index)
        return -1;
    if (!builder->options->applies_ignores)
        return 0;
    builder->ignores =
        rcn_ignores_new(builder->desired, builder->live->fetched_at_ms, builder->err);
    return builder->ignores ? 0 : -1;
}

static int build(struct builder *builder)
{
    /* Unmanaged rows are listed before missing ones are judged: their look-ups need the list. */
    if (build_rows(builder) || mark_managed_elsewhere(builder) || build_unmanaged(builder) ||
        finish_rows(builder) || build_live_facts(builder))
        return -1;
    if (builder->ignores)
        rcn_ignores_warn_of_ended(builder->ignores, builder->diags);
    return 0;
}

struct rcn_plan *rcn_plan_new(const struct rcn_desired_set *desired,
                              const struct rcn_live_state *live,
                              const struct rcn_plan_options *options, struct rcn_diags *diags,
                              struct rcn_error *err)
{
    struct rcn_plan *plan = calloc(1, sizeof *plan);
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    if (!plan || !arena) {
        rcn_error_no_memory(err);
        rcn_arena_free(arena);
        free(plan);
        return NULL;
    }
    plan->arena = arena;
    plan->is_selected =
        options->selection.ad_account_count > 0 || options->selection.name_count > 0;
    struct builder builder = {.plan = plan,
                              .desired = desired,
                              .live = live,
                              .options = options,
                              .diags = diags,
                              .err = err};
    int result = index_both(&builder) || build(&builder);
    rcn_ignores_free(builder.ignores);
    rcn_live_index_free(builder.index);
    if (result) {
        rcn_plan_free(plan);
        return NULL;
    }
    return plan;
}
