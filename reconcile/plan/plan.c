#include "plan/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "base/memory.h"
#include "base/time.h"
#include "model/report.h"
#include "plan/live_index.h"
#include "plan/notes.h"
#include "plan/withheld.h"

/* What building needs at every step. */
struct builder {
    struct rcn_plan *plan;
    struct rcn_arena *arena; /* the plan's */
    const struct rcn_desired_set *desired;
    const struct rcn_live_state *live;
    const struct rcn_plan_options *options;
    struct rcn_live_index *index;
    size_t *back_again; /* for each `ignore` entry: syncs that count again because it has ended */
};

/* --- which live syncs a row means --- */

static int compare_live_ids(const void *left, const void *right)
{
    const struct rcn_live_sync *a = *(const struct rcn_live_sync *const *)left;
    const struct rcn_live_sync *b = *(const struct rcn_live_sync *const *)right;
    return strcmp(a->sync.id, b->sync.id);
}

/* Takes those of the chain into the row, by id, that no other row has taken. */
static void take(struct builder *builder, struct rcn_plan_row *row, struct rcn_live_entry *chain,
                 enum rcn_live_key key)
{
    size_t count = 0;
    for (struct rcn_live_entry *entry = chain; entry; entry = entry->next[key])
        count += !entry->is_managed;
    if (count == 0)
        return;
    const struct rcn_live_sync **live = rcn_arena_calloc(builder->arena, count, sizeof *live);
    for (struct rcn_live_entry *entry = chain; entry; entry = entry->next[key]) {
        if (entry->is_managed)
            continue;
        live[row->live_count++] = entry->live;
        entry->is_managed = true;
    }
    if (count > 1)
        qsort(live, count, sizeof *live, compare_live_ids);
    row->live = live;
}

static struct rcn_live_entry *find_id(struct builder *builder, const struct rcn_audience_sync *sync)
{
    struct rcn_live_entry *entry = rcn_live_index_find(builder->index, RCN_LIVE_ID, sync, sync->id);
    return entry && rcn_identity_compare(&entry->live->sync, sync) == 0 ? entry : NULL;
}

/* A pin selects one of several, so pins come first. A row without a pin, or with one that is not
 * live, has the rest of its identity. */
static void match(struct builder *builder, struct rcn_plan_row *rows)
{
    size_t count = builder->desired->count;
    for (size_t i = 0; i < count; i++)
        take(builder, &rows[i], find_id(builder, &rows[i].desired->sync), RCN_LIVE_ID);
    for (size_t i = 0; i < count; i++) {
        const struct rcn_audience_sync *sync = &rows[i].desired->sync;
        if (rows[i].live_count == 0)
            take(builder, &rows[i],
                 rcn_live_index_find(builder->index, RCN_LIVE_NAME, sync, sync->audience_name),
                 RCN_LIVE_NAME);
    }
}

static void keep_managed(struct builder *builder, const struct rcn_audience_sync *sync)
{
    struct rcn_live_entry *entry = find_id(builder, sync);
    if (entry)
        entry->is_managed = true;
}

/* What a saved plan knew as managed by rows outside its selection, or as ignored, is no rename of
 * what it would create. */
static void keep_saved(struct builder *builder)
{
    const struct rcn_plan *saved = builder->options->saved;
    for (size_t i = 0; saved && i < saved->managed_elsewhere_count; i++)
        keep_managed(builder, saved->managed_elsewhere[i]);
    for (size_t i = 0; saved && i < saved->unmanaged_count; i++)
        if (saved->unmanaged[i].is_ignored)
            keep_managed(builder, &saved->unmanaged[i].live[0]->sync);
}

/* --- what becomes of a row --- */

static unsigned judge_health(const struct rcn_live_sync *live, int64_t now_ms)
{
    unsigned health = 0;
    /* SPEC 4: active, and no run for over twice its frequency; createdAt counts if it never ran. */
    int64_t period_ms = rcn_frequency_get_period_ms(live->sync.frequency);
    const char *last_run = live->last_sync_at ? live->last_sync_at : live->created_at;
    int64_t last_run_ms;
    if (live->sync.is_active == RCN_TRUE && period_ms && last_run &&
        rcn_time_parse(last_run, &last_run_ms) && now_ms - last_run_ms > 2 * period_ms)
        health |= RCN_HEALTH_STALE;
    if (rcn_text_is_same(live->sync_status, "error"))
        health |= RCN_HEALTH_ERROR;
    if (rcn_text_is_same(live->sync_status, "disconnected"))
        health |= RCN_HEALTH_DISCONNECTED;
    return health;
}

static void judge_live(struct builder *builder, struct rcn_plan_row *row)
{
    for (size_t i = 0; i < row->live_count; i++)
        row->health |= judge_health(row->live[i], builder->live->fetched_at_ms);
    if (!row->desired) {
        row->status = RCN_STATUS_UNMANAGED;
        return;
    }
    row->status = RCN_STATUS_DUPLICATE;
    if (row->live_count == 1) {
        struct rcn_change changes[RCN_CHANGES_MAX];
        row->change_count = rcn_changes_find(&row->desired->sync, &row->live[0]->sync, changes);
        row->changes = rcn_arena_calloc(builder->arena, row->change_count, sizeof *changes);
        memcpy(row->changes, changes, row->change_count * sizeof *changes);
        row->status = row->change_count ? RCN_STATUS_DRIFTED : RCN_STATUS_IN_SYNC;
    }
    rcn_notes_write(builder->arena, row);
}

static bool covers(const struct rcn_ignore *ignore, const struct rcn_audience_sync *sync)
{
    return rcn_text_is_same(ignore->company_id, sync->company_id) &&
           (!ignore->ad_account_id || strcmp(ignore->ad_account_id, sync->ad_account_id) == 0) &&
           (!ignore->audience_name || rcn_glob_matches(ignore->audience_name, sync->audience_name));
}

/* Returns true when an `ignore` entry in force covers what is live of the row. */
static bool judge_ignored(struct builder *builder, struct rcn_plan_row *row)
{
    const struct rcn_ignore *ended = NULL;
    if (row->live_count == 0 || (row->status == RCN_STATUS_IN_SYNC && !row->health))
        return false;
    for (size_t i = 0; i < builder->desired->ignore_count; i++) {
        const struct rcn_ignore *ignore = &builder->desired->ignores[i];
        if (!covers(ignore, rcn_row_get_sync(row)))
            continue;
        if (!ignore->until_text || builder->live->fetched_at_ms < ignore->until_ms) {
            row->is_ignored = true;
            row->ignore_reason = ignore->reason;
            row->ignore_until = ignore->until_text;
            return true;
        }
        ended = ignore;
    }
    if (!ended)
        return false;
    const struct rcn_span *at = &ended->location;
    builder->back_again[ended - builder->desired->ignores]++;
    rcn_notes_add(builder->arena, row, "counts again: the 'ignore' entry at %s:%u ended on %s",
                  at->text ? at->text->path : "?", at->line, ended->until_text);
    return false;
}

static bool covers_any(const struct rcn_ignore *ignore, const struct rcn_live_state *live)
{
    for (size_t i = 0; i < live->company_count; i++)
        for (size_t j = 0; j < live->companies[i].sync_count; j++)
            if (covers(ignore, &live->companies[i].syncs[j].sync))
                return true;
    return false;
}

static void warn_of_ignores(const struct builder *builder, struct rcn_diags *diags)
{
    for (size_t i = 0; i < builder->desired->ignore_count; i++) {
        const struct rcn_ignore *ignore = &builder->desired->ignores[i];
        const size_t count = builder->back_again[i];
        if (count) {
            struct rcn_diag *diag = rcn_diags_warning(
                diags, "expired-ignore", ignore->location,
                "this 'ignore' entry ended on %s: %zu %s again", ignore->until_text, count,
                count == 1 ? "difference counts" : "differences count");
            rcn_diag_set_hint(diags, diag, "resolve what it hides, or set a later 'until'");
        } else if (builder->options->warns_of_unused_ignores &&
                   !covers_any(ignore, builder->live)) {
            struct rcn_diag *diag = rcn_diags_warning(diags, "unused-ignore", ignore->location,
                                                      "this 'ignore' entry matches no live sync");
            rcn_diag_set_hint(diags, diag, "check the spelling, or remove the entry");
        }
    }
}

/* A row that is selected: names and sizes for reports, and the counts. */
static void finish(struct builder *builder, struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_live_company *company =
        rcn_live_state_find_company(builder->live, sync->company_id);
    const char *segment_id = sync->segment_id;
    if (!segment_id && row->live_count)
        segment_id = row->live[0]->sync.segment_id;
    if (company) {
        const struct rcn_ad_account *account =
            rcn_live_company_find_ad_account(company, sync->ad_account_id);
        row->ad_account_name = account ? account->name : NULL;
        row->segment = segment_id ? rcn_live_company_find_segment(company, segment_id) : NULL;
    }
    struct rcn_plan_counts *counts = &builder->plan->counts;
    counts->desired += row->desired != NULL;
    counts->ignored += row->is_ignored;
    if (!row->is_ignored) {
        counts->by_status[row->status]++;
        counts->unhealthy += row->desired && row->health;
    }
}

/* --- rows --- */

/* What is unmanaged depends on every row, and what is missing on what is unmanaged. */
static void build_unmanaged(struct builder *builder)
{
    size_t count;
    struct rcn_plan *plan = builder->plan;
    struct rcn_live_entry **entries = rcn_live_index_list_unmanaged(builder->index, &count);
    plan->unmanaged = rcn_arena_calloc(builder->arena, count, sizeof *plan->unmanaged);
    for (size_t i = 0; i < count; i++) {
        struct rcn_plan_row row = {0};
        bool is_shown =
            rcn_selection_includes(&builder->options->selection, &entries[i]->live->sync, NULL);
        take(builder, &row, entries[i], RCN_LIVE_ID);
        judge_live(builder, &row);
        entries[i]->is_ignored = judge_ignored(builder, &row);
        if (is_shown) {
            finish(builder, &row);
            plan->unmanaged[plan->unmanaged_count++] = row;
        } else if (row.is_ignored) {
            plan->managed_elsewhere[plan->managed_elsewhere_count++] = &entries[i]->live->sync;
        }
    }
}

static void build_rows(struct builder *builder)
{
    struct rcn_plan *plan = builder->plan;
    struct rcn_withholder *withholder =
        rcn_withholder_new(builder->index, builder->options->known, builder->arena);
    for (size_t i = 0; i < builder->desired->count; i++) {
        struct rcn_plan_row *row = &plan->rows[i];
        if (row->live_count)
            judge_live(builder, row);
        else
            rcn_withholder_judge(withholder, row);
        judge_ignored(builder, row);
        if (rcn_selection_includes(&builder->options->selection, &row->desired->sync,
                                   row->desired)) {
            finish(builder, row);
            plan->rows[plan->row_count++] = *row;
            continue;
        }
        if (row->status == RCN_STATUS_MISSING)
            plan->left_out[plan->left_out_count++] = row->desired;
        for (size_t j = 0; j < row->live_count; j++)
            plan->managed_elsewhere[plan->managed_elsewhere_count++] = &row->live[j]->sync;
    }
    rcn_withholder_free(withholder);
}

/* Templates, and segments that were not read, have no known size. */
void rcn_plan_count_creates(struct rcn_plan *plan)
{
    plan->cost.requests = plan->counts.by_status[RCN_STATUS_MISSING];
    plan->cost.people = 0;
    plan->cost.is_people_least = false;
    for (size_t i = 0; i < plan->row_count; i++) {
        const struct rcn_plan_row *row = &plan->rows[i];
        if (row->status != RCN_STATUS_MISSING)
            continue;
        if (row->segment && row->segment->active_subscriber_count >= 0)
            plan->cost.people += row->segment->active_subscriber_count;
        else
            plan->cost.is_people_least = true;
    }
}

struct rcn_plan *rcn_plan_new(const struct rcn_desired_set *desired,
                              const struct rcn_live_state *live,
                              const struct rcn_plan_options *options, struct rcn_diags *diags,
                              struct rcn_error *err)
{
    size_t live_count = 0;
    /* A company whose list was not read has nothing live only as far as we know: planning its syncs
     * as missing would create them a second time. */
    for (size_t i = 0; i < desired->count; i++) {
        const char *company_id = desired->syncs[i].sync.company_id;
        if (!rcn_live_state_find_company(live, company_id)) {
            rcn_error_set(err, RCN_ERROR_FAILED, "the live syncs of company '%s' were not read",
                          company_id ? company_id : "(of the key)");
            return NULL;
        }
    }
    if (rcn_selection_check(&options->selection, desired, live, err))
        return NULL;
    struct rcn_plan *plan = rcn_calloc(1, sizeof *plan);
    struct rcn_arena *arena = plan->arena = rcn_arena_new(SIZE_MAX);
    struct builder builder = {
        .plan = plan,
        .arena = arena,
        .desired = desired,
        .live = live,
        .options = options,
        .index = rcn_live_index_new(live),
        .back_again = rcn_arena_calloc(arena, desired->ignore_count, sizeof *builder.back_again)};
    plan->live = *live;
    plan->live.companies =
        rcn_arena_calloc(arena, live->company_count, sizeof *plan->live.companies);
    for (size_t i = 0; i < live->company_count; i++) {
        plan->live.companies[i] = live->companies[i];
        live_count += live->companies[i].sync_count;
    }
    plan->is_selected = !rcn_selection_is_empty(&options->selection);
    if (plan->is_selected) {
        plan->left_out = rcn_arena_calloc(arena, desired->count, sizeof *plan->left_out);
        plan->managed_elsewhere =
            rcn_arena_calloc(arena, live_count, sizeof *plan->managed_elsewhere);
    }
    plan->rows = rcn_arena_calloc(arena, desired->count, sizeof *plan->rows);
    for (size_t i = 0; i < desired->count; i++)
        plan->rows[i].desired = &desired->syncs[i];
    match(&builder, plan->rows);
    keep_saved(&builder);
    build_unmanaged(&builder);
    build_rows(&builder);
    rcn_plan_count_creates(plan);
    warn_of_ignores(&builder, diags);
    rcn_live_index_free(builder.index);
    return plan;
}
