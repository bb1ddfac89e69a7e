/*
 * seed.h: the data that a new store begins with, read from JSON.
 *
 *   {
 *     "companies":     [{"id": "comp_123", "name": "Acme", "role": "owner", "metaConnected":
 * true}], "keys":          [{"key": "seq_live_1", "type": "company", "companies": ["comp_123"],
 *                        "scopes": ["segments:write"], "name": "CI"}],
 *     "adAccounts":    [{"companyId": "comp_123", "id": "act_1", "name": "Main"}],
 *     "segments":      [{"companyId": "comp_123", "id": "seg_vips", "name": "VIPs", ...}],
 *     "audienceSyncs": [{"companyId": "comp_123", "segmentId": "seg_vips", "adAccountId": "act_1",
 *                        "audienceName": "VIPs", ...},
 *                       {"companyId": "comp_123", "raw": ...}]
 *   }
 *
 * Every member may be left out. Without `companies`, the built-in companies are there, and so are
 * the built-in ad accounts and segments where the seed has none of its own.
 * companyId: the first company when left out. A company's role is `owner`, Meta is connected, a
 * key's type follows its prefix, it reaches what sbx_store_complete_reach says, scopes absent or
 * null mean full access.
 * Ad accounts, segments and syncs are answered as they stand here, unknown fields included, without
 * companyId. A sync that lacks a field gets the one of a new, healthy sync (id, segmentName from
 * the segment, frequency daily, isActive true, syncStatus idle, lastSyncAt null, lastSyncError
 * null, lastSyncedCount 0, createdAt now); with `raw` exactly that value is listed, whatever it is.
 *
 * The order of the document is the order of the lists. Identities and ids may occur twice.
 *
 * Limits: a document of SBX_SEED_MAX bytes.
 */
#ifndef SBX_SANDBOX_SEED_H
#define SBX_SANDBOX_SEED_H

#include <stdint.h>

#include "store.h"

enum { SBX_SEED_MAX = 512 << 20 };

/*
 * Fills an empty store, between sbx_store_begin and sbx_store_end. text NULL: the built-in seed
 * alone. bare_ids: what is built in has ids of 24 characters that are made from those here. The
 * message of an error names the place: `audienceSyncs[3]: 'id' must be a string`.
 */
int sbx_seed_apply(struct sbx_store *store, const char *text, size_t len, int64_t now_ms,
                   bool bare_ids, struct rcn_error *err);

#endif
