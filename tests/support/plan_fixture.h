/*
 * plan_fixture.h: desired and live sets written as short literals, and a plan as literal text.
 *
 * A fixture borrows everything; release the plan before it. Company is `comp_1`, ad account
 * `act_1`, frequency daily, active, segment `seg_1`, unless a field says otherwise.
 */
#ifndef TESTS_PLAN_FIXTURE_H
#define TESTS_PLAN_FIXTURE_H

#include "base/buf.h"
#include "plan/plan.h"

/* 2026-06-20T00:00:00Z */
#define FIXTURE_NOW_MS INT64_C(1781913600000)

struct fixture {
    struct rcn_text text;
    struct rcn_desired_set desired;
    struct rcn_live_company company;
    struct rcn_live_state live;
    struct rcn_diags diags;
};

static inline struct rcn_desired_sync fixture_desired(struct fixture *fixture, const char *name,
                                                      uint32_t line)
{
    struct rcn_span span = {.text = &fixture->text, .line = line, .column = 5};
    return (struct rcn_desired_sync){.sync = {.company_id = "comp_1",
                                              .ad_account_id = "act_1",
                                              .audience_name = name,
                                              .segment_id = "seg_1",
                                              .frequency = "daily",
                                              .is_active = RCN_TRUE},
                                     .location = span,
                                     .id_span = span,
                                     .segment_span = span,
                                     .ad_account_span = span};
}

static inline struct rcn_live_sync fixture_live(const char *id, const char *name)
{
    return (struct rcn_live_sync){.sync = {.id = id,
                                           .company_id = "comp_1",
                                           .ad_account_id = "act_1",
                                           .audience_name = name,
                                           .segment_id = "seg_1",
                                           .frequency = "daily",
                                           .is_active = RCN_TRUE},
                                  .sync_status = "idle",
                                  .last_sync_at = "2026-06-19T23:00:00.000Z",
                                  .created_at = "2026-06-01T00:00:00.000Z",
                                  .last_synced_count = 10};
}

static inline void fixture_init(struct fixture *fixture, struct rcn_desired_sync *desired,
                                size_t desired_count, struct rcn_live_sync *live, size_t live_count)
{
    fixture->desired = (struct rcn_desired_set){.syncs = desired, .count = desired_count};
    fixture->company = (struct rcn_live_company){
        .company_id = "comp_1", .name = "Acme", .syncs = live, .sync_count = live_count};
    fixture->live = (struct rcn_live_state){.api_url = "https://api.sequenzy.com",
                                            .fetched_at_ms = FIXTURE_NOW_MS,
                                            .companies = &fixture->company,
                                            .company_count = 1,
                                            .account_status = RCN_READ_OK,
                                            .digest = "sha256:0"};
    rcn_diags_init(&fixture->diags);
}

static inline void fixture_write_row(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    rcn_buf_printf(out, "%s %s", rcn_status_names[row->status],
                   row->desired ? row->desired->sync.audience_name
                                : row->live[0]->sync.audience_name);
    for (size_t i = 0; i < row->live_count; i++)
        rcn_buf_printf(out, " %s", row->live[i]->sync.id);
    if (row->status == RCN_STATUS_WITHHELD)
        rcn_buf_printf(out, " %s", rcn_withheld_names[row->withheld_because]);
    for (size_t i = 0; i < row->beside_count; i++)
        rcn_buf_printf(out, "%s%s", i ? "," : ":", row->beside[i]);
    for (size_t i = 0; i < row->change_count; i++)
        rcn_buf_printf(out, " %s:%s->%s", row->changes[i].field, row->changes[i].live,
                       row->changes[i].desired);
    for (size_t i = 0; rcn_health_names[i]; i++)
        if (row->health & 1U << i)
            rcn_buf_printf(out, " [%s]", rcn_health_names[i]);
    if (row->is_ignored)
        rcn_buf_printf(out, " (ignored: %s)", row->ignore_reason ? row->ignore_reason : "");
    rcn_buf_add_char(out, '\n');
}

/* `status name ids reason:ids changes [health] (ignored)`, a line a row, unmanaged ones last. */
static inline void fixture_write_plan(struct rcn_buf *out, const struct rcn_plan *plan)
{
    for (size_t i = 0; i < plan->row_count; i++)
        fixture_write_row(out, &plan->rows[i]);
    for (size_t i = 0; i < plan->unmanaged_count; i++)
        fixture_write_row(out, &plan->unmanaged[i]);
}

#endif
