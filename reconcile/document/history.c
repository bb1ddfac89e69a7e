#include "document/history.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fields.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

enum { MAX_BYTES = 64 << 20 };

struct run {
    int64_t at_ms;
    struct rcn_plan_counts counts;
    const char *api_url; /* NULL: of an older version, which has no rows either */
    const char **companies;
    size_t company_count;
    const char *selection;
    bool is_trimmed; /* its rows were dropped */
    struct rcn_history_row *rows;
    size_t row_count;
};

#define F(...) RCN_FIELD(__VA_ARGS__)
#define FIELD(struct_name, member) offsetof(struct struct_name, member)
#define COUNT(name, status) F(name, SIZE, REQUIRED, FIELD(run, counts.by_status[status]))

static const struct rcn_table row_table = RCN_TABLE(
    rcn_history_row,
    F("status", NAME, REQUIRED, FIELD(rcn_history_row, status), .names = rcn_status_names),
    F("companyId", TEXT, OPTIONAL, FIELD(rcn_history_row, company_id)),
    F("adAccountId", TEXT, REQUIRED, FIELD(rcn_history_row, ad_account_id)),
    F("audienceName", TEXT, REQUIRED, FIELD(rcn_history_row, audience_name)),
    F("id", TEXT, OPTIONAL, FIELD(rcn_history_row, id)),
    F("unhealthy", BOOLEAN, OPTIONAL, FIELD(rcn_history_row, is_unhealthy)),
    F("since", TIME, REQUIRED, FIELD(rcn_history_row, since_ms)));

static const struct rcn_table run_table = RCN_TABLE(
    run, F("at", TIME, REQUIRED, FIELD(run, at_ms)),
    F("desired", SIZE, REQUIRED, FIELD(run, counts.desired)), COUNT("inSync", RCN_STATUS_IN_SYNC),
    COUNT("missing", RCN_STATUS_MISSING), COUNT("drifted", RCN_STATUS_DRIFTED),
    COUNT("duplicate", RCN_STATUS_DUPLICATE), COUNT("withheld", RCN_STATUS_WITHHELD),
    COUNT("unmanaged", RCN_STATUS_UNMANAGED),
    F("unhealthy", SIZE, REQUIRED, FIELD(run, counts.unhealthy)),
    F("ignored", SIZE, REQUIRED, FIELD(run, counts.ignored)),
    F("api", TEXT, OPTIONAL, FIELD(run, api_url)),
    F("companies", TEXTS, OPTIONAL, FIELD(run, companies), .count = FIELD(run, company_count)),
    F("selection", TEXT, OPTIONAL, FIELD(run, selection)),
    F("trimmed", BOOLEAN, OPTIONAL, FIELD(run, is_trimmed)),
    F("rows", LIST, OPTIONAL, FIELD(run, rows), .count = FIELD(run, row_count),
      .table = &row_table));

/* --- the file --- */

/* All runs of the text, with room for one more. */
static struct run *read_runs(const struct rcn_buf *text, struct rcn_arena *arena, size_t *ret_count)
{
    const char *line = rcn_buf_get_str(text);
    size_t lines = 2;
    for (const char *c = line; *c; c++)
        lines += *c == '\n';
    struct run *runs = rcn_arena_calloc(arena, lines, sizeof *runs);
    *ret_count = 0;
    while (*line) {
        struct rcn_error ignored = RCN_ERROR_INIT;
        size_t len = strcspn(line, "\n");
        struct rcn_json *json = rcn_json_parse(line, len, &ignored);
        const char *wrong = json ? NULL : "line";
        struct run run = {0};
        if (json)
            rcn_fields_read(json, &run_table, &run, arena, &wrong);
        rcn_json_free(json);
        if (!wrong)
            runs[(*ret_count)++] = run;
        line += len + (line[len] == '\n');
    }
    return runs;
}

/* Nothing of ours, not even the first line of a run that was cut off. */
static bool is_foreign(const struct rcn_buf *text, size_t runs)
{
    static const char begin[] = "{\"at\": \"";
    size_t len = text->len < sizeof begin - 1 ? text->len : sizeof begin - 1;
    return !runs && text->len &&
           (memchr(text->data, '\n', text->len) || memcmp(text->data, begin, len) != 0);
}

static void write_runs(struct run *runs, size_t count, struct rcn_buf *out)
{
    size_t first = count > RCN_HISTORY_MAX_RUNS ? count - RCN_HISTORY_MAX_RUNS : 0;
    size_t rows = 0;
    for (size_t i = count; i-- > first;) {
        rows += runs[i].row_count;
        if (i + 1 < count && rows > RCN_HISTORY_MAX_ROWS) {
            runs[i].row_count = 0;
            runs[i].is_trimmed = true;
        }
    }
    for (size_t i = first; i < count; i++)
        rcn_fields_write_line(out, &run_table, &runs[i]);
}

/* --- comparing --- */

static bool is_same_scope(const struct run *a, const struct run *b)
{
    if (!a->api_url || !b->api_url)
        return true;
    if (strcmp(a->api_url, b->api_url) != 0 || !rcn_text_is_same(a->selection, b->selection) ||
        a->company_count != b->company_count)
        return false;
    for (size_t i = 0; i < a->company_count; i++)
        if (strcmp(a->companies[i], b->companies[i]) != 0)
            return false;
    return true;
}

/* The row of that sync in a run, or NULL. Rows of one identity differ in their ids. */
static void **find_row(struct rcn_identity_map *rows, const struct rcn_history_row *row,
                       struct rcn_arena *arena)
{
    const struct rcn_audience_sync key = {
        .company_id = row->company_id,
        .ad_account_id = row->ad_account_id,
        .audience_name =
            rcn_arena_printf(arena, "%s\n%s", row->id ? row->id : "", row->audience_name)};
    return rcn_identity_map_put(rows, &key);
}

/* The row of the plan that this row of the history was made from; NULL: none is remembered. */
static bool take_row(struct rcn_plan_row *row, int64_t now_ms, struct rcn_history_row *ret)
{
    const struct rcn_audience_sync *sync = rcn_row_get_sync(row);
    bool is_unhealthy = row->desired && row->health;
    if (row->is_ignored || (row->status == RCN_STATUS_IN_SYNC && !is_unhealthy))
        return false;
    *ret = (struct rcn_history_row){.company_id = sync->company_id,
                                    .ad_account_id = sync->ad_account_id,
                                    .audience_name = sync->audience_name,
                                    .id = sync->id,
                                    .status = row->status,
                                    .is_unhealthy = is_unhealthy,
                                    .since_ms = now_ms};
    return true;
}

/* Rows of this run, and since when they are so. before: the same scope, NULL: none is known. */
static void compare(struct rcn_plan *plan, struct run *run, const struct run *before,
                    struct rcn_arena *arena, struct rcn_history *ret)
{
    static const struct run nothing;
    const struct run *last = before ? before : &nothing;
    size_t count = plan->row_count + plan->unmanaged_count;
    struct rcn_identity_map *old = rcn_identity_map_new(last->row_count);
    bool *are_still_there = rcn_arena_calloc(arena, last->row_count, sizeof *are_still_there);
    struct rcn_history_row *resolved = rcn_arena_calloc(arena, last->row_count, sizeof *resolved);
    for (size_t i = 0; i < last->row_count; i++)
        *find_row(old, &last->rows[i], arena) = &last->rows[i];
    run->rows = rcn_arena_calloc(arena, count + 1, sizeof *run->rows);
    for (size_t i = 0; i < count; i++) {
        struct rcn_plan_row *row =
            i < plan->row_count ? &plan->rows[i] : &plan->unmanaged[i - plan->row_count];
        struct rcn_history_row *now = &run->rows[run->row_count];
        if (!take_row(row, run->at_ms, now))
            continue;
        run->row_count++;
        const struct rcn_history_row *then = *find_row(old, now, arena);
        bool is_same =
            then && then->status == now->status && then->is_unhealthy == now->is_unhealthy;
        if (then)
            are_still_there[then - last->rows] = true;
        if (is_same)
            now->since_ms = then->since_ms;
        if (!before)
            continue;
        row->since_ms = now->since_ms;
        row->is_new = !is_same;
        ret->new_count += !is_same;
    }
    for (size_t i = 0; i < last->row_count; i++) {
        const struct rcn_history_row *kept = *find_row(old, &last->rows[i], arena);
        if (!are_still_there[kept - last->rows])
            resolved[ret->resolved_count++] = last->rows[i];
    }
    ret->resolved = resolved;
    rcn_identity_map_free(old);
}

/* --- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void begin_run(const struct rcn_plan *plan, const char *selection, struct rcn_arena *arena,
                      struct run *ret)
{
    const struct rcn_live_state *live = &plan->live;
    *ret = (struct run){.at_ms = live->fetched_at_ms,
                        .counts = plan->counts,
                        .api_url = live->api_url,
                        .company_count = live->company_count,
                        .selection = selection};
    ret->companies = rcn_arena_calloc(arena, live->company_count, sizeof *ret->companies);
    for (size_t i = 0; i < live->company_count; i++)
        ret->companies[i] = live->companies[i].company_id ? live->companies[i].company_id : "";
    qsort(ret->companies, ret->company_count, sizeof *ret->companies, compare_texts);
}

/* Two runs must not lose each other's line. Where a file system has no locks, none is held. */
static int lock_folder(const char *path)
{
    char *copy = rcn_strdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    free(copy);
    return fd;
}

static int update(const char *path, struct rcn_plan *plan, const char *selection,
                  struct rcn_arena *arena, struct rcn_buf *text, struct rcn_history *ret,
                  struct rcn_error *err)
{
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return rcn_error_set(err, RCN_ERROR_FAILED, "the history '%s' is no regular file", path);
    if (access(path, F_OK) == 0 && rcn_file_read(path, text, err))
        return -1;
    size_t count;
    struct run *runs = read_runs(text, arena, &count);
    if (is_foreign(text, count))
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "'%s' is not a history file: it is left as it is", path);
    struct rcn_history_point *points = rcn_arena_calloc(arena, count + 1, sizeof *points);
    struct run *run = &runs[count];
    const struct run *before = NULL;
    begin_run(plan, selection, arena, run);
    for (size_t i = 0; i <= count; i++) {
        if (!is_same_scope(&runs[i], run))
            continue;
        points[ret->count++] = (struct rcn_history_point){runs[i].at_ms, runs[i].counts};
        if (i < count)
            before = runs[i].api_url && !runs[i].is_trimmed ? &runs[i] : NULL;
    }
    ret->points = points;
    ret->runs = ret->count;
    ret->previous_at_ms = ret->count > 1 ? points[ret->count - 2].at_ms : 0;
    compare(plan, run, before, arena, ret);
    rcn_buf_clear(text);
    write_runs(runs, count + 1, text);
    struct rcn_file_writer *writer = rcn_file_writer_new(path, false, err);
    int result = writer ? rcn_file_writer_commit(writer, text->data, text->len, NULL, err) : -1;
    rcn_file_writer_free(writer);
    return result;
}

int rcn_history_add(const char *path, struct rcn_plan *plan, const char *selection,
                    struct rcn_arena *arena, struct rcn_history *ret, struct rcn_error *err)
{
    struct rcn_buf text;
    int lock = lock_folder(path);
    *ret = (struct rcn_history){0};
    rcn_buf_init(&text, MAX_BYTES);
    int result = update(path, plan, selection, arena, &text, ret, err);
    rcn_buf_release(&text);
    if (lock >= 0)
        close(lock);
    return result;
}
