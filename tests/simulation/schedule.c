/*
 * A schedule: some applies over two machines, what happens between and during them, and then runs
 * in a world without faults, which must come to an end. An apply does what cmd/audiencectl does.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/apply.h"
#include "apply/intents.h"
#include "apply/ledger.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/secret.h"
#include "live/reading.h"
#include "plan/plan.h"
#include "plan/plan_fresh.h"
#include "server.h"

enum { RUNS_MOST = 5, HEALTHY_RUNS = 4, HOUR_MS = 3600000, SIGNAL_MOST_MS = 10000 };

struct sim_tally sim_tally;

/* One row of the manifests. */
struct want {
    bool is_asked; /* false: not in the manifests now */
    int company;
    const char *name;
    const char *segment;
};

struct manifest {
    struct want wants[SIM_NAMES];
    bool is_named; /* documents name their company */
};

struct apply {
    struct sim_process process;
    struct manifest manifest; /* as it was when the run began */
    unsigned selected;        /* bits of wants; 0: all */
    int64_t settle_ms;
    int64_t timeout_ms;
    int64_t deadline_after_ms; /* 0: none */
    int64_t approval_ms;
    const char *rate;
    bool has_journal;
    bool has_no_preflight;
    struct rcn_ledger *ledger;
    struct rcn_known known;
    bool saves;      /* `plan --out`: nothing is applied */
    bool uses_saved; /* `apply --plan` */
    /* what came of it */
    bool is_done;       /* exit 0 */
    bool is_refused;    /* nothing was written */
    bool is_answerable; /* a person is asked something by name, or nothing is left to do */
    char message[1024];
};

/* A saved plan: what document/ would write and read back. */
static struct saved {
    struct rcn_desired_sync syncs[SIM_NAMES];
    const char *company_ids[SIM_COMPANIES];
    struct rcn_desired_set desired; /* of the rows */
    struct rcn_live_state *live;
    struct rcn_plan *plan; /* NULL: none is saved */
    bool is_named;
} saved;

static void drop_saved(void)
{
    rcn_plan_free(saved.plan);
    rcn_live_state_free(saved.live);
    saved = (struct saved){0};
}

static struct apply applies[SIM_RUNS_MAX];
static unsigned apply_count;

/* --- one apply --- */

static int get_signal(void *context)
{
    const struct sim_process *self = context;
    return self->signal_ms && sim.now_ms >= self->signal_ms ? SIGTERM : 0;
}

static bool is_urgent(void *context)
{
    const struct sim_process *self = context;
    return self->urgent_ms && sim.now_ms >= self->urgent_ms;
}

static bool is_interrupted(void *context)
{
    const struct apply *apply = context;
    struct sim_process *self = sim.current;
    return apply->is_refused ? get_signal(self) != 0 : is_urgent(self);
}

static int count_companies(void)
{
    return sim_server.reaches_all ? SIM_COMPANIES : 1;
}

static bool is_hurried(void *context)
{
    (void)context;
    return get_signal(sim.current) != 0;
}

/* From here on the first signal ends it in order. */
static void on_begin(void *context, size_t total)
{
    struct apply *apply = context;
    (void)total;
    apply->is_refused = false;
}

static void fill_desired(const struct apply *apply, struct rcn_desired_set *set,
                         struct rcn_desired_sync *syncs, const char **company_ids)
{
    static const struct rcn_text text = {.path = "m.yaml", .bytes = ""};
    for (int i = 0; i < SIM_NAMES; i++) {
        const struct want *want = &apply->manifest.wants[i];
        if (!want->is_asked)
            continue;
        const struct rcn_span span = {.text = &text, .line = (uint32_t)i + 1, .column = 1};
        syncs[set->count++] = (struct rcn_desired_sync){
            .sync = {.company_id = apply->manifest.is_named ? sim_company_id(want->company) : NULL,
                     .ad_account_id = "act_1",
                     .audience_name = want->name,
                     .segment_id = want->segment,
                     .frequency = "daily",
                     .is_active = RCN_TRUE},
            .location = span,
            .id_span = span,
            .segment_span = span,
            .ad_account_span = span};
    }
    set->syncs = syncs;
    set->needs_company = !apply->manifest.is_named;
    set->company_ids = company_ids;
    for (int i = 0; apply->manifest.is_named && i < count_companies(); i++)
        company_ids[set->company_count++] = sim_company_id(i);
}

/* SPEC 4: nothing is created in a company that cannot be checked. */
static int check_account(const struct apply *apply, const struct rcn_live_state *live,
                         struct rcn_error *err)
{
    bool is_named = apply->uses_saved ? saved.is_named : apply->manifest.is_named;
    if (live->account_status == RCN_READ_FORBIDDEN && is_named && !apply->has_no_preflight)
        return rcn_error_set(err, RCN_ERROR_REFUSED, "the account cannot be read");
    return 0;
}

/* What the ledger and the journals of this machine know from before. */
static int load_known(struct apply *apply, const struct rcn_live_state *live,
                      struct rcn_arena *arena, struct rcn_error *err)
{
    const char *ids[SIM_COMPANIES];
    for (size_t i = 0; i < live->company_count; i++)
        ids[i] = live->companies[i].company_id;
    if (apply->ledger && rcn_ledger_load(apply->ledger, ids, live->company_count, err))
        return -1;
    if (apply->ledger)
        apply->known = *rcn_ledger_get_known(apply->ledger);
    else if (apply->has_journal)
        rcn_intents_read(arena, "state", "https://api", &apply->known);
    return 0;
}

static struct rcn_plan *make_plan(const struct apply *apply, const struct rcn_desired_set *desired,
                                  const struct rcn_live_state *live, struct rcn_diags *diags,
                                  struct rcn_error *err)
{
    const char *names[SIM_NAMES];
    struct rcn_plan_options options = {.selection = {.names = names}, .known = &apply->known};
    for (int i = 0; i < SIM_NAMES; i++)
        if (apply->selected >> i & 1)
            names[options.selection.name_count++] = apply->manifest.wants[i].name;
    return rcn_plan_new(desired, live, &options, diags, err);
}

/* Does the row say what a person should look at? */
static bool asks_by_name(const struct rcn_plan_row *row, const struct rcn_result *result)
{
    if (row->status == RCN_STATUS_WITHHELD || row->status == RCN_STATUS_DUPLICATE)
        return true;
    return result && (result->id || (result->error && strstr(result->error, "sync_")));
}

static void take_results(struct apply *apply, const struct rcn_plan *plan,
                         const struct rcn_results *results)
{
    apply->is_done = rcn_results_are_complete(results);
    apply->is_answerable = true;
    for (size_t i = 0; i < plan->row_count; i++) {
        const struct rcn_plan_row *row = &plan->rows[i];
        const struct rcn_result *result = results ? &results->items[i] : NULL;
        const struct rcn_audience_sync *asked = &row->desired->sync;
        if (row->status == RCN_STATUS_MISSING) {
            sim_tell("'%s' %s%s%s: %s%s%s", asked->audience_name, rcn_outcome_name(result->outcome),
                     result->id ? " " : "", result->id ? result->id : "",
                     result->error ? result->error : "well", result->note ? "; " : "",
                     result->note ? result->note : "");
            apply->is_answerable &= result->is_verified || asks_by_name(row, result);
        } else {
            sim_tell("'%s' is %s", asked->audience_name, rcn_status_name(row->status));
        }
    }
    if (results->problem)
        snprintf(apply->message, sizeof apply->message, "%s", results->problem);
}

static int run_plan(struct apply *apply, struct rcn_api *api, const struct rcn_plan *plan,
                    const struct rcn_live_state *live, int64_t deadline_ms, struct rcn_error *err)
{
    struct sim_process *self = &apply->process;
    const struct rcn_apply_options options = {
        .settle_ms = apply->settle_ms,
        .timeout_ms = apply->timeout_ms,
        .deadline_ms = deadline_ms,
        .state_dir = apply->has_journal ? "state" : NULL,
        .ledger = apply->ledger,
        .get_signal = get_signal,
        .is_urgent = is_urgent,
        .signal_context = self,
        .events = {.context = apply, .begin = on_begin},
    };
    self->approved_ms = sim.now_ms;
    self->own_company = SIM_NAMED;
    if (!live->companies[0].company_id)
        self->own_company = SIM_UNREADABLE;
    for (int i = 0; live->own_company_id && i < SIM_COMPANIES; i++)
        if (strcmp(live->own_company_id, sim_company_id(i)) == 0)
            self->own_company = i;
    struct rcn_results *results = rcn_apply_run(api, plan, live, &options, err);
    if (!results)
        return -1;
    apply->is_refused = false;
    take_results(apply, plan, results);
    sim_tell("ends: %s%s%s", apply->is_done ? "all is there" : "incomplete",
             apply->message[0] ? ": " : "", apply->message);
    sim_oracle_results(self, plan, results);
    rcn_results_free(results);
    return 0;
}

/* A person looks at the plan; a signal ends that. */
static void wait_for_approval(const struct apply *apply)
{
    const struct sim_process *self = &apply->process;
    int64_t until_ms = sim.now_ms + apply->approval_ms;
    if (self->signal_ms && self->signal_ms < until_ms)
        until_ms = self->signal_ms;
    if (until_ms > sim.now_ms)
        sim_sleep_until(until_ms);
}

/* The plan outlives its run: whatever it points into is copied or taken over. */
static void save_plan(const struct apply *apply, struct rcn_plan *plan, struct rcn_live_state *live)
{
    drop_saved();
    saved.plan = plan;
    saved.live = live;
    saved.is_named = apply->manifest.is_named;
    saved.desired = (struct rcn_desired_set){
        .syncs = saved.syncs, .company_ids = saved.company_ids, .needs_company = !saved.is_named};
    for (size_t i = 0; i < plan->row_count; i++) {
        saved.syncs[saved.desired.count] = *plan->rows[i].desired;
        plan->rows[i].desired = &saved.syncs[saved.desired.count++];
    }
    for (int i = 0; saved.is_named && i < count_companies(); i++)
        saved.company_ids[saved.desired.company_count++] = sim_company_id(i);
    plan->left_out_count = 0;
    sim_tell("saves the plan");
}

static int apply_saved(struct apply *apply, struct rcn_api *api, int64_t deadline_ms,
                       struct rcn_error *err)
{
    const struct rcn_live_request request = {.company_ids = saved.company_ids,
                                             .company_count = saved.desired.company_count,
                                             .needs_unnamed = !saved.is_named,
                                             .wants_syncs = true};
    const struct rcn_plan_options options = {.saved = saved.plan, .known = &apply->known};
    struct rcn_diags diags;
    struct rcn_plan *plan = NULL;
    rcn_diags_init(&diags);
    struct rcn_live_state *live = rcn_reading_fetch(api, &request, err);
    int result = live ? 0 : -1;
    if (live && !saved.is_named &&
        !rcn_text_is_same(live->own_company_id, saved.plan->live.companies[0].company_id))
        result = rcn_error_set(err, RCN_ERROR_REFUSED, "the plan was made for another company");
    if (!result)
        result = load_known(apply, live, diags.arena, err);
    if (!result)
        plan = rcn_plan_new(&saved.desired, live, &options, &diags, err);
    if (!plan || rcn_plan_check_fresh(saved.plan, live, plan, err) ||
        check_account(apply, live, err))
        result = -1;
    if (!result) {
        sim_tell("%zu to create of the saved plan", plan->counts.by_status[RCN_STATUS_MISSING]);
        result = run_plan(apply, api, plan, live, deadline_ms, err);
    }
    rcn_plan_free(plan);
    rcn_live_state_free(live);
    rcn_diags_release(&diags);
    return result;
}

static int compare_and_run(struct apply *apply, struct rcn_api *api, int64_t deadline_ms,
                           struct rcn_error *err)
{
    struct rcn_desired_sync syncs[SIM_NAMES];
    const char *company_ids[SIM_COMPANIES];
    struct rcn_desired_set desired = {0};
    fill_desired(apply, &desired, syncs, company_ids);
    const struct rcn_live_request request = {.company_ids = company_ids,
                                             .company_count = desired.company_count,
                                             .needs_unnamed = !apply->manifest.is_named,
                                             .wants_syncs = true};
    struct rcn_diags diags;
    rcn_diags_init(&diags);
    struct rcn_plan *plan = NULL;
    struct rcn_live_state *live = rcn_reading_fetch(api, &request, err);
    for (size_t i = 0; live && !apply->manifest.is_named && i < desired.count; i++)
        syncs[i].sync.company_id = live->own_company_id;
    if (live && !load_known(apply, live, diags.arena, err))
        plan = make_plan(apply, &desired, live, &diags, err);
    int result = plan ? check_account(apply, live, err) : -1;
    if (!result && diags.errors)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "the manifests have errors");
    if (!result) {
        sim_tell("%zu to create", plan->counts.by_status[RCN_STATUS_MISSING]);
        if (apply->saves) {
            save_plan(apply, plan, live);
            rcn_diags_release(&diags);
            return 0;
        }
        if (plan->counts.by_status[RCN_STATUS_MISSING])
            wait_for_approval(apply);
        result = run_plan(apply, api, plan, live, deadline_ms, err);
    }
    rcn_plan_free(plan);
    rcn_live_state_free(live);
    rcn_diags_release(&diags);
    return result;
}

static void run_apply(struct sim_process *self)
{
    struct apply *apply = self->context;
    char text[] = "secret";
    const struct rcn_secret key = {.text = text, .len = sizeof text - 1};
    struct rcn_error err = RCN_ERROR_INIT;
    self->started_ms = sim.now_ms;
    int64_t steady_ms = sim.now_ms - sim.machines[self->machine].boot_ms;
    int64_t deadline_ms = apply->deadline_after_ms ? steady_ms + apply->deadline_after_ms : 0;
    sim_tell("apply begins: settle %lld ms, timeout %lld ms%s%s", (long long)apply->settle_ms,
             (long long)apply->timeout_ms, apply->has_journal ? "" : ", no journal",
             apply->selected ? ", a selection" : "");
    const struct rcn_api_options options = {
        .http = {.origin = "https://api", .key = &key, .timeout_ms = apply->timeout_ms},
        .rate = apply->rate,
        .deadline_ms = deadline_ms,
        .seed = self->number,
        .interrupted = is_interrupted,
        .is_hurried = is_hurried,
        .context = apply};
    apply->is_refused = true;
    struct rcn_api *api = rcn_api_new(&options, &err);
    struct rcn_ledger_remote *remote = NULL;
    char run_id[16];
    snprintf(run_id, sizeof run_id, "run-%u", self->number);
    const struct rcn_ledger_run ledger_run = {.run = run_id, .where = self->place};
    if (sim_server.has_ledger) {
        remote = sim_remote_new();
        apply->ledger = rcn_ledger_new(remote, "https://api", &ledger_run);
    }
    int result = apply->ledger ? rcn_ledger_fetch(apply->ledger, &err) : 0;
    if (!result)
        result = apply->uses_saved ? apply_saved(apply, api, deadline_ms, &err)
                                   : compare_and_run(apply, api, deadline_ms, &err);
    if (result) {
        apply->is_refused = true;
        apply->is_answerable = err.kind == RCN_ERROR_REFUSED;
        snprintf(apply->message, sizeof apply->message, "%s", err.message);
        sim_tell("ends: %s", err.message);
    }
    rcn_ledger_free(apply->ledger);
    rcn_ledger_remote_free(remote);
    rcn_api_free(api);
}

/* --- the runs of a schedule --- */

static struct apply *new_apply(const struct manifest *manifest, int machine, bool has_journal)
{
    if (apply_count == SIM_RUNS_MAX) {
        sim_fail("the simulator has too many runs");
        return &applies[0];
    }
    struct apply *apply = &applies[apply_count++];
    *apply = (struct apply){.manifest = *manifest,
                            .settle_ms = sim_server.bound_ms,
                            .timeout_ms = 30000,
                            .rate = "off",
                            .has_journal = has_journal};
    apply->process = (struct sim_process){
        .number = apply_count,
        .machine = machine,
        .place = (const char *const[]){"A", "B", "A*", "B*"}[machine + (has_journal ? 0 : 2)],
        .run = run_apply,
        .context = apply,
        .wake_ms = sim.now_ms};
    return apply;
}

/* Small numbers are as likely as large ones. */
static unsigned choose_moment(void)
{
    return 1 + sim_choose(1U << sim_choose(8));
}

static void choose_troubles(struct apply *apply)
{
    struct sim_process *process = &apply->process;
    apply->settle_ms *= SIM_ONE_OF(1, 1, 2);
    apply->timeout_ms = SIM_ONE_OF(30000, 1000, 5000, 60000);
    apply->deadline_after_ms = SIM_ONE_OF(0, 0, 0, 3000, 20000, 120000);
    apply->approval_ms = SIM_ONE_OF(0, 0, 5000, 300000);
    apply->has_no_preflight = sim_server.is_account_forbidden && !sim_chance(200);
    apply->rate = (const char *const[]){"off", "off", "100/min,20/s", "2/s"}[sim_choose(4)];
    unsigned trouble = sim_choose(8);
    if ((trouble <= 3 && !sim_allows("kill")) || (trouble == 4 && !sim_allows("pause")) ||
        (trouble >= 5 && !sim_allows("signal")))
        trouble = 0;
    switch (trouble) {
    case 1:
    case 2:
    case 3:
        process->kill_at_effect = choose_moment();
        process->is_power_loss = sim_chance(250);
        break;
    case 4:
        process->pause_at_call = 4 * choose_moment();
        process->pause_ms = SIM_ONE_OF(1500, 5000, 20000, 70000);
        break;
    case 5:
    case 6:
        process->signal_ms = process->wake_ms + 1 + 40 * (int64_t)choose_moment();
        process->urgent_ms = sim_chance(300) ? process->signal_ms + SIM_ONE_OF(1, 500, 3000) : 0;
        break;
    default:
        break;
    }
    for (int i = 0; i < SIM_NAMES; i++)
        if (apply->manifest.wants[i].is_asked && sim_chance(200))
            apply->selected |= 1U << i;
}

/* A signal ends every wait within what runners give. */
static void check_signal(const struct apply *apply)
{
    const struct sim_process *process = &apply->process;
    if (!process->signal_ms || process->end != SIM_RETURNED || process->paused_ms ||
        process->ended_ms <= process->signal_ms + SIGNAL_MOST_MS)
        return;
    sim_fail("apply %u ends %.1f s after the signal", process->number,
             (double)(process->ended_ms - process->signal_ms) / 1000);
}

/* At the deadline what is in flight ends, and nothing else begins. */
static void check_deadline(const struct apply *apply)
{
    const struct sim_process *process = &apply->process;
    int64_t most_ms = apply->deadline_after_ms + apply->approval_ms + apply->timeout_ms + 2000;
    if (apply->deadline_after_ms && !sim_server.has_ledger && process->end == SIM_RETURNED &&
        !process->paused_ms && process->ended_ms > process->started_ms + most_ms)
        sim_fail("apply %u ends %.1f s after its deadline", process->number,
                 (double)(process->ended_ms - process->started_ms - apply->deadline_after_ms) /
                     1000);
}

static void note_end(const struct apply *apply)
{
    sim_tally.applies++;
    sim_tally.kills += apply->process.end == SIM_KILLED;
    sim_tally.refusals += apply->process.end == SIM_RETURNED && apply->is_refused;
    sim_tally.complete += apply->is_done;
    check_signal(apply);
    check_deadline(apply);
}

static void run_some(struct apply *first, struct apply *second)
{
    struct sim_process *processes[2] = {&first->process, second ? &second->process : NULL};
    sim_run(processes, second ? 2 : 1);
    note_end(first);
    if (second)
        note_end(second);
}

/* --- people --- */

struct hand {
    unsigned kind;
    int company;
    const struct want *want;
};

static void move(void *context)
{
    const struct hand *hand = context;
    const struct want *want = hand->want;
    struct sim_sync *sync = NULL;
    struct sim_sync *old = NULL;
    for (int i = 0; i < sim_server.count; i++) {
        struct sim_sync *live = &sim_server.syncs[i];
        if (sim_sync_is_live(live) && strcmp(live->name, want->name) == 0)
            sync = live;
        if (sim_sync_is_live(live) && strcmp(live->name, "Old") == 0)
            old = live;
    }
    if (hand->kind == 0) {
        sync = sim_server_add(want->company, "act_1", want->name, want->segment, SIM_BY_PERSON);
        sim_sync_lag(sync, sim_server.bound_ms);
        sim_tell("a person creates %s '%s'", sync->id, sync->name);
    } else if (hand->kind == 1 && sync) {
        sync->deleted_ms = sim.now_ms;
        sim_tell("a person deletes %s '%s'", sync->id, sync->name);
    } else if (hand->kind == 2 && sync) {
        strncat(sync->name, " old", sizeof sync->name - strlen(sync->name) - 1);
        sync->was_touched = true;
        sim_tell("a person renames %s to '%s'", sync->id, sync->name);
    } else if (hand->kind == 4 && old) {
        snprintf(old->name, sizeof old->name, "%s", want->name);
        old->named_ms = sim.now_ms;
        sim_tell("a person gives %s the name '%s'", old->id, old->name);
    } else if (hand->kind == 3 && sync) {
        sync->is_active = false;
        sim_tell("a person pauses %s '%s'", sync->id, sync->name);
    }
}

static struct hand hands[SIM_RUNS_MAX];

/* The key is given to another company. */
static void move_key(void *context)
{
    (void)context;
    sim_server.current_company = 1 - sim_server.current_company;
    sim_tell("the key goes to %s", sim_company_id(sim_server.current_company));
}

static void choose_hand(const struct manifest *manifest, unsigned run)
{
    bool may_move = !sim_server.reaches_all && !sim_server.is_account_forbidden;
    if (may_move && sim_chance(sim_allows("company") ? 60 : 0))
        sim_at(sim.now_ms + 1 + 50 * (int64_t)choose_moment(), move_key, NULL);
    bool has_old = sim_server.count && strcmp(sim_server.syncs[0].name, "Old") == 0;
    if (!sim_chance(!sim_allows("person") ? 0 : has_old ? 300 : 80))
        return;
    hands[run] = (struct hand){.kind = has_old && sim_chance(700) ? 4 : sim_choose(4),
                               .want = &manifest->wants[sim_choose(SIM_NAMES)]};
    sim_at(sim.now_ms + 1 + 50 * (int64_t)choose_moment(), move, &hands[run]);
}

/* --- the whole --- */

static void choose_manifest(struct manifest *manifest)
{
    static const char *const names[SIM_NAMES] = {"Alpha", "Beta", "Gamma", "Delta"};
    static const char *const segments[SIM_NAMES] = {"seg_a", "seg_b", "seg_c", "seg_d"};
    unsigned count = 1 + sim_choose(SIM_NAMES);
    manifest->is_named = !sim_chance(250);
    sim_server.reaches_all = manifest->is_named && !sim_chance(200);
    sim_server.is_account_forbidden = !sim_server.reaches_all && sim_chance(300);
    bool shares_segments = sim_chance(150);
    for (unsigned i = 0; i < SIM_NAMES; i++)
        manifest->wants[i] = (struct want){.is_asked = i < count,
                                           .company = sim_server.reaches_all && sim_chance(100),
                                           .name = names[i],
                                           .segment = segments[shares_segments ? 0 : i]};
}

static void change_manifest(struct manifest *manifest)
{
    for (int i = 0; i < SIM_NAMES; i++)
        if (sim_chance(120))
            manifest->wants[i].is_asked = !manifest->wants[i].is_asked;
}

/*
 * The promise is for one apply at a time, which the journal sees to in one state folder. So a run
 * at another place begins only once lists show what the runs elsewhere did; unless that place keeps
 * no journal or has none yet, where the run itself waits.
 */
static void wait_for_other_places(int machine, bool has_journal)
{
    bool is_new = !has_journal || !sim_disk_has_files(machine) || sim_server.has_ledger;
    int64_t from_ms = sim.machines[machine].boot_ms;
    for (unsigned i = 0; i < apply_count && !is_new; i++) {
        const struct sim_process *process = &applies[i].process;
        bool is_same = process->machine == machine && applies[i].has_journal;
        if (!is_same && process->ended_ms + sim_server.bound_ms + 1 > from_ms)
            from_ms = process->ended_ms + sim_server.bound_ms + 1;
    }
    sim_sleep_until(from_ms);
}

static void run_troubled(struct manifest *manifest, unsigned run)
{
    int machine = sim_chance(sim_allows("place") ? 150 : 0);
    bool has_journal = !sim_chance(sim_allows("place") ? 80 : 0);
    if (run > 0) {
        if (sim_allows("manifest"))
            change_manifest(manifest);
        if (!sim_server.reaches_all && sim_chance(300))
            manifest->is_named = !manifest->is_named;
        sim_sleep_until(sim.now_ms + SIM_ONE_OF(1, 1, 500, 3000, 60000, HOUR_MS));
        if (sim_chance(60))
            sim.machines[machine].wall_offset_ms = sim_server.has_ledger
                                                       ? SIM_ONE_OF(0, -120000, 120000, -60000)
                                                       : SIM_ONE_OF(0, -HOUR_MS, HOUR_MS, -60000);
        if (sim_chance(sim_allows("disk") ? 40 : 0))
            sim_disk_damage(machine);
    }
    wait_for_other_places(machine, has_journal);
    choose_hand(manifest, run);
    struct apply *first = new_apply(manifest, machine, has_journal);
    choose_troubles(first);
    if (sim_allows("saved")) {
        first->saves = sim_chance(80);
        first->uses_saved = !first->saves && saved.plan && sim_chance(500);
    }
    struct apply *second = NULL;
    if (has_journal && sim_chance(sim_allows("rival") ? 120 : 0)) {
        int other = sim_server.has_ledger && sim_chance(600) ? 1 - machine : machine;
        second = new_apply(manifest, other, true);
        second->process.wake_ms += SIM_ONE_OF(0, 50, 1000, 5000);
        choose_troubles(second);
        first->process.is_power_loss = second->process.is_power_loss = false;
    }
    run_some(first, second);
}

static void check_liveness(const struct manifest *manifest, const struct apply *last)
{
    if (last->process.end == SIM_RETURNED && (last->is_done || last->is_answerable))
        return;
    (void)manifest;
    sim_fail("without faults, %d runs come to nothing that a person can answer: %s", HEALTHY_RUNS,
             last->message);
}

void sim_schedule(struct sim_tape *tape, bool tells)
{
    struct manifest manifest;
    sim_world_init(tape, tells);
    sim_http_init();
    sim_disk_init();
    sim_remote_init();
    apply_count = 0;
    drop_saved();
    sim_server_init();
    sim_disk_fault_permille = sim_allows("disk") ? (unsigned)SIM_ONE_OF(0, 0, 0, 20, 100) : 0;
    sim_server.has_ledger = sim_chance(sim_allows("ledger") ? 250 : 0);
    if (sim_server.has_ledger)
        sim_remote_fault_permille = (unsigned)SIM_ONE_OF(0, 100, 300);
    choose_manifest(&manifest);
    if (sim_chance(sim_allows("person") ? 150 : 0))
        sim_server_add(0, "act_1", "Old", "seg_old", SIM_BY_PERSON);
    /* A choice before each run, so that shrinking can take one out of the middle. */
    for (unsigned run = 0; !sim.failure[0] && run < RUNS_MOST && sim_chance(800); run++)
        run_troubled(&manifest, run);
    sim_server_heal();
    if (sim_server.current_company)
        move_key(NULL);
    sim_disk_fault_permille = 0;
    sim_remote_fault_permille = 0;
    struct apply *last = NULL;
    for (unsigned i = 0; !sim.failure[0] && i < HEALTHY_RUNS && !(last && last->is_done); i++) {
        sim_sleep_until(sim.now_ms + HOUR_MS);
        last = new_apply(&manifest, 0, true);
        last->has_no_preflight = true;
        run_some(last, NULL);
    }
    if (!sim.failure[0])
        check_liveness(&manifest, last);
    sim_tally.schedules++;
}
