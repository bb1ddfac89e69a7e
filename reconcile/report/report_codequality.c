#include <string.h>

#include "base/json.h"
#include "base/sha256.h"
#include "report/plain.h"
#include "report/report_formats.h"
#include "report/view.h"

/*
 * GitLab's Code Quality: an array of findings that have a file. Two findings of one fingerprint are
 * one to GitLab; it must not change with the line, so that an old finding is not a new one.
 */
enum { MAX_FINDINGS = 20000 };

struct writer {
    struct rcn_json_writer json;
    const struct rcn_report *report;
    struct rcn_buf text;
    struct rcn_buf identity; /* raw, what the fingerprint is made of */
    size_t left;
};

/* Writes the finding whose description is in self->text, and empties that. */
static void put_finding(struct writer *self, enum rcn_level level, const char *rule,
                        struct rcn_span span)
{
    static const char *const severities[] = {"info", "info", "minor", "major"};
    char hex[RCN_SHA256_HEX_SIZE];
    struct rcn_json_writer *json = &self->json;
    rcn_buf_printf(&self->identity, "\n%s\n%s", rule, rcn_report_get_path(self->report, span));
    rcn_sha256_hex(self->identity.data, self->identity.len, hex);
    rcn_json_newline(json, 1);
    rcn_json_begin_object(json);
    rcn_json_key_string(json, "description", rcn_buf_get_str(&self->text));
    rcn_json_key_string(json, "check_name", rule);
    rcn_json_key_string(json, "fingerprint", hex);
    rcn_json_key_string(json, "severity", severities[level]);
    rcn_json_key(json, "location");
    rcn_json_begin_object(json);
    rcn_buf_clear(&self->text);
    rcn_plain_add_place(&self->text, self->report, (struct rcn_span){.text = span.text});
    rcn_json_key_string(json, "path", rcn_buf_get_str(&self->text));
    rcn_json_key(json, "lines");
    rcn_json_begin_object(json);
    rcn_json_key_integer(json, "begin", span.line ? span.line : 1);
    rcn_json_end_object(json);
    rcn_json_end_object(json);
    rcn_json_end_object(json);
    rcn_buf_clear(&self->text);
    rcn_buf_clear(&self->identity);
    self->left--;
}

static void put_diag(struct writer *self, const struct rcn_diag *diag)
{
    if (!rcn_view_get_file(self->report, diag->span) || !self->left)
        return;
    rcn_plain_add_diag(&self->text, self->report, diag);
    rcn_buf_printf(&self->identity, "%s\n%u %u", diag->message, diag->span.line, diag->span.column);
    put_finding(self, diag->severity == RCN_SEVERITY_ERROR ? RCN_LEVEL_ERROR : RCN_LEVEL_WARNING,
                diag->rule, diag->span);
}

static void put_row(struct writer *self, const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    const struct rcn_span span = rcn_row_get_span(row);
    if (!rcn_view_is_reported(self->report, row) || !rcn_view_get_file(self->report, span) ||
        !self->left)
        return;
    rcn_plain_add_row(&self->text, self->report, row);
    rcn_buf_printf(&self->identity, "%s\n%s\n%s\n%s", sync->company_id ? sync->company_id : "",
                   sync->ad_account_id, sync->audience_name, sync->id ? sync->id : "");
    put_finding(self, rcn_view_get_level(self->report, row),
                rcn_kind_get_words(rcn_view_get_kind(self->report, row))->name, span);
}

void rcn_report_codequality_write(const struct rcn_report *report,
                                  const struct rcn_report_style *style, struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.report = report, .left = MAX_FINDINGS};
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.identity, RCN_REPORT_MAX_BYTES);
    rcn_json_writer_init(&self.json, out);
    rcn_json_begin_array(&self.json);
    for (size_t i = 0; i < report->diags->count; i++)
        put_diag(&self, report->diags->items[i]);
    for (size_t i = 0; i < rcn_view_get_row_count(report); i++)
        put_row(&self, rcn_view_get_row(report, i));
    rcn_json_end_array(&self.json);
    rcn_buf_add_char(out, '\n');
    rcn_buf_release(&self.text);
    rcn_buf_release(&self.identity);
}
