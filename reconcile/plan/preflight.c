#include "plan/preflight.h"

#include <string.h>

static const char *name_company(const struct rcn_live_company *company)
{
    return company->company_id ? company->company_id : "the key's own company";
}

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
