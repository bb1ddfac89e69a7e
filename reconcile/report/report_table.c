#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/unicode.h"
#include "report/report_formats.h"
#include "report/view.h"

enum { MAX_COLUMNS = 8, GAP = 2, MIN_NAME_COLUMNS = 12 };

struct column {
    const char *title;
    bool is_number;
    bool is_name;   /* may be cut on a terminal; ids are for copying and never are */
    bool may_leave; /* left out on a narrow terminal, from the right */
};

struct table {
    const struct rcn_items *items;
    const struct column *columns;
    size_t column_count;
    size_t widths[MAX_COLUMNS];
    bool left_out[MAX_COLUMNS];
    struct rcn_buf cell; /* escaped */
};

static const struct column account_columns[] = {{.title = "id"},
                                                {.title = "name", .is_name = true}};
static const struct column segment_columns[] = {
    {.title = "id"},
    {.title = "name", .is_name = true},
    {.title = "subscriberCount", .is_number = true, .may_leave = true},
    {.title = "activeSubscriberCount", .is_number = true},
    {.title = ""}};
static const struct column sync_columns[] = {{.title = "id"},
                                             {.title = "audienceName", .is_name = true},
                                             {.title = "adAccountId", .may_leave = true},
                                             {.title = "segmentId", .may_leave = true},
                                             {.title = "frequency", .may_leave = true},
                                             {.title = "isActive", .may_leave = true},
                                             {.title = "syncStatus", .may_leave = true},
                                             {.title = "lastSyncAt", .may_leave = true}};

static void init(struct table *self, const struct rcn_items *items)
{
    *self = (struct table){.items = items, .columns = sync_columns, .column_count = 8};
    if (items->kind == RCN_ITEMS_AD_ACCOUNTS) {
        self->columns = account_columns;
        self->column_count = 2;
    } else if (items->kind == RCN_ITEMS_SEGMENTS) {
        self->columns = segment_columns;
        self->column_count = 5;
    }
    rcn_buf_init(&self->cell, RCN_REPORT_MAX_BYTES);
}

/* --- cells --- */

static const char *get_account_cell(const struct rcn_ad_account *account, size_t column)
{
    return column == 0 ? account->id : account->name;
}

static const char *get_sync_cell(const struct rcn_live_sync *sync, size_t column)
{
    const char *cells[] = {
        sync->sync.id,         sync->sync.audience_name, sync->sync.ad_account_id,
        sync->sync.segment_id, sync->sync.frequency,     rcn_tristate_name(sync->sync.is_active),
        sync->sync_status,     sync->last_sync_at};
    return cells[column];
}

static void add_count(struct rcn_buf *out, int64_t count)
{
    if (count >= 0)
        rcn_buf_printf(out, "%lld", (long long)count);
}

static void add_segment_cell(struct rcn_buf *out, const struct rcn_segment *segment, size_t column)
{
    if (column == 2)
        add_count(out, segment->subscriber_count);
    else if (column == 3)
        add_count(out, segment->active_subscriber_count);
    else if (column == 4)
        rcn_buf_add_str(out, rcn_segment_is_too_small(segment) ? "*" : "");
    else if (column == 0)
        rcn_escape_visible_first(out, segment->id);
    else if (segment->name)
        rcn_escape_visible(out, segment->name);
}

/* Leaves the cell's text, harmless for a terminal, in self->cell; returns its columns. */
static size_t load_cell(struct table *self, size_t row, size_t column)
{
    const struct rcn_items *items = self->items;
    rcn_buf_clear(&self->cell);
    if (items->kind == RCN_ITEMS_SEGMENTS) {
        add_segment_cell(&self->cell, items->segments[row], column);
    } else {
        const char *text = items->kind == RCN_ITEMS_SYNCS
                               ? get_sync_cell(items->syncs[row], column)
                               : get_account_cell(items->ad_accounts[row], column);
        rcn_escape_visible_first(&self->cell, text ? text : "");
    }
    const char *shown = rcn_buf_get_str(&self->cell);
    return rcn_utf8_width(shown, strlen(shown));
}

/* --- layout --- */

static void measure(struct table *self)
{
    for (size_t column = 0; column < self->column_count; column++) {
        self->widths[column] = strlen(self->columns[column].title);
        for (size_t row = 0; row < self->items->count; row++) {
            size_t width = load_cell(self, row, column);
            if (width > self->widths[column])
                self->widths[column] = width;
        }
    }
}

/* The columns of a line whose names take at most name_columns. */
static size_t get_line_width(const struct table *self, size_t name_columns)
{
    size_t total = 0;
    for (size_t column = 0; column < self->column_count; column++) {
        size_t width = self->widths[column];
        if (self->left_out[column])
            continue;
        if (self->columns[column].is_name && width > name_columns)
            width = name_columns;
        total += width + (column ? GAP : 0);
    }
    return total;
}

static void fit(struct table *self, size_t width)
{
    for (size_t column = self->column_count; column-- > 0;)
        if (self->columns[column].may_leave && get_line_width(self, MIN_NAME_COLUMNS) > width)
            self->left_out[column] = true;
    for (size_t column = 0; column < self->column_count; column++) {
        size_t total = get_line_width(self, SIZE_MAX);
        if (total <= width || !self->columns[column].is_name ||
            self->widths[column] <= MIN_NAME_COLUMNS)
            continue;
        size_t spare = self->widths[column] - MIN_NAME_COLUMNS;
        self->widths[column] -= total - width < spare ? total - width : spare;
    }
}

/* Bytes of the text that fit into `columns`. */
static size_t measure_prefix(const char *text, size_t len, size_t columns)
{
    size_t used = 0;
    size_t width = 0;
    while (used < len) {
        unsigned code_point;
        size_t size = rcn_utf8_decode(text + used, len - used, &code_point);
        width += rcn_utf8_width(text + used, size);
        if (width > columns)
            break;
        used += size;
    }
    return used;
}

static void cut_cell(struct table *self, size_t columns)
{
    size_t kept = measure_prefix(self->cell.data, self->cell.len, columns - 1);
    rcn_buf_truncate(&self->cell, kept);
    rcn_buf_add_str(&self->cell, "…");
}

static void put_cell(struct table *self, size_t column, size_t width, struct rcn_buf *out)
{
    size_t wanted = self->widths[column];
    if (width > wanted) {
        cut_cell(self, wanted);
        width = rcn_utf8_width(self->cell.data, self->cell.len);
    }
    bool is_last = column + 1 == self->column_count;
    if (self->columns[column].is_number)
        rcn_buf_add_repeat(out, ' ', wanted - width);
    rcn_buf_add_str(out, rcn_buf_get_str(&self->cell));
    if (!self->columns[column].is_number && !is_last)
        rcn_buf_add_repeat(out, ' ', wanted - width);
    if (!is_last)
        rcn_buf_add_repeat(out, ' ', GAP);
}

/* Spaces at the end of a line are of no use to anybody. */
static void end_row(struct rcn_buf *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        rcn_buf_truncate(out, out->len - 1);
    rcn_buf_add_char(out, '\n');
}

static void put_titles(struct table *self, struct rcn_buf *out)
{
    for (size_t column = 0; column < self->column_count; column++) {
        if (self->left_out[column])
            continue;
        rcn_buf_clear(&self->cell);
        rcn_buf_add_str(&self->cell, self->columns[column].title);
        put_cell(self, column, self->cell.len, out);
    }
    end_row(out);
}

static void put_left_out(const struct table *self, struct rcn_buf *out)
{
    const char *before = "\nno room for ";
    for (size_t column = 0; column < self->column_count; column++) {
        if (!self->left_out[column])
            continue;
        rcn_buf_printf(out, "%s%s", before, self->columns[column].title);
        before = ", ";
    }
    if (*before == ',')
        rcn_buf_add_str(out, ": widen the terminal, or take -o json\n");
}

static bool has_too_small(const struct rcn_items *items)
{
    for (size_t i = 0; items->kind == RCN_ITEMS_SEGMENTS && i < items->count; i++)
        if (rcn_segment_is_too_small(items->segments[i]))
            return true;
    return false;
}

void rcn_report_table_write(const struct rcn_items *items, unsigned width, struct rcn_buf *out)
{
    struct table self;
    if (!items->count) {
        rcn_report_table_write_count(items, out);
        rcn_buf_add_char(out, '\n');
        return;
    }
    init(&self, items);
    measure(&self);
    if (width)
        fit(&self, width);
    put_titles(&self, out);
    for (size_t row = 0; row < items->count && !self.cell.failed; row++) {
        for (size_t column = 0; column < self.column_count; column++)
            if (!self.left_out[column])
                put_cell(&self, column, load_cell(&self, row, column), out);
        end_row(out);
    }
    if (self.cell.failed)
        out->failed = true;
    rcn_buf_release(&self.cell);
    put_left_out(&self, out);
    if (has_too_small(items))
        rcn_buf_add_str(out, "\n* " RCN_VIEW_TOO_SMALL "\n");
}

void rcn_report_table_write_count(const struct rcn_items *items, struct rcn_buf *out)
{
    static const struct {
        const char *one;
        const char *many;
    } words[] = {[RCN_ITEMS_NONE] = {"item", "items"},
                 [RCN_ITEMS_AD_ACCOUNTS] = {"ad account", "ad accounts"},
                 [RCN_ITEMS_SEGMENTS] = {"segment", "segments"},
                 [RCN_ITEMS_SYNCS] = {"audience sync", "audience syncs"}};
    rcn_view_add_count(out, items->count, words[items->kind].one, words[items->kind].many);
}
