#include "base/time.h"
#include "report/items.h"
#include "report/view.h"

/* --- failures --- */

static const char *get_verb(const struct rcn_report *report)
{
    static const char *const verbs[] = {[RCN_ERROR_FAILED] = "failed",
                                        [RCN_ERROR_USAGE] = "failed",
                                        [RCN_ERROR_REFUSED] = "was refused",
                                        [RCN_ERROR_INTERRUPTED] = "was interrupted"};
    return verbs[report->error ? report->error->kind : RCN_ERROR_FAILED];
}

const struct rcn_line *rcn_view_list_failure(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_error *error = report->error;
    const struct rcn_diags *diags = report->diags;
    rcn_view_begin_lines(view);
    if (error)
        rcn_view_add_line(view, "", RCN_WRONG, "%s %s: %s", report->command, get_verb(report),
                          error->message);
    else if (diags->errors)
        rcn_view_add_line(view, "", RCN_WRONG,
                          "%s %s: %zu {error|errors}{, %zu {warning|warnings}|}", report->command,
                          get_verb(report), diags->errors, diags->warnings);
    rcn_view_add_line(view, "hint", RCN_ADVICE, "%s", error ? error->hint : NULL);
    return view->lines.items;
}

const struct rcn_line *rcn_view_list_diag(struct rcn_view *view, const struct rcn_diag *diag)
{
    rcn_view_begin_lines(view);
    rcn_view_add_line(view, "", RCN_PLAIN, "%s", diag->message);
    rcn_view_add_line(view, "hint", RCN_ADVICE, "%s", diag->hint);
    if (diag->note) {
        rcn_view_add(&view->lines.text, "%s%s", diag->note, diag->note_span.text ? " at " : "");
        rcn_view_add_place(&view->lines.text, view->report, diag->note_span);
        rcn_view_end_line(view, "note", RCN_PLAIN);
    }
    return view->lines.items;
}

/* --- the headline --- */

static void add_outcomes(struct rcn_buf *out, const struct rcn_results *results)
{
    const size_t *of = results->by_outcome;
    if (!rcn_view_add_list(out, "",
                           "{, %zu created|}{, %zu failed|}{, %zu unknown|}{, %zu not attempted|}"
                           "{, %zu already existed|}",
                           of[RCN_OUTCOME_CREATED], of[RCN_OUTCOME_FAILED], of[RCN_OUTCOME_UNKNOWN],
                           of[RCN_OUTCOME_NOT_ATTEMPTED], of[RCN_OUTCOME_EXISTS]))
        rcn_buf_add_str(out, "nothing to create");
}

/* Rows that need a person, by the counts that earlier runs have too. */
static size_t count_needs(const struct rcn_history_point *point)
{
    const size_t *of = point->counts.by_status;
    return of[RCN_STATUS_MISSING] + of[RCN_STATUS_DRIFTED] + of[RCN_STATUS_DUPLICATE] +
           of[RCN_STATUS_WITHHELD] + point->counts.unhealthy;
}

void rcn_view_add_headline(struct rcn_buf *out, const struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    size_t desired = rcn_report_get_counts(report).desired;
    size_t needs = 0;
    for (size_t kind = 0; kind < RCN_KIND_COUNT; kind++)
        needs += rcn_view_needs_person(view, (enum rcn_kind)kind) ? view->kinds[kind] : 0;
    if (report->items) {
        rcn_items_add_count(out, report->items);
    } else if (report->error || report->diags->errors) {
        rcn_buf_add_str(out, get_verb(report));
    } else if (!report->plan) {
        rcn_view_add(out, "%zu {audience is|audiences are} valid", desired);
    } else if (report->results) {
        add_outcomes(out, report->results);
    } else if (view->leads_to_apply) {
        rcn_view_add(out,
                     "{%zu {audience|audiences} will be created|nothing to create}"
                     "{, %zu {needs|need} you|}",
                     view->kinds[RCN_KIND_MISSING], needs);
    } else if (needs) {
        const struct rcn_history *history = report->history;
        rcn_view_add(out, "%zu of %zu {audience|audiences} %s you", needs, desired,
                     needs == 1 ? "needs" : "need");
        if (history && history->count > 1) {
            size_t now = count_needs(&history->points[history->count - 1]);
            size_t before = count_needs(&history->points[history->count - 2]);
            size_t more = now > before ? now - before : before - now;
            rcn_view_add(out, ", {%u %s than|as many as} in the run before", (unsigned)more,
                         now > before ? "more" : "fewer");
        }
    } else if (desired) {
        rcn_view_add(out, "%zu {audience is as it|audiences are as they} should be", desired);
    } else {
        rcn_buf_add_str(out, "no audience in the manifests");
    }
    if (view->has_base && view->part == RCN_PART_CHANGE && !report->error)
        rcn_buf_printf(out, " by this change, %zu pending before", report->plan->base->pending);
}

void rcn_view_add_pending(struct rcn_buf *out, const struct rcn_report *report)
{
    rcn_view_add(out, "%zu {sync was|syncs were} pending before this change",
                 report->plan->base->pending);
}

/* --- facts --- */

const struct rcn_line *rcn_view_list_facts(struct rcn_view *view)
{
    const struct rcn_report *report = view->report;
    const struct rcn_plan *plan = report->plan;
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    const struct rcn_live_state *live = rcn_report_get_live(report);
    rcn_view_begin_lines(view);
    if (source) {
        size_t planned = plan ? plan->counts.desired : 0;
        rcn_view_add_line(view, "Source", RCN_PLAIN,
                          "%s (%zu {sync|syncs} in %zu {manifest|manifests}"
                          "{, %zu {other|others} skipped|})",
                          source->url ? source->url : source->kind,
                          report->desired_count ? report->desired_count : planned, source->files,
                          source->skipped);
    }
    if (source && source->commit)
        rcn_view_add_line(view, "Commit", RCN_PLAIN, "%s{ (%s)|}", source->commit, source->ref);
    if (live) {
        char age[RCN_TIME_SIZE];
        rcn_age_format(report->created_at_ms - live->fetched_at_ms, age);
        rcn_view_add_line(view, "API", RCN_PLAIN, "%s{, as in a snapshot of %jd (%s old)|}",
                          live->api_url, live->is_snapshot ? live->fetched_at_ms : 0, age);
    }
    for (size_t i = 0; live && i < live->company_count; i++) {
        const struct rcn_live_company *company = &live->companies[i];
        const char *id = company->company_id ? company->company_id : "the key's own";
        rcn_view_add_line(view, "Company", RCN_PLAIN, "%s{ (%s)|}, %zu live {sync|syncs}",
                          company->name ? company->name : id, company->name ? id : NULL,
                          company->sync_count);
    }
    if (plan && plan->is_selected)
        rcn_view_add_line(view, "Selected", RCN_PLAIN,
                          "only what --ad-account, --name and --label select");
    return view->lines.items;
}

/* --- the summary --- */

static void add_next(struct rcn_view *view, const struct rcn_plan *plan)
{
    size_t missing = plan->counts.by_status[RCN_STATUS_MISSING];
    size_t waiting = 0;
    int64_t until_ms = 0;
    for (size_t i = 0; missing && i < plan->row_count; i++) {
        int64_t row_until_ms = plan->rows[i].open_intent_until_ms;
        waiting += row_until_ms != 0;
        until_ms = row_until_ms > until_ms ? row_until_ms : until_ms;
    }
    rcn_view_add_line(view, "Next", RCN_PLAIN,
                      "{apply will create %zu {sync|syncs}|nothing to create}"
                      "{, after waiting for %zu open {intent|intents} until %jd|}",
                      missing, waiting, until_ms);
}

static void add_counts(struct rcn_view *view)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(view->report);
    const size_t *of = counts.by_status;
    struct rcn_buf *text = &view->lines.text;
    rcn_view_add(text, "%zu {sync|syncs}", counts.desired);
    rcn_view_add_list(text, ": ",
                      "{, %zu in sync|}{, %zu missing|}{, %zu drifted|}{, %zu duplicate|}"
                      "{, %zu withheld|}",
                      of[RCN_STATUS_IN_SYNC], of[RCN_STATUS_MISSING], of[RCN_STATUS_DRIFTED],
                      of[RCN_STATUS_DUPLICATE], of[RCN_STATUS_WITHHELD]);
    rcn_view_add_list(text, "; ", "{, %zu unhealthy|}{, %zu ignored|}{, %zu unmanaged|}",
                      counts.unhealthy, counts.ignored, of[RCN_STATUS_UNMANAGED]);
    rcn_view_end_line(view, view->report->results ? "Planned" : "Summary", RCN_PLAIN);
}

static void add_change(struct rcn_view *view, const struct rcn_base_facts *base)
{
    struct rcn_buf *text = &view->lines.text;
    bool is_change = rcn_view_add_list(
        text, "", "{, %zu new|}{, %zu changed|}{, %zu removed|}{, %zu removed that was not live|}",
        base->added, base->changed, base->removed, base->removed_not_live);
    rcn_buf_printf(text, "%s compared with %s (%.7s); %zu pending before",
                   is_change ? "" : "no change", base->ref, base->commit, base->pending);
    rcn_view_end_line(view, "Change", RCN_PLAIN);
}

static void add_cost(struct rcn_view *view, const struct rcn_cost *cost)
{
    char duration[RCN_TIME_SIZE];
    const char *least = cost->is_people_least ? "at least " : "";
    rcn_duration_format(cost->ms, duration);
    rcn_view_add_line(view, "Cost", RCN_PLAIN,
                      "%zu {request|requests}, "
                      "{%s%zu {person|people}|an unknown number of people} uploaded, "
                      "{at least %s|no wait} under the rate limit",
                      cost->requests, cost->people || !*least ? least : NULL, (size_t)cost->people,
                      cost->ms ? duration : NULL);
}

/* Of drift: `fails for 2 missing, 1 unhealthy`. */
static void add_verdict(struct rcn_view *view, const struct rcn_plan *plan)
{
    unsigned fail_on = view->report->fail_on;
    const size_t *of = plan->counts.by_status;
    struct rcn_buf *text = &view->lines.text;
    bool has_withheld = rcn_fail_on_has(fail_on, RCN_STATUS_WITHHELD); /* gone is one of them */
    const size_t counts[] = {of[RCN_STATUS_MISSING],
                             of[RCN_STATUS_DRIFTED],
                             of[RCN_STATUS_DUPLICATE],
                             of[RCN_STATUS_WITHHELD],
                             of[RCN_STATUS_UNMANAGED],
                             plan->counts.unhealthy,
                             has_withheld ? 0 : rcn_plan_count_gone(plan)};
    for (size_t bit = 0; rcn_fail_on_names[bit]; bit++)
        if (fail_on & 1U << bit)
            rcn_view_add_list(text, text->len ? ", " : "fails for ", "{, %zu %s|}", counts[bit],
                              rcn_fail_on_names[bit]);
    rcn_buf_add_str(text, text->len ? "" : "no difference that counts");
    rcn_view_end_line(view, "Verdict", RCN_PLAIN);
}

static void add_apply(struct rcn_view *view, const struct rcn_results *results)
{
    const size_t *of = results->by_outcome;
    const size_t *uploads = results->by_upload;
    int64_t wait_ms = results->again_at_ms - view->report->created_at_ms;
    add_outcomes(&view->lines.text, results);
    rcn_view_end_line(view, "Apply", RCN_PLAIN);
    rcn_view_add_list(&view->lines.text, "",
                      "{, %zu {upload|uploads} done (%zu {person|people})|}"
                      "{, %zu {upload|uploads} failed|}{, %zu {upload|uploads} disconnected|}"
                      "{, %zu {upload|uploads} pending|}",
                      uploads[RCN_UPLOAD_DONE], (size_t)results->uploaded_people,
                      uploads[RCN_UPLOAD_ERROR], uploads[RCN_UPLOAD_DISCONNECTED],
                      uploads[RCN_UPLOAD_PENDING]);
    rcn_view_end_line(view, "Uploads", RCN_PLAIN);
    rcn_view_add_line(view, "Problem", RCN_WRONG, "%s", results->problem);
    if (!results->problem && results->is_verified && of[RCN_OUTCOME_CREATED])
        rcn_view_add_line(view, "Verified", RCN_PLAIN, "the list shows every created sync once");
    if (rcn_results_are_complete(results))
        return;
    if (wait_ms > 0 ||
        of[RCN_OUTCOME_UNKNOWN] + of[RCN_OUTCOME_NOT_ATTEMPTED] + of[RCN_OUTCOME_FAILED])
        rcn_view_add_line(view, "Next", RCN_ADVICE,
                          "%srun apply again{ in %u s, not before %jd|}: it creates what the list "
                          "does not show, unless a reason above asks for something else first",
                          of[RCN_OUTCOME_FAILED] ? "fix what failed; " : "",
                          wait_ms > 0 ? (unsigned)((wait_ms + 999) / 1000) : 0,
                          results->again_at_ms);
    else
        rcn_view_add_line(view, "Next", RCN_ADVICE,
                          "see each reason: apply changes nothing that is live");
}

const struct rcn_line *rcn_view_list_summary(struct rcn_view *view, bool with_failure)
{
    const struct rcn_report *report = view->report;
    const struct rcn_plan *plan = report->plan;
    const struct rcn_history *history = report->history;
    bool is_planned = !report->error && !report->diags->errors && !report->results;
    bool is_to_apply = is_planned && view->leads_to_apply;
    if (with_failure)
        (void)rcn_view_list_failure(view);
    else
        rcn_view_begin_lines(view);
    if (!plan)
        return view->lines.items;
    if (is_to_apply)
        add_next(view, plan);
    add_counts(view);
    if (plan->base)
        add_change(view, plan->base);
    if (history && history->previous_at_ms)
        rcn_view_add_line(view, "History", RCN_PLAIN, "%zu new, %zu resolved since the run of %jd",
                          history->new_count, history->resolved_count, history->previous_at_ms);
    if (report->results)
        add_apply(view, report->results);
    if (is_planned && report->fail_on)
        add_verdict(view, plan);
    if (is_to_apply && plan->counts.by_status[RCN_STATUS_MISSING])
        add_cost(view, &plan->cost);
    return view->lines.items;
}
