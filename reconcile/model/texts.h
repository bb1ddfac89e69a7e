/*
 * texts.h: the named texts of a source, in the order to be read.
 *
 * source/ fills it, manifest/ reads it. The bytes stay in memory until the last diagnostic is
 * printed (base/span.h).
 */
#ifndef RCN_MODEL_TEXTS_H
#define RCN_MODEL_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct rcn_texts {
    const struct rcn_text *items;
    size_t count;
    const bool *named; /* items[i] was named by the user and must be a manifest; NULL: none was */
    const char *name;  /* what a person calls all of them together */
};

#endif
