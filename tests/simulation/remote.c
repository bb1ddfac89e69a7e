/*
 * Stands in for apply/ledger_remote.c: a Git branch that all machines push to. A push is taken only
 * on top of what was fetched; its answer may get lost, and it may be taken late.
 */
#include "apply/ledger_remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "sim.h"

enum { COMMITS_MAX = 400, FILES_MAX = 12 };

struct blob {
    char *path;
    char *text;
};

/* The whole tree; blobs are shared with the parent and freed with the schedule. */
struct commit {
    struct blob files[FILES_MAX];
    size_t count;
    size_t parent; /* index + 1; 0: none */
    char id[16];
};

static struct commit commits[COMMITS_MAX];
static size_t commit_count;
static size_t server_tip; /* index + 1; 0: the branch does not exist */
static char *texts[COMMITS_MAX * 2 * FILES_MAX];
static size_t text_count;
unsigned sim_remote_fault_permille;

struct rcn_ledger_remote {
    size_t tip; /* what was fetched or pushed last, on this machine */
    int machine;
};

static size_t machine_tips[SIM_MACHINES]; /* what each has seen last */
static int64_t machine_reached[SIM_MACHINES];

/* A person has forced the branch back from there; 0: it is as it should be. */
static size_t lost_tip;
static int witness; /* a machine that has seen it */

void sim_remote_init(void)
{
    while (text_count)
        free(texts[--text_count]);
    commit_count = 0;
    server_tip = lost_tip = 0;
    memset(machine_tips, 0, sizeof machine_tips);
    memset(machine_reached, 0, sizeof machine_reached);
    sim_remote_fault_permille = 0;
}

struct rcn_ledger_remote *sim_remote_new(void)
{
    struct rcn_ledger_remote *remote = rcn_calloc(1, sizeof *remote);
    remote->machine = sim.current->machine;
    return remote;
}

void rcn_ledger_remote_free(struct rcn_ledger_remote *remote)
{
    free(remote);
}

static char *keep(const char *text)
{
    return texts[text_count++] = rcn_strdup(text);
}

/* A git command that goes over the network: it takes time, fails, and ends at a signal. */
static bool travels_well(void)
{
    const struct sim_process *self = sim.current;
    bool is_ending = self->signal_ms && self->signal_ms <= sim.now_ms;
    sim_touch(true);
    int64_t until_ms = sim.now_ms + 300;
    if (sim_remote_fault_permille && !is_ending)
        until_ms = sim.now_ms + SIM_ONE_OF(300, 300, 3000, 20000);
    bool is_cut = !is_ending && self->signal_ms && self->signal_ms <= until_ms;
    if (is_cut)
        until_ms = self->signal_ms > sim.now_ms ? self->signal_ms : sim.now_ms;
    sim_sleep_until(until_ms);
    sim_touch(true);
    return !is_cut && !sim_chance(sim_remote_fault_permille);
}

int rcn_ledger_remote_fetch(struct rcn_ledger_remote *remote, struct rcn_error *err)
{
    if (!travels_well()) {
        sim_tell("git fetch fails");
        return rcn_error_set(err, RCN_ERROR_FAILED, "git fetch: connection reset");
    }
    if (!lost_tip)
        machine_tips[remote->machine] = server_tip;
    else if (machine_tips[remote->machine] == lost_tip)
        sim.current->saw_rewind = true;
    remote->tip = server_tip;
    sim_tell("git fetch: %s", remote->tip ? commits[remote->tip - 1].id : "no branch");
    return 0;
}

const char *rcn_ledger_remote_get_tip(const struct rcn_ledger_remote *remote)
{
    return remote->tip ? commits[remote->tip - 1].id : NULL;
}

int64_t rcn_ledger_remote_get_reached(const struct rcn_ledger_remote *remote)
{
    return machine_reached[remote->machine];
}

void rcn_ledger_remote_set_reached(struct rcn_ledger_remote *remote, int64_t reached)
{
    if (reached > machine_reached[remote->machine])
        machine_reached[remote->machine] = reached;
}

int rcn_ledger_remote_read(struct rcn_ledger_remote *remote, const char *path, const char **ret,
                           struct rcn_error *err)
{
    (void)err;
    *ret = NULL;
    const struct commit *commit = remote->tip ? &commits[remote->tip - 1] : NULL;
    for (size_t i = 0; commit && i < commit->count; i++)
        if (strcmp(commit->files[i].path, path) == 0)
            *ret = commit->files[i].text;
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

size_t rcn_ledger_remote_list(const struct rcn_ledger_remote *remote, const char *folder,
                              struct rcn_arena *arena, const char *const **ret)
{
    const struct commit *commit = remote->tip ? &commits[remote->tip - 1] : NULL;
    const char **names = rcn_arena_calloc(arena, FILES_MAX, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; commit && i < commit->count; i++)
        if (strncmp(commit->files[i].path, folder, strlen(folder)) == 0) /* it ends with a slash */
            names[count++] = rcn_arena_strdup(arena, commit->files[i].path);
    if (count)
        qsort(names, count, sizeof *names, compare_names);
    *ret = names;
    return count;
}

static void change_file(struct commit *commit, const struct rcn_ledger_file *file)
{
    size_t i = 0;
    while (i < commit->count && strcmp(commit->files[i].path, file->path) != 0)
        i++;
    if (i == commit->count) {
        if (commit->count == FILES_MAX) {
            sim_fail("the ledger has more than %d files", FILES_MAX);
            return;
        }
        commit->files[commit->count++].path = keep(file->path);
    }
    commit->files[i].text = keep(file->text);
}

static size_t make_commit(size_t parent, const struct rcn_ledger_file *files, size_t count)
{
    if (commit_count == COMMITS_MAX)
        sim_fail("the ledger has more than %d commits", COMMITS_MAX);
    struct commit *commit = &commits[commit_count++];
    *commit = parent ? commits[parent - 1] : (struct commit){0};
    commit->parent = parent;
    snprintf(commit->id, sizeof commit->id, "c%zu", commit_count);
    for (size_t i = 0; i < count; i++)
        change_file(commit, &files[i]);
    return commit_count;
}

/* Compare-and-swap of the server. */
static bool take(size_t commit)
{
    struct sim_line before[SIM_LINES_MAX];
    struct sim_line after[SIM_LINES_MAX];
    if (commits[commit - 1].parent != server_tip)
        return false;
    const size_t before_count = sim_remote_list_lines(before);
    server_tip = commit;
    const size_t after_count = sim_remote_list_lines(after);
    if (sim.current)
        sim_oracle_push(sim.current, before, before_count, after, after_count);
    return true;
}

/* --- what the branch says --- */

static int64_t read_time(const struct rcn_json *line, const char *key)
{
    int64_t time_ms = 0;
    const char *text = rcn_json_get_member_string(line, key);
    return text && rcn_time_parse(text, &time_ms) ? time_ms : 0;
}

static int64_t read_number(const struct rcn_json *line, const char *key)
{
    long long number = 0;
    return rcn_json_get_integer(rcn_json_get(line, key), &number) ? number : 0;
}

static void read_line(const char *text, size_t len, int company, struct sim_line *ret)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_json *line = rcn_json_parse(text, len, &err);
    const char *run = rcn_json_get_member_string(line, "run");
    const char *name = rcn_json_get_member_string(line, "audienceName");
    ret->company = company;
    ret->by = run ? (unsigned)strtoul(run + strlen("run-"), NULL, 10) : 0;
    snprintf(ret->name, sizeof ret->name, "%s", name ? name : "");
    const char *id = rcn_json_get_member_string(line, "id");
    snprintf(ret->id, sizeof ret->id, "%s", id ? id : "");
    ret->until_ms = read_time(line, "until");
    ret->over_ms = ret->until_ms + read_number(line, "timeoutMs") + read_number(line, "settleMs") +
                   5 * 60000; /* between two clocks: SPEC 5 */
    rcn_json_free(line);
}

size_t sim_remote_list_lines(struct sim_line ret[SIM_LINES_MAX])
{
    const struct commit *commit = server_tip ? &commits[server_tip - 1] : NULL;
    size_t count = 0;
    for (size_t i = 0; commit && i < commit->count; i++) {
        const struct blob *file = &commit->files[i];
        int company = strstr(file->path, "/comp_1/") ? 0 : strstr(file->path, "/comp_2/") ? 1 : -1;
        if (!strstr(file->path, "/open.jsonl"))
            continue;
        for (const char *at = file->text, *end; (end = strchr(at, '\n')); at = end + 1)
            if (count < SIM_LINES_MAX)
                read_line(at, (size_t)(end - at), company, &ret[count++]);
    }
    return count;
}

/* --- what a person does to the branch --- */

int sim_remote_find_witness(void)
{
    return lost_tip ? witness : -1;
}

/* An older state is forced onto the branch, or the branch is deleted. Only who has seen more can
 * know. */
void sim_remote_rewind(void)
{
    int seen = 0;
    while (seen < SIM_MACHINES && machine_tips[seen] != server_tip)
        seen++;
    if (lost_tip || !server_tip || seen == SIM_MACHINES)
        return;
    sim_count(SIM_REWINDS);
    lost_tip = server_tip;
    witness = seen;
    for (unsigned steps = 1 + sim_choose(3); steps && server_tip; steps--)
        server_tip = commits[server_tip - 1].parent;
    sim_tell("a person forces the branch back to %s",
             server_tip ? commits[server_tip - 1].id : "nothing");
}

void sim_remote_restore(void)
{
    if (!lost_tip)
        return;
    server_tip = lost_tip;
    lost_tip = 0;
    sim_tell("a person pushes the branch as it was: %s", commits[server_tip - 1].id);
}

/* --- pushes --- */

static void take_late(void *context)
{
    const struct commit *commit = context;
    /* Who forces a branch back waits until no push is on its way. */
    bool is_taken = !lost_tip && take((size_t)(commit - commits) + 1);
    sim_tell("a push that was thought lost arrives: %s", is_taken ? "taken" : "refused");
}

enum rcn_ledger_push rcn_ledger_remote_push(struct rcn_ledger_remote *remote,
                                            const struct rcn_ledger_file *files, size_t count,
                                            const char *message, struct rcn_error *err)
{
    (void)message;
    size_t commit = make_commit(remote->tip, files, count);
    bool is_well = travels_well();
    if (!is_well) {
        unsigned effect = sim_choose(4); /* refused for good, lost before, lost after, late */
        if (effect == 0) {
            rcn_error_set(err, RCN_ERROR_FAILED, "git push: permission denied");
            sim_tell("git push is not permitted");
            return RCN_LEDGER_REFUSED;
        }
        if (effect == 2)
            take(commit);
        if (effect == 3)
            sim_at(sim.now_ms + SIM_ONE_OF(10, 2000, 30000, 120000), take_late,
                   &commits[commit - 1]);
        rcn_error_set(err, RCN_ERROR_FAILED, "git push: connection reset");
        sim_tell("git push of %s: no answer (%s)", commits[commit - 1].id,
                 (const char *const[]){"", "not taken", "taken", "later"}[effect]);
        return RCN_LEDGER_UNKNOWN;
    }
    if (!take(commit)) {
        sim_tell("git push: the branch has moved");
        return RCN_LEDGER_MOVED;
    }
    remote->tip = machine_tips[remote->machine] = commit;
    sim_tell("git push: %s", commits[commit - 1].id);
    return RCN_LEDGER_PUSHED;
}
