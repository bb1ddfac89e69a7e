/*
 * items.h: one item of `audienceSyncs` or `ignore` becomes a sync or an ignore of the set.
 */
#ifndef RCN_MANIFEST_ITEMS_H
#define RCN_MANIFEST_ITEMS_H

#include <stdbool.h>

#include "manifest/decoder.h"
#include "model/audience_sync.h"

/* All syncs of a run, and all ignores. */
enum { RCN_MANIFEST_MAX_ITEMS = 1000000 };

/* What every sync of a document shares. */
struct rcn_settings {
    const char *company_id;
    bool company_is_bad; /* told: no identity of this document is known */
    const char *ad_account_id;
    struct rcn_span ad_account_span;
    bool ad_account_is_bad; /* told: nothing is missed that this would have given */
    const char *frequency;
    enum rcn_tristate is_active;
};

/* node is the item as it stands in the list, perhaps an alias. */
void rcn_item_read_sync(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                        const struct rcn_settings *settings);
void rcn_item_read_ignore(struct rcn_decoder *decoder, struct rcn_yaml_node *node,
                          const struct rcn_settings *settings);

#endif
