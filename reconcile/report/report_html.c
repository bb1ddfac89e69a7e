#include <string.h>

#include "base/time.h"
#include "report/html.h"
#include "report/report_formats.h"
#include "report/view.h"

/* --- head --- */

static void put_head(struct rcn_html *self)
{
    rcn_html_put(self, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "base-uri 'none'; form-action 'none'; style-src ");
    rcn_html_add_hash(self->out, rcn_html_style);
    rcn_html_put(self, "; script-src ");
    rcn_html_add_hash(self->out, rcn_html_script);
    rcn_html_put(self,
                 "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>audiencectl ");
    rcn_html_put_text(self, self->report->command);
    rcn_html_put(self, ": ");
    rcn_html_put_text(self, self->report->outcome);
    rcn_html_put(self, "</title>\n<style>");
    rcn_html_add_lines(self->out, rcn_html_style);
    rcn_html_put(self, "</style>\n</head>\n<body>\n");
}

static const char *get_outcome_color(const struct rcn_report *report)
{
    if (report->exit_code == 0)
        return "green";
    return strcmp(report->outcome, "differences") == 0 ? "amber" : "red";
}

/* `Acme, ` or `Acme and 2 more, `: whose page this is. */
static void put_companies(struct rcn_html *self)
{
    const struct rcn_live_facts *live = rcn_report_get_live(self->report);
    if (!live || !live->company_count)
        return;
    const struct rcn_company_facts *first = &live->companies[0];
    const char *name = first->name ? first->name : first->company_id;
    if (!name)
        return;
    rcn_html_put(self, "<bdi>");
    rcn_html_put_text(self, name);
    rcn_html_put(self, "</bdi>");
    if (live->company_count > 1)
        rcn_buf_printf(self->out, " and %zu more", live->company_count - 1);
    rcn_html_put(self, ", ");
}

static void put_title(struct rcn_html *self)
{
    enum { DAY = 10, MINUTE = 5 };
    char time[RCN_TIME_SIZE];
    rcn_time_format(self->report->created_at_ms, time);
    rcn_html_put(
        self,
        "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n<header>\n<h1>audiencectl ");
    rcn_html_put_text(self, self->report->command);
    rcn_buf_printf(self->out, ": <span class=\"%s outcome\">", get_outcome_color(self->report));
    rcn_html_put_text(self, self->report->outcome);
    rcn_html_put(self, "</span></h1>\n<p class=\"dim\">");
    put_companies(self);
    /* 2026-11-22T20:00:00Z */
    rcn_buf_printf(self->out,
                   "<time datetime=\"%s\">%.*s %.*s UTC</time>, exit code %d</p>\n"
                   "</header>\n<main id=\"main\">\n",
                   time, DAY, time, MINUTE, time + DAY + 1, self->report->exit_code);
}

static void put_failure(struct rcn_html *self)
{
    const struct rcn_error *error = self->report->error;
    const struct rcn_results *results = self->report->results;
    rcn_view_add_failure(&self->scratch, self->report);
    if (self->scratch.len) {
        rcn_html_put(self, "<div class=\"failure message\"><p><strong>");
        rcn_html_put_scratch(self);
        rcn_html_put(self, "</strong></p>");
        if (error && error->hint[0]) {
            rcn_html_put(self, "<p>");
            rcn_html_put_text(self, error->hint);
            rcn_html_put(self, "</p>");
        }
        rcn_html_put(self, "</div>\n");
    }
    if (results && results->problem) {
        rcn_html_put(self, "<div class=\"failure message\"><p><strong>");
        rcn_html_put_text(self, results->problem);
        rcn_html_put(self, "</strong></p></div>\n");
    }
}

static void put_next(struct rcn_html *self)
{
    if (self->report->error || self->report->diags->errors)
        return;
    rcn_view_add_verdict(&self->scratch, self->report);
    bool is_verdict = self->scratch.len > 0;
    rcn_view_add_cost(&self->scratch, self->report);
    if (!self->scratch.len)
        return;
    rcn_buf_printf(self->out, "<p class=\"%s next\"><strong>%s:</strong> ",
                   get_outcome_color(self->report), is_verdict ? "Verdict" : "Next");
    rcn_html_put_scratch(self);
    rcn_html_put(self, "</p>\n");
}

/* --- counts and facts --- */

/* filter: what of the table the tile is a link to (html_rows.c); NULL: nothing. */
static void put_tile(struct rcn_html *self, const char *color, const char *label,
                     const char *filter, size_t count)
{
    bool is_link = filter && count;
    rcn_buf_printf(self->out, "<li class=\"%s\">", count ? color : "zero");
    if (is_link)
        rcn_buf_printf(self->out, "<a href=\"#status=%s\">", filter);
    rcn_html_put(self, is_link ? "<strong>" : "<div><strong>");
    rcn_view_add_number(self->out, count);
    rcn_buf_printf(self->out, "</strong> %s</%s></li>\n", label, is_link ? "a" : "div");
}

static void put_status_tile(struct rcn_html *self, const char *color, enum rcn_status status)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(self->report);
    const char *name = rcn_status_name(status);
    const char *label = status == RCN_STATUS_IN_SYNC                            ? "in sync"
                        : status == RCN_STATUS_MISSING && self->report->results ? "were missing"
                                                                                : name;
    put_tile(self, color, label, name, counts.by_status[status]);
}

static void put_outcome_tile(struct rcn_html *self, const char *color, const char *label,
                             enum rcn_outcome outcome)
{
    put_tile(self, color, label, rcn_outcome_name(outcome),
             rcn_report_get_outcomes(self->report, outcome));
}

static void put_outcome_tiles(struct rcn_html *self)
{
    put_outcome_tile(self, "green", "created", RCN_OUTCOME_CREATED);
    put_outcome_tile(self, "red", "failed", RCN_OUTCOME_FAILED);
    put_outcome_tile(self, "red", "unknown", RCN_OUTCOME_UNKNOWN);
    put_outcome_tile(self, "amber", "not attempted", RCN_OUTCOME_NOT_ATTEMPTED);
    put_outcome_tile(self, "blue", "already there", RCN_OUTCOME_EXISTS);
}

static void put_tiles(struct rcn_html *self)
{
    const struct rcn_plan_counts counts = rcn_report_get_counts(self->report);
    rcn_html_put(
        self, "<section aria-labelledby=\"counts-title\"><h2 id=\"counts-title\">At a glance</h2>\n"
              "<ul class=\"tiles\">\n");
    if (self->report->results)
        put_outcome_tiles(self);
    put_tile(self, "grey", "desired", NULL, counts.desired);
    if (self->report->plan) {
        put_status_tile(self, "grey", RCN_STATUS_IN_SYNC);
        put_status_tile(self, "green", RCN_STATUS_MISSING);
        put_status_tile(self, "amber", RCN_STATUS_DRIFTED);
        put_status_tile(self, "red", RCN_STATUS_DUPLICATE);
        put_status_tile(self, "blue", RCN_STATUS_WITHHELD);
        put_tile(self, "red", "unhealthy", "unhealthy", counts.unhealthy);
        put_status_tile(self, "grey", RCN_STATUS_UNMANAGED);
        put_tile(self, "grey", "ignored", "ignored", counts.ignored);
    }
    rcn_html_put(self, "</ul>\n</section>\n");
}

/* The value is in the scratch. */
static void put_fact(struct rcn_html *self, const char *label)
{
    rcn_buf_printf(self->out, "<dt>%s</dt><dd>", label);
    rcn_html_put_scratch(self);
    rcn_html_put(self, "</dd>\n");
}

static void put_source_facts(struct rcn_html *self)
{
    const struct rcn_source_facts *source = rcn_report_get_source(self->report);
    if (!source)
        return;
    rcn_view_add_source(&self->scratch, self->report);
    put_fact(self, "Source");
    if (source->commit) {
        rcn_view_add_commit(&self->scratch, source);
        put_fact(self, "Commit");
    }
}

static void put_live_facts(struct rcn_html *self)
{
    const struct rcn_live_facts *live = rcn_report_get_live(self->report);
    if (!live)
        return;
    rcn_view_add_api(&self->scratch, self->report);
    put_fact(self, "API");
    for (size_t i = 0; i < live->company_count; i++) {
        rcn_view_add_company(&self->scratch, &live->companies[i]);
        put_fact(self, "Company");
    }
}

static void put_facts(struct rcn_html *self)
{
    const struct rcn_request_counts *requests = &self->report->requests;
    rcn_html_put(
        self, "<section aria-labelledby=\"facts-title\"><h2 id=\"facts-title\">What was read</h2>\n"
              "<dl class=\"facts\">\n");
    put_source_facts(self);
    put_live_facts(self);
    if (self->report->plan && self->report->plan->is_selected) {
        rcn_buf_add_str(&self->scratch, "only what --ad-account and --name choose is shown and "
                                        "counted");
        put_fact(self, "Selected");
    }
    rcn_buf_printf(&self->scratch, "%llu GET, %llu POST, %llu of them repeated",
                   (unsigned long long)requests->get, (unsigned long long)requests->post,
                   (unsigned long long)requests->retries);
    put_fact(self, "Requests");
    rcn_html_put(self, "</dl>\n</section>\n");
}

/* --- diagnostics --- */

static void put_diag(struct rcn_html *self, const struct rcn_diag *diag)
{
    bool is_error = diag->severity == RCN_SEVERITY_ERROR;
    rcn_buf_printf(self->out, "<tr class=\"%s\"><td><span class=\"badge\">%s</span></td><td>",
                   is_error ? "red" : "amber", rcn_severity_name(diag->severity));
    rcn_html_put_text(self, diag->message);
    rcn_buf_printf(self->out, " <code class=\"dim\">%s</code>", diag->rule);
    if (diag->hint) {
        rcn_html_put(self, "<br><span class=\"dim\">");
        rcn_html_put_text(self, diag->hint);
        rcn_html_put(self, "</span>");
    }
    if (diag->note) {
        rcn_html_put(self, "<br><span class=\"dim\">");
        rcn_html_put_text(self, diag->note);
        rcn_html_put(self, " ");
        rcn_html_put_place(self, diag->note_span);
        rcn_html_put(self, "</span>");
    }
    rcn_html_put(self, "</td><td>");
    rcn_html_put_place(self, diag->span);
    rcn_html_put(self, "</td></tr>\n");
}

static void put_diags(struct rcn_html *self)
{
    const struct rcn_diags *diags = self->report->diags;
    size_t all = diags->errors + diags->warnings;
    if (!all)
        return;
    rcn_html_put(self, "<section aria-labelledby=\"diags-title\"><h2 id=\"diags-title\">Errors and "
                       "warnings</h2>\n<table class=\"cards\"><caption>");
    rcn_view_add_count(self->out, diags->errors, "error", "errors");
    rcn_html_put(self, ", ");
    rcn_view_add_count(self->out, diags->warnings, "warning", "warnings");
    if (all > diags->count)
        rcn_buf_printf(self->out, "; the first %zu are shown", diags->count);
    rcn_html_put(
        self, "</caption>\n<thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Problem</th>"
              "<th scope=\"col\">Manifest</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < diags->count; i++)
        put_diag(self, diags->items[i]);
    rcn_html_put(self, "</tbody></table>\n</section>\n");
}

void rcn_report_html_write(const struct rcn_report *report, const struct rcn_report_style *style,
                           struct rcn_buf *out)
{
    (void)style;
    struct rcn_html self = {.out = out, .report = report};
    rcn_buf_init(&self.scratch, RCN_REPORT_MAX_BYTES);
    put_head(&self);
    put_title(&self);
    put_failure(&self);
    put_next(&self);
    if (!report->items)
        put_tiles(&self);
    rcn_html_add_trend(out, report);
    put_diags(&self);
    rcn_html_write_rows(&self);
    rcn_html_write_items(&self);
    put_facts(&self);
    rcn_html_put(&self, "</main>\n<footer><p>Written by audiencectl " AUDIENCECTL_VERSION
                        ". This page loads nothing from anywhere.</p></footer>\n<script>");
    rcn_html_add_lines(out, rcn_html_script);
    rcn_html_put(&self, "</script>\n</body>\n</html>\n");
    rcn_buf_release(&self.scratch);
}
