#include "plan/plan_fresh.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "plan/notes.h"
#include "plan/plan.h"
#include "plan/preflight.h"

int rcn_plan_check_usable(const struct rcn_report *saved, int64_t ttl_ms, int64_t now_ms,
                          struct rcn_error *err)
{
    static const int64_t clock_skew_ms = 60000;
    int64_t age_ms = now_ms - saved->created_at_ms;
    char age[RCN_TIME_SIZE];
    char ttl[RCN_TIME_SIZE];
    if (strcmp(saved->command, "plan") != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "it is the report of '%s', not of 'plan'",
                             saved->command);
    if (strcmp(saved->outcome, "in-sync") != 0 && strcmp(saved->outcome, "differences") != 0)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "the plan ended as '%s': it has errors",
                             saved->outcome);
    if (age_ms < -clock_skew_ms)
        return rcn_error_set(err, RCN_ERROR_REFUSED,
                             "the plan is from the future: check the clock");
    if (age_ms <= ttl_ms)
        return 0;
    rcn_duration_format(age_ms, age);
    rcn_duration_format(ttl_ms, ttl);
    rcn_error_set(err, RCN_ERROR_REFUSED, "the plan is %s old, and --plan-ttl allows %s", age, ttl);
    return rcn_error_set_hint(err, "plan again");
}

int rcn_plan_check_own_company(const struct rcn_plan *saved, const struct rcn_live_state *live,
                               struct rcn_error *err)
{
    const char *own = live->own_company_id;
    for (size_t i = 0; i < saved->live.company_count; i++) {
        const char *planned = saved->live.companies[i].company_id;
        if ((saved->live.companies[i].is_named && planned) || rcn_text_is_same(planned, own))
            continue;
        if (!own)
            return rcn_error_set(
                err, RCN_ERROR_REFUSED,
                "the plan was made for the company '%s', and that cannot be checked: %s", planned,
                live->account_problem ? live->account_problem : "GET /account names no company");
        if (!planned)
            rcn_error_set(err, RCN_ERROR_REFUSED,
                          "the plan was made when the key's company was not known: now it is '%s'",
                          own);
        else
            rcn_error_set(err, RCN_ERROR_REFUSED,
                          "the plan was made for the company '%s', and the key's own is '%s' now",
                          planned, own);
        return rcn_error_set_hint(err, "plan again");
    }
    return 0;
}

static int check_origin(const struct rcn_plan *saved, const struct rcn_live_state *live,
                        struct rcn_error *err)
{
    static const char of_key[] = "(of the key)";
    if (!rcn_text_is_same(saved->live.api_url, live->api_url))
        return rcn_error_set(err, RCN_ERROR_REFUSED, "the plan was made for %s, this run is for %s",
                             saved->live.api_url, live->api_url);
    for (size_t i = 0; i < saved->live.company_count; i++) {
        const char *planned = saved->live.companies[i].company_id;
        const char *now = live->company_count ? live->companies[0].company_id : "another";
        if (!rcn_live_state_find_company(live, planned))
            return rcn_error_set(err, RCN_ERROR_REFUSED,
                                 "the plan was made for the company %s, this run is for %s",
                                 planned ? planned : of_key, now ? now : of_key);
    }
    return 0;
}

static int report_moved(const struct rcn_plan_row *now, size_t moved, struct rcn_error *err)
{
    const struct rcn_audience_sync *sync = &now->desired->sync;
    const char *name = sync->audience_name;
    const char *account = sync->ad_account_id;
    if (now->status == RCN_STATUS_WITHHELD)
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "'%s' (%s) was missing when the plan was made and is withheld now (%s: %s)",
                      name, account, rcn_withheld_names[now->withheld_because],
                      now->beside_count ? now->beside[0] : "'isActive: false'");
    else if (now->status == RCN_STATUS_DRIFTED)
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "'%s' (%s) was missing when the plan was made and is live as %s now, with "
                      "another %s",
                      name, account, now->live[0]->sync.id, now->changes[0].field);
    else
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "'%s' (%s) was missing when the plan was made and is live %zu times now",
                      name, account, now->live_count);
    if (moved > 1)
        return rcn_error_set_hint(err, "%zu planned syncs have changed in all; plan again", moved);
    return rcn_error_set_hint(err, "plan again");
}

/* Missing now, but not in the saved plan: it says nothing of creating this one. */
static void withhold(struct rcn_plan *now, struct rcn_plan_row *row,
                     const struct rcn_plan_row *saved)
{
    now->counts.by_status[RCN_STATUS_MISSING]--;
    now->counts.by_status[RCN_STATUS_WITHHELD]++;
    row->status = RCN_STATUS_WITHHELD;
    if (saved->status == RCN_STATUS_WITHHELD) {
        row->withheld_because = saved->withheld_because;
        row->beside = saved->beside;
        row->beside_count = saved->beside_count;
        row->notes = saved->notes;
        row->note_count = saved->note_count;
        return;
    }
    row->withheld_because = RCN_WITHHELD_GONE;
    row->beside = rcn_arena_calloc(now->arena, saved->live_count, sizeof *row->beside);
    for (size_t i = 0; i < saved->live_count; i++)
        row->beside[row->beside_count++] = saved->live[i]->sync.id;
    rcn_notes_add(now->arena, row,
                  "not created: it was live as %s when the plan was made; plan again to have it "
                  "created",
                  saved->live[0]->sync.id);
}

/* A name means what it meant: else another audience would be created than the one that was
 * approved. */
static int check_names(const struct rcn_plan *saved, const struct rcn_live_state *live,
                       struct rcn_error *err)
{
    struct rcn_diags ignored;
    struct rcn_desired_set again = {.syncs = rcn_calloc(saved->row_count + 1, sizeof *again.syncs),
                                    .count = saved->row_count,
                                    .needs_ad_accounts = true,
                                    .needs_segments = true};
    int result = 0;
    rcn_diags_init(&ignored);
    for (size_t i = 0; i < again.count; i++) {
        again.syncs[i] = *saved->rows[i].desired;
        if (saved->rows[i].status != RCN_STATUS_MISSING)
            continue;
        if (again.syncs[i].ad_account_name)
            again.syncs[i].sync.ad_account_id = NULL;
        if (again.syncs[i].segment_name)
            again.syncs[i].sync.segment_id = NULL;
    }
    rcn_preflight_resolve_names(&again, live, &ignored);
    for (size_t i = 0; i < again.count && !result; i++) {
        const struct rcn_desired_sync *then = saved->rows[i].desired;
        const struct rcn_audience_sync *now = &again.syncs[i].sync;
        bool is_account = !rcn_text_is_same(then->sync.ad_account_id, now->ad_account_id);
        if (!is_account && rcn_text_is_same(then->sync.segment_id, now->segment_id))
            continue;
        const char *id = is_account ? now->ad_account_id : now->segment_id;
        rcn_error_set(
            err, RCN_ERROR_REFUSED,
            "the %s '%s' of '%s' was %s when the plan was made and is %s now",
            is_account ? "ad account" : "segment",
            is_account ? then->ad_account_name : then->segment_name, then->sync.audience_name,
            is_account ? then->sync.ad_account_id : then->sync.segment_id, id ? id : "not known");
        result = rcn_error_set_hint(err, "plan again");
    }
    rcn_diags_release(&ignored);
    free(again.syncs);
    return result;
}

int rcn_plan_check_fresh(const struct rcn_plan *saved, const struct rcn_live_state *live,
                         struct rcn_plan *now, struct rcn_error *err)
{
    size_t moved = 0;
    size_t first = 0;
    if (check_origin(saved, live, err) || check_names(saved, live, err))
        return -1;
    /* `now` was built from the rows of `saved`: the same rows in the same order. */
    for (size_t i = 0; i < saved->row_count; i++) {
        struct rcn_plan_row *row = &now->rows[i];
        if (saved->rows[i].status != RCN_STATUS_MISSING) {
            if (row->status == RCN_STATUS_MISSING)
                withhold(now, row, &saved->rows[i]);
            continue;
        }
        row->was_missing = row->status == RCN_STATUS_IN_SYNC;
        if (!row->was_missing && row->status != RCN_STATUS_MISSING && moved++ == 0)
            first = i;
    }
    rcn_plan_count_creates(now);
    return moved ? report_moved(&now->rows[first], moved, err) : 0;
}
