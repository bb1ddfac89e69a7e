/*
 * What must hold, judged by the server's truth. It knows what was asked for and by whom, and
 * nothing of how the product comes to its results.
 */
#include <string.h>
#include <strings.h>

#include "sim.h"

/* A person's doing that came this long before a create was on every list that apply should look at:
 * it reads one at least once a minute. */
enum { READ_EVERY_MS = 60000, SLACK_MS = 30000 };

/* --- a create takes effect --- */

/* The row of the manifests that asks for it; NULL: none. */
static const struct sim_want *find_want(const struct sim_process *process, const char *name)
{
    for (unsigned i = 0; i < SIM_NAMES; i++)
        if (process->may_create >> i & 1 && strcmp(process->wants[i].name, name) == 0)
            return &process->wants[i];
    return NULL;
}

/* Nothing is created that no row asks for, nor anything else than it asks for. */
static const struct sim_want *check_asked(const struct sim_sync *sync,
                                          const struct sim_process *process)
{
    const struct sim_want *want = find_want(process, sync->asked);
    if (!want) {
        sim_fail("apply %d creates %s, '%s', which it may not create", sync->by, sync->id,
                 sync->asked);
        return NULL;
    }
    const char *segment = want->template ? sim_server_get_segment(want->template) : want->segment;
    if (strcmp(segment, sync->asked_segment) != 0 || strcmp(sync->account, "act_1") != 0 ||
        (process->own_company == SIM_NAMED && sync->company != want->company))
        sim_fail("apply %d creates %s, '%s', with another segment, account or company than asked",
                 sync->by, sync->id, sync->asked);
    return want;
}

/*
 * A run that names no company has to see, after its approval, that the key's own is still the one
 * that it compared with. What happens after that look no client can see. (The key of an account
 * that cannot be read never moves.)
 */
static void check_company(const struct sim_sync *sync, struct sim_process *process,
                          const struct sim_asked *asked)
{
    if (process->own_company < 0 || process->own_company == sync->company)
        return;
    process->is_excused = true;
    sim_count(SIM_EXCUSED);
    if (asked->account_ms < process->approved_ms)
        sim_fail("apply %d creates %s in %s without a look at whose the key is now", sync->by,
                 sync->id, sim_company_id(sync->company));
    if (asked->account_company != process->own_company)
        sim_fail("apply %d creates %s in %s, which it knew to be another company", sync->by,
                 sync->id, sim_company_id(sync->company));
}

/* Was there a list that shows what a person did then, before the create was sent? */
static bool could_see(const struct sim_process *process, const struct sim_asked *asked,
                      int64_t done_ms)
{
    return !process->paused_ms &&
           asked->at_ms > done_ms + sim_server.bound_ms + READ_EVERY_MS + SLACK_MS;
}

/* `replaces` allows a second one beside what is not live under the name itself. */
static bool is_replaced(const struct sim_sync *other, const struct sim_sync *sync,
                        const struct sim_want *want)
{
    bool is_replaced =
        strcmp(want->replaces, other->id) == 0 && strcmp(other->name, sync->asked) != 0;
    if (is_replaced)
        sim_count(SIM_REPLACED);
    return is_replaced;
}

/* Do they run in one state folder, where the journal of the one is that of the other? */
static bool share_journal(const struct sim_process *process, const char *place)
{
    return !strchr(process->place, '*') && strcmp(process->place, place) == 0;
}

/*
 * Of a template whose display name no one knows, a live sync with another name is known by who made
 * it alone: by the ledger, or by an open line in the journal of that place. A line that was closed,
 * before a person renamed the sync, knows nothing of it.
 */
static bool is_unknowable(const struct sim_sync *other, const struct sim_process *process,
                          const struct sim_asked *asked, const struct sim_want *want)
{
    /* No line of its company speaks of it: the list alone does, once it shows it. */
    if (!other->place && !could_see(process, asked, other->committed_ms)) {
        sim_count(SIM_UNKNOWABLE);
        return true;
    }
    if (!want->template || strcmp(want->template, "recent-buyers") == 0 ||
        strcmp(other->name, want->name) == 0)
        return false;
    if (other->place &&
        (sim_server.has_ledger || (!other->touched_ms && share_journal(process, other->place))))
        return false;
    sim_count(SIM_UNKNOWABLE);
    return true;
}

/* Whatever may still come of a create, the branch says so until it has come. */
static void check_open(const struct sim_sync *sync, const struct sim_process *process)
{
    struct sim_line lines[SIM_LINES_MAX];
    const size_t count = sim_server.has_ledger ? sim_remote_list_lines(lines) : 0;
    bool is_open = !sim_server.has_ledger || sim_remote_find_witness() >= 0;
    for (size_t i = 0; i < count; i++)
        is_open |= lines[i].by == process->number && strcmp(lines[i].name, sync->asked) == 0;
    if (!is_open)
        sim_fail("%s, '%s', takes effect when its line on the branch is closed", sync->id,
                 sync->asked);
}

/* Called for every create that takes effect: the sync is in the truth already. */
void sim_oracle_commit(const struct sim_sync *sync, struct sim_process *process,
                       const struct sim_asked *asked)
{
    const struct sim_want *want = check_asked(sync, process);
    check_company(sync, process, asked);
    if (process->word == SIM_SAID_UNSENT || process->word == SIM_SAID_ALL)
        sim_fail("apply %d has ended and said that %s, and its %s comes later", sync->by,
                 process->word == SIM_SAID_ALL ? "the list had the last word" : "nothing was sent",
                 sync->id);
    check_open(sync, process);
    if (process->is_excused || !want)
        return;
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *other = &sim_server.syncs[i];
        if (other == sync || !sim_sync_is_live(other) || other->company != sync->company ||
            sync->is_second || is_replaced(other, sync, want))
            continue;
        if (other->by == SIM_BY_PERSON) {
            if (strcmp(other->name, sync->asked) == 0 && could_see(process, asked, other->named_ms))
                sim_fail("'%s' was there as %s, made by a person, long before apply %d created %s",
                         sync->asked, other->id, sync->by, sync->id);
        } else if (strcmp(other->asked, sync->asked) != 0 ||
                   is_unknowable(other, process, asked, want)) {
            continue;
        } else if (!other->touched_ms) {
            sim_fail("'%s' is live twice: %s by apply %d and %s by apply %d", sync->asked,
                     other->id, other->by, sync->id, sync->by);
        } else if (strcmp(other->segment, sync->asked_segment) == 0 &&
                   could_see(process, asked, other->touched_ms)) {
            sim_fail("'%s' was there as %s, renamed by a person, long before apply %d created %s",
                     sync->asked, other->id, sync->by, sync->id);
        }
    }
}

/* --- a create is sent --- */

/*
 * A process that is stopped between its last look at the clock and the send cannot know, nor one
 * that is stopped before it has seen that the read is over.
 */
static bool was_just_stopped(const struct sim_process *process, int company)
{
    enum { SEND_CALLS = 5, READ_CALLS = 16 }; /* from the last look at the clock, to it */
    const unsigned stop = process->pause_at_call;
    const unsigned listed_call = process->listed_call[company];
    bool was_stopped = stop && process->calls >= stop &&
                       (process->calls - stop < SEND_CALLS ||
                        (stop >= listed_call && stop - listed_call < READ_CALLS));
    if (was_stopped)
        sim_count(SIM_STOPPED);
    return was_stopped;
}

static int64_t get_wall_ms(const struct sim_process *process)
{
    return SIM_EPOCH_MS + sim.now_ms + sim.machines[process->machine].wall_offset_ms;
}

/*
 * The ledger's protocol: announced by this run and in its time, and by no other whose is not over.
 * (In one state folder the journal knows that the other run is dead, and waits by its own rules.)
 */
static void check_lines(const struct sim_process *process, const char *name, int company)
{
    struct sim_line lines[SIM_LINES_MAX];
    const size_t count = sim_remote_list_lines(lines);
    const struct sim_want *want = find_want(process, name);
    const int64_t wall_ms = get_wall_ms(process);
    bool is_announced = false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(lines[i].name, name) != 0)
            continue;
        if (lines[i].by == process->number)
            is_announced |= wall_ms <= lines[i].until_ms + 1000; /* it has whole seconds */
        else if (want && want->replaces[0] && strcmp(lines[i].id, want->replaces) == 0)
            continue; /* what came of it is known, and wanted no more */
        else if (!share_journal(process, sim_get_place(lines[i].by)) &&
                 lines[i].company == company && wall_ms < lines[i].over_ms)
            sim_fail("apply %u sends '%s', which apply %u has announced for another %.1f s",
                     process->number, name, lines[i].by,
                     (double)(lines[i].over_ms - wall_ms) / 1000);
    }
    if (!is_announced)
        sim_fail("apply %u sends '%s', and no line on the branch announces it now", process->number,
                 name);
}

/* The line of another run is closed only when nothing can come of it any more. */
void sim_oracle_push(const struct sim_process *process, const struct sim_line *before,
                     size_t before_count, const struct sim_line *after, size_t after_count)
{
    for (size_t i = 0; i < before_count; i++) {
        const struct sim_line *line = &before[i];
        bool stays = line->by == process->number ||
                     share_journal(process, sim_get_place(line->by)) ||
                     line->over_ms <= get_wall_ms(process);
        for (size_t j = 0; j < after_count; j++)
            stays |= after[j].by == line->by && strcmp(after[j].name, line->name) == 0;
        if (!stays)
            sim_fail("apply %u closes the line of '%s' by apply %u, which is good for another "
                     "%.1f s",
                     process->number, line->name, line->by,
                     (double)(line->over_ms - get_wall_ms(process)) / 1000);
    }
}

/* A create goes out while the end of the latest read of its company's list is a minute ago at
 * most. */
void sim_oracle_send(const struct sim_process *process, const char *name, int company,
                     bool is_named)
{
    if (!is_named) /* the key's own may have changed since it was read */
        company = process->listed_ms[1] > process->listed_ms[0];
    int64_t age_ms = sim.now_ms - process->listed_ms[company];
    if (age_ms > READ_EVERY_MS + 1000 && !was_just_stopped(process, company))
        sim_fail("apply %u sends a create on a list that is %.1f s old", process->number,
                 (double)age_ms / 1000);
    if (process->saw_rewind)
        sim_fail("apply %u sends a create, and the ledger went back", process->number);
    if (process->uploads_ms)
        sim_fail("apply %u sends a create while it waits for uploads", process->number);
    if (sim_server.has_ledger && !was_just_stopped(process, company))
        check_lines(process, name, company);
}

/* --- what a run says --- */

/* A run that does not know the key's company means the first: it never moves then. */
static bool is_of_company(const struct sim_sync *sync, const char *company_id)
{
    return strcmp(sim_company_id(sync->company), company_id ? company_id : sim_company_id(0)) == 0;
}

static bool has_identity(const struct sim_sync *sync, const struct rcn_audience_sync *asked)
{
    return is_of_company(sync, asked->company_id) &&
           strcmp(sync->account, asked->ad_account_id) == 0 &&
           strcmp(sync->name, asked->audience_name) == 0;
}

/* The time of the list that the run has seen last. Lists count together: with one of a company
 * missing, the others say nothing. */
static int64_t get_seen_ms(const struct sim_process *process)
{
    int64_t seen_ms = process->seen_ms[0];
    if (sim_server.reaches_all && process->seen_ms[1] < seen_ms)
        seen_ms = process->seen_ms[1];
    return seen_ms;
}

static bool was_shown(const struct sim_sync *sync, const struct sim_process *process)
{
    int64_t seen_ms = get_seen_ms(process);
    return sync->deleted_ms > seen_ms && sync->shown_ms <= seen_ms && sync->named_ms <= seen_ms;
}

/* Has a person worked at it since the run began, or just before? */
static bool has_persons_hand(const struct sim_process *process,
                             const struct rcn_audience_sync *asked)
{
    const int64_t since_ms = process->started_ms - sim_server.bound_ms;
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *sync = &sim_server.syncs[i];
        bool is_recent = (sync->by == SIM_BY_PERSON && sync->named_ms >= since_ms) ||
                         sync->touched_ms >= since_ms ||
                         (sync->deleted_ms >= since_ms && !sim_sync_is_live(sync));
        if (is_recent &&
            (has_identity(sync, asked) || strcmp(sync->asked, asked->audience_name) == 0))
            return true;
    }
    return false;
}

/* What the result says about the sync must be so. */
static void check_claim(const struct sim_process *process, const struct rcn_audience_sync *asked,
                        const struct rcn_result *result)
{
    const struct sim_sync *named = sim_server_find(result->id);
    if (result->id && !named)
        sim_fail("'%s' is reported as %s, which never was", asked->audience_name, result->id);
    if (result->outcome == RCN_OUTCOME_CREATED && !result->error && named &&
        named->by == SIM_BY_PERSON &&
        (!has_persons_hand(process, asked) || named->shown_ms < process->started_ms))
        sim_fail("'%s' is reported as created, and %s is a person's", asked->audience_name,
                 named->id);
    if (result->is_verified && (!named || !has_identity(named, asked)) &&
        !has_persons_hand(process, asked))
        sim_fail("'%s' is reported as verified, and %s is not it", asked->audience_name,
                 result->id ? result->id : "nothing");
}

/*
 * What the run's requests made must be in its report. Where the list has not had the last word, the
 * API may have refused what it has created all the same; but what was sent was attempted.
 */
static void check_reported(const struct sim_process *process, const struct rcn_audience_sync *asked,
                           const struct rcn_result *result)
{
    const bool is_open = process->word == SIM_SAID_OPEN;
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *sync = &sim_server.syncs[i];
        if (sync->by != (int)process->number || strcmp(sync->asked, asked->audience_name) != 0 ||
            !is_of_company(sync, asked->company_id) ||
            (has_persons_hand(process, asked) && result->outcome != RCN_OUTCOME_NOT_ATTEMPTED))
            continue;
        if (result->outcome == RCN_OUTCOME_NOT_ATTEMPTED ||
            (result->outcome == RCN_OUTCOME_FAILED && !is_open))
            sim_fail("%s was created for '%s', which is reported as %s", sync->id,
                     asked->audience_name, rcn_outcome_names[result->outcome]);
        if (result->outcome == RCN_OUTCOME_UNKNOWN && !result->id && !is_open)
            sim_fail("%s was created for '%s', the list shows it, and it is reported as unknown",
                     sync->id, asked->audience_name);
    }
}

/* Exit 0 says that every row is there exactly once. */
static void check_complete(const struct sim_process *process, const struct rcn_audience_sync *asked)
{
    int live = 0;
    int shown = 0;
    for (int i = 0; i < sim_server.count; i++) {
        const struct sim_sync *sync = &sim_server.syncs[i];
        if (!has_identity(sync, asked))
            continue;
        live += sync->deleted_ms > process->started_ms;
        /* Where one is hidden and another one shown between two pages, a third is on neither. */
        shown += was_shown(sync, process) && sync->listed_ms >= get_seen_ms(process);
    }
    if (live == 0 && !has_persons_hand(process, asked))
        sim_fail("exit 0, and '%s' is not live", asked->audience_name);
    if (shown > 1)
        sim_fail("exit 0, and the list shows '%s' %d times", asked->audience_name, shown);
}

/* What --wait says of the first upload. */
static void check_upload(const struct sim_process *process, const struct rcn_result *result)
{
    static const unsigned ends[RCN_UPLOAD_COUNT] = {
        [RCN_UPLOAD_DONE] = 0, [RCN_UPLOAD_ERROR] = 1, [RCN_UPLOAD_DISCONNECTED] = 2};
    const struct rcn_upload *upload = result->upload;
    const struct sim_sync *sync = sim_server_find(result->id);
    bool is_asked = process->wait_ms && result->outcome == RCN_OUTCOME_CREATED && result->id;
    if (is_asked != (upload != NULL))
        sim_fail("the upload of %s is %s", result->id ? result->id : "nothing",
                 upload ? "reported, and no one asked" : "not reported");
    if (!upload || !sync)
        return;
    if (upload->status == RCN_UPLOAD_PENDING) {
        /* Of two lists the one may have come in a read of which the other failed; and the key may
         * have gone to another company meanwhile, whose list says nothing of this one. */
        if (process->word == SIM_SAID_ALL && !sim_server.reaches_all && was_shown(sync, process) &&
            sync->upload_ms <= process->seen_ms[sync->company])
            sim_fail("the list shows that the upload of %s has ended, and it is reported as "
                     "pending",
                     sync->id);
    } else if (sync->upload_ms > sim.now_ms || sync->upload != ends[upload->status] ||
               upload->people != (sync->upload == 2 ? 0 : SIM_PEOPLE)) {
        sim_fail("the upload of %s is reported as %s with %lld people, and is not so", sync->id,
                 rcn_upload_status_names[upload->status], (long long)upload->people);
    }
}

void sim_oracle_results(struct sim_process *process, const struct rcn_plan *plan,
                        const struct rcn_results *results)
{
    if (!results) {
        process->word = SIM_SAID_UNSENT;
        for (int i = 0; i < sim_server.count; i++)
            if (sim_server.syncs[i].by == (int)process->number)
                sim_fail("apply %u ends as if it had sent nothing, and has created %s",
                         process->number, sim_server.syncs[i].id);
        return;
    }
    process->word =
        results->problem && strstr(results->problem, "not verified") ? SIM_SAID_OPEN : SIM_SAID_ALL;
    if (process->is_excused)
        return;
    for (size_t i = 0; i < plan->row_count; i++) {
        if (plan->rows[i].status != RCN_STATUS_MISSING)
            continue;
        const struct rcn_audience_sync *asked = &plan->rows[i].desired->sync;
        sim_count(SIM_JUDGED);
        if (has_persons_hand(process, asked))
            sim_count(SIM_TOUCHED);
        check_claim(process, asked, &results->items[i]);
        check_reported(process, asked, &results->items[i]);
        check_upload(process, &results->items[i]);
        if (rcn_results_are_complete(results))
            check_complete(process, asked);
    }
}

/* --- a plan --- */

/* A person can act on it: it is live as something else than asked, or it is gone. */
bool sim_oracle_is_reason(const struct rcn_audience_sync *asked, const char *id)
{
    const struct sim_sync *sync = sim_server_find(id);
    return sync && !(sim_sync_is_live(sync) && has_identity(sync, asked));
}

static bool is_withheld_rightly(const struct rcn_plan_row *row)
{
    const struct rcn_audience_sync *asked = &row->desired->sync;
    const char *id = row->beside_count ? row->beside[0] : NULL;
    const struct sim_sync *beside = sim_server_find(id);
    for (size_t i = 0; i < row->desired->replaces_count; i++)
        if (rcn_text_is_same(row->desired->replaces[i], id) && !rcn_text_is_same(asked->id, id))
            return false;
    switch (row->withheld_because) {
    case RCN_WITHHELD_GONE:
        /* A pin may be of what never was. */
        return sim_oracle_is_reason(asked, id) || (!beside && rcn_text_is_same(asked->id, id));
    case RCN_WITHHELD_RENAMED:
        return sim_oracle_is_reason(asked, id) && sim_sync_is_live(beside) &&
               (!asked->segment_id || strcmp(beside->segment, asked->segment_id) == 0);
    case RCN_WITHHELD_SIMILAR:
        return sim_oracle_is_reason(asked, id) && sim_sync_is_live(beside) &&
               strcasecmp(beside->name, asked->audience_name) == 0;
    default:
        return false;
    }
}

void sim_oracle_plan(const struct sim_process *process, const struct rcn_plan *plan)
{
    for (size_t i = 0; i < plan->row_count; i++) {
        const struct rcn_plan_row *row = &plan->rows[i];
        const struct rcn_audience_sync *asked = &row->desired->sync;
        int live = 0;
        for (int j = 0; j < sim_server.count; j++)
            live +=
                sim_sync_is_live(&sim_server.syncs[j]) && has_identity(&sim_server.syncs[j], asked);
        bool is_true = true;
        switch (row->status) {
        case RCN_STATUS_IN_SYNC:
        case RCN_STATUS_DRIFTED:
            is_true = live == 1 || (live > 1 && asked->id);
            break;
        case RCN_STATUS_MISSING:
            is_true = live == 0;
            break;
        case RCN_STATUS_DUPLICATE:
            is_true = live > 1;
            break;
        case RCN_STATUS_WITHHELD:
            is_true = (live == 0 || asked->id) && is_withheld_rightly(row);
            break;
        case RCN_STATUS_UNMANAGED:
            break;
        }
        if (!is_true)
            sim_fail("apply %u plans '%s' as %s, and %d are live", process->number,
                     asked->audience_name, rcn_status_names[row->status], live);
    }
}
