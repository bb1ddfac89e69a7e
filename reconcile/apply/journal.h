/*
 * journal.h: what this machine is about to create, written down before it is sent.
 *
 * A process can be killed between sending a create and learning its answer. The next apply must
 * then not trust a list that may be older than that create. So each create is preceded by a durable
 * line in `<state dir>/<hash of API URL and company>.pending`; the line is closed once the list
 * shows the sync or the answer proves that it was refused. An apply that finds open entries waits
 * for them (apply.c) before its first create.
 *
 * The file is locked while open: a second apply for the same company on this machine is refused.
 * It is only ever appended to, and emptied when nothing is open any more. A torn last line was not
 * durable, so its create was never sent: it is ignored. Any other line that cannot be read makes
 * `has_unreadable` true, and the run waits as for an entry that never shows up.
 *
 * Format: JSON lines, `{"intent": 3, "at": TIME, "boot": ID, "bootMs": N, "timeoutMs": N, "apiUrl",
 * "companyId", "adAccountId", "audienceName"}`, `{"created": 3, "id": ID}`, `{"suspected": 3, "id":
 * ID}`,
 * `{"closed": 3}`.
 */
#ifndef RCN_APPLY_JOURNAL_H
#define RCN_APPLY_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/audience_sync.h"

struct rcn_journal;

/* One intent that is open. Strings belong to the journal. */
struct rcn_journal_entry {
    unsigned long long number;
    int64_t at_ms;      /* wall clock, when the line was written */
    int64_t steady_ms;  /* the same by the steady clock; -1: of another boot, or not known */
    int64_t timeout_ms; /* the request cannot have lasted longer than this after its start */
    const char *ad_account_id;
    const char *audience_name;
    const char *id;     /* of the live sync that it became, or may have become; NULL: not known */
    bool is_id_certain; /* an answer named it; else it only could be it */
    bool is_open;
};

/*
 * Opens and locks the journal of (api_url, company_id or NULL), making state_dir if need be.
 * RCN_ERROR_REFUSED when another process holds it; RCN_ERROR_FAILED when it cannot be written.
 */
struct rcn_journal *rcn_journal_new(const char *state_dir, const char *api_url,
                                    const char *company_id, struct rcn_error *err);
/* Unlocks. Empties the file when nothing is open and nothing unreadable is to be waited for. */
void rcn_journal_free(struct rcn_journal *journal);

/*
 * All journals of the API that hold lines, whatever their company, to look at: they are not locked,
 * and nothing can be added or closed. A file that cannot be read, or begins with something else, is
 * left out. The array is the caller's to free, after its journals: also when this fails, out of
 * memory.
 */
int rcn_journal_list(const char *state_dir, const char *api_url, struct rcn_journal ***ret,
                     size_t *ret_count, struct rcn_error *err);

const char *rcn_journal_get_path(const struct rcn_journal *journal);
/* NULL: the company of the key, which nobody knew. */
const char *rcn_journal_get_company(const struct rcn_journal *journal);
bool rcn_journal_has_unreadable(const struct rcn_journal *journal);
/* Whatever the unreadable lines were about has been waited for. */
void rcn_journal_forget_unreadable(struct rcn_journal *journal);

/* The entries by index; indices stay valid, closed ones included. */
size_t rcn_journal_get_count(const struct rcn_journal *journal);
const struct rcn_journal_entry *rcn_journal_get(const struct rcn_journal *journal, size_t index);

/* Adds an intent; it is durable after the next rcn_journal_flush. -1 and err when out of memory. */
int rcn_journal_add(struct rcn_journal *journal, const struct rcn_audience_sync *sync,
                    int64_t at_ms, int64_t steady_ms, int64_t timeout_ms, size_t *ret_index,
                    struct rcn_error *err);
/* Makes everything added so far durable. -1 and err: nothing that was added may be sent. */
int rcn_journal_flush(struct rcn_journal *journal, struct rcn_error *err);

/* Written with the next flush or at the end; losing them costs the next run a wait, no more. */
void rcn_journal_set_id(struct rcn_journal *journal, size_t index, const char *id, bool is_certain);
void rcn_journal_close(struct rcn_journal *journal, size_t index);

#endif
