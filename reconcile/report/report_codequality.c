#include <stdlib.h>

#include "base/sha256.h"
#include "report/plain.h"
#include "report/view.h"

/*
 * GitLab's Code Quality: an array of findings that have a file. Two findings of one fingerprint are
 * one to GitLab; it must not change with the line, so that an old finding is not a new one.
 */
enum { MAX_FINDINGS = 20000 };

static void get_fingerprint(struct rcn_view *view, const struct rcn_finding *finding, char *ret_hex)
{
    const struct rcn_diag *diag = finding->diag;
    const struct rcn_span span = finding->span;
    struct rcn_buf *text = &view->text;
    if (diag) {
        rcn_buf_printf(text, "%s\n%u %u", diag->message, span.line, span.column);
    } else {
        const struct rcn_audience_sync *sync = rcn_row_get_sync(finding->row);
        rcn_buf_printf(text, "%s\n%s\n%s\n%s", sync->company_id ? sync->company_id : "",
                       sync->ad_account_id, sync->audience_name, sync->id ? sync->id : "");
    }
    rcn_buf_printf(text, "\n%s\n%s", finding->rule, rcn_report_get_path(view->report, span));
    rcn_sha256_hex(text->data, text->len, ret_hex);
    rcn_buf_clear(text);
}

void rcn_report_codequality_write(struct rcn_view *view)
{
    static const char *const severities[] = {"info", "info", "minor", "major"};
    size_t count;
    size_t shown = 0;
    struct rcn_finding *findings = rcn_plain_list(view->report, &count);
    view->escape = rcn_plain_escape_json;
    rcn_view_put(view, "[");
    for (size_t i = 0; i < count && shown < MAX_FINDINGS; i++) {
        const struct rcn_finding *finding = &findings[i];
        const struct rcn_span span = finding->span;
        char hex[RCN_SHA256_HEX_SIZE];
        if (!rcn_view_get_file(view->report, span))
            continue;
        get_fingerprint(view, finding, hex);
        rcn_plain_add_finding(view, finding);
        rcn_buf_add_str(view->out, shown++ ? ",\n " : "\n ");
        rcn_view_put(view,
                     "{\"description\": %s, \"check_name\": %s, \"fingerprint\": %s, "
                     "\"severity\": %s, \"location\": ",
                     rcn_view_get_text(view), finding->rule, hex, severities[finding->level]);
        rcn_plain_add_place(view, (struct rcn_span){.text = span.text});
        rcn_view_put(view, "{\"path\": %s, \"lines\": {\"begin\": %u}}}", rcn_view_get_text(view),
                     span.line ? span.line : 1);
    }
    free(findings);
    rcn_view_put(view, "]\n");
}
