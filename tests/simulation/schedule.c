/*
 * A schedule: some applies over two machines, what happens between and during them, and then runs
 * in a world without faults, which must come to an end.
 */
#include <stdio.h>

#include "runs.h"

enum { RUNS_MOST = 5, HEALTHY_RUNS = 4, HOUR_MS = 3600000, SIGNAL_MOST_MS = 10000 };

struct sim_tally sim_tally;
const char *const sim_tally_names[SIM_COUNTS] = {
    [SIM_SCHEDULES] = "schedules",
    [SIM_APPLIES] = "applies",
    [SIM_KILLS] = "killed",
    [SIM_REFUSALS] = "refused",
    [SIM_COMPLETE] = "complete",
    [SIM_CREATES] = "creates",
    [SIM_TEMPLATES] = "of templates",
    [SIM_PINS] = "pins",
    [SIM_REPLACES] = "replaces",
    [SIM_REPLACED] = "created beside what they replace",
    [SIM_UPLOADS] = "waits for uploads",
    [SIM_OPEN_ENDS] = "ends without verification",
    [SIM_JUDGED] = "results",
    [SIM_TOUCHED] = "of them touched by a person meanwhile",
    [SIM_UNKNOWABLE] = "second syncs that no one could know",
    [SIM_STOPPED] = "sends just after a stop",
    [SIM_EXCUSED] = "creates in another company",
    [SIM_HANDS] = "deeds of people",
    [SIM_REWINDS] = "branches forced back",
};

static struct apply applies[SIM_RUNS_MAX];
static unsigned apply_count;

/* What a schedule is about: troubles meet only where they are not spread thin. */
static struct mood {
    bool is_hasty; /* runs follow each other within the bound, and no one thinks for long */
    unsigned selection_permille;
    unsigned kill_permille;
} mood;

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

static void choose_kill(struct sim_process *process)
{
    /* Near a create is where it matters. */
    if (sim_chance(500)) {
        process->kill_at_send = 1 + sim_choose(4);
        process->kill_at_effect = 1 + sim_choose(8);
    } else {
        process->kill_at_effect = sim_choose_moment();
    }
    process->is_power_loss = sim_chance(250);
}

static void choose_troubles(struct apply *apply)
{
    struct sim_process *process = &apply->process;
    apply->settle_ms *= SIM_ONE_OF(1, 1, 2);
    apply->timeout_ms = SIM_ONE_OF(30000, 1000, 5000, 60000);
    apply->deadline_after_ms = SIM_ONE_OF(0, 0, 0, 0, 3000, 20000, 120000);
    apply->approval_ms = mood.is_hasty ? 0 : SIM_ONE_OF(0, 0, 5000, 300000);
    apply->has_no_preflight = sim_server.is_account_forbidden && !sim_chance(200);
    apply->rate = (const char *const[]){"off", "off", "100/min,20/s", "2/s"}[sim_choose(4)];
    if (sim_server.has_uploads)
        process->wait_ms = SIM_ONE_OF(0, 20000, 1800000);
    if (sim_chance(sim_allows("kill") ? mood.kill_permille : 0)) {
        choose_kill(process);
    } else if (sim_chance(sim_allows("pause") ? 150 : 0)) {
        process->pause_at_call = 4 * sim_choose_moment();
        process->pause_ms = SIM_ONE_OF(1500, 5000, 20000, 70000);
    } else if (sim_chance(sim_allows("signal") ? 300 : 0)) {
        process->signal_ms = process->wake_ms + 1 + 40 * (int64_t)sim_choose_moment();
        process->urgent_ms = sim_chance(300) ? process->signal_ms + SIM_ONE_OF(1, 500, 3000) : 0;
    }
    for (int i = 0; i < SIM_NAMES; i++)
        if (apply->manifest.wants[i].is_asked && sim_chance(mood.selection_permille))
            apply->selected |= 1U << i;
}

const char *sim_get_place(unsigned number)
{
    return number && number <= apply_count ? applies[number - 1].process.place : "";
}

void schedule_check_logs(struct rcn_ledger *ledger)
{
    for (unsigned i = 0; i < apply_count; i++)
        if (applies[i].process.end == SIM_RETURNED)
            run_check_log(ledger, &applies[i]);
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

/* A wait for uploads ends when it is over, but for the read that it is in. */
static void check_wait(const struct apply *apply)
{
    const struct sim_process *process = &apply->process;
    int64_t most_ms = process->wait_ms + (sim_server.fault_permille ? HOUR_MS : 30000);
    if (process->uploads_ms && process->end == SIM_RETURNED && !process->paused_ms &&
        process->ended_ms > process->uploads_ms + most_ms)
        sim_fail("apply %u waits %.1f s for uploads", process->number,
                 (double)(process->ended_ms - process->uploads_ms) / 1000);
}

static void note_end(const struct apply *apply)
{
    sim_count(SIM_APPLIES);
    if (apply->process.end == SIM_KILLED)
        sim_count(SIM_KILLS);
    else if (apply->is_refused)
        sim_count(SIM_REFUSALS);
    if (apply->is_done)
        sim_count(SIM_COMPLETE);
    if (apply->process.word == SIM_SAID_OPEN)
        sim_count(SIM_OPEN_ENDS);
    check_signal(apply);
    check_deadline(apply);
    check_wait(apply);
}

static void run_some(struct apply *first, struct apply *second)
{
    struct sim_process *processes[2] = {&first->process, second ? &second->process : NULL};
    sim_run(processes, second ? 2 : 1);
    note_end(first);
    if (second)
        note_end(second);
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

/* Someone runs again at the very moment when the ledger says that nothing can come of a line any
 * more, and elsewhere: in the same state folder it is the journal that decides. */
static bool wait_for_line(int *machine)
{
    struct sim_line lines[SIM_LINES_MAX];
    const size_t count = sim_server.has_ledger ? sim_remote_list_lines(lines) : 0;
    if (!count || !sim_chance(300))
        return false;
    const struct sim_line *line = &lines[sim_choose((unsigned)count)];
    if (sim_remote_find_witness() < 0)
        *machine = sim_get_place(line->by)[0] == 'A';
    const int64_t over_ms = line->over_ms - SIM_EPOCH_MS - sim.machines[*machine].wall_offset_ms;
    sim_sleep_until(over_ms - (int64_t)sim_choose(2000));
    return true;
}

/* What happens between two runs. */
static void pass_time(struct manifest *manifest, int *machine)
{
    if (sim_allows("manifest"))
        people_change_manifest(manifest);
    if (!wait_for_line(machine))
        sim_sleep_until(sim.now_ms + (mood.is_hasty ? SIM_ONE_OF(1, 1, 500)
                                                    : SIM_ONE_OF(1, 1, 500, 3000, 60000, HOUR_MS)));
    if (sim_chance(60))
        sim.machines[*machine].wall_offset_ms = sim_server.has_ledger
                                                    ? SIM_ONE_OF(0, -120000, 120000, -60000)
                                                    : SIM_ONE_OF(0, -HOUR_MS, HOUR_MS, -60000);
    if (sim_chance(sim_allows("disk") ? 40 : 0))
        sim_disk_damage(*machine);
    if (sim_server.has_ledger && sim_chance(sim_allows("rewind") ? 60 : 0))
        sim_remote_rewind();
    else if (sim_remote_find_witness() >= 0 && sim_chance(500))
        sim_remote_restore();
    if (sim_remote_find_witness() >= 0) /* elsewhere no one can know */
        *machine = sim_remote_find_witness();
}

static void run_troubled(struct manifest *manifest, unsigned run)
{
    int machine = sim_chance(sim_allows("place") ? 150 : 0);
    bool has_journal = !sim_chance(sim_allows("place") ? 80 : 0);
    if (run > 0)
        pass_time(manifest, &machine);
    wait_for_other_places(machine, has_journal);
    people_choose_hands(manifest);
    struct apply *first = new_apply(manifest, machine, has_journal);
    choose_troubles(first);
    if (sim_allows("saved")) {
        first->saves = sim_chance(80);
        first->uses_saved = !first->saves && run_has_saved() && sim_chance(500);
    }
    struct apply *second = NULL;
    if (has_journal && sim_chance(sim_allows("rival") ? 120 : 0)) {
        bool is_elsewhere =
            sim_server.has_ledger && sim_remote_find_witness() < 0 && sim_chance(600);
        int other = is_elsewhere ? 1 - machine : machine;
        second = new_apply(manifest, other, true);
        second->process.wake_ms += SIM_ONE_OF(0, 50, 1000, 5000);
        choose_troubles(second);
        first->process.is_power_loss = second->process.is_power_loss = false;
    }
    run_some(first, second);
}

static void check_liveness(const struct apply *last)
{
    if (last->process.end == SIM_RETURNED && (last->is_done || last->is_answerable))
        return;
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
    run_init();
    sim_server_init();
    sim_disk_fault_permille = sim_allows("disk") ? (unsigned)SIM_ONE_OF(0, 0, 0, 20, 100) : 0;
    sim_server.has_ledger = sim_chance(sim_allows("ledger") ? 250 : 0);
    if (sim_server.has_ledger)
        sim_remote_fault_permille = (unsigned)SIM_ONE_OF(0, 100, 300);
    mood = (struct mood){.is_hasty = sim_chance(300),
                         .selection_permille = (unsigned)SIM_ONE_OF(0, 150, 400),
                         .kill_permille = (unsigned)SIM_ONE_OF(0, 300, 700)};
    people_write_manifest(&manifest);
    people_init();
    /* A choice before each run, so that shrinking can take one out of the middle. */
    for (unsigned run = 0; !sim.failure[0] && run < RUNS_MOST && sim_chance(800); run++)
        run_troubled(&manifest, run);
    people_set_right();
    sim_server_heal();
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
        check_liveness(last);
    sim_count(SIM_SCHEDULES);
}
