#include "plan/preflight.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/suggest.h"

static const char *name_company(const struct rcn_live_company *company)
{
    return company->company_id ? company->company_id : "the key's own company";
}

/* --- names --- */

/* What the two kinds of names differ in. */
struct kind {
    const char *rule;
    const char *what;
    const char *key; /* by which the id is written */
    const char *command;
};
static const struct kind account_kind = {"unknown-ad-account", "ad account", "adAccountId",
                                         "ad-accounts"};
static const struct kind segment_kind = {"unknown-segment", "segment", "segmentId", "segments"};

/* The name of an ad account or segment of the company, by index, and its id. */
static const char *get_name(const struct rcn_live_company *company, const struct kind *kind,
                            size_t index, const char **ret_id)
{
    if (kind == &account_kind) {
        *ret_id = company->ad_accounts[index].id;
        return company->ad_accounts[index].name;
    }
    *ret_id = company->segments[index].id;
    return company->segments[index].name;
}

/* The id, or NULL and a diagnostic. */
static const char *resolve(const struct rcn_live_company *company, const struct kind *kind,
                           const char *name, struct rcn_span span, struct rcn_diags *diags)
{
    enum { MAX_IDS = 10 };
    const bool is_account = kind == &account_kind;
    const size_t entry_count = is_account ? company->ad_account_count : company->segment_count;
    const char *where = name_company(company);
    if ((is_account ? company->ad_accounts_status : company->segments_status) != RCN_READ_OK) {
        const char *problem = is_account ? company->ad_accounts_problem : company->segments_problem;
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, kind->rule, span,
            "the %s '%.200s' cannot be looked up: the %ss of %s were not read: %s", kind->what,
            name, kind->what, where, problem ? problem : "they were not asked for");
        rcn_diag_set_hint(diags, diag, "write '%s', or give the key the right to read %ss",
                          kind->key, kind->what);
        return NULL;
    }
    const char *found = NULL;
    const char *ids = NULL;
    size_t count = 0;
    for (size_t i = 0; i < entry_count; i++) {
        const char *id;
        if (!rcn_text_is_same(get_name(company, kind, i, &id), name))
            continue;
        found = id;
        if (count++ < MAX_IDS)
            ids = ids ? rcn_arena_printf(diags->arena, "%s, %s", ids, id) : id;
    }
    if (count == 1)
        return found;
    if (count > 1) {
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, kind->rule, span, "%zu %ss are called '%.200s' in %s: %s%s",
            count, kind->what, name, where, ids, count > MAX_IDS ? ", ..." : "");
        rcn_diag_set_hint(diags, diag, "write '%s' with one of these ids", kind->key);
        return NULL;
    }
    struct rcn_diag *diag =
        rcn_diags_add_once(diags, RCN_SEVERITY_ERROR, kind->rule, span,
                           "no %s is called '%.200s' in %s", kind->what, name, where);
    if (!diag)
        return NULL;
    const char **names = rcn_calloc(entry_count, sizeof *names);
    for (size_t i = 0; i < entry_count; i++) {
        const char *id;
        names[count] = get_name(company, kind, i, &id);
        count += names[count] != NULL;
    }
    const char *near = rcn_suggest(name, names, count);
    if (near)
        rcn_diag_set_hint(diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(diags, diag, "'audiencectl get %s' lists those that exist",
                          kind->command);
    free(names);
    return NULL;
}

void rcn_preflight_resolve_names(struct rcn_desired_set *set, const struct rcn_live_state *live,
                                 struct rcn_diags *diags)
{
    if (!set->needs_ad_accounts && !set->needs_segments)
        return;
    for (size_t i = 0; i < set->count; i++) {
        struct rcn_desired_sync *desired = &set->syncs[i];
        struct rcn_audience_sync *sync = &desired->sync;
        const struct rcn_live_company *company =
            rcn_live_state_find_company(live, sync->company_id);
        if (!company)
            continue;
        if (desired->ad_account_name && !sync->ad_account_id) {
            sync->ad_account_id = resolve(company, &account_kind, desired->ad_account_name,
                                          desired->ad_account_span, diags);
            desired->is_new = true;
        }
        if (desired->segment_name && !sync->segment_id) {
            sync->segment_id = resolve(company, &segment_kind, desired->segment_name,
                                       desired->segment_span, diags);
            desired->is_new = true;
        }
    }
}

/* --- what is missing --- */

/* Syncs that take a value from `defaults` share its place: one mistake is reported once. */
static void judge_missing(const struct rcn_desired_sync *desired, const struct rcn_live_state *live,
                          struct rcn_diags *diags)
{
    const struct rcn_audience_sync *sync = &desired->sync;
    const struct rcn_live_company *company = rcn_live_state_find_company(live, sync->company_id);
    if (company->ad_accounts_status == RCN_READ_OK &&
        !rcn_live_company_find_ad_account(company, sync->ad_account_id)) {
        struct rcn_diag *diag = rcn_diags_add_once(diags, RCN_SEVERITY_ERROR, "unknown-ad-account",
                                                   desired->ad_account_span,
                                                   "the ad account '%s' is not connected in %s",
                                                   sync->ad_account_id, name_company(company));
        rcn_diag_set_hint(diags, diag, "'audiencectl get ad-accounts' lists those that are");
    }
    if (company->segments_status != RCN_READ_OK || !sync->segment_id)
        return;
    const struct rcn_segment *segment = rcn_live_company_find_segment(company, sync->segment_id);
    if (!segment) {
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_ERROR, "unknown-segment", desired->segment_span,
            "the segment '%s' does not exist in %s", sync->segment_id, name_company(company));
        rcn_diag_set_hint(diags, diag, "'audiencectl get segments' lists those that do");
    } else if (rcn_segment_is_too_small(segment)) {
        struct rcn_diag *diag = rcn_diags_add_once(
            diags, RCN_SEVERITY_WARNING, "small-segment", desired->segment_span,
            "too few active subscribers for Meta to deliver to: %lld in the segment '%s'",
            (long long)segment->active_subscriber_count, segment->id);
        rcn_diag_set_hint(diags, diag, "an audience needs %d matched people",
                          RCN_SEGMENT_LEAST_DELIVERABLE);
    }
}

/* One line for each read that failed: a warning, or an error when creates depend on it.
 */
static void judge_read(const char *what, enum rcn_read_status status, const char *problem,
                       bool is_needed, struct rcn_diags *diags)
{
    const struct rcn_span nowhere = {0};
    if (status == RCN_READ_FORBIDDEN) {
        struct rcn_diag *diag = rcn_diags_warning(diags, "unreadable-preflight", nowhere,
                                                  "the %s were not checked: %s", what, problem);
        rcn_diag_set_hint(diags, diag,
                          "give the key the right to read them, or use --no-preflight");
    } else if (status == RCN_READ_FAILED && is_needed) {
        struct rcn_diag *diag =
            rcn_diags_error(diags, "unreadable-preflight", nowhere,
                            "the %s of the syncs to create cannot be checked: %s", what, problem);
        rcn_diag_set_hint(diags, diag,
                          "run again later, or use --no-preflight to create unchecked");
    } else if (status == RCN_READ_FAILED) {
        rcn_diags_warning(diags, "unreadable-preflight", nowhere, "the %s could not be read: %s",
                          what, problem);
    }
}

int rcn_preflight_judge(const struct rcn_plan *plan, const struct rcn_live_state *live,
                        struct rcn_diags *diags, struct rcn_error *err)
{
    int result = 0;
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].status == RCN_STATUS_MISSING)
            judge_missing(plan->rows[i].desired, live, diags);
    for (size_t i = 0; i < plan->left_out_count; i++)
        judge_missing(plan->left_out[i], live, diags);
    for (size_t i = 0; i < live->company_count; i++) {
        const struct rcn_live_company *company = &live->companies[i];
        bool missing = false;
        for (size_t j = 0; j < plan->row_count && !missing; j++)
            missing = plan->rows[j].status == RCN_STATUS_MISSING &&
                      rcn_text_is_same(plan->rows[j].desired->sync.company_id, company->company_id);
        judge_read("ad accounts", company->ad_accounts_status, company->ad_accounts_problem,
                   missing, diags);
        judge_read("segments", company->segments_status, company->segments_problem, missing, diags);
        if (missing && company->sync_count == 0 &&
            company->ad_accounts_status == RCN_READ_FORBIDDEN) {
            rcn_error_set(err, RCN_ERROR_REFUSED,
                          "%s lists no sync at all and its ad accounts cannot be read: Meta may be "
                          "disconnected, and what is live may not be shown",
                          name_company(company));
            result = rcn_error_set_hint(
                err, "give the key the right to read ad accounts, or look at the dashboard and use "
                     "--no-preflight");
        }
    }
    return result;
}

int rcn_preflight_check_company(const struct rcn_plan *plan, const struct rcn_live_state *live,
                                bool is_personal_key, bool is_sure, struct rcn_error *err)
{
    const char *problem = live->account_problem;
    bool has_named = false;
    bool has_unknown = false;
    for (size_t i = 0; i < live->company_count; i++) {
        has_named |= live->companies[i].is_named;
        has_unknown |= !live->companies[i].company_id;
    }
    if (!plan->counts.by_status[RCN_STATUS_MISSING])
        return 0;
    if (has_named && has_unknown) {
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "some documents name a company and others do not, and nothing says whether "
                      "they mean the same one: %s",
                      problem ? problem : "the account names none");
        return rcn_error_set_hint(err, "name the company in every document, or use --company");
    }
    if (live->account_status != RCN_READ_FORBIDDEN || is_sure || (!has_named && !is_personal_key))
        return 0;
    rcn_error_set(err, RCN_ERROR_REFUSED,
                  "nothing is created in a company that cannot be checked: %s", problem);
    return rcn_error_set_hint(err, "give the key the right to read the account, or use "
                                   "--no-preflight if you are sure of the company");
}
