/*
 * What a command compares: the live state, what is known from before, and the plan.
 *
 * The ledger is fetched before the list is read, because the run that closes a line does so when
 * the list shows its create (apply/ledger.h): then our list shows it, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/intents.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/glob.h"
#include "base/time.h"
#include "interrupt.h"
#include "job.h"
#include "live/pace.h"
#include "plan/plan_fresh.h"
#include "plan/preflight.h"
#include "report/report.h"

/* --- the live state --- */

/* Reads a snapshot or a saved plan. A file of another kind is named as what it is: these four are
 * easily confused. */
static int read_file(struct job *self, const char *path, bool wants_snapshot, struct rcn_buf *ret)
{
    static const struct {
        const char *sign;
        const char *what;
        const char *hint;
    } kinds[] = {
        {"\"kind\": \"audiencectl snapshot\"", "a snapshot",
         "plan, drift, export, get and validate read it with --live"},
        {"\"command\": \"", "a report or a saved plan",
         "'audiencectl snapshot --out FILE' makes a snapshot"},
        {"{\"at\": \"", "the history of 'drift'", "it is for 'drift --history'"},
        {"apiVersion:", "a manifest", "'audiencectl plan FILE' reads it"},
    };
    char begin[512];
    rcn_buf_init(ret, wants_snapshot ? RCN_SNAPSHOT_MAX_BYTES : RCN_DOCUMENT_MAX_BYTES);
    if (rcn_file_read(path, ret, &self->error))
        return -1;
    snprintf(begin, sizeof begin, "%s", rcn_buf_get_str(ret));
    size_t kind = 0;
    while (kind < sizeof kinds / sizeof *kinds && !strstr(begin, kinds[kind].sign))
        kind++;
    if (kind == !wants_snapshot || kind == sizeof kinds / sizeof *kinds)
        return 0;
    rcn_error_set(&self->error,
                  self->options->command->bit == APPLY ? RCN_ERROR_REFUSED : RCN_ERROR_FAILED,
                  "'%s' is %s, not %s", path, kinds[kind].what,
                  wants_snapshot ? "a snapshot" : "a saved plan");
    return rcn_error_set_hint(&self->error, "%s", kinds[kind].hint);
}

static int read_snapshot(struct job *self)
{
    const struct options *options = self->options;
    struct rcn_buf bytes;
    int result = read_file(self, options->live, true, &bytes);
    if (!result) {
        self->snapshot = rcn_snapshot_read(rcn_buf_get_str(&bytes), bytes.len, &self->error);
        if (!self->snapshot ||
            rcn_snapshot_check(self->snapshot, options->max_age_ms,
                               options->is_api_url_given ? options->api_url : NULL, &self->error))
            result = rcn_error_wrap(&self->error, "snapshot '%s'", options->live);
    }
    rcn_buf_release(&bytes);
    return result;
}

static int open_api(struct job *self)
{
    const struct options *options = self->options;
    if (options->live && read_snapshot(self))
        return -1;
    if (!options->live && !self->key.text) {
        rcn_error_set(&self->error, RCN_ERROR_FAILED, "no API key is given");
        return rcn_error_set_hint(&self->error,
                                  "set SEQUENZY_API_KEY, or name a file with --api-key-file");
    }
    struct rcn_api_options api = {.http = {.origin = options->api_url,
                                           .key = &self->key,
                                           .timeout_ms = options->timeout_ms,
                                           .ca_file = options->ca_file,
                                           .log = options->verbose ? term_log : NULL},
                                  .rate = options->rate,
                                  .deadline_ms = self->deadline_ms,
                                  .seed = (uint64_t)rcn_clock_wall_ms() << 20 ^ (uint64_t)getpid(),
                                  .interrupted = interrupt_is_pending,
                                  .is_hurried = interrupt_get_signal,
                                  .waiting = progress_waiting,
                                  .replay = options->live ? self->snapshot : NULL,
                                  .record = options->live ? NULL : self->snapshot};
    /* What other programs with OpenSSL read; libcurl does not. */
    if (!options->ca_file && strncmp(options->api_url, "http:", 5) != 0) {
        api.http.ca_file = job_getenv("SSL_CERT_FILE");
        api.http.ca_dir = job_getenv("SSL_CERT_DIR");
    }
    self->api = rcn_api_new(&api, &self->error);
    return self->api ? 0 : -1;
}

struct rcn_live_request job_ask_all(const struct job *self)
{
    const struct options *options = self->options;
    return (struct rcn_live_request){.company_ids = &options->company,
                                     .company_count = options->company ? 1 : 0,
                                     .needs_unnamed = !options->company,
                                     .wants_syncs = true,
                                     .wants_ad_accounts = true,
                                     .wants_segments = true};
}

int job_read_live_state(struct job *self, const struct rcn_live_request *request)
{
    if (open_api(self))
        return -1;
    progress_begin("reading the live state", 0);
    self->live = rcn_reading_fetch(self->api, request, &self->error);
    progress_end(NULL);
    if (!self->live)
        return -1;
    if (self->reports.has_document)
        rcn_live_state_set_digest(self->live);
    if (self->live->is_snapshot) {
        char taken[RCN_TIME_SIZE];
        char age[RCN_TIME_SIZE];
        rcn_time_format(self->live->fetched_at_ms, taken);
        rcn_age_format(rcn_clock_wall_ms() - self->live->fetched_at_ms, age);
        job_warn(self, "snapshot", "what is live is read from a snapshot of %s, %s old", taken,
                 age);
    }
    if (self->live->account_status == RCN_READ_FORBIDDEN)
        job_warn(self, "unreadable-account", "cannot check which companies the key reaches: %s",
                 self->live->account_problem);
    return 0;
}

static int settle(struct job *self, const char *company_id)
{
    rcn_manifest_settle_company(self->manifests, company_id, &self->diags);
    return job_check_diags(self, "nothing was compared");
}

int job_fetch(struct job *self, bool wants_segments)
{
    const struct rcn_desired_set *set = self->manifests;
    const char *company = self->options->company;
    const char **ids = rcn_arena_calloc(self->options->arena, set->company_count + 1, sizeof *ids);
    struct rcn_live_request request = {
        .company_ids = ids,
        .company_count = set->company_count,
        .needs_unnamed = set->needs_company && !company,
        .wants_syncs = true,
        .wants_ad_accounts = set->needs_ad_accounts || !self->options->no_preflight,
        .wants_segments = set->needs_segments || (wants_segments && !self->options->no_preflight)};
    for (size_t i = 0; i < set->company_count; i++)
        ids[i] = set->company_ids[i];
    if (set->needs_company && company && !rcn_desired_set_names(set, company))
        ids[request.company_count++] = company;
    /* Before anything is read: two documents may turn out to mean the same sync. */
    if (company && settle(self, company))
        return -1;
    if (job_read_live_state(self, &request))
        return -1;
    if (request.needs_unnamed && settle(self, self->live->own_company_id))
        return -1;
    /* A snapshot is useful even if a name in a manifest is wrong. */
    if (self->options->command->bit == SNAPSHOT)
        return 0;
    rcn_preflight_resolve_names(self->manifests, self->live, &self->diags);
    if (!self->diags.errors)
        rcn_manifest_check_new(self->manifests, &self->diags);
    return job_check_diags(self, "nothing was compared");
}

/* --- what is known from before --- */

enum { LAST_PUSH_MS = 10000 };

static int open_ledger(struct job *self)
{
    static const char *const who[] = {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "LOGNAME", "USER"};
    const char *cache_dir = job_find_dir(self, "XDG_CACHE_HOME", ".cache");
    struct rcn_arena *arena = self->options->arena;
    struct rcn_git_access access = job_get_git_access(self);
    struct rcn_ledger_run run = {.where = rcn_report_find_run_url(arena),
                                 .commit = self->facts.commit};
    char origin[1024];
    char host[256] = "";
    uint64_t id;
    for (size_t i = 0; !run.who && i < sizeof who / sizeof *who; i++)
        run.who = job_getenv(who[i]);
    if (!run.where && gethostname(host, sizeof host - 1) == 0 && *host)
        run.where = rcn_arena_strdup(arena, host);
    if (!run.where)
        run.where = "unknown host";
    if (getentropy(&id, sizeof id))
        id = (uint64_t)rcn_clock_wall_ms() ^ (uint64_t)getpid() << 40;
    run.run = rcn_arena_printf(arena, "%016llx", (unsigned long long)id);
    if (rcn_http_normalise_origin(self->options->api_url, origin, sizeof origin, &self->error))
        return -1;
    if (!cache_dir)
        return rcn_error_set(&self->error, RCN_ERROR_FAILED,
                             "--ledger needs HOME or XDG_CACHE_HOME for its repository");
    /* Nothing is sent after the deadline, but what became of the creates is pushed. */
    if (access.deadline_ms)
        access.deadline_ms += LAST_PUSH_MS;
    self->ledger_remote =
        rcn_ledger_remote_new(self->options->ledger, cache_dir, &access, &self->error);
    if (!self->ledger_remote)
        return -1;
    self->ledger = rcn_ledger_new(self->ledger_remote, origin, &run);
    progress_begin("reading the ledger", 0);
    int result = rcn_ledger_fetch(self->ledger, &self->error);
    progress_end(NULL);
    return result;
}

/* The ledger cannot be read: an apply is not safe then; a report only knows less. */
static int do_without(struct job *self)
{
    const char *hint = self->error.hint;
    if (self->error.kind == RCN_ERROR_INTERRUPTED || self->error.kind == RCN_ERROR_USAGE)
        return -1;
    rcn_error_wrap(&self->error, "the ledger cannot be used");
    self->error.kind = RCN_ERROR_REFUSED;
    if (self->options->command->bit & (APPLY | LOG))
        return -1;
    job_warn(self, "unreadable-ledger", "%s: what was live before is not known%s%s",
             self->error.message, *hint ? "; " : "", hint);
    rcn_ledger_free(self->ledger);
    self->ledger = NULL;
    return 0;
}

int job_fetch_ledger(struct job *self)
{
    return self->options->ledger && open_ledger(self) ? do_without(self) : 0;
}

/* A snapshot does not show what was seen after it. */
static void drop_later(struct rcn_known *known, struct rcn_arena *arena, int64_t fetched_at_ms)
{
    struct rcn_known_sync *kept = rcn_arena_calloc(arena, known->sync_count, sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < known->sync_count; i++)
        if (known->syncs[i].seen_at_ms <= fetched_at_ms)
            kept[count++] = known->syncs[i];
    known->syncs = kept;
    known->sync_count = count;
}

int job_load_known(struct job *self)
{
    const struct rcn_live_state *live = self->live;
    struct rcn_arena *arena = self->options->arena;
    const char *state_dir = job_find_dir(self, "XDG_STATE_HOME", ".local/state");
    const char **ids = rcn_arena_calloc(arena, live->company_count, sizeof *ids);
    for (size_t i = 0; i < live->company_count; i++)
        ids[i] = live->companies[i].company_id;
    if (self->ledger && rcn_ledger_load(self->ledger, ids, live->company_count, &self->error) &&
        do_without(self))
        return -1;
    if (self->ledger)
        self->known = *rcn_ledger_get_known(self->ledger);
    /* A snapshot and the journals are of different times. */
    if (live->is_snapshot)
        drop_later(&self->known, arena, live->fetched_at_ms);
    else if (state_dir && !self->options->no_journal)
        rcn_intents_read(arena, state_dir, rcn_api_get_url(self->api), &self->known);
    return 0;
}

/* --- the plan --- */

/* What an apply of the plan reads, which the limits count too: the account, and of each company the
 * list three times (to plan, before the first create, after the last) and what the preflight needs.
 */
static size_t count_apply_reads(const struct job *self)
{
    size_t per_company = self->options->no_preflight ? 3 : 5;
    size_t accounts = 1;
    for (size_t i = 0; i < self->live->company_count; i++)
        if (!self->live->companies[i].is_sent)
            accounts = 2; /* reading.h: read again, because the company could change */
    return accounts + per_company * self->live->company_count;
}

bool job_selects(struct job *self, const char *ad_account, const char *name)
{
    const struct rcn_words *accounts = &self->options->selection.ad_accounts;
    const struct rcn_words *names = &self->options->selection.names;
    bool is_account = accounts->count == 0;
    bool is_name = names->count == 0;
    if (!self->selected)
        self->selected = rcn_arena_calloc(self->options->arena, accounts->count + names->count + 1,
                                          sizeof *self->selected);
    for (size_t i = 0; i < accounts->count; i++)
        if (rcn_text_is_same(accounts->items[i], ad_account))
            is_account = self->selected[i] = true;
    for (size_t i = 0; i < names->count; i++)
        if (name && rcn_glob_matches(names->items[i], name))
            is_name = self->selected[accounts->count + i] = true;
    return is_account && is_name;
}

int job_check_selected(struct job *self)
{
    const struct rcn_words *lists[] = {&self->options->selection.ad_accounts,
                                       &self->options->selection.names};
    for (size_t list = 0, at = 0; list < 2; list++)
        for (size_t i = 0; i < lists[list]->count; i++, at++)
            if (!self->selected || !self->selected[at])
                return rcn_error_set(&self->error, RCN_ERROR_FAILED, "--%s '%s' matches nothing",
                                     list ? "name" : "ad-account", lists[list]->items[i]);
    return 0;
}

/* The report says what was saved: its source, its unmanaged syncs, its selection. */
static void keep_saved_facts(struct rcn_plan *now, const struct rcn_plan *saved)
{
    now->source = saved->source;
    now->unmanaged = saved->unmanaged;
    now->unmanaged_count = saved->unmanaged_count;
    now->counts.by_status[RCN_STATUS_UNMANAGED] = saved->counts.by_status[RCN_STATUS_UNMANAGED];
    now->is_selected = saved->is_selected;
    now->managed_elsewhere = saved->managed_elsewhere;
    now->managed_elsewhere_count = saved->managed_elsewhere_count;
}

int job_plan(struct job *self)
{
    const struct rcn_plan *saved = self->saved ? self->saved->plan : NULL;
    const struct rcn_plan_options options = {.selection = self->options->selection,
                                             .known = &self->known,
                                             .saved = saved,
                                             .warns_of_unused_ignores =
                                                 self->options->command->bit == DRIFT};
    self->plan = rcn_plan_new(saved ? self->saved->desired : self->manifests, self->live, &options,
                              &self->diags, &self->error);
    if (!self->plan || (saved && rcn_plan_check_fresh(saved, self->live, self->plan, &self->error)))
        return -1;
    if (saved)
        keep_saved_facts(self->plan, saved);
    else
        self->plan->source = self->facts;
    if (!self->plan->cost.requests)
        return 0;
    /* A pace of its own: what this run has sent so far must not make equal plans differ. */
    struct rcn_pace *pace = rcn_pace_new(self->options->rate, &self->error);
    if (!pace)
        return -1;
    self->plan->cost.ms =
        rcn_pace_estimate_ms(pace, count_apply_reads(self) + self->plan->cost.requests, 0);
    rcn_pace_free(pace);
    return 0;
}

int job_build_plan(struct job *self, bool wants_segments)
{
    return job_load(self) || job_fetch_ledger(self) || job_fetch(self, wants_segments) ||
           job_load_known(self) || job_plan(self);
}

int job_preflight(struct job *self)
{
    struct rcn_error refusal = RCN_ERROR_INIT;
    if (self->options->no_preflight ||
        rcn_preflight_judge(self->plan, self->live, &self->diags, &refusal) == 0)
        return 0;
    if (self->options->command->bit == APPLY) {
        self->error = refusal;
        return -1;
    }
    job_warn(self, "apply-refused", "apply would refuse: %s", refusal.message);
    return 0;
}

int job_read_saved(struct job *self, const char *path)
{
    struct rcn_buf bytes;
    if (read_file(self, path, false, &bytes) == 0) {
        self->saved = rcn_document_new(rcn_buf_get_str(&bytes), bytes.len, &self->error);
        if (!self->saved)
            rcn_error_wrap(&self->error, "'%s'", path);
    }
    rcn_buf_release(&bytes);
    return self->saved ? 0 : -1;
}
