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
    const void *cell = (const char *)items->rows[row] + self->offset;
    char time[RCN_TIME_SIZE];
    const char *text = NULL;
    if (self->type == RCN_CELL_TEXT || self->type == RCN_CELL_NAME) {
        text = *(const char *const *)cell;
    } else if (self->type == RCN_CELL_TRISTATE) {
        text = rcn_tristate_names[*(const enum rcn_tristate *)cell];
    } else if (self->type == RCN_CELL_NOTE) {
        text = rcn_segment_is_too_small(items->rows[row]) ? RCN_VIEW_TOO_SMALL : NULL;
    } else if (self->type == RCN_CELL_TIME) {
        rcn_time_format(*(const int64_t *)cell, time);
        text = time;
    } else if (*(const int64_t *)cell >= 0) {
        rcn_buf_printf(out, "%lld", (long long)*(const int64_t *)cell);
    }
    rcn_buf_add_str(out, text ? text : "");
}

/* --- for a terminal --- */

/* A cell, harmless for a terminal, or a title (row 0). Notes are marks. */
static const char *make_cell(struct rcn_arena *arena, const struct rcn_items *items, size_t row,
                             size_t column)
{
    const struct rcn_column *self = &kinds[items->kind].columns[column];
    struct rcn_buf raw;
    struct rcn_buf shown;
    rcn_buf_init(&raw, RCN_REPORT_MAX_BYTES);
    rcn_buf_init(&shown, RCN_REPORT_MAX_BYTES);
    if (row)
        rcn_items_add_cell(&raw, items, row - 1, column);
    else if (self->type != RCN_CELL_NOTE)
        rcn_buf_add_str(&raw, self->title);
    const char *text = rcn_buf_get_str(&raw);
    if (self->type == RCN_CELL_NOTE) {
        rcn_buf_add_str(&shown, *text ? "*" : "");
    } else if (self->type == RCN_CELL_NAME) {
        rcn_view_add_name(&shown, text);
        text = rcn_arena_strdup(arena, rcn_buf_get_str(&shown));
        rcn_buf_clear(&shown);
        rcn_escape_visible(&shown, text);
    } else {
        rcn_escape_visible_first(&shown, text);
    }
    const char *cell = rcn_arena_strdup(arena, rcn_buf_get_str(&shown));
    rcn_buf_release(&raw);
    rcn_buf_release(&shown);
    return cell;
}

/* The columns of a line whose names take at most name_columns. */
static size_t get_line_width(const struct rcn_items *items, const size_t *widths,
                             size_t name_columns)
{
    size_t total = 0;
    for (size_t i = 0; i < kinds[items->kind].count; i++) {
        bool is_name = kinds[items->kind].columns[i].type == RCN_CELL_NAME;
        size_t width = is_name && widths[i] > name_columns ? name_columns : widths[i];
        total += width ? width + (i ? GAP : 0) : 0;
    }
    return total;
}

/* Drops columns (width 0) and shortens names until a line fits. */
static void fit(const struct rcn_items *items, size_t *widths, size_t most)
{
    const struct rcn_column *columns = kinds[items->kind].columns;
    size_t count = kinds[items->kind].count;
    for (unsigned turn = 1; turn <= MAX_COLUMNS; turn++)
        for (size_t i = 0; i < count; i++)
            if (columns[i].leaves == turn && get_line_width(items, widths, MIN_NAME_COLUMNS) > most)
                widths[i] = 0;
    for (size_t i = 0; i < count; i++) {
        size_t total = get_line_width(items, widths, SIZE_MAX);
        if (total <= most || columns[i].type != RCN_CELL_NAME || widths[i] <= MIN_NAME_COLUMNS)
            continue;
        size_t spare = widths[i] - MIN_NAME_COLUMNS;
        widths[i] -= total - most < spare ? total - most : spare;
    }
}

/* The cell, cut to its width where needed. */
static void put_cell(struct rcn_buf *out, const char *cell, size_t width, bool is_number)
{
    size_t used = rcn_utf8_width(cell, strlen(cell));
    size_t len = strlen(cell);
    bool is_cut = used > width;
    if (is_cut) {
        unsigned code_point;
        used = 1; /* the ellipsis */
        for (len = 0; cell[len];) {
            size_t size = rcn_utf8_decode(cell + len, strlen(cell + len), &code_point);
            size_t columns = rcn_utf8_width(cell + len, size);
            if (used + columns > width)
                break;
            used += columns;
            len += size;
        }
    }
    rcn_buf_add_repeat(out, ' ', is_number ? width - used : 0);
    rcn_buf_add(out, cell, len);
    rcn_buf_add_str(out, is_cut ? "\xe2\x80\xa6" : "");
    rcn_buf_add_repeat(out, ' ', (is_number ? 0 : width - used) + GAP);
}

void rcn_items_write_text(const struct rcn_items *items, unsigned width, struct rcn_buf *out)
{
    size_t count;
    size_t widths[MAX_COLUMNS] = {1, 1, 1, 1, 1, 1, 1, 1, 1}; /* 0: left out */
    const char *before = "\nno room for ";
    bool has_notes = false;
    const struct rcn_column *columns = rcn_items_get_columns(items, &count);
    if (!items->count) {
        rcn_items_add_count(out, items);
        rcn_buf_add_char(out, '\n');
        return;
    }
    struct rcn_arena *arena = rcn_arena_new(RCN_REPORT_MAX_BYTES);
    const char **cells = rcn_arena_calloc(arena, (items->count + 1) * count, sizeof *cells);
    const char **cell = cells;
    for (size_t row = 0; row <= items->count; row++)
        for (size_t i = 0; i < count; i++, cell++) {
            *cell = make_cell(arena, items, row, i);
            size_t used = rcn_utf8_width(*cell, strlen(*cell));
            widths[i] = used > widths[i] ? used : widths[i];
            has_notes |= columns[i].type == RCN_CELL_NOTE && **cell;
        }
    if (width)
        fit(items, widths, width);
    cell = cells;
    for (size_t row = 0; row <= items->count; row++) {
        for (size_t i = 0; i < count; i++, cell++)
            if (widths[i])
                put_cell(out, *cell, widths[i], columns[i].type == RCN_CELL_NUMBER);
        while (out->len && out->data[out->len - 1] == ' ')
            rcn_buf_truncate(out, out->len - 1);
        rcn_buf_add_char(out, '\n');
    }
    rcn_arena_free(arena);
    for (size_t i = 0; i < count; i++)
        if (!widths[i]) {
            rcn_buf_printf(out, "%s%s", before, columns[i].title);
            before = ", ";
        }
    if (*before == ',')
        rcn_buf_add_str(out, ": widen the terminal, or use -o csv\n");
    if (has_notes)
        rcn_buf_add_str(out, "\n* " RCN_VIEW_TOO_SMALL "\n");
}
