/*
 * What a command knows from before: the ledger, and the journals of this machine.
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
#include "interrupt.h"
#include "job.h"

static const char *get_variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static const char *get_first(const char *const *names)
{
    const char *value = NULL;
    for (; *names && !value; names++)
        value = get_variable(*names);
    return value;
}

/* For people: the address of the CI run, or the host. */
static const char *find_where(const struct job *self)
{
    const char *job_url = get_variable("CI_JOB_URL");
    const char *server = get_variable("GITHUB_SERVER_URL");
    const char *repository = get_variable("GITHUB_REPOSITORY");
    const char *run_id = get_variable("GITHUB_RUN_ID");
    char host[256] = "";
    if (job_url)
        return job_url;
    if (server && repository && run_id)
        return rcn_arena_printf(self->diags.arena, "%s/%s/actions/runs/%s", server, repository,
                                run_id);
    if (gethostname(host, sizeof host - 1) || !host[0])
        return "unknown host";
    return rcn_arena_strdup(self->diags.arena, host);
}

/* An id that no other run has. */
static const char *make_run_id(const struct job *self)
{
    unsigned char random[8] = {0};
    char hex[2 * sizeof random + 1];
    if (getentropy(random, sizeof random)) {
        int64_t now_ms = rcn_clock_wall_ms() ^ ((int64_t)getpid() << 40);
        memcpy(random, &now_ms, sizeof random);
    }
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(hex + 2 * i, 3, "%02x", random[i]);
    return rcn_arena_strdup(self->diags.arena, hex);
}

static int open_ledger(struct job *self)
{
    static const char *const who[] = {"GITHUB_ACTOR", "GITLAB_USER_LOGIN", "LOGNAME", "USER", NULL};
    const struct options *options = self->options;
    const char *cache_dir = job_find_dir(self, "XDG_CACHE_HOME", ".cache");
    char origin[1024];
    const struct rcn_git_access access = job_get_git_access(self);
    const struct rcn_ledger_run run = {.run = make_run_id(self),
                                       .who = get_first(who),
                                       .where = find_where(self),
                                       .commit = self->facts.commit};
    if (rcn_http_normalise_origin(options->api_url, origin, sizeof origin, &self->error))
        return -1;
    if (!cache_dir)
        return rcn_error_set(&self->error, RCN_ERROR_FAILED,
                             "--ledger needs HOME or XDG_CACHE_HOME for its repository");
    self->ledger_remote = rcn_ledger_remote_new(options->ledger, cache_dir, &access, &self->error);
    if (!self->ledger_remote)
        return -1;
    self->ledger = rcn_ledger_new(self->ledger_remote, origin, &run);
    progress_begin(&self->progress, "reading the ledger", 0);
    int result = rcn_ledger_fetch(self->ledger, &self->error);
    progress_end(&self->progress);
    return result;
}

/* Without it an apply is not safe; a report is only poorer. */
static int do_without(struct job *self, bool is_needed)
{
    if (self->error.kind == RCN_ERROR_INTERRUPTED || self->error.kind == RCN_ERROR_USAGE)
        return job_set_failed(self);
    rcn_error_wrap(&self->error, "the ledger cannot be used");
    if (is_needed) {
        self->error.kind = RCN_ERROR_REFUSED;
        return job_set_failed(self);
    }
    const char *hint = self->error.hint;
    job_warn(self, "unreadable-ledger", "%s: what was live before is not known%s%s",
             self->error.message, *hint ? "; " : "", hint);
    rcn_ledger_free(self->ledger);
    self->ledger = NULL;
    return 0;
}

int job_fetch_ledger(struct job *self, bool is_needed)
{
    if (!self->options->ledger || open_ledger(self) == 0)
        return 0;
    return do_without(self, is_needed);
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

/* What the journals of this machine hold open. */
static void add_journals(struct job *self)
{
    struct rcn_arena *arena = self->diags.arena;
    struct rcn_known *known = &self->known;
    struct rcn_known journals = {0};
    const char *state_dir = job_find_dir(self, "XDG_STATE_HOME", ".local/state");
    /* A snapshot is of another time than the journals. */
    if (!state_dir || self->live->is_snapshot || self->options->no_journal)
        return;
    rcn_intents_read(arena, state_dir, rcn_api_get_url(self->api), &journals);
    struct rcn_known_intent *all =
        rcn_arena_calloc(arena, known->intent_count + journals.intent_count, sizeof *all);
    for (size_t i = 0; i < known->intent_count; i++)
        all[i] = known->intents[i];
    for (size_t i = 0; i < journals.intent_count; i++)
        all[known->intent_count + i] = journals.intents[i];
    known->intents = all;
    known->intent_count += journals.intent_count;
}

int job_load_known(struct job *self, bool is_needed)
{
    const struct rcn_live_state *live = self->live;
    struct rcn_arena *arena = self->diags.arena;
    const char **ids = rcn_arena_calloc(arena, live->company_count, sizeof *ids);
    for (size_t i = 0; i < live->company_count; i++)
        ids[i] = live->companies[i].company_id;
    if (self->ledger && rcn_ledger_load(self->ledger, ids, live->company_count, &self->error) &&
        do_without(self, is_needed))
        return -1;
    if (self->ledger)
        self->known = *rcn_ledger_get_known(self->ledger);
    if (live->is_snapshot)
        drop_later(&self->known, arena, live->fetched_at_ms);
    add_journals(self);
    return 0;
}
