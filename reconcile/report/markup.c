#include "report/markup.h"

#include <string.h>

#include "base/escape.h"
#include "report/report.h"

void rcn_markup_add_visible(struct rcn_buf *out, const char *text)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    static const char special[] = "&<>\"'";
    while (*text) {
        size_t plain = strcspn(text, special);
        rcn_buf_add(out, text, plain);
        text += plain;
        if (*text)
            rcn_buf_add_str(out, entities[strchr(special, *text++) - special]);
    }
}

void rcn_markup_add(struct rcn_buf *out, const char *text)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, RCN_REPORT_MAX_BYTES);
    rcn_escape_visible(&visible, text);
    rcn_markup_add_visible(out, rcn_buf_get_str(&visible));
    rcn_buf_release(&visible);
}
