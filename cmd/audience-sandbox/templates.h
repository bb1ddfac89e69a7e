/*
 * templates.h: the ready-made segments that a create can name with predefinedSegmentId.
 *
 * The six ids are the vendor's (api-contract 4.3). Of the display names only `Recent buyers` is
 * known; the others, and all filters and counts, are INVENTED for the sandbox.
 */
#ifndef SBX_SANDBOX_TEMPLATES_H
#define SBX_SANDBOX_TEMPLATES_H

#include <stdint.h>

struct sbx_template {
    const char *id;
    const char *name;
    const char *filters; /* a JSON array, in the spelling that rcn_json_copy has */
    int64_t active_count;
};

/* NULL when there is none. */
const struct sbx_template *sbx_template_get(const char *id);

#endif
