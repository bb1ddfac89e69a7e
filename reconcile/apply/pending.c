/*
 * What earlier runs on this machine left open, and what this one writes down: the part of run.h
 * that knows the journal.
 */
#include <stdlib.h>
#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "base/time.h"

/* Reads follow each other after 1, 2, 4, 4, ... seconds (SPEC 5). */
enum { FIRST_PAUSE_MS = 1000, LAST_PAUSE_MS = 4000 };

static int open_for_company(struct run *run, const char *company_id, struct rcn_error *err)
{
    struct rcn_journal *journal =
        rcn_journal_new(run->options->state_dir, rcn_api_get_url(run->api), company_id, err);
    if (!journal)
        return -1;
    run->journals[run->journal_count++] = journal;
    for (size_t i = 0; i < run->item_count; i++)
        if (rcn_text_is_same(run->items[i].row->desired->sync.company_id, company_id))
            run->items[i].journal = journal;
    return 0;
}

static bool is_own(const struct run *run, const struct rcn_journal *journal)
{
    for (size_t i = 0; i < run->journal_count; i++)
        if (strcmp(rcn_journal_get_path(run->journals[i]), rcn_journal_get_path(journal)) == 0)
            return true;
    return false;
}

/* May the item's company be the journal's, though they have not the same name? */
static bool may_be_of(const struct item *item, const struct rcn_journal *journal)
{
    return !rcn_journal_get_company(journal) || !item->row->desired->sync.company_id;
}

static bool may_be_of_any(const struct run *run, const struct rcn_journal *journal)
{
    for (size_t i = 0; i < run->item_count; i++)
        if (may_be_of(&run->items[i], journal))
            return true;
    return false;
}

static int list_doubtful(struct run *run, struct rcn_error *err)
{
    size_t count;
    int result = rcn_journal_list(run->options->state_dir, rcn_api_get_url(run->api),
                                  &run->doubtful, &count, err);
    for (size_t i = 0; i < count; i++) {
        struct rcn_journal *journal = run->doubtful[i];
        if (is_own(run, journal) || !may_be_of_any(run, journal))
            rcn_journal_free(journal);
        else
            run->doubtful[run->doubtful_count++] = journal;
    }
    return result;
}

static int open_own(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    run->journals =
        rcn_arena_calloc(run->scratch, live->company_count, sizeof(struct rcn_journal *));
    if (!run->journals)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < live->company_count; i++) {
        const char *company_id = live->companies[i].company_id;
        bool has_items = false;
        for (size_t j = 0; !has_items && j < run->item_count; j++)
            has_items = rcn_text_is_same(run->items[j].row->desired->sync.company_id, company_id);
        if (has_items && open_for_company(run, company_id, err))
            return -1;
    }
    return 0;
}

int run_open_journals(struct run *run, const struct rcn_live_state *live, struct rcn_error *err)
{
    if (!run->options->state_dir)
        return 0;
    return open_own(run, live, err) || list_doubtful(run, err) ? -1 : 0;
}

/* --- entries of earlier runs --- */

static struct item *find_item(struct run *run, const struct rcn_journal *journal,
                              const struct rcn_journal_entry *entry)
{
    const bool is_doubtful = !is_own(run, journal);
    for (size_t i = 0; i < run->item_count; i++) {
        const struct rcn_audience_sync *sync = &run->items[i].row->desired->sync;
        bool is_of =
            is_doubtful ? may_be_of(&run->items[i], journal) : run->items[i].journal == journal;
        if (is_of && strcmp(sync->ad_account_id, entry->ad_account_id) == 0 &&
            strcmp(sync->audience_name, entry->audience_name) == 0)
            return &run->items[i];
    }
    return NULL;
}

static const struct rcn_live_sync *find_live_id(const struct run *run, const char *id)
{
    for (size_t i = 0; i < run->latest->company_count; i++) {
        const struct rcn_live_company *company = &run->latest->companies[i];
        for (size_t j = 0; j < company->sync_count; j++)
            if (strcmp(company->syncs[j].sync.id, id) == 0)
                return &company->syncs[j];
    }
    return NULL;
}

static bool speaks_of(const struct rcn_plan_row *row, const struct rcn_live_sync *live)
{
    return row->live_count && strcmp(row->live[0]->sync.id, live->sync.id) == 0;
}

/* Some manifest row speaks of the live sync, selected or not: then it is nobody's lost create. */
static bool is_managed(const struct run *run, const struct rcn_live_sync *live)
{
    for (size_t i = 0; i < run->plan->row_count; i++)
        if (speaks_of(&run->plan->rows[i], live))
            return true;
    for (size_t i = 0; i < run->plan->managed_elsewhere_count; i++)
        if (strcmp(run->plan->managed_elsewhere[i]->id, live->sync.id) == 0)
            return true;
    return false;
}

/*
 * The item was created by an earlier run, and the API keeps it under another name. Creating it
 * again would make a second one each time.
 */
static void give_up_renamed(struct run *run, struct item *item, const struct rcn_journal *journal,
                            const struct rcn_live_sync *live)
{
    item->state = ITEM_DONE;
    item->result->outcome = RCN_OUTCOME_NOT_ATTEMPTED;
    item->result->id = run_text(run, "%s", live->sync.id);
    item->result->error = run_text(
        run,
        "an earlier run created it as %s, or may have, and the API lists that one as '%s' (%s): "
        "write that in the manifest, or, if it is another sync, remove '%s' and run again",
        live->sync.id, live->sync.audience_name, live->sync.ad_account_id,
        rcn_journal_get_path(journal));
}

/* When the line was written: of two clocks, of which the wall clock may have been set, the later.
 */
static int64_t get_written_ms(const struct rcn_journal_entry *entry)
{
    int64_t written_ms = rcn_clock_steady_ms() - (rcn_clock_wall_ms() - entry->at_ms);
    return entry->steady_ms > written_ms ? entry->steady_ms : written_ms;
}

/*
 * The steady time at which the entry's create is in the list, if it ever arrived. Its request ended
 * at the latest when this run began, and at the latest a timeout after it was written down.
 */
static int64_t get_settled_ms(const struct run *run, const struct rcn_journal_entry *entry,
                              int64_t began_ms)
{
    int64_t ended_ms = get_written_ms(entry) + entry->timeout_ms + RUN_ENTRY_FRESH_MS;
    return (ended_ms < began_ms ? ended_ms : began_ms) + run->options->settle_ms;
}

/* Our clock and the server's may differ by this much when it says when a sync was created. */
enum { CLOCK_SKEW_MS = 300000 };

/* A time that is still to come says nothing: the clock was wrong then, or is now. */
static bool is_created_since(const struct rcn_live_sync *live, int64_t at_ms)
{
    int64_t created_ms;
    return at_ms > rcn_clock_wall_ms() + CLOCK_SKEW_MS || !live->created_at ||
           !rcn_time_parse(live->created_at, &created_ms) || created_ms >= at_ms - CLOCK_SKEW_MS;
}

/* An answer named it: then it is no other entry's. */
static bool is_claimed(const struct rcn_journal *journal, const struct rcn_live_sync *live)
{
    for (size_t i = 0; i < rcn_journal_get_count(journal); i++) {
        const struct rcn_journal_entry *entry = rcn_journal_get(journal, i);
        if (entry->is_open && entry->is_id_certain && rcn_text_is_same(entry->id, live->sync.id))
            return true;
    }
    return false;
}

/*
 * The create of the entry was sent by a run that did not live to see the answer, and its identity
 * never showed up: it never arrived, or the server made another name of it. This finds what it may
 * have become: an unmanaged sync that could be the item and is not older than the entry. One such
 * sync is held against every entry that it could be, for nobody can say which one it is.
 */
static const struct rcn_live_sync *find_suspect(struct run *run, const struct item *item,
                                                const struct rcn_journal *journal,
                                                const struct rcn_journal_entry *entry)
{
    for (size_t i = 0; i < run->latest->company_count; i++) {
        const struct rcn_live_company *company = &run->latest->companies[i];
        for (size_t j = 0; j < company->sync_count; j++) {
            const struct rcn_live_sync *live = &company->syncs[j];
            if (run_could_be(item, live) && is_created_since(live, entry->at_ms) &&
                !run_is_item(run, live) && !is_managed(run, live) && !is_claimed(journal, live))
                return live;
        }
    }
    return NULL;
}

static bool has_identity(const struct rcn_live_sync *live, const struct rcn_journal_entry *entry)
{
    return strcmp(live->sync.ad_account_id, entry->ad_account_id) == 0 &&
           strcmp(live->sync.audience_name, entry->audience_name) == 0;
}

/* An entry whose id is live. Under its own identity all is well; under another one it stays open.
 */
static void judge_live_entry(struct run *run, struct rcn_journal *journal, size_t index,
                             const struct rcn_live_sync *live, struct item *item)
{
    if (has_identity(live, rcn_journal_get(journal, index)) || is_managed(run, live))
        rcn_journal_close(journal, index);
    else if (item)
        give_up_renamed(run, item, journal, live);
}

/* One open entry against the latest list. Returns the time to wait for; 0: nothing to wait for. */
static int64_t judge_entry(struct run *run, struct rcn_journal *journal, size_t index,
                           int64_t began_ms)
{
    const struct rcn_journal_entry *entry = rcn_journal_get(journal, index);
    if (!entry->is_open)
        return 0;
    struct item *item = find_item(run, journal, entry);
    if (item && item->seen_count) {
        item->was_asked_before = true;
        rcn_journal_close(journal, index);
        return 0;
    }
    const struct rcn_live_sync *live = entry->id ? find_live_id(run, entry->id) : NULL;
    if (live) {
        judge_live_entry(run, journal, index, live, item);
        return 0;
    }
    int64_t settled_ms = get_settled_ms(run, entry, began_ms);
    if (run->read_started_ms < settled_ms)
        return item ? settled_ms : 0;
    /* Also when an answer named an id: the list may have it under another one, and renamed. */
    live = item ? find_suspect(run, item, journal, entry) : NULL;
    if (live) {
        rcn_journal_set_id(journal, index, live->sync.id, false);
        give_up_renamed(run, item, journal, live);
        return 0;
    }
    rcn_journal_close(journal, index); /* it never arrived, or is gone again */
    return 0;
}

/* The same of a journal that is only looked at: its entries stay as they are. */
static int64_t judge_doubtful_entry(struct run *run, const struct rcn_journal *journal,
                                    const struct rcn_journal_entry *entry, int64_t began_ms)
{
    struct item *item = entry->is_open ? find_item(run, journal, entry) : NULL;
    if (!item || item->state == ITEM_DONE)
        return 0;
    if (item->seen_count) {
        item->was_asked_before = true;
        return 0;
    }
    const struct rcn_live_sync *live = entry->id ? find_live_id(run, entry->id) : NULL;
    int64_t settled_ms = get_settled_ms(run, entry, began_ms);
    if (!live && run->read_started_ms < settled_ms)
        return settled_ms;
    if (!live)
        live = find_suspect(run, item, journal, entry);
    if (live && !is_managed(run, live))
        give_up_renamed(run, item, journal, live);
    return 0;
}

static int64_t judge_doubtful(struct run *run, int64_t began_ms)
{
    int64_t until_ms = 0;
    for (size_t i = 0; i < run->doubtful_count; i++)
        for (size_t j = 0; j < rcn_journal_get_count(run->doubtful[i]); j++) {
            int64_t entry_ms = judge_doubtful_entry(run, run->doubtful[i],
                                                    rcn_journal_get(run->doubtful[i], j), began_ms);
            until_ms = entry_ms > until_ms ? entry_ms : until_ms;
        }
    return until_ms;
}

/* The latest time that some entry asks to wait for; 0: none. */
static int64_t judge_entries(struct run *run, int64_t began_ms)
{
    int64_t until_ms = judge_doubtful(run, began_ms);
    for (size_t i = 0; i < run->journal_count; i++) {
        struct rcn_journal *journal = run->journals[i];
        for (size_t j = 0; j < rcn_journal_get_count(journal); j++) {
            int64_t entry_ms = judge_entry(run, journal, j, began_ms);
            until_ms = entry_ms > until_ms ? entry_ms : until_ms;
        }
        /* What the line said is lost; it may have been any of the items. */
        int64_t settled_ms = began_ms + run->options->settle_ms;
        if (run->read_started_ms >= settled_ms)
            rcn_journal_forget_unreadable(journal);
        if (rcn_journal_has_unreadable(journal) && settled_ms > until_ms)
            until_ms = settled_ms;
    }
    return until_ms;
}

int run_await_pending(struct run *run, struct rcn_error *err)
{
    const int64_t began_ms = rcn_clock_steady_ms();
    int64_t pause_ms = FIRST_PAUSE_MS;
    for (;;) {
        int64_t until_ms = judge_entries(run, began_ms);
        if (until_ms == 0)
            return 0;
        int64_t next_ms = rcn_clock_steady_ms() + pause_ms;
        run_wait(run, next_ms < until_ms ? next_ms : until_ms,
                 "a create of an earlier run may still show up");
        if (run_get_signal(run))
            return rcn_error_set(err, RCN_ERROR_INTERRUPTED,
                                 "interrupted before anything was created");
        if (run_read_list(run, err))
            return -1;
        pause_ms = pause_ms * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause_ms * 2;
    }
}

/* --- entries of this run --- */

static bool has_fresh_entry(const struct item *item)
{
    return item->has_entry && rcn_clock_steady_ms() - item->entry_at_ms < RUN_ENTRY_FRESH_MS;
}

static int add_entry(struct run *run, struct item *item, struct rcn_error *err)
{
    size_t entry;
    if (rcn_journal_add(item->journal, &item->row->desired->sync, rcn_clock_wall_ms(),
                        rcn_clock_steady_ms(), run->options->timeout_ms, &entry, err))
        return -1;
    if (item->has_entry)
        rcn_journal_close(item->journal, item->entry);
    item->entry = entry;
    item->has_entry = true;
    item->entry_at_ms = rcn_clock_steady_ms();
    return 0;
}

static bool are_fresh(struct item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i]->journal && !has_fresh_entry(items[i]))
            return false;
    return true;
}

int run_journal_items(struct run *run, struct item *const *items, size_t needed, size_t count,
                      struct rcn_error *err)
{
    if (are_fresh(items, needed))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (items[i]->journal && !has_fresh_entry(items[i]) && add_entry(run, items[i], err))
            return -1;
    for (size_t i = 0; i < run->journal_count; i++)
        if (rcn_journal_flush(run->journals[i], err))
            return -1;
    return 0;
}
