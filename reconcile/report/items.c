#include "report/items.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/time.h"
#include "base/unicode.h"
#include "report/view.h"

enum { MAX_COLUMNS = 9, GAP = 2, MIN_NAME_COLUMNS = 12 };

/* --- columns --- */

#define AT(type, member) offsetof(struct type, member)

static const struct rcn_column account_columns[] = {
    {"id", RCN_CELL_TEXT, AT(rcn_ad_account, id), 0},
    {"name", RCN_CELL_NAME, AT(rcn_ad_account, name), 0}};
static const struct rcn_column segment_columns[] = {
    {"id", RCN_CELL_TEXT, AT(rcn_segment, id), 0},
    {"name", RCN_CELL_NAME, AT(rcn_segment, name), 0},
    {"subscriberCount", RCN_CELL_NUMBER, AT(rcn_segment, subscriber_count), 1},
    {"activeSubscriberCount", RCN_CELL_NUMBER, AT(rcn_segment, active_subscriber_count), 0},
    {"note", RCN_CELL_NOTE, 0, 0}};
/* The health never leaves. */
static const struct rcn_column sync_columns[] = {
    {"id", RCN_CELL_TEXT, AT(rcn_live_sync, sync.id), 0},
    {"audienceName", RCN_CELL_NAME, AT(rcn_live_sync, sync.audience_name), 0},
    {"adAccountId", RCN_CELL_TEXT, AT(rcn_live_sync, sync.ad_account_id), 5},
    {"segmentId", RCN_CELL_TEXT, AT(rcn_live_sync, sync.segment_id), 2},
    {"frequency", RCN_CELL_TEXT, AT(rcn_live_sync, sync.frequency), 3},
    {"isActive", RCN_CELL_TRISTATE, AT(rcn_live_sync, sync.is_active), 4},
    {"syncStatus", RCN_CELL_TEXT, AT(rcn_live_sync, sync_status), 0},
    {"lastSyncAt", RCN_CELL_TEXT, AT(rcn_live_sync, last_sync_at), 1}};
static const struct rcn_column log_columns[] = {
    {"at", RCN_CELL_TIME, AT(rcn_log_entry, at_ms), 0},
    {"outcome", RCN_CELL_TEXT, AT(rcn_log_entry, outcome), 0},
    {"audienceName", RCN_CELL_NAME, AT(rcn_log_entry, audience_name), 0},
    {"adAccountId", RCN_CELL_TEXT, AT(rcn_log_entry, ad_account_id), 3},
    {"id", RCN_CELL_TEXT, AT(rcn_log_entry, id), 0},
    {"companyId", RCN_CELL_TEXT, AT(rcn_log_entry, company_id), 2},
    {"who", RCN_CELL_TEXT, AT(rcn_log_entry, who), 4},
    {"where", RCN_CELL_TEXT, AT(rcn_log_entry, where), 5},
    {"commit", RCN_CELL_TEXT, AT(rcn_log_entry, commit), 1}};

static const struct {
    const char *word;
    const struct rcn_column *columns;
    size_t count;
} kinds[] = {[RCN_ITEMS_NONE] = {"item", sync_columns, 8},
             [RCN_ITEMS_AD_ACCOUNTS] = {"ad account", account_columns, 2},
             [RCN_ITEMS_SEGMENTS] = {"segment", segment_columns, 5},
             [RCN_ITEMS_SYNCS] = {"audience sync", sync_columns, 8},
             [RCN_ITEMS_LOG] = {"create", log_columns, 9}};

const struct rcn_column *rcn_items_get_columns(const struct rcn_items *items, size_t *ret_count)
{
    *ret_count = kinds[items->kind].count;
    return kinds[items->kind].columns;
}

void rcn_items_add_count(struct rcn_buf *out, const struct rcn_items *items)
{
    rcn_view_add(out, "%zu %s{|s}", items->count, kinds[items->kind].word);
}

void rcn_items_add_cell(struct rcn_buf *out, const struct rcn_items *items, size_t row,
                        size_t column)
{
    const struct rcn_column *self = &kinds[items->kind].columns[column];
    const void *item = items->kind == RCN_ITEMS_AD_ACCOUNTS ? (const void *)items->ad_accounts[row]
                       : items->kind == RCN_ITEMS_SEGMENTS  ? (const void *)items->segments[row]
                       : items->kind == RCN_ITEMS_LOG       ? (const void *)items->entries[row]
                                                            : (const void *)items->syncs[row];
    const void *cell = (const char *)item + self->offset;
    char time[RCN_TIME_SIZE];
    const char *text = NULL;
    if (self->type == RCN_CELL_TEXT || self->type == RCN_CELL_NAME) {
        text = *(const char *const *)cell;
    } else if (self->type == RCN_CELL_TRISTATE) {
        text = rcn_tristate_names[*(const enum rcn_tristate *)cell];
    } else if (self->type == RCN_CELL_NOTE) {
        text = rcn_segment_is_too_small(item) ? RCN_VIEW_TOO_SMALL : NULL;
    } else if (self->type == RCN_CELL_TIME) {
        rcn_time_format(*(const int64_t *)cell, time);
        text = time;
    } else if (*(const int64_t *)cell >= 0) {
        rcn_buf_printf(out, "%lld", (long long)*(const int64_t *)cell);
    }
    rcn_buf_add_str(out, text ? text : "");
}

/* --- for a terminal --- */

struct table {
    const struct rcn_items *items;
    const struct rcn_column *columns;
    size_t column_count;
    size_t widths[MAX_COLUMNS];
    bool left_out[MAX_COLUMNS];
    bool has_notes;
    struct rcn_buf raw;
    struct rcn_buf cell; /* harmless for a terminal */
};

/* Row 0 is of the titles. Notes are marks. Returns the columns of the cell's text. */
static size_t load_cell(struct table *self, size_t row, size_t column)
{
    enum rcn_cell type = self->columns[column].type;
    rcn_buf_clear(&self->raw);
    rcn_buf_clear(&self->cell);
    if (row)
        rcn_items_add_cell(&self->raw, self->items, row - 1, column);
    else if (type != RCN_CELL_NOTE)
        rcn_buf_add_str(&self->raw, self->columns[column].title);
    const char *text = rcn_buf_get_str(&self->raw);
    if (type == RCN_CELL_NOTE) {
        self->has_notes |= *text != '\0';
        rcn_buf_add_str(&self->cell, *text ? "*" : "");
    } else if (type == RCN_CELL_NAME) {
        struct rcn_buf name;
        rcn_buf_init(&name, RCN_REPORT_MAX_BYTES);
        rcn_view_add_name(&name, text);
        rcn_escape_visible(&self->cell, rcn_buf_get_str(&name));
        rcn_buf_release(&name);
    } else {
        rcn_escape_visible_first(&self->cell, text);
    }
    const char *shown = rcn_buf_get_str(&self->cell);
    return rcn_utf8_width(shown, strlen(shown));
}

/* The columns of a line whose names take at most name_columns. */
static size_t get_line_width(const struct table *self, size_t name_columns)
{
    size_t total = 0;
    for (size_t column = 0; column < self->column_count; column++) {
        size_t width = self->widths[column];
        if (self->left_out[column])
            continue;
        if (self->columns[column].type == RCN_CELL_NAME && width > name_columns)
            width = name_columns;
        total += width + (column ? GAP : 0);
    }
    return total;
}

static void fit(struct table *self, size_t width)
{
    for (unsigned turn = 1; turn <= MAX_COLUMNS; turn++)
        for (size_t column = 0; column < self->column_count; column++)
            if (self->columns[column].leaves == turn &&
                get_line_width(self, MIN_NAME_COLUMNS) > width)
                self->left_out[column] = true;
    for (size_t column = 0; column < self->column_count; column++) {
        size_t total = get_line_width(self, SIZE_MAX);
        if (total <= width || self->columns[column].type != RCN_CELL_NAME ||
            self->widths[column] <= MIN_NAME_COLUMNS)
            continue;
        size_t spare = self->widths[column] - MIN_NAME_COLUMNS;
        self->widths[column] -= total - width < spare ? total - width : spare;
    }
}

/* Cuts the cell's text to so many columns. */
static size_t cut_cell(struct table *self, size_t columns)
{
    size_t used = 0;
    size_t width = 0;
    while (used < self->cell.len) {
        unsigned code_point;
        const char *text = self->cell.data + used;
        size_t size = rcn_utf8_decode(text, self->cell.len - used, &code_point);
        width += rcn_utf8_width(text, size);
        if (width > columns - 1)
            break;
        used += size;
    }
    rcn_buf_truncate(&self->cell, used);
    rcn_buf_add_str(&self->cell, "\xe2\x80\xa6");
    return rcn_utf8_width(self->cell.data, self->cell.len);
}

static void put_cell(struct table *self, size_t column, size_t width, struct rcn_buf *out)
{
    bool is_number = self->columns[column].type == RCN_CELL_NUMBER;
    size_t wanted = self->widths[column];
    if (width > wanted)
        width = cut_cell(self, wanted);
    rcn_buf_add_repeat(out, ' ', is_number ? wanted - width : 0);
    rcn_buf_add_str(out, rcn_buf_get_str(&self->cell));
    rcn_buf_add_repeat(out, ' ', (is_number ? 0 : wanted - width) + GAP);
}

void rcn_items_write_text(const struct rcn_items *items, unsigned width, struct rcn_buf *out)
{
    struct table self = {.items = items};
    const char *before = "\nno room for ";
    if (!items->count) {
        rcn_items_add_count(out, items);
        rcn_buf_add_char(out, '\n');
        return;
    }
    self.columns = rcn_items_get_columns(items, &self.column_count);
    rcn_buf_init(&self.raw, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.cell, RCN_REPORT_MAX_BYTES);
    for (size_t column = 0; column < self.column_count; column++) {
        self.widths[column] = 1;
        for (size_t row = 0; row <= items->count; row++) {
            size_t cell = load_cell(&self, row, column);
            self.widths[column] = cell > self.widths[column] ? cell : self.widths[column];
        }
    }
    if (width)
        fit(&self, width);
    for (size_t row = 0; row <= items->count; row++) {
        for (size_t column = 0; column < self.column_count; column++)
            if (!self.left_out[column])
                put_cell(&self, column, load_cell(&self, row, column), out);
        while (out->len && out->data[out->len - 1] == ' ')
            rcn_buf_truncate(out, out->len - 1);
        rcn_buf_add_char(out, '\n');
    }
    rcn_buf_release(&self.raw);
    rcn_buf_release(&self.cell);
    for (size_t column = 0; column < self.column_count; column++)
        if (self.left_out[column]) {
            rcn_buf_printf(out, "%s%s", before, self.columns[column].title);
            before = ", ";
        }
    if (*before == ',')
        rcn_buf_add_str(out, ": widen the terminal, or use -o csv\n");
    if (self.has_notes)
        rcn_buf_add_str(out, "\n* " RCN_VIEW_TOO_SMALL "\n");
}
