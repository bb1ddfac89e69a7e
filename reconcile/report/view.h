/*
 * view.h: what several formats ask of a report, answered once.
 *
 * Nothing here escapes: what comes out is raw text, and the format that prints it makes it harmless
 * for its own place. Nothing here decides either, but for one thing that only readers need: which
 * one word says best what is to be known of a row (rcn_kind).
 *
 * Ownership: everything returned is static or borrowed from the report.
 */
#ifndef RCN_REPORT_VIEW_H
#define RCN_REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "report/report.h"

/* What is to be known of a row, most important first: every row is of exactly one kind. */
enum rcn_kind {
    RCN_KIND_FAILED,
    RCN_KIND_UNKNOWN,
    RCN_KIND_UNVERIFIED, /* created, and something is wrong with it */
    RCN_KIND_NOT_ATTEMPTED,
    RCN_KIND_DUPLICATE,
    RCN_KIND_DRIFTED,
    RCN_KIND_UNHEALTHY, /* in sync but for its health */
    RCN_KIND_MISSING,
    RCN_KIND_WITHHELD,
    RCN_KIND_EXISTS,
    RCN_KIND_CREATED,
    RCN_KIND_UNMANAGED,
    RCN_KIND_IGNORED,
    RCN_KIND_IN_SYNC,
};
enum { RCN_KIND_COUNT = 14 };

/* `failed`, `not-attempted`, ...: stable, for machines. */
const char *rcn_kind_name(enum rcn_kind kind);
/* `+`, `~`, `!`, `o`, `?` (SPEC 4); `x` for what apply could not do. */
char rcn_kind_symbol(enum rcn_kind kind);
/* `Not attempted`: for headings. */
const char *rcn_kind_title(enum rcn_kind kind);
/* Goes on behind a name: `has drifted: apply will not change it`. */
const char *rcn_kind_sentence(enum rcn_kind kind);
/* What a person can do about the health of a sync; NULL when there is nothing. (What can be done
   about a status is in the row's notes.) */
const char *rcn_health_get_advice(unsigned health);

enum rcn_kind rcn_view_get_kind(const struct rcn_report *report, const struct rcn_plan_row *row);

/* How loud a row is to be reported by formats that know levels. */
enum rcn_level { RCN_LEVEL_NONE, RCN_LEVEL_NOTICE, RCN_LEVEL_WARNING, RCN_LEVEL_ERROR };
/* What apply could not do is an error, and so is a difference that makes drift fail. Others are
   warnings, or notices when nobody has to act: what the next apply creates by itself is one. */
enum rcn_level rcn_view_get_level(const struct rcn_report *report, const struct rcn_plan_row *row);
/* True for a difference that makes drift fail (--fail-on). */
bool rcn_view_is_failure(const struct rcn_report *report, const struct rcn_plan_row *row);

/* What is told of a segment that is too small (live_state.h). */
#define RCN_VIEW_TOO_SMALL "fewer than 100 active subscribers: too few for Meta to deliver to"

/* Rows of the plan, unmanaged ones included, by kind. */
struct rcn_kind_counts {
    size_t of[RCN_KIND_COUNT];
};
struct rcn_kind_counts rcn_view_count_kinds(const struct rcn_report *report);

/* The rows of the plan, desired ones first, then unmanaged ones. */
size_t rcn_view_get_row_count(const struct rcn_report *report);
const struct rcn_plan_row *rcn_view_get_row(const struct rcn_report *report, size_t index);
/* The same for tools that look for the file; NULL when there is none (standard input). */
const char *rcn_view_get_file(const struct rcn_report *report, struct rcn_span span);
/* The report is of a run behind which creates may follow: not drift, which only looks. */
bool rcn_view_leads_to_apply(const struct rcn_report *report);
/* True when rows of more than one company are there, so that each must name its own. */
bool rcn_view_has_companies(const struct rcn_report *report);

/* The name of the sync's company; NULL when unknown. */
const char *rcn_view_get_company_name(const struct rcn_report *report,
                                      const struct rcn_audience_sync *sync);

/* One line of a row's block: `name  live -> desired`, or `name  live` when desired is NULL. */
struct rcn_field {
    const char *name;
    const char *live;
    const char *desired;
    const char *comment; /* NULL: none; the ad account's name */
};
enum { RCN_FIELDS_MAX = 12 };
/* The fields of a row that a reader wants to see, by the API's names. Returns how many. */
size_t rcn_view_get_fields(const struct rcn_report *report, const struct rcn_plan_row *row,
                           struct rcn_field ret[RCN_FIELDS_MAX]);

/* `sync_1: segment seg_1, daily, active, idle, created 2026-06-12T10:00:00.000Z` */
void rcn_view_add_live(struct rcn_buf *out, const struct rcn_live_sync *live);
/* `error, stale`; nothing for 0. */
void rcn_view_add_health(struct rcn_buf *out, unsigned health);
/* `drifted, until 2026-12-31: agency tests`, of a row that is ignored. */
void rcn_view_add_ignored(struct rcn_buf *out, const struct rcn_plan_row *row);
/* `10,000` */
void rcn_view_add_number(struct rcn_buf *out, size_t number);
/* `1 sync`, `10,000 syncs` */
void rcn_view_add_count(struct rcn_buf *out, size_t number, const char *one, const char *many);
/* `42 syncs: 38 in sync, 2 missing, ...; 1 unmanaged`: every count (SPEC 4). */
void rcn_view_add_summary(struct rcn_buf *out, const struct rcn_report *report);
/* `2 created, 0 failed, ...`, for apply. */
void rcn_view_add_outcomes(struct rcn_buf *out, const struct rcn_report *report);
/* `apply will create 2 syncs: 2 requests, at least 1 s under the rate limit`; nothing when there is
   nothing to create, or when the command is not about creating (drift). */
void rcn_view_add_cost(struct rcn_buf *out, const struct rcn_report *report);
/* `fails for 2 missing, 1 unhealthy`, or `no difference that counts`: of drift; nothing otherwise.
 */
void rcn_view_add_verdict(struct rcn_buf *out, const struct rcn_report *report);
/* `audiences (42 syncs in 3 manifests, 1 other skipped)`; there must be a source. */
void rcn_view_add_source(struct rcn_buf *out, const struct rcn_report *report);
/* `3f2c... (main)`; there must be a commit. */
void rcn_view_add_commit(struct rcn_buf *out, const struct rcn_source_facts *source);
/* The API's URL, and for a snapshot when it was taken and its age at the time of the report. */
void rcn_view_add_api(struct rcn_buf *out, const struct rcn_report *report);
/* `Acme (comp_123), 40 live syncs` */
void rcn_view_add_company(struct rcn_buf *out, const struct rcn_company_facts *company);

/* What kept the command from its end: `plan failed: bad key`; nothing when it came to its end. */
void rcn_view_add_failure(struct rcn_buf *out, const struct rcn_report *report);

#endif
