#include "apply/intents.h"

#include <stdlib.h>

#include "apply/journal_file.h"
#include "apply/ledger.h"
#include "base/memory.h"

struct rcn_intents {
    struct rcn_arena *arena;
    const struct rcn_intents_options *options;
    struct rcn_journal **journals; /* locked */
    size_t journal_count;
    struct rcn_intent **list;
    size_t count;
    bool is_in_doubt; /* beyond what the journals say */
};

static void list(struct rcn_intents *intents, struct rcn_intent *intent)
{
    intents->list = rcn_grow(intents->list, intents->count, sizeof *intents->list);
    intents->list[intents->count++] = intent;
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
            if (!listed->journal || !listed->is_earlier ||
                !rcn_text_is_same(listed->run, other->run))
                continue;
            other->over_ms = 0;
            /* Its last push was lost, and what the answer named with it. */
            if (!other->sync.id && rcn_identity_compare(&listed->sync, &other->sync) == 0)
                other->sync.id = listed->sync.id;
        }
        if (!is_listed)
            list(intents, other);
    }
}

/* One that is not our own need not be held while it is quiet: a run that opens it from now on finds
 * ours held. */
static int open_journal(struct rcn_intents *intents, const char *company_id, bool is_own,
                        struct rcn_error *err)
{
    struct rcn_journal *journal = rcn_journal_new(intents->arena, intents->options->state_dir,
                                                  intents->options->api_url, company_id, err);
    if (!journal)
        return -1;
    if (!is_own && rcn_journal_is_quiet(journal)) {
        rcn_journal_free(journal);
        return 0;
    }
    intents->journals =
        rcn_grow(intents->journals, intents->journal_count, sizeof *intents->journals);
    intents->journals[intents->journal_count++] = journal;
    for (size_t i = 0; i < journal->count; i++)
        list(intents, journal->intents[i]);
    return 0;
}

static struct rcn_journal *find_journal(const struct rcn_intents *intents, const char *company_id)
{
    for (size_t i = 0; i < intents->journal_count; i++)
        if (rcn_text_is_same(intents->journals[i]->company_id, company_id))
            return intents->journals[i];
    return NULL;
}

static int open_all(struct rcn_intents *intents, struct rcn_error *err)
{
    const struct rcn_intents_options *options = intents->options;
    bool has_unnamed = false;
    for (size_t i = 0; i < options->company_count; i++) {
        has_unnamed |= !options->company_ids[i];
        if (open_journal(intents, options->company_ids[i], true, err))
            return -1;
    }
    /* Our own are locked by now: of two runs that meet here at least one sees the other. */
    const char *const *paths;
    size_t path_count;
    if (rcn_journal_file_list(intents->arena, options->state_dir, &paths, &path_count, err))
        return -1;
    for (size_t i = 0; i < path_count; i++) {
        struct rcn_journal *other;
        if (rcn_journal_peek(intents->arena, paths[i], options->api_url, &other, err))
            return -1;
        if (!other)
            continue;
        /* It may speak of the syncs of this run when one of the two names no company. */
        const char *company_id = other->company_id;
        const bool is_wanted = has_unnamed || !company_id;
        rcn_journal_free(other);
        if (is_wanted && !find_journal(intents, company_id) &&
            open_journal(intents, company_id, false, err))
            return -1;
    }
    return 0;
}

struct rcn_intents *rcn_intents_open(const struct rcn_intents_options *options,
                                     struct rcn_error *err)
{
    struct rcn_intents *intents = rcn_calloc(1, sizeof *intents);
    intents->arena = rcn_arena_new(SIZE_MAX);
    intents->options = options;
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
        is_in_doubt |= has_ledger ? intents->journals[i]->has_unreadable
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

int rcn_intents_announce(struct rcn_intents *intents, struct rcn_intent *fresh, size_t count,
                         struct rcn_error *err)
{
    struct rcn_ledger *ledger = intents->options->ledger;
    enum rcn_ledger_push push =
        ledger ? rcn_ledger_announce(ledger, fresh, count, err) : RCN_LEDGER_PUSHED;
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
        struct rcn_journal *journal = find_journal(intents, fresh[i].sync.company_id);
        fresh[i].is_open = true;
        if (journal)
            rcn_journal_add(journal, &fresh[i]);
        list(intents, &fresh[i]);
    }
    for (size_t i = 0; i < intents->journal_count; i++)
        if (rcn_journal_flush(intents->journals[i], err))
            return -1;
    return 0;
}

void rcn_intents_read(struct rcn_arena *arena, const char *state_dir, const char *api_url,
                      struct rcn_known *ret)
{
    const char *const *paths;
    size_t path_count;
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (rcn_journal_file_list(arena, state_dir, &paths, &path_count, &ignored))
        return;
    for (size_t i = 0; i < path_count; i++) {
        struct rcn_journal *journal;
        if (rcn_journal_peek(arena, paths[i], api_url, &journal, &ignored) || !journal)
            continue;
        struct rcn_known_intent *known =
            rcn_arena_calloc(arena, ret->intent_count + journal->count, sizeof *known);
        for (size_t j = 0; j < ret->intent_count; j++)
            known[j] = ret->intents[j];
        ret->intents = known;
        for (size_t j = 0; j < journal->count; j++) {
            const struct rcn_intent *intent = journal->intents[j];
            if (intent->is_open)
                known[ret->intent_count++] = (struct rcn_known_intent){
                    .sync = intent->sync,
                    .until_ms = intent->at_ms + intent->timeout_ms + intent->settle_ms};
        }
        rcn_journal_free(journal);
    }
}
