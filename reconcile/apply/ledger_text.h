/*
 * ledger_text.h: the files of a ledger's branch, as text and back. Pure.
 *
 * A company has a folder, named by the host of the API and its id: `api.sequenzy.com/comp_123`. In
 * it, every file has one JSON object a line, so that a person can read it in the web view of a Git
 * host, and `git log -p` shows what each run changed:
 *
 *     open.jsonl         creates that were announced and are not settled, by identity
 *     known.jsonl        identities that were seen live and are managed, by identity
 *     log/2026-11.jsonl  a line for every apply that created or tried to, oldest first
 *
 * Nothing in them is a key, the content of a segment, or a person.
 */
#ifndef RCN_APPLY_LEDGER_TEXT_H
#define RCN_APPLY_LEDGER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "apply/journal.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/fields.h"
#include "model/report.h"

/* Two machines' clocks may differ by this much (SPEC 5, ledger). */
enum { RCN_LEDGER_CLOCK_SKEW_MS = 300000 };

/* `ledger.json`, at the top. */
struct rcn_ledger_head {
    int64_t format_version;
    int64_t sequence; /* one more in every commit */
};

struct rcn_ledger_apply {
    int64_t at_ms;
    const char *run;
    const char *who; /* NULL: nothing says */
    const char *where;
    const char *commit;            /* of the manifests; NULL: they came from no commit */
    struct rcn_log_entry *entries; /* what became of each create: of what belongs to it alone */
    size_t entry_count;
};

/* The lines of each file. The company of a sync is that of the folder. */
extern const struct rcn_table rcn_ledger_head_table;  /* struct rcn_ledger_head */
extern const struct rcn_table rcn_ledger_open_table;  /* struct rcn_intent */
extern const struct rcn_table rcn_ledger_known_table; /* struct rcn_known_sync */
extern const struct rcn_table rcn_ledger_log_table;   /* struct rcn_ledger_apply */

/*
 * Reads each line of a file into an element of the table's struct; the array is in the arena. text
 * NULL: no line. NULL and err (`line 3 of api.sequenzy.com/comp_123/open.jsonl in the ledger is not
 * as audiencectl writes it`): a ledger that cannot be read whole is not to be trusted in part.
 */
void *rcn_ledger_text_read(struct rcn_arena *arena, const char *path, const char *text,
                           const struct rcn_table *table, size_t *ret_count, struct rcn_error *err);

/* `api.sequenzy.com/comp_123`: bytes that would not do in a path are `%` and two digits. company_id
 * NULL: the company of the key, which nothing could say: `_`. */
char *rcn_ledger_get_folder(struct rcn_arena *arena, const char *api_url, const char *company_id);
/* The path of the log's file for a time: `FOLDER/log/2026-11.jsonl`. */
const char *rcn_ledger_get_log_path(struct rcn_arena *arena, const char *folder, int64_t at_ms);

#endif
