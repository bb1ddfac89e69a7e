/*
 * span.h: a place in a text that a user wrote.
 *
 * Whoever loaded a text keeps its bytes until the last diagnostic is printed: nothing is opened
 * again to show a line. Lines and columns count from 1; a column counts code points, as compilers
 * do.
 */
#ifndef RCN_BASE_SPAN_H
#define RCN_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct rcn_text {
    const char *path;  /* as shown to people: `audiences/vip.yaml`, `<stdin>`,
                          `3f2c1ab:audiences/vip.yaml` */
    const char *bytes; /* NULL when only the path is known (a saved plan) */
    size_t len;
};

/* The named texts of a source, in the order to be read: source/ fills it, manifest/ reads it. */
struct rcn_texts {
    const struct rcn_text *items;
    size_t count;
    const bool *named; /* items[i] was named by the user and must be a manifest; NULL: none was */
    const char *name;  /* what a person calls all of them together */
};

struct rcn_pair {
    const char *key;
    const char *value;
};

/* One reading of a document that is read once for each entry of its `forEach`. */
struct rcn_span_entry {
    const char *label; /* for people: `BRAND=Nordlicht, MARKET=DE` */
    const struct rcn_pair *pairs;
    size_t count;
};

struct rcn_span {
    const struct rcn_text *text;        /* NULL: nowhere */
    uint32_t line;                      /* 0: the text as a whole */
    uint32_t column;                    /* 0: the line as a whole */
    const struct rcn_span_entry *entry; /* the text as it was read for this one; NULL: no entry */
};

/* The label of an entry; a value that is NULL is left out. */
const char *rcn_span_entry_make_label(struct rcn_arena *arena, const struct rcn_pair *pairs,
                                      size_t count);

#endif
