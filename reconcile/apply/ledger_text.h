/*
 * ledger_text.h: what a ledger says of one company, as the files of its branch and back. Pure.
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

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/known.h"

/* Two machines' clocks may differ by this much (SPEC 5, ledger). */
enum { RCN_LEDGER_CLOCK_SKEW_MS = 300000 };

/* A create that a run has announced. */
struct rcn_ledger_intent {
    const char *run;    /* the id of the run */
    const char *where;  /* of the run, for people: a host, or the address of a CI job */
    int64_t at_ms;      /* wall clock of that machine */
    int64_t until_ms;   /* it sends nothing after this */
    int64_t timeout_ms; /* of one request */
    int64_t settle_ms;
    const char *newest;            /* intent.h; NULL: not known */
    struct rcn_audience_sync sync; /* id: what it became, or may have become; NULL: not known */
};

/* Wall clock: from then on nothing can come of it that a list would not show. */
int64_t rcn_ledger_intent_get_over_ms(const struct rcn_ledger_intent *intent);

/* What became of one create, in the log. */
struct rcn_ledger_result {
    const char *ad_account_id;
    const char *audience_name;
    const char *outcome; /* as in documents: `created`, `failed`, ... */
    const char *id;      /* NULL: not known */
};

struct rcn_ledger_apply {
    int64_t at_ms;
    const char *run;
    const char *who; /* NULL: nothing says */
    const char *where;
    const char *commit; /* of the manifests; NULL: they came from no commit */
    struct rcn_ledger_result *results;
    size_t result_count;
};

struct rcn_ledger_part {
    struct rcn_ledger_intent *intents;
    size_t intent_count;
    struct rcn_known_sync *syncs;
    size_t sync_count;
};

/* `api.sequenzy.com/comp_123`: bytes that would not do in a path are `%` and two digits. company_id
 * NULL: the company of the key, which nothing could say: `_`. */
char *rcn_ledger_get_folder(struct rcn_arena *arena, const char *api_url, const char *company_id);

/*
 * Reads open.jsonl and known.jsonl (NULL: absent) into the zeroed part; strings go into the arena,
 * every sync gets the company. -1 and err (`line 3 of open.jsonl is not as audiencectl writes it`)
 * for anything else: a ledger that cannot be read whole is not to be trusted in part.
 */
int rcn_ledger_part_read(struct rcn_ledger_part *ret, struct rcn_arena *arena,
                         const char *company_id, const char *open_text, const char *known_text,
                         struct rcn_error *err);

/* Appends the lines of one file, sorted by identity. */
void rcn_ledger_part_write_open(const struct rcn_ledger_part *part, struct rcn_buf *out);
void rcn_ledger_part_write_known(const struct rcn_ledger_part *part, struct rcn_buf *out);

/* The name of the log's file for a time: `log/2026-11.jsonl`. */
enum { RCN_LEDGER_LOG_NAME_SIZE = 32 };
void rcn_ledger_get_log_name(int64_t at_ms, char ret[RCN_LEDGER_LOG_NAME_SIZE]);
/* Appends the line of one apply. */
void rcn_ledger_apply_write(const struct rcn_ledger_apply *apply, struct rcn_buf *out);
/* Reads all lines of one log file; the array is in the arena. */
int rcn_ledger_log_read(struct rcn_arena *arena, const char *text, struct rcn_ledger_apply **ret,
                        size_t *ret_count, struct rcn_error *err);

#endif
