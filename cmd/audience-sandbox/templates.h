/*
 * templates.h: the ready-made segments that a create can name with predefinedSegmentId.
 *
 * The six ids are the vendor's (api-contract 4.3). Of the display names only `Recent buyers` is
 * known; the others, and all filters and counts, are INVENTED for the sandbox.
 */
#ifndef RCN_SANDBOX_TEMPLATES_H
#define RCN_SANDBOX_TEMPLATES_H

#include <stdint.h>

struct rcn_template {
    const char *id;
    const char *name;
    const char *filters; /* a JSON array, in the spelling that rcn_json_copy has */
    int64_t active_count;
};

/* NULL when there is none. */
const struct rcn_template *rcn_template_get(const char *id);

#endif
