/*
 * sample_report.h: reports made by hand for the tests of document/ and report/: one row of every
 * status, a run that failed before it had a plan, a run of apply, and all of it with hostile text.
 */
#ifndef TESTS_SUPPORT_SAMPLE_REPORT_H
#define TESTS_SUPPORT_SAMPLE_REPORT_H

#include <string.h>

#include "model/report.h"

/* 2026-11-22T20:00:00Z */
#define SAMPLE_NOW_MS INT64_C(1795377600000)

/* What every format must make harmless: terminal and workflow commands, markup of each kind, line
 * ends, bidirectional and invisible characters. */
#define SAMPLE_HOSTILE                                                                             \
    "\033[31m\r\n::error::x\n\n##[set-output name=x]y # h | `c` *b* _i_ "                          \
    "<script>alert(1)</script> ]]> --> &amp; & &x; 5% "                                            \
    "@octocat #1 [l](javascript:x) \xe2\x80\xae\xe2\x80\x8b \"q\" 'a' \\ %0A ${{ x }} \xc2\x9b"

#define SAMPLE_DIGEST_8(digit) digit digit digit digit digit digit digit digit
#define SAMPLE_DIGEST(digit) "sha256:" SAMPLE_DIGEST_8(SAMPLE_DIGEST_8(digit))

enum { SAMPLE_DESIRED = 6, SAMPLE_LIVE = 7 };

struct sample {
    struct rcn_text text;
    struct rcn_desired_sync desired[SAMPLE_DESIRED];
    struct rcn_live_sync live[SAMPLE_LIVE];
    const struct rcn_live_sync *live_pointers[SAMPLE_LIVE];
    struct rcn_change changes[2];
    const char *drift_notes[1];
    const char *withheld_notes[1];
    struct rcn_plan_row rows[SAMPLE_DESIRED];
    struct rcn_plan_row unmanaged[1];
    struct rcn_live_company companies[1];
    struct rcn_plan plan;
    struct rcn_result result_items[SAMPLE_DESIRED];
    struct rcn_results results;
    struct rcn_diags diags;
    struct rcn_error error;
    struct rcn_report report;
};

static inline void sample_set_desired(struct sample *self, size_t index, const char *name,
                                      const char *segment_id)
{
    self->desired[index] = (struct rcn_desired_sync){
        .sync = {.company_id = "comp_123",
                 .ad_account_id = "act_1234567890",
                 .audience_name = name,
                 .segment_id = segment_id,
                 .predefined_segment_id = segment_id ? NULL : "recent-buyers",
                 .frequency = "daily",
                 .is_active = RCN_TRUE},
        .location = {.text = &self->text, .line = (uint32_t)(4 + 3 * index), .column = 5},
    };
}

static inline void sample_set_live(struct sample *self, size_t index, const char *id,
                                   const char *name)
{
    self->live[index] = (struct rcn_live_sync){
        .sync = {.id = id,
                 .company_id = "comp_123",
                 .ad_account_id = "act_1234567890",
                 .audience_name = name,
                 .segment_id = "seg_vips",
                 .frequency = "daily",
                 .is_active = RCN_TRUE},
        .segment_name = "VIPs",
        .sync_status = "idle",
        .last_sync_at = "2026-11-22T06:00:00.000Z",
        .created_at = "2026-06-12T10:00:00.000Z",
        .last_synced_count = 1200,
    };
    self->live_pointers[index] = &self->live[index];
}

static inline void sample_set_row(struct sample *self, size_t index, enum rcn_status status,
                                  size_t first_live, size_t live_count)
{
    self->rows[index] = (struct rcn_plan_row){.status = status,
                                              .desired = &self->desired[index],
                                              .live = &self->live_pointers[first_live],
                                              .live_count = live_count,
                                              .ad_account_name = "Acme Main"};
    self->plan.counts.desired++;
    self->plan.counts.by_status[status]++;
}

static inline void sample_set_plan(struct sample *self)
{
    self->companies[0] = (struct rcn_live_company){
        .company_id = "comp_123", .name = "Acme", .sync_count = 7, .is_named = true};
    self->plan.rows = self->rows;
    self->plan.row_count = SAMPLE_DESIRED;
    self->plan.unmanaged = self->unmanaged;
    self->plan.unmanaged_count = 1;
    self->plan.counts.unhealthy = 1;
    self->plan.counts.by_status[RCN_STATUS_UNMANAGED] = 1;
    self->plan.cost.requests = 1;
    self->plan.cost.ms = 50;
    self->plan.source =
        (struct rcn_source_facts){.kind = "git",
                                  .url = "https://git.example.com/acme/ads.git",
                                  .ref = "main",
                                  .commit = "3f2c1ab9e0d4c5b6a7f8091a2b3c4d5e6f708192",
                                  .files = 3,
                                  .skipped = 1,
                                  .digest = SAMPLE_DIGEST("a")};
    self->plan.live = (struct rcn_live_state){.api_url = "https://api.sequenzy.com",
                                              .companies = self->companies,
                                              .company_count = 1,
                                              .fetched_at_ms = SAMPLE_NOW_MS,
                                              .digest = SAMPLE_DIGEST("b")};
}

/* A plan with every status; the names are the given one, or telling ones when it is NULL. */
static inline void sample_init(struct sample *self, const char *name)
{
    static const char *const names[] = {"Recent buyers", "VIPs",   "Twice",
                                        "Paused",        "Broken", "Steady"};
    *self = (struct sample){.text = {.path = "audiences/vip.yaml"}};
    for (size_t i = 0; i < SAMPLE_DESIRED; i++)
        sample_set_desired(self, i, name ? name : names[i], i ? "seg_vips" : NULL);
    static const char *const ids[] = {"sync_vips",   "sync_one",   "sync_two", "sync_broken",
                                      "sync_steady", "sync_alien", "sync_new"};
    static const char *const live_names[] = {"VIPs",   "Twice", "Twice",        "Broken",
                                             "Steady", "Alien", "Recent buyers"};
    for (size_t i = 0; i < SAMPLE_LIVE; i++)
        sample_set_live(self, i, ids[i], name ? name : live_names[i]);

    sample_set_row(self, 0, RCN_STATUS_MISSING, 0, 0);
    sample_set_row(self, 1, RCN_STATUS_DRIFTED, 0, 1);
    sample_set_row(self, 2, RCN_STATUS_DUPLICATE, 1, 2);
    sample_set_row(self, 3, RCN_STATUS_WITHHELD, 0, 0);
    sample_set_row(self, 4, RCN_STATUS_IN_SYNC, 3, 1);
    sample_set_row(self, 5, RCN_STATUS_IN_SYNC, 4, 1);
    self->unmanaged[0] = (struct rcn_plan_row){.status = RCN_STATUS_UNMANAGED,
                                               .live = &self->live_pointers[5],
                                               .live_count = 1,
                                               .ad_account_name = "Acme Main"};
    self->desired[1].sync.frequency = "hourly";
    self->changes[0] = (struct rcn_change){"frequency", "daily", "hourly"};
    self->rows[1].changes = self->changes;
    self->rows[1].change_count = 1;
    self->drift_notes[0] = name ? name : "set frequency to 'hourly' in the dashboard";
    self->rows[1].notes = self->drift_notes;
    self->rows[1].note_count = 1;
    self->desired[3].sync.is_active = RCN_FALSE;
    self->withheld_notes[0] = "not created: 'isActive: false'";
    self->rows[3].notes = self->withheld_notes;
    self->rows[3].note_count = 1;
    self->live[3].sync_status = "error";
    self->live[3].last_sync_error = name ? name : "(#100) Invalid parameter";
    self->rows[4].health = RCN_HEALTH_ERROR;

    sample_set_plan(self);
    rcn_diags_init(&self->diags);
    self->report = (struct rcn_report){.command = "plan",
                                       .outcome = "differences",
                                       .created_at_ms = SAMPLE_NOW_MS,
                                       .plan = &self->plan,
                                       .diags = &self->diags,
                                       .desired_count = SAMPLE_DESIRED,
                                       .requests = {.get = 4}};
}

static inline void sample_release(struct sample *self)
{
    rcn_diags_release(&self->diags);
}

static inline void sample_add_warning(struct sample *self, const char *message)
{
    struct rcn_span span = {.text = &self->text, .line = 7, .column = 5};
    struct rcn_diag *diag = rcn_diags_warning(&self->diags, "similar-name", span, "%s", message);
    rcn_diag_set_hint(&self->diags, diag, "%s", message);
    span.line = 4;
    rcn_diag_set_note(&self->diags, diag, span, "%s", message);
}

/* The run failed before anything was known. */
static inline void sample_fail(struct sample *self, const char *message)
{
    self->error = (struct rcn_error){.kind = RCN_ERROR_FAILED};
    rcn_error_set(&self->error, RCN_ERROR_FAILED, "%s", message);
    rcn_error_set_hint(&self->error, "%s", message);
    self->report.error = &self->error;
    self->report.outcome = "error";
    self->report.exit_code = 1;
    self->report.plan = NULL;
}

/* Makes every row one that apply tried, with the outcomes in turn: created, exists, failed,
 * unknown, not attempted, and created but wrong. */
static inline void sample_apply(struct sample *self, const char *reason)
{
    static const enum rcn_outcome outcomes[] = {RCN_OUTCOME_CREATED,       RCN_OUTCOME_EXISTS,
                                                RCN_OUTCOME_FAILED,        RCN_OUTCOME_UNKNOWN,
                                                RCN_OUTCOME_NOT_ATTEMPTED, RCN_OUTCOME_CREATED};
    memset(&self->plan.counts, 0, sizeof self->plan.counts);
    for (size_t i = 0; i < SAMPLE_DESIRED; i++) {
        bool is_there = outcomes[i] == RCN_OUTCOME_CREATED || outcomes[i] == RCN_OUTCOME_EXISTS;
        sample_set_row(self, i, RCN_STATUS_MISSING, 0, 0);
        self->result_items[i] =
            (struct rcn_result){.outcome = outcomes[i],
                                .id = is_there ? self->live[i].sync.id : NULL,
                                .http_status = outcomes[i] == RCN_OUTCOME_FAILED ? 409 : 0,
                                .error = i >= 2 ? reason : NULL,
                                .is_verified = i == 0};
        self->results.by_outcome[outcomes[i]]++;
    }
    self->result_items[3].note = "do not run again before 2026-11-22T20:01:00Z";
    self->plan.counts.by_status[RCN_STATUS_UNMANAGED] = 1;
    self->results.items = self->result_items;
    self->results.count = SAMPLE_DESIRED;
    self->results.problem = reason;
    self->report.results = &self->results;
    self->report.command = "apply";
    self->report.outcome = "incomplete";
    self->report.exit_code = 3;
    self->report.requests.post = 4;
}

#endif
