/*
 * items.h: the rows of `get` and `log` as a table, for every format that shows tables.
 */
#ifndef RCN_REPORT_ITEMS_H
#define RCN_REPORT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/report.h"

enum rcn_cell {
    RCN_CELL_TEXT,
    RCN_CELL_NAME, /* may be cut to fit a terminal */
    RCN_CELL_NUMBER,
    RCN_CELL_TIME,
    RCN_CELL_TRISTATE,
    RCN_CELL_NOTE, /* of a segment */
};

struct rcn_column {
    const char *title; /* as the API calls it */
    enum rcn_cell type;
    size_t offset;   /* in the struct of the item */
    unsigned leaves; /* which column a narrow terminal does without, 1 first; 0: never */
};

const struct rcn_column *rcn_items_get_columns(const struct rcn_items *items, size_t *ret_count);
/* Appends the raw text of a cell; nothing when the API does not say. */
void rcn_items_add_cell(struct rcn_buf *out, const struct rcn_items *items, size_t row,
                        size_t column);
/* `3 segments` */
void rcn_items_add_count(struct rcn_buf *out, const struct rcn_items *items);
/* The table, for a terminal of so many columns; 0: as wide as it gets. */
void rcn_items_write_text(const struct rcn_items *items, unsigned width, struct rcn_buf *out);

#endif
