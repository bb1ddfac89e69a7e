#include "report/html.h"
#include "report/report_formats.h"
#include "report/view.h"

static void put_cell(struct rcn_html *self, const char *label, const char *text)
{
    rcn_buf_printf(self->out, "<td data-label=\"%s\">", label);
    rcn_html_put_text(self, text ? text : "");
    rcn_html_put(self, "</td>");
}

static void put_number_cell(struct rcn_html *self, const char *label, int64_t number)
{
    if (number < 0) {
        rcn_html_put(self, "<td class=\"number\"></td>");
        return;
    }
    rcn_buf_printf(self->out, "<td class=\"number\" data-label=\"%s\">%lld</td>", label,
                   (long long)number);
}

static void put_segment(struct rcn_html *self, const struct rcn_segment *segment)
{
    put_cell(self, "id", segment->id);
    put_cell(self, "name", segment->name);
    put_number_cell(self, "subscriberCount", segment->subscriber_count);
    put_number_cell(self, "activeSubscriberCount", segment->active_subscriber_count);
    if (rcn_segment_is_too_small(segment))
        put_cell(self, "note", RCN_VIEW_TOO_SMALL);
    else
        rcn_html_put(self, "<td></td>"); /* no label in front of nothing on a phone */
}

static void put_sync(struct rcn_html *self, const struct rcn_live_sync *live)
{
    put_cell(self, "id", live->sync.id);
    put_cell(self, "audienceName", live->sync.audience_name);
    put_cell(self, "adAccountId", live->sync.ad_account_id);
    put_cell(self, "segmentId", live->sync.segment_id);
    put_cell(self, "frequency", live->sync.frequency);
    put_cell(self, "isActive", rcn_tristate_name(live->sync.is_active));
    put_cell(self, "syncStatus", live->sync_status);
}

static void put_item(struct rcn_html *self, const struct rcn_items *items, size_t index)
{
    rcn_html_put(self, "<tr>");
    if (items->kind == RCN_ITEMS_SEGMENTS) {
        put_segment(self, items->segments[index]);
    } else if (items->kind == RCN_ITEMS_SYNCS) {
        put_sync(self, items->syncs[index]);
    } else {
        put_cell(self, "id", items->ad_accounts[index]->id);
        put_cell(self, "name", items->ad_accounts[index]->name);
    }
    rcn_html_put(self, "</tr>\n");
}

void rcn_html_write_items(struct rcn_html *self)
{
    static const char *const titles[][8] = {
        [RCN_ITEMS_AD_ACCOUNTS] = {"id", "name"},
        [RCN_ITEMS_SEGMENTS] = {"id", "name", "subscriberCount", "activeSubscriberCount", "note"},
        [RCN_ITEMS_SYNCS] = {"id", "audienceName", "adAccountId", "segmentId", "frequency",
                             "isActive", "syncStatus"},
    };
    const struct rcn_items *items = self->report->items;
    if (!items || items->kind == RCN_ITEMS_NONE)
        return;
    rcn_html_put(self, "<section aria-label=\"Items\">\n<table class=\"cards\"><caption>");
    rcn_report_table_write_count(items, self->out);
    rcn_html_put(self, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < 8 && titles[items->kind][i]; i++)
        rcn_buf_printf(self->out, "<th scope=\"col\">%s</th>", titles[items->kind][i]);
    rcn_html_put(self, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < items->count && i < RCN_HTML_MAX_ROWS; i++)
        put_item(self, items, i);
    rcn_html_put(self, "</tbody></table>\n</section>\n");
}
