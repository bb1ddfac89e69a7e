/*
 * Stands in for apply/journal_file.c: files of two machines, of which what is not synced may be
 * lost, torn or come back at a loss of power.
 */
#include "apply/journal_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sim.h"

enum { BYTES_MAX = 64 << 10 };

struct file {
    char path[160];
    char bytes[BYTES_MAX];
    size_t len;
    char safe[BYTES_MAX]; /* what is on the disk whatever happens */
    size_t safe_len;
    bool is_name_safe; /* the folder was synced */
    const struct sim_process *holder;
};

struct machine_disk {
    struct file *files[SIM_FILES_MAX];
    size_t count;
};

static struct machine_disk disks[SIM_MACHINES];
unsigned sim_disk_fault_permille;

struct rcn_journal_file {
    struct file *file;
};

static struct machine_disk *get_disk(void)
{
    return &disks[sim.current->machine];
}

void sim_disk_init(void)
{
    for (int i = 0; i < SIM_MACHINES; i++)
        disks[i].count = 0; /* the files themselves are used again */
    sim_disk_fault_permille = 0;
}

bool sim_disk_has_files(int machine)
{
    return disks[machine].count > 0;
}

void sim_disk_drop_process(const struct sim_process *process)
{
    struct machine_disk *disk = &disks[process->machine];
    for (size_t i = 0; i < disk->count; i++)
        if (disk->files[i]->holder == process)
            disk->files[i]->holder = NULL;
}

/* Of what was written since the last sync, any part from the front may be there, and a torn end. */
static void lose(struct file *file)
{
    bool is_appended =
        file->len >= file->safe_len && memcmp(file->bytes, file->safe, file->safe_len) == 0;
    size_t kept = file->safe_len;
    if (is_appended)
        kept += (file->len - file->safe_len) * sim_choose(5) / 4;
    else if (sim_chance(500))
        kept = 0; /* emptied, and that has reached the disk */
    if (!is_appended)
        memcpy(file->bytes, file->safe, file->safe_len);
    file->len = kept;
    if (is_appended && kept > file->safe_len && sim_chance(200))
        memset(file->bytes + file->safe_len, 0, kept - file->safe_len);
    memcpy(file->safe, file->bytes, file->len);
    file->safe_len = file->len;
}

void sim_disk_lose_power(int machine)
{
    struct machine_disk *disk = &disks[machine];
    for (size_t i = disk->count; i-- > 0;) {
        struct file *file = disk->files[i];
        lose(file);
        file->holder = NULL;
        if (!file->is_name_safe && sim_chance(500)) {
            disk->files[i] = disk->files[--disk->count];
            disk->files[disk->count] = file;
        }
    }
}

void sim_disk_damage(int machine)
{
    static const char *const scraps[] = {"garbage\n", "{\"intent\": 1", "\n\n"};
    struct machine_disk *disk = &disks[machine];
    if (disk->count == 0)
        return;
    struct file *file = disk->files[sim_choose((unsigned)disk->count)];
    const char *scrap = scraps[sim_choose(3)];
    sim_tell("somebody writes %zu odd bytes to a journal of machine %c", strlen(scrap),
             'A' + machine);
    memcpy(file->bytes + file->len, scrap, strlen(scrap));
    file->len += strlen(scrap);
    memcpy(file->safe, file->bytes, file->len);
    file->safe_len = file->len;
}

/* --- apply/journal_file.h --- */

static bool fails(void)
{
    sim_touch(true);
    if (sim_disk_fault_permille && sim_chance(100)) {
        int64_t slow_ms = SIM_ONE_OF(100, 2000, 8000);
        sim_tell("the disk takes %lld ms", (long long)slow_ms);
        sim.current->paused_ms += slow_ms;
        sim_sleep_until(sim.now_ms + slow_ms);
    }
    return sim_chance(sim_disk_fault_permille);
}

static int fail(const char *what, struct rcn_error *err)
{
    sim_tell("the disk fails: %s", what);
    return rcn_error_set(err, RCN_ERROR_FAILED, "cannot %s the intent journal: No space left",
                         what);
}

static struct file *find(const char *path)
{
    struct machine_disk *disk = get_disk();
    for (size_t i = 0; i < disk->count; i++)
        if (strcmp(disk->files[i]->path, path) == 0)
            return disk->files[i];
    return NULL;
}

static struct file *make(const char *path)
{
    struct machine_disk *disk = get_disk();
    if (disk->count == SIM_FILES_MAX)
        sim_fail("the simulator has too many files");
    struct file **place = &disk->files[disk->count++];
    if (!*place)
        *place = rcn_malloc(sizeof **place);
    struct file *file = *place;
    memcpy(file->path, path, strlen(path) + 1);
    file->len = file->safe_len = 0;
    file->is_name_safe = false;
    file->holder = NULL;
    return file;
}

static char *join(const char *dir, const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

struct rcn_journal_file *rcn_journal_file_new(const char *dir, const char *name,
                                              struct rcn_error *err)
{
    if (fails()) {
        fail("open", err);
        return NULL;
    }
    struct file *inode = find(join(dir, name));
    if (!inode)
        inode = make(join(dir, name));
    if (inode->holder) {
        rcn_error_set(err, RCN_ERROR_REFUSED, "another apply for this company is running");
        return NULL;
    }
    inode->holder = sim.current;
    sim_touch(true);
    if (fails()) {
        inode->holder = NULL;
        fail("sync the folder of", err);
        return NULL;
    }
    inode->is_name_safe = true;
    struct rcn_journal_file *file = rcn_calloc(1, sizeof *file);
    file->file = inode;
    return file;
}

void rcn_journal_file_free(struct rcn_journal_file *file)
{
    if (!file)
        return;
    file->file->holder = NULL;
    free(file);
}

int rcn_journal_file_read(struct rcn_journal_file *file, struct rcn_buf *ret, struct rcn_error *err)
{
    if (fails())
        return fail("read", err);
    rcn_buf_add(ret, file->file->bytes, file->file->len);
    return 0;
}

int rcn_journal_file_append(struct rcn_journal_file *file, const char *bytes, size_t len,
                            struct rcn_error *err)
{
    struct file *inode = file->file;
    if (inode->len + len > BYTES_MAX)
        sim_fail("the journal has more than %d bytes", BYTES_MAX);
    bool is_failing = fails();
    /* Killed, or out of space, in the middle of the write. */
    size_t half = is_failing ? len * sim_choose(4) / 4 : len / 2;
    memcpy(inode->bytes + inode->len, bytes, half);
    inode->len += half;
    if (is_failing)
        return fail("write", err);
    sim_touch(true);
    memcpy(inode->bytes + inode->len, bytes + half, len - half);
    inode->len += len - half;
    sim_tell("writes to the journal: %.*s", (int)len - 1, bytes);
    sim_touch(true);
    return 0;
}

int rcn_journal_file_sync(struct rcn_journal_file *file, struct rcn_error *err)
{
    if (fails())
        return fail("sync", err);
    memcpy(file->file->safe, file->file->bytes, file->file->len);
    file->file->safe_len = file->file->len;
    sim_touch(true);
    return 0;
}

int rcn_journal_file_truncate(struct rcn_journal_file *file, struct rcn_error *err)
{
    if (fails())
        return fail("empty", err);
    file->file->len = 0;
    sim_tell("empties the journal");
    sim_touch(true);
    return 0;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

int rcn_journal_file_list(struct rcn_arena *arena, const char *dir, const char *const **ret,
                          size_t *ret_count, struct rcn_error *err)
{
    (void)dir;
    (void)err;
    struct machine_disk *disk = get_disk();
    const char **names = rcn_arena_calloc(arena, SIM_FILES_MAX, sizeof *names);
    for (size_t i = 0; i < disk->count; i++)
        names[i] = rcn_arena_strdup(arena, disk->files[i]->path);
    if (disk->count)
        qsort(names, disk->count, sizeof *names, compare_names);
    *ret = names;
    *ret_count = disk->count;
    return 0;
}

int rcn_journal_file_peek(const char *path, struct rcn_buf *ret, struct rcn_error *err)
{
    const struct file *inode = find(path);
    if (!inode || fails())
        return fail("read", err);
    rcn_buf_add(ret, inode->bytes, inode->len);
    return 0;
}
