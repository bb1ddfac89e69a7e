/* One apply, as cmd/audiencectl does it: reads, plans, saves the plan or applies it. */
#include <signal.h>
#include <stdio.h>
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
#include "runs.h"

/* A saved plan: what document/ would write and read back. */
static struct saved {
    struct rcn_desired_sync syncs[SIM_NAMES];
    const char *company_ids[SIM_COMPANIES];
    struct rcn_desired_set desired; /* of the rows */
    struct rcn_live_state *live;
    struct rcn_plan *plan;     /* NULL: none is saved */
    const struct apply *apply; /* that saved it */
} saved;

void run_init(void)
{
    rcn_plan_free(saved.plan);
    rcn_live_state_free(saved.live);
    saved = (struct saved){0};
}

bool run_has_saved(void)
{
    return saved.plan != NULL;
}

enum { RUN_ID_SIZE = 16 };

static void name_run(const struct sim_process *process, char ret[RUN_ID_SIZE])
{
    snprintf(ret, RUN_ID_SIZE, "run-%u", process->number);
}

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
    return apply->is_patient ? is_urgent(self) : get_signal(self) != 0;
}

static int is_hurried(void *context)
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
    apply->is_patient = true;
}

static void on_waiting(void *context, int64_t until_ms, const char *why)
{
    const struct apply *apply = context;
    int64_t steady_ms = sim.now_ms - sim.machines[apply->process.machine].boot_ms;
    sim_tell("waits %.1f s: %s", (double)(until_ms - steady_ms) / 1000, why);
}

static void on_tick(void *context, size_t done, size_t total, int64_t left_ms)
{
    const struct apply *apply = context;
    if (done > total || left_ms < -1)
        sim_fail("apply %u says that %zu of %zu are done, and %lld ms are left",
                 apply->process.number, done, total, (long long)left_ms);
}

/* What was created is known: one signal ends the rest at once. */
static void on_uploads(void *context, size_t total)
{
    struct apply *apply = context;
    sim_tell("waits for %zu uploads", total);
    sim_count(SIM_UPLOADS);
    apply->is_patient = false;
    apply->process.uploads_ms = sim.now_ms;
}

static int count_companies(void)
{
    return sim_server.reaches_all ? SIM_COMPANIES : 1;
}

/* Strings stay those of the apply, which lives as long as the schedule. */
static void fill_desired(struct apply *apply, struct rcn_desired_set *set,
                         struct rcn_desired_sync *syncs, const char **company_ids)
{
    static const struct rcn_text text = {.path = "m.yaml", .bytes = ""};
    for (int i = 0; i < SIM_NAMES; i++) {
        const struct sim_want *want = &apply->manifest.wants[i];
        if (!want->is_asked)
            continue;
        const struct rcn_span span = {.text = &text, .line = (uint32_t)i + 1, .column = 1};
        apply->replaces[i] = want->replaces;
        syncs[set->count++] = (struct rcn_desired_sync){
            .sync = {.id = want->pin[0] ? want->pin : NULL,
                     .company_id = apply->manifest.is_named ? sim_company_id(want->company) : NULL,
                     .ad_account_id = "act_1",
                     .audience_name = want->name,
                     .segment_id = want->template ? NULL : want->segment,
                     .predefined_segment_id = want->template,
                     .frequency = "daily",
                     .is_active = RCN_TRUE},
            .replaces = &apply->replaces[i],
            .replaces_count = want->replaces[0] != '\0',
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
    bool is_named = (apply->uses_saved ? saved.apply : apply)->manifest.is_named;
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
    apply->known = (struct rcn_known){0};
    if (apply->ledger)
        apply->known = *rcn_ledger_get_known(apply->ledger);
    if (apply->has_journal)
        rcn_intents_read(arena, "state", "https://api", &apply->known);
    return 0;
}

static struct rcn_plan *make_plan(const struct apply *apply, const struct rcn_desired_set *desired,
                                  const struct rcn_live_state *live, struct rcn_diags *diags,
                                  struct rcn_error *err)
{
    const char *names[SIM_NAMES];
    struct rcn_plan_options options = {.selection.names = {names, 0}, .known = &apply->known};
    for (int i = 0; i < SIM_NAMES; i++)
        if (apply->selected >> i & 1)
            names[options.selection.names.count++] = apply->manifest.wants[i].name;
    return rcn_plan_new(desired, live, &options, diags, err);
}

/* Is the row well, or does it name what a person should look at, and truly? */
static bool is_answerable(const struct rcn_plan_row *row, const struct rcn_result *result)
{
    if (row->status != RCN_STATUS_MISSING) /* sim_oracle_plan has judged it */
        return true;
    return result->is_verified || sim_oracle_is_reason(&row->desired->sync, result->id);
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
        apply->is_answerable &= is_answerable(row, result);
        if (result->outcome == RCN_OUTCOME_CREATED && result->id)
            snprintf(apply->created[i], sizeof apply->created[i], "%s", result->id);
        if (row->status == RCN_STATUS_MISSING) {
            sim_tell("'%s' %s%s%s: %s%s%s", asked->audience_name,
                     rcn_outcome_names[result->outcome], result->id ? " " : "",
                     result->id ? result->id : "", result->error ? result->error : "well",
                     result->note ? "; " : "", result->note ? result->note : "");
        } else {
            sim_tell("'%s' is %s", asked->audience_name, rcn_status_names[row->status]);
        }
    }
    apply->is_logged =
        !results->problem || !strstr(results->problem, "the ledger could not be written");
    if (results->problem)
        snprintf(apply->message, sizeof apply->message, "%s", results->problem);
}

static bool lists_missing(const struct rcn_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->row_count; i++)
        if (plan->rows[i].status == RCN_STATUS_MISSING &&
            strcmp(plan->rows[i].desired->sync.audience_name, name) == 0)
            return true;
    return false;
}

/* For the oracle: what may be created by the manifest, the selection and the saved plan. */
static void choose_creates(struct apply *apply)
{
    struct sim_process *self = &apply->process;
    const struct apply *asks = apply->uses_saved ? saved.apply : apply;
    self->wants = asks->manifest.wants;
    for (unsigned i = 0; i < SIM_NAMES; i++) {
        const struct sim_want *want = &self->wants[i];
        bool is_selected = !asks->selected || asks->selected >> i & 1;
        bool is_lifted = !want->pin[0] || strcmp(want->pin, want->replaces) == 0;
        bool is_approved = !apply->uses_saved || lists_missing(saved.plan, want->name);
        if (want->is_asked && is_selected && is_lifted && is_approved)
            self->may_create |= 1U << i;
    }
}

static int run_plan(struct apply *apply, struct rcn_api *api, const struct rcn_plan *plan,
                    const struct rcn_live_state *live, int64_t deadline_ms, struct rcn_error *err)
{
    struct sim_process *self = &apply->process;
    const struct rcn_apply_options options = {
        .settle_ms = apply->settle_ms,
        .wait_ms = self->wait_ms,
        .timeout_ms = apply->timeout_ms,
        .deadline_ms = deadline_ms,
        .state_dir = apply->has_journal ? "state" : NULL,
        .ledger = apply->ledger,
        .get_signal = get_signal,
        .is_urgent = is_urgent,
        .signal_context = self,
        .events = {.context = apply,
                   .begin = on_begin,
                   .waiting = on_waiting,
                   .tick = on_tick,
                   .uploads = on_uploads},
    };
    if (sim_server.is_healed)
        sim_oracle_plan(self, plan);
    self->approved_ms = sim.now_ms;
    self->own_company = SIM_NAMED;
    if (!live->companies[0].company_id)
        self->own_company = SIM_UNREADABLE;
    for (int i = 0; live->own_company_id && i < SIM_COMPANIES; i++)
        if (strcmp(live->own_company_id, sim_company_id(i)) == 0)
            self->own_company = i;
    choose_creates(apply);
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
    run_init();
    saved.plan = plan;
    saved.live = live;
    saved.apply = apply;
    const bool is_named = apply->manifest.is_named;
    saved.desired = (struct rcn_desired_set){
        .syncs = saved.syncs, .company_ids = saved.company_ids, .needs_company = !is_named};
    for (size_t i = 0; i < plan->row_count; i++) {
        saved.syncs[saved.desired.count] = *plan->rows[i].desired;
        plan->rows[i].desired = &saved.syncs[saved.desired.count++];
    }
    for (int i = 0; is_named && i < count_companies(); i++)
        saved.company_ids[saved.desired.company_count++] = sim_company_id(i);
    plan->left_out_count = 0;
    sim_tell("saves the plan");
}

static int apply_saved(struct apply *apply, struct rcn_api *api, int64_t deadline_ms,
                       struct rcn_error *err)
{
    const struct rcn_live_request request = {.company_ids = saved.company_ids,
                                             .company_count = saved.desired.company_count,
                                             .needs_unnamed = !saved.apply->manifest.is_named,
                                             .wants_syncs = true};
    const struct rcn_plan_options options = {.saved = saved.plan, .known = &apply->known};
    struct rcn_diags diags;
    struct rcn_plan *plan = NULL;
    rcn_diags_init(&diags);
    struct rcn_live_state *live = rcn_reading_fetch(api, &request, err);
    int result = live ? 0 : -1;
    if (live && !saved.apply->manifest.is_named &&
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
        plan->managed_elsewhere = saved.plan->managed_elsewhere;
        plan->managed_elsewhere_count = saved.plan->managed_elsewhere_count;
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

/* `audiencectl log` has what every apply has reported as created. */
void run_check_log(struct rcn_ledger *ledger, const struct apply *apply)
{
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_log_entry *entries = NULL;
    size_t count = 0;
    char run_id[RUN_ID_SIZE];
    name_run(&apply->process, run_id);
    const char *const any_company = NULL;
    if (rcn_ledger_load(ledger, &any_company, 1, &err) ||
        rcn_ledger_read_log(ledger, arena, &entries, &count, &err))
        sim_fail("the log of the ledger cannot be read: %s", err.message);
    for (int i = 0; i < SIM_NAMES && apply->is_logged; i++) {
        bool is_there = !apply->created[i][0];
        for (size_t j = 0; j < count && !is_there; j++)
            is_there = strcmp(entries[j].run, run_id) == 0 && entries[j].id &&
                       strcmp(entries[j].outcome, "created") == 0 &&
                       strcmp(entries[j].id, apply->created[i]) == 0;
        if (!is_there)
            sim_fail("apply %u created %s, and the log of the ledger does not have it",
                     apply->process.number, apply->created[i]);
    }
    rcn_arena_free(arena);
}

void run_apply(struct sim_process *self)
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
    char run_id[RUN_ID_SIZE];
    name_run(self, run_id);
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
        sim_oracle_results(self, NULL, NULL);
        apply->is_refused = true;
        apply->is_answerable = false;
        snprintf(apply->message, sizeof apply->message, "%s", err.message);
        sim_tell("ends: %s", err.message);
    }
    if (sim_server.is_healed && apply->ledger && !result)
        schedule_check_logs(apply->ledger);
    rcn_ledger_free(apply->ledger);
    rcn_ledger_remote_free(remote);
    rcn_api_free(api);
}
