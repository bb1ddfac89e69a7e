#include "report/items.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/time.h"
#include "base/unicode.h"
#include "report/view.h"

enum { MAX_COLUMNS = 9, GAP = 2, MIN_NAME_COLUMNS = 12, TOO_SMALL = 4 };

/* --- columns --- */

static const struct rcn_column account_columns[] = {{.title = "id"},
                                                    {.title = "name", .is_name = true}};
static const struct rcn_column segment_columns[] = {
    {.title = "id"},
    {.title = "name", .is_name = true},
    {.title = "subscriberCount", .is_number = true, .leaves = 1},
    {.title = "activeSubscriberCount", .is_number = true},
    [TOO_SMALL] = {.title = "note"}};
/* The health never leaves. */
static const struct rcn_column sync_columns[] = {{.title = "id"},
                                                 {.title = "audienceName", .is_name = true},
                                                 {.title = "adAccountId", .leaves = 5},
                                                 {.title = "segmentId", .leaves = 2},
                                                 {.title = "frequency", .leaves = 3},
                                                 {.title = "isActive", .leaves = 4},
                                                 {.title = "syncStatus"},
                                                 {.title = "lastSyncAt", .leaves = 1}};
static const struct rcn_column log_columns[] = {{.title = "at"},
                                                {.title = "outcome"},
                                                {.title = "audienceName", .is_name = true},
                                                {.title = "adAccountId", .leaves = 3},
                                                {.title = "id"},
                                                {.title = "companyId", .leaves = 2},
                                                {.title = "who", .leaves = 4},
                                                {.title = "where", .leaves = 5},
                                                {.title = "commit", .leaves = 1}};
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

const struct rcn_column *rcn_items_get_columns(const struct rcn_items *items, size_t *ret_count)
{
    if (items->kind == RCN_ITEMS_AD_ACCOUNTS) {
        *ret_count = COUNT_OF(account_columns);
        return account_columns;
    }
    if (items->kind == RCN_ITEMS_SEGMENTS) {
        *ret_count = COUNT_OF(segment_columns);
        return segment_columns;
    }
    if (items->kind == RCN_ITEMS_LOG) {
        *ret_count = COUNT_OF(log_columns);
        return log_columns;
    }
    *ret_count = COUNT_OF(sync_columns);
    return sync_columns;
}

static void add_segment_cell(struct rcn_buf *out, const struct rcn_segment *segment, size_t column)
{
    int64_t number = column == 2 ? segment->subscriber_count : segment->active_subscriber_count;
    if (column < 2)
        rcn_buf_add_str(out, column == 0 ? segment->id : segment->name ? segment->name : "");
    else if (column == TOO_SMALL)
        rcn_buf_add_str(out, rcn_segment_is_too_small(segment) ? RCN_VIEW_TOO_SMALL : "");
    else if (number >= 0)
        rcn_buf_printf(out, "%lld", (long long)number);
}

static void add_log_cell(struct rcn_buf *out, const struct rcn_log_entry *entry, size_t column)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(entry->at_ms, time);
    const char *cells[] = {
        time,         entry->outcome,    entry->audience_name, entry->ad_account_id,
        entry->id,    entry->company_id, entry->who,           entry->where,
        entry->commit};
    rcn_buf_add_str(out, cells[column] ? cells[column] : "");
}

void rcn_items_add_cell(struct rcn_buf *out, const struct rcn_items *items, size_t row,
                        size_t column)
{
    if (items->kind == RCN_ITEMS_SEGMENTS) {
        add_segment_cell(out, items->segments[row], column);
    } else if (items->kind == RCN_ITEMS_AD_ACCOUNTS) {
        const struct rcn_ad_account *account = items->ad_accounts[row];
        rcn_buf_add_str(out, column == 0 ? account->id : account->name ? account->name : "");
    } else if (items->kind == RCN_ITEMS_LOG) {
        add_log_cell(out, items->entries[row], column);
    } else {
        const struct rcn_live_sync *sync = items->syncs[row];
        const char *cells[] = {sync->sync.id,
                               sync->sync.audience_name,
                               sync->sync.ad_account_id,
                               sync->sync.segment_id,
                               sync->sync.frequency,
                               rcn_tristate_names[sync->sync.is_active],
                               sync->sync_status,
                               sync->last_sync_at};
        rcn_buf_add_str(out, cells[column] ? cells[column] : "");
    }
}

void rcn_items_add_count(struct rcn_buf *out, const struct rcn_items *items)
{
    static const char *const words[] = {[RCN_ITEMS_NONE] = "item",
                                        [RCN_ITEMS_AD_ACCOUNTS] = "ad account",
                                        [RCN_ITEMS_SEGMENTS] = "segment",
                                        [RCN_ITEMS_SYNCS] = "audience sync",
                                        [RCN_ITEMS_LOG] = "create"};
    rcn_view_add(out, "%zu %s{|s}", items->count, words[items->kind]);
}

/* --- for a terminal --- */

struct table {
    const struct rcn_items *items;
    const struct rcn_column *columns;
    size_t column_count;
    size_t widths[MAX_COLUMNS];
    bool left_out[MAX_COLUMNS];
    bool has_too_small;
    struct rcn_buf raw;
    struct rcn_buf cell; /* harmless for a terminal */
};

/* Returns the columns of the cell's text. */
static size_t load_cell(struct table *self, size_t row, size_t column)
{
    rcn_buf_clear(&self->raw);
    rcn_buf_clear(&self->cell);
    rcn_items_add_cell(&self->raw, self->items, row, column);
    const char *text = rcn_buf_get_str(&self->raw);
    if (self->items->kind == RCN_ITEMS_SEGMENTS && column == TOO_SMALL) {
        self->has_too_small |= *text != '\0';
        rcn_buf_add_str(&self->cell, *text ? "*" : "");
    } else if (self->columns[column].is_name) {
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
        if (self->columns[column].is_name && width > name_columns)
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
        if (total <= width || !self->columns[column].is_name ||
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
    size_t wanted = self->widths[column];
    if (width > wanted)
        width = cut_cell(self, wanted);
    if (self->columns[column].is_number)
        rcn_buf_add_repeat(out, ' ', wanted - width);
    rcn_buf_add_str(out, rcn_buf_get_str(&self->cell));
    if (!self->columns[column].is_number)
        rcn_buf_add_repeat(out, ' ', wanted - width);
    rcn_buf_add_repeat(out, ' ', GAP);
}

/* Without spaces at its end. */
static void end_row(struct rcn_buf *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        rcn_buf_truncate(out, out->len - 1);
    rcn_buf_add_char(out, '\n');
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
        rcn_buf_add_str(out, ": widen the terminal, or use -o csv\n");
}

void rcn_items_write_text(const struct rcn_items *items, unsigned width, struct rcn_buf *out)
{
    struct table self = {.items = items};
    if (!items->count) {
        rcn_items_add_count(out, items);
        rcn_buf_add_char(out, '\n');
        return;
    }
    self.columns = rcn_items_get_columns(items, &self.column_count);
    rcn_buf_init(&self.raw, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&self.cell, RCN_REPORT_MAX_BYTES);
    for (size_t column = 0; column < self.column_count; column++) {
        bool is_marks = items->kind == RCN_ITEMS_SEGMENTS && column == TOO_SMALL;
        self.widths[column] = is_marks ? 1 : strlen(self.columns[column].title);
        for (size_t row = 0; row < items->count; row++) {
            size_t cell = load_cell(&self, row, column);
            if (cell > self.widths[column])
                self.widths[column] = cell;
        }
    }
    if (width)
        fit(&self, width);
    for (size_t row = 0; row <= items->count; row++) {
        for (size_t column = 0; column < self.column_count; column++) {
            bool is_marks = items->kind == RCN_ITEMS_SEGMENTS && column == TOO_SMALL;
            if (self.left_out[column])
                continue;
            if (row > 0) {
                put_cell(&self, column, load_cell(&self, row - 1, column), out);
                continue;
            }
            rcn_buf_clear(&self.cell);
            rcn_buf_add_str(&self.cell, is_marks ? "" : self.columns[column].title);
            put_cell(&self, column, self.cell.len, out);
        }
        end_row(out);
    }
    rcn_buf_release(&self.raw);
    rcn_buf_release(&self.cell);
    put_left_out(&self, out);
    if (self.has_too_small)
        rcn_buf_add_str(out, "\n* " RCN_VIEW_TOO_SMALL "\n");
}
