#include "apply/intents.h"

#include <stdlib.h>
#include <string.h>

#include "apply/journal.h"
#include "apply/journal_file.h"
#include "apply/ledger.h"
#include "base/clock.h"
#include "base/memory.h"

struct rcn_intents {
    struct rcn_arena *arena;
    const struct rcn_intents_options *options;
    struct rcn_journal **journals; /* locked */
    size_t journal_count;
    struct rcn_intent **list;
    size_t count;
    size_t capacity;
    bool is_in_doubt; /* beyond what the journals say */
};

static void list(struct rcn_intents *intents, struct rcn_intent *intent)
{
    if (intents->count == intents->capacity) {
        intents->capacity = intents->capacity ? intents->capacity * 2 : 64;
        intents->list = rcn_realloc(intents->list, intents->capacity * sizeof *intents->list);
    }
    intents->list[intents->count++] = intent;
}

static struct rcn_audience_sync copy_sync(struct rcn_arena *arena,
                                          const struct rcn_audience_sync *sync)
{
    struct rcn_audience_sync copy = *sync;
    const char **const texts[] = {&copy.id,
                                  &copy.company_id,
                                  &copy.ad_account_id,
                                  &copy.audience_name,
                                  &copy.segment_id,
                                  &copy.predefined_segment_id,
                                  &copy.frequency};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i])
            *texts[i] = rcn_arena_strdup(arena, *texts[i]);
    return copy;
}

/*
 * The open lines of other runs, each once. A run whose journal is ours now is dead: its requests
 * ended before, and no clocks have to be compared.
 */
static void list_ledger(struct rcn_intents *intents)
{
    struct rcn_intent *other;
    for (size_t i = 0; (other = rcn_ledger_get_other(intents->options->ledger, i)); i++) {
        bool is_listed = false;
        for (size_t j = 0; j < intents->count && !is_listed; j++) {
            const struct rcn_intent *listed = intents->list[j];
            is_listed = listed == other;
            if (listed->journal && listed->is_earlier && rcn_text_is_same(listed->run, other->run))
                other->over_ms = 0;
        }
        if (!is_listed)
            list(intents, other);
    }
}

static int open_journal(struct rcn_intents *intents, const char *company_id, struct rcn_error *err)
{
    struct rcn_journal *journal =
        rcn_journal_new(intents->options->state_dir, intents->options->api_url, company_id, err);
    if (!journal)
        return -1;
    intents->journals[intents->journal_count++] = journal;
    for (size_t i = 0; i < rcn_journal_get_count(journal); i++)
        list(intents, rcn_journal_get(journal, i));
    return 0;
}

/* May a journal of that company speak of the syncs of this run? It has not the same name. */
static bool may_be_ours(const struct rcn_intents_options *options, const char *company_id)
{
    bool has_unnamed = !company_id;
    for (size_t i = 0; i < options->company_count; i++) {
        if (rcn_text_is_same(options->company_ids[i], company_id))
            return false; /* opened as our own */
        has_unnamed |= !options->company_ids[i];
    }
    return has_unnamed;
}

/*
 * The last journal is not one of our own. With nothing open in it there is no need to hold it: a
 * run that opens it from now on finds ours held.
 */
static void let_go_if_quiet(struct rcn_intents *intents)
{
    struct rcn_journal *last = intents->journals[intents->journal_count - 1];
    if (intents->journal_count <= intents->options->company_count || rcn_journal_is_in_doubt(last))
        return;
    for (size_t i = 0; i < rcn_journal_get_count(last); i++)
        if (rcn_journal_get(last, i)->is_open)
            return;
    intents->count -= rcn_journal_get_count(last);
    intents->journal_count--;
    rcn_journal_free(last);
}

static int open_all(struct rcn_intents *intents, struct rcn_error *err)
{
    const struct rcn_intents_options *options = intents->options;
    const char *const *names;
    for (size_t i = 0; i < options->company_count; i++)
        if (open_journal(intents, options->company_ids[i], err))
            return -1;
    /* Our own are locked by now: of two runs that meet here at least one sees the other. */
    size_t name_count = rcn_journal_file_list(intents->arena, options->state_dir, &names);
    intents->journals = rcn_realloc(intents->journals, (options->company_count + name_count + 1) *
                                                           sizeof *intents->journals);
    for (size_t i = 0; i < name_count; i++) {
        struct rcn_journal *other =
            rcn_journal_peek(options->state_dir, names[i], options->api_url);
        const char *company_id = other ? rcn_journal_get_company(other) : NULL;
        int result =
            other && may_be_ours(options, company_id) ? open_journal(intents, company_id, err) : 0;
        rcn_journal_free(other);
        if (result)
            return -1;
        let_go_if_quiet(intents);
    }
    return 0;
}

struct rcn_intents *rcn_intents_open(const struct rcn_intents_options *options,
                                     struct rcn_error *err)
{
    struct rcn_intents *intents = rcn_calloc(1, sizeof *intents);
    intents->arena = rcn_arena_new(SIZE_MAX);
    intents->options = options;
    intents->journals = rcn_calloc(options->company_count + 1, sizeof *intents->journals);
    intents->is_in_doubt =
        options->ledger ? !rcn_ledger_exists(options->ledger) : !options->state_dir;
    if (options->state_dir && open_all(intents, err)) {
        rcn_intents_free(intents);
        return NULL;
    }
    if (options->ledger)
        list_ledger(intents);
    return intents;
}

void rcn_intents_free(struct rcn_intents *intents)
{
    if (!intents)
        return;
    for (size_t i = 0; i < intents->journal_count; i++)
        rcn_journal_free(intents->journals[i]);
    free(intents->journals);
    free(intents->list);
    rcn_arena_free(intents->arena);
    free(intents);
}

bool rcn_intents_are_in_doubt(const struct rcn_intents *intents)
{
    /* What ran elsewhere before is in the ledger: a place without a journal is not new then. */
    const bool has_ledger = intents->options->ledger && rcn_ledger_exists(intents->options->ledger);
    bool is_in_doubt = intents->is_in_doubt;
    for (size_t i = 0; i < intents->journal_count; i++)
        is_in_doubt |= has_ledger ? rcn_journal_has_unreadable(intents->journals[i])
                                  : rcn_journal_is_in_doubt(intents->journals[i]);
    return is_in_doubt;
}

void rcn_intents_clear_doubt(struct rcn_intents *intents)
{
    intents->is_in_doubt = false;
    for (size_t i = 0; i < intents->journal_count; i++)
        rcn_journal_clear_doubt(intents->journals[i]);
}

size_t rcn_intents_get_count(const struct rcn_intents *intents)
{
    return intents->count;
}

struct rcn_intent *rcn_intents_get(const struct rcn_intents *intents, size_t index)
{
    return intents->list[index];
}

static struct rcn_journal *find_journal(const struct rcn_intents *intents, const char *company_id)
{
    for (size_t i = 0; i < intents->journal_count; i++)
        if (rcn_text_is_same(rcn_journal_get_company(intents->journals[i]), company_id))
            return intents->journals[i];
    return NULL;
}

size_t rcn_intents_get_batch(const struct rcn_intents *intents, size_t needed, bool is_trusted)
{
    enum { JOURNAL_AHEAD = 32 };
    if (intents->options->ledger)
        return RCN_INTENTS_BATCH_MOST;
    return is_trusted ? needed + JOURNAL_AHEAD : needed;
}

int rcn_intents_announce(struct rcn_intents *intents, struct rcn_intent *announced, size_t count,
                         struct rcn_intent **ret, struct rcn_error *err)
{
    struct rcn_ledger *ledger = intents->options->ledger;
    int64_t good_until_ms = 0;
    enum rcn_ledger_push push =
        ledger ? rcn_ledger_announce(ledger, announced, count, &good_until_ms, err)
               : RCN_LEDGER_PUSHED;
    if (push == RCN_LEDGER_MOVED) {
        if (rcn_ledger_read_again(ledger, err))
            return -1;
        list_ledger(intents);
        return 1;
    }
    if (push != RCN_LEDGER_PUSHED)
        return rcn_error_wrap(err, "nothing could be announced in the ledger");
    /* In the journal, too: the next run in this state folder may use no ledger, or another one. */
    for (size_t i = 0; i < count; i++) {
        struct rcn_journal *journal = find_journal(intents, announced[i].sync.company_id);
        if (journal) {
            ret[i] = rcn_journal_add(journal, &announced[i]);
        } else {
            ret[i] = rcn_arena_alloc(intents->arena, sizeof *ret[i]);
            *ret[i] = announced[i];
            ret[i]->is_open = true;
        }
        ret[i]->good_until_ms = good_until_ms;
        if (ledger)
            rcn_ledger_own(ledger, ret[i]);
        list(intents, ret[i]);
    }
    for (size_t i = 0; i < intents->journal_count; i++)
        if (rcn_journal_flush(intents->journals[i], err))
            return -1;
    return 0;
}

void rcn_intents_end(struct rcn_intent *intent, int64_t at_ms, const char *outcome, const char *id)
{
    if (intent->journal)
        rcn_journal_end(intent, at_ms, outcome, id);
    else
        intent->sync.id = id;
}

void rcn_intents_close(struct rcn_intent *intent)
{
    if (intent->is_open && intent->journal)
        rcn_journal_close(intent);
    intent->is_open = false;
}

const struct rcn_known_sync *rcn_intents_find_known(const struct rcn_intents *intents,
                                                    const struct rcn_audience_sync *sync)
{
    const struct rcn_ledger *ledger = intents->options->ledger;
    return ledger ? rcn_ledger_find_known(ledger, sync) : NULL;
}

void rcn_intents_read(struct rcn_arena *arena, const char *state_dir, const char *api_url,
                      struct rcn_known *ret)
{
    const char *const *names;
    size_t name_count = rcn_journal_file_list(arena, state_dir, &names);
    struct rcn_journal **journals = rcn_calloc(name_count + 1, sizeof *journals);
    size_t most = ret->intent_count;
    for (size_t i = 0; i < name_count; i++) {
        journals[i] = rcn_journal_peek(state_dir, names[i], api_url);
        most += journals[i] ? rcn_journal_get_count(journals[i]) : 0;
    }
    struct rcn_known_intent *known = rcn_arena_calloc(arena, most, sizeof *known);
    for (size_t i = 0; i < ret->intent_count; i++)
        known[i] = ret->intents[i];
    ret->intents = known;
    for (size_t i = 0; i < name_count; i++) {
        for (size_t j = 0; journals[i] && j < rcn_journal_get_count(journals[i]); j++) {
            const struct rcn_intent *intent = rcn_journal_get(journals[i], j);
            if (!intent->is_open)
                continue;
            struct rcn_known_intent *copy = &known[ret->intent_count++];
            copy->sync = copy_sync(arena, &intent->sync);
            copy->until_ms = intent->at_ms + intent->timeout_ms + intent->settle_ms;
        }
        rcn_journal_free(journals[i]);
    }
    free(journals);
}
