#include <stdlib.h>

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
};

static void put_finding(struct writer *self, const struct rcn_finding *finding)
{
    static const char *const severities[] = {"info", "info", "minor", "major"};
    char hex[RCN_SHA256_HEX_SIZE];
    struct rcn_json_writer *json = &self->json;
    const struct rcn_diag *diag = finding->diag;
    const struct rcn_span span = finding->span;
    if (diag) {
        rcn_buf_printf(&self->identity, "%s\n%u %u", diag->message, span.line, span.column);
    } else {
        const struct rcn_audience_sync *sync = rcn_row_get_sync(finding->row);
        rcn_buf_printf(&self->identity, "%s\n%s\n%s\n%s", sync->company_id ? sync->company_id : "",
                       sync->ad_account_id, sync->audience_name, sync->id ? sync->id : "");
    }
    rcn_buf_printf(&self->identity, "\n%s\n%s", finding->rule,
                   rcn_report_get_path(self->report, span));
    rcn_sha256_hex(self->identity.data, self->identity.len, hex);
    rcn_json_newline(json, 1);
    rcn_json_begin_object(json);
    rcn_plain_add_finding(&self->text, self->report, finding);
    rcn_json_key_string(json, "description", rcn_buf_get_str(&self->text));
    rcn_json_key_string(json, "check_name", finding->rule);
    rcn_json_key_string(json, "fingerprint", hex);
    rcn_json_key_string(json, "severity", severities[finding->level]);
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
}

void rcn_report_codequality_write(const struct rcn_report *report,
                                  const struct rcn_report_style *style, struct rcn_buf *out)
{
    (void)style;
    struct writer self = {.report = report};
    size_t count;
    size_t left = MAX_FINDINGS;
    struct rcn_finding *findings = rcn_plain_list(report, &count);
    rcn_buf_init(&self.text, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.identity, RCN_REPORT_MAX_BYTES);
    rcn_json_writer_init(&self.json, out);
    rcn_json_begin_array(&self.json);
    for (size_t i = 0; i < count && left; i++) {
        if (!rcn_view_get_file(report, findings[i].span))
            continue;
        put_finding(&self, &findings[i]);
        left--;
    }
    free(findings);
    rcn_json_end_array(&self.json);
    rcn_buf_add_char(out, '\n');
    rcn_buf_release(&self.text);
    rcn_buf_release(&self.identity);
}
