#include "apply/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "apply/ledger_text.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/strmap.h"

enum {
    MAX_FILE_BYTES = 64 << 20,
    ANNOUNCE_TRIES = 3, /* of a push that has no answer */
    MAX_TRIES = 10,     /* of the end push, while others push too */
    FORMAT_VERSION = 1,
};

static const char head_name[] = "ledger.json";
static const char readme[] =
    "# The ledger of audiencectl\n"
    "\n"
    "audiencectl writes this branch: which creates are announced (`open.jsonl`), which audience "
    "syncs\nwere live (`known.jsonl`), and what every apply did (`log/`). There is one folder for "
    "each API and\ncompany. `audiencectl log` shows it as a table.\n"
    "\n"
    "Do not edit, rebase or delete this branch: without it an apply cannot know what another one "
    "has just\ncreated.\n";

struct company {
    const char *company_id;
    const char *folder;
};

struct list {
    void **items;
    size_t count;
    size_t capacity;
};

struct rcn_ledger {
    struct rcn_ledger_remote *remote;
    struct rcn_ledger_run run;
    const char *api_url;
    struct rcn_arena *arena; /* of all but `syncs` */
    struct rcn_arena *read;  /* of the latest read */
    int64_t sequence;        /* of the tip */
    bool has_read;
    const char **company_ids; /* that were asked for */
    size_t company_id_count;
    struct company *companies; /* of the latest read */
    size_t company_count;
    struct list others;           /* struct rcn_intent: the lines of other runs at the tip */
    struct list echoes;           /* the same of this run */
    struct rcn_known_sync *syncs; /* heap */
    size_t sync_count;
    struct rcn_strmap *sync_by_identity;
    struct rcn_known known;
    struct list own; /* struct rcn_intent: the lines of this run, of the intents */
};

static void add(struct list *list, void *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 16;
        list->items = rcn_realloc(list->items, list->capacity * sizeof *list->items);
    }
    list->items[list->count++] = item;
}

struct rcn_ledger *rcn_ledger_new(struct rcn_ledger_remote *remote, const char *api_url,
                                  const struct rcn_ledger_run *run)
{
    struct rcn_ledger *self = rcn_calloc(1, sizeof *self);
    self->remote = remote;
    self->arena = rcn_arena_new(SIZE_MAX);
    self->read = rcn_arena_new(SIZE_MAX);
    self->run = *run;
    self->api_url = rcn_arena_strdup(self->arena, api_url);
    self->sync_by_identity = rcn_strmap_new(0);
    return self;
}

void rcn_ledger_free(struct rcn_ledger *self)
{
    if (!self)
        return;
    rcn_strmap_free(self->sync_by_identity);
    rcn_arena_free(self->read);
    rcn_arena_free(self->arena);
    free(self->syncs);
    free(self->others.items);
    free(self->echoes.items);
    free(self->own.items);
    free(self);
}

bool rcn_ledger_exists(const struct rcn_ledger *self)
{
    return rcn_ledger_remote_get_tip(self->remote) != NULL;
}

/* --- reading --- */

/* The text of a file at the tip; NULL: there is none. */
static int read_file(struct rcn_ledger *self, struct rcn_arena *arena, const char *folder,
                     const char *name, const char **ret, struct rcn_error *err)
{
    struct rcn_buf text;
    bool exists = false;
    const char *path = folder ? rcn_arena_printf(arena, "%s/%s", folder, name) : name;
    *ret = NULL;
    if (!rcn_ledger_exists(self))
        return 0;
    rcn_buf_init(&text, MAX_FILE_BYTES);
    int result = rcn_ledger_remote_read(self->remote, path, &text, &exists, err);
    /* What comes after it would be read as missing. */
    if (!result && exists && strlen(rcn_buf_get_str(&text)) != text.len)
        result = rcn_error_set(err, RCN_ERROR_REFUSED,
                               "'%s' of the ledger is damaged: it has a NUL", path);
    else if (exists)
        *ret = rcn_arena_strndup(arena, rcn_buf_get_str(&text), text.len);
    rcn_buf_release(&text);
    return result;
}

/* Its lines. */
static int read_lines(struct rcn_ledger *self, struct rcn_arena *arena, const char *folder,
                      const char *name, const struct rcn_table *table, void **ret,
                      size_t *ret_count, struct rcn_error *err)
{
    const char *text;
    return read_file(self, arena, folder, name, &text, err) ||
                   rcn_ledger_text_read(arena, name, text, table, ret, ret_count, err)
               ? -1
               : 0;
}

static int read_head(struct rcn_ledger *self, struct rcn_error *err)
{
    void *rows = NULL;
    size_t count = 0;
    struct rcn_error why = RCN_ERROR_INIT;
    self->sequence = 0;
    if (!rcn_ledger_exists(self))
        return 0;
    int result =
        read_lines(self, self->read, NULL, head_name, &rcn_ledger_head_table, &rows, &count, &why);
    const struct rcn_ledger_head *head = rows;
    if (result || count != 1 || head->format_version < 1) {
        rcn_error_set(err, RCN_ERROR_REFUSED, "the branch is not a ledger of audiencectl");
        return rcn_error_set_hint(err, "name another branch: --ledger URL#BRANCH");
    }
    if (head->format_version > FORMAT_VERSION) {
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "the ledger was written by a newer audiencectl (format %lld)",
                      (long long)head->format_version);
        return rcn_error_set_hint(err, "use that version here too");
    }
    self->sequence = head->sequence;
    return 0;
}

int rcn_ledger_fetch(struct rcn_ledger *self, struct rcn_error *err)
{
    /* Before: another process of this machine may read a later change meanwhile. */
    const int64_t reached = rcn_ledger_remote_get_reached(self->remote);
    self->has_read = false;
    if (rcn_ledger_remote_fetch(self->remote, err) || read_head(self, err))
        return -1;
    if (self->sequence >= reached) {
        rcn_ledger_remote_set_reached(self->remote, self->sequence);
        return 0;
    }
    rcn_error_set(err, RCN_ERROR_REFUSED,
                  "the ledger went back: change %lld was read before, and now the branch %s",
                  (long long)reached, rcn_ledger_exists(self) ? "is older" : "does not exist");
    return rcn_error_set_hint(
        err, "a force-push or a deletion has lost lines that say what other runs created: push the "
             "branch again as it was; if it is lost, wait until no apply runs anywhere, then start "
             "a new branch with --ledger URL#BRANCH");
}

static void add_company(struct rcn_ledger *self, const char *company_id, const char *folder)
{
    for (size_t i = 0; i < self->company_count; i++)
        if (strcmp(self->companies[i].folder, folder) == 0)
            return;
    self->companies[self->company_count++] = (struct company){
        .company_id = company_id ? rcn_arena_strdup(self->arena, company_id) : NULL,
        .folder = folder};
}

/*
 * The companies that were asked for, and those that may be the same ones under another name: a run
 * that could not know the company of its key has announced for a company without a name.
 */
static int list_companies(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                          struct rcn_error *err)
{
    const char *const *paths = NULL;
    size_t path_count = 0;
    const char *unnamed = rcn_ledger_get_folder(self->arena, self->api_url, NULL);
    const size_t host_len = strlen(unnamed) - 1;
    const char *host = rcn_arena_strndup(self->arena, unnamed, host_len);
    for (size_t i = 0; i < count && !paths; i++)
        if (!company_ids[i] &&
            rcn_ledger_remote_list(self->remote, host, self->arena, &paths, &path_count, err))
            return -1;
    self->companies = rcn_arena_calloc(self->arena, count + path_count + 1, sizeof(struct company));
    self->company_count = 0;
    for (size_t i = 0; i < count; i++)
        add_company(self, company_ids[i],
                    rcn_ledger_get_folder(self->arena, self->api_url, company_ids[i]));
    if (count)
        add_company(self, NULL, unnamed);
    for (size_t i = 0; i < path_count; i++) {
        const size_t len = host_len + strcspn(paths[i] + host_len, "/");
        const char *folder = rcn_arena_strndup(self->arena, paths[i], len);
        add_company(self, rcn_ledger_get_company(self->arena, folder + host_len), folder);
    }
    return 0;
}

/* One that was read before keeps its place, and whether it was closed. */
static struct rcn_intent *find_same(const struct list *list, const struct rcn_intent *intent)
{
    for (size_t i = 0; i < list->count; i++) {
        struct rcn_intent *other = list->items[i];
        if (strcmp(other->run, intent->run) == 0 && other->until_ms == intent->until_ms &&
            rcn_identity_compare(&other->sync, &intent->sync) == 0)
            return other;
    }
    return NULL;
}

static int load_company(struct rcn_ledger *self, const struct company *company,
                        const struct list *before, struct rcn_error *err)
{
    void *open;
    void *known;
    size_t open_count;
    size_t known_count;
    if (read_lines(self, self->arena, company->folder, "open.jsonl", &rcn_ledger_open_table, &open,
                   &open_count, err) ||
        read_lines(self, self->read, company->folder, "known.jsonl", &rcn_ledger_known_table,
                   &known, &known_count, err))
        return -1;
    for (size_t i = 0; i < open_count; i++) {
        struct rcn_intent *intent = (struct rcn_intent *)open + i;
        intent->sync.company_id = company->company_id;
        intent->is_open = intent->is_earlier = true;
        intent->over_ms = rcn_ledger_intent_get_over_ms(intent);
        intent->where = intent->where ? intent->where : "?";
        struct rcn_intent *same = find_same(before, intent);
        add(strcmp(intent->run, self->run.run) == 0 ? &self->echoes : &self->others,
            same ? same : intent);
    }
    self->syncs =
        rcn_realloc(self->syncs, (self->sync_count + known_count + 1) * sizeof *self->syncs);
    for (size_t i = 0; i < known_count; i++) {
        struct rcn_known_sync *sync = &self->syncs[self->sync_count++];
        *sync = ((struct rcn_known_sync *)known)[i];
        sync->sync.company_id = company->company_id;
    }
    return 0;
}

/*
 * All that is known, for plan. The company without a name may be any of the others: what is known
 * of the one is known of the other, too.
 */
static void fill_known(struct rcn_ledger *self)
{
    size_t most = self->sync_count;
    for (size_t i = 0; i < self->sync_count; i++)
        most += self->syncs[i].sync.company_id ? 1 : self->company_count;
    struct rcn_known_sync *syncs = rcn_arena_calloc(self->read, most, sizeof *syncs);
    self->known.syncs = syncs;
    self->known.sync_count = self->sync_count;
    for (size_t i = 0; i < self->sync_count; i++) {
        syncs[i] = self->syncs[i];
        for (size_t j = 0; j < self->company_count; j++) {
            struct rcn_known_sync alias = syncs[i];
            alias.sync.company_id = self->companies[j].company_id;
            if (!alias.sync.company_id == !syncs[i].sync.company_id)
                continue;
            size_t len;
            const char *key = rcn_identity_get_key(self->read, &alias.sync, &len);
            void **place = rcn_strmap_put(self->sync_by_identity, key, len);
            const struct rcn_known_sync *other = *place;
            if (other && strcmp(other->sync.id, alias.sync.id) == 0)
                continue;
            syncs[self->known.sync_count] = alias;
            if (!other || other->seen_at_ms < alias.seen_at_ms)
                *place = &syncs[self->known.sync_count];
            self->known.sync_count++;
        }
    }
}

int rcn_ledger_load(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err)
{
    self->has_read = false;
    self->company_ids = rcn_arena_calloc(self->arena, count, sizeof *self->company_ids);
    self->company_id_count = count;
    for (size_t i = 0; i < count; i++)
        if (company_ids[i])
            self->company_ids[i] = rcn_arena_strdup(self->arena, company_ids[i]);
    if (list_companies(self, company_ids, count, err))
        return -1;
    rcn_strmap_free(self->sync_by_identity); /* its keys are in there */
    self->sync_by_identity = rcn_strmap_new(self->sync_count);
    rcn_arena_free(self->read);
    self->read = rcn_arena_new(SIZE_MAX);
    struct list before = self->others;
    self->others = (struct list){0};
    self->echoes.count = self->sync_count = 0;
    int result = 0;
    for (size_t i = 0; i < self->company_count && !result; i++)
        result = load_company(self, &self->companies[i], &before, err);
    for (size_t i = 0; i < before.count && !result; i++) {
        struct rcn_intent *intent = before.items[i];
        intent->is_open = intent->is_open && find_same(&self->others, intent);
    }
    free(before.items);
    if (result)
        return -1;
    for (size_t i = 0; i < self->sync_count; i++) {
        size_t len;
        const char *key = rcn_identity_get_key(self->read, &self->syncs[i].sync, &len);
        *rcn_strmap_put(self->sync_by_identity, key, len) = &self->syncs[i];
    }
    fill_known(self);
    struct rcn_known_intent *open = rcn_arena_calloc(self->read, self->others.count, sizeof *open);
    for (size_t i = 0; i < self->others.count; i++) {
        const struct rcn_intent *intent = self->others.items[i];
        open[i] = (struct rcn_known_intent){.sync = intent->sync, .until_ms = intent->over_ms};
    }
    self->known.intents = open;
    self->known.intent_count = self->others.count;
    self->has_read = true;
    return 0;
}

int rcn_ledger_read_again(struct rcn_ledger *self, struct rcn_error *err)
{
    /* Not those of the latest read: with the company without a name among them all others, which
     * may be the same, would be read too. */
    return rcn_ledger_fetch(self, err) ||
                   rcn_ledger_load(self, self->company_ids, self->company_id_count, err)
               ? -1
               : 0;
}

struct rcn_intent *rcn_ledger_get_other(const struct rcn_ledger *self, size_t index)
{
    return index < self->others.count ? self->others.items[index] : NULL;
}

const struct rcn_known *rcn_ledger_get_known(const struct rcn_ledger *self)
{
    return &self->known;
}

const struct rcn_known_sync *rcn_ledger_find_known(const struct rcn_ledger *self,
                                                   const struct rcn_audience_sync *sync)
{
    size_t len;
    const char *key = rcn_identity_get_key(self->read, sync, &len);
    return rcn_strmap_get(self->sync_by_identity, key, len);
}

/* --- pushing --- */

/* The files of one commit, and the memory for them. */
struct commit {
    struct rcn_arena *arena;
    struct rcn_ledger_file *files;
    size_t count;
};

/* Unless the tip has it so already. */
static int add_file(struct rcn_ledger *self, struct commit *commit, const char *folder,
                    const char *name, const struct rcn_buf *text, struct rcn_error *err)
{
    const char *before;
    if (text->failed)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s of the ledger is larger than %d MiB", name,
                             MAX_FILE_BYTES >> 20);
    if (read_file(self, commit->arena, folder, name, &before, err))
        return -1;
    if (strcmp(before ? before : "", rcn_buf_get_str(text)) != 0)
        commit->files[commit->count++] = (struct rcn_ledger_file){
            .path = folder ? rcn_arena_printf(commit->arena, "%s/%s", folder, name) : name,
            .bytes = rcn_arena_strndup(commit->arena, rcn_buf_get_str(text), text->len),
            .len = text->len,
        };
    return 0;
}

static int add_lines(struct rcn_ledger *self, struct commit *commit, const char *folder,
                     const char *name, const struct rcn_table *table, const struct list *lines,
                     int (*compare)(const void *, const void *), struct rcn_error *err)
{
    struct rcn_buf text;
    rcn_buf_init(&text, MAX_FILE_BYTES);
    if (lines->count)
        qsort(lines->items, lines->count, sizeof *lines->items, compare);
    for (size_t i = 0; i < lines->count; i++)
        rcn_fields_write_line(&text, table, lines->items[i]);
    int result = add_file(self, commit, folder, name, &text, err);
    rcn_buf_release(&text);
    return result;
}

static int compare_intents(const void *left, const void *right)
{
    const struct rcn_intent *a = *(struct rcn_intent *const *)left;
    const struct rcn_intent *b = *(struct rcn_intent *const *)right;
    int order = rcn_identity_compare(&a->sync, &b->sync);
    return order ? order : strcmp(a->run, b->run);
}

/* The open lines after this push: those that stay, and the fresh ones. */
static int add_open(struct rcn_ledger *self, struct commit *commit, const struct company *company,
                    struct rcn_intent *fresh, size_t count, struct rcn_error *err)
{
    const int64_t now_ms = rcn_clock_wall_ms();
    struct list lines = {0};
    struct rcn_strmap *ours = rcn_strmap_new(self->own.count + count);
    for (size_t i = 0; i < self->others.count; i++) {
        struct rcn_intent *other = self->others.items[i];
        if (rcn_text_is_same(other->sync.company_id, company->company_id) &&
            (other->is_open || other->over_ms > now_ms))
            add(&lines, other);
    }
    /* What was announced again has one line, the latest. */
    for (size_t i = count + self->own.count; i-- > 0;) {
        struct rcn_intent *own =
            i < self->own.count ? self->own.items[i] : &fresh[i - self->own.count];
        assert(own);
        size_t len;
        const char *key = rcn_identity_get_key(commit->arena, &own->sync, &len);
        void **place = rcn_strmap_put(ours, key, len);
        if (!*place && own->is_open && !own->is_known &&
            rcn_text_is_same(own->sync.company_id, company->company_id))
            add(&lines, own);
        *place = own;
    }
    rcn_strmap_free(ours);
    int result = add_lines(self, commit, company->folder, "open.jsonl", &rcn_ledger_open_table,
                           &lines, compare_intents, err);
    free(lines.items);
    return result;
}

static int compare_known(const void *left, const void *right)
{
    const struct rcn_known_sync *a = *(struct rcn_known_sync *const *)left;
    const struct rcn_known_sync *b = *(struct rcn_known_sync *const *)right;
    int order = rcn_identity_compare(&a->sync, &b->sync);
    return order ? order : strcmp(a->sync.id, b->sync.id);
}

/*
 * What the list shows, unless another run has seen the identity as another sync since. What we
 * created is the newest, whatever the clocks say: no one else could create it meanwhile. Without
 * news nothing is pushed.
 */
static bool is_news(const struct rcn_known_sync *known, const struct rcn_ledger_record *record)
{
    return !known || (strcmp(known->sync.id, record->live->id) != 0 &&
                      (known->seen_at_ms <= record->seen_at_ms ||
                       (record->outcome && strcmp(record->outcome, "created") == 0)));
}

static int add_known(struct rcn_ledger *self, struct commit *commit, const struct company *company,
                     const struct rcn_ledger_record *records, size_t count, struct rcn_error *err)
{
    struct list lines = {0};
    struct rcn_strmap *replaced = rcn_strmap_new(0);
    for (size_t i = 0; i < count; i++) {
        const struct rcn_audience_sync *live = records[i].live;
        if (!live || !rcn_text_is_same(live->company_id, company->company_id) ||
            !is_news(rcn_ledger_find_known(self, live), &records[i]))
            continue;
        size_t len;
        const char *key = rcn_identity_get_key(commit->arena, live, &len);
        struct rcn_known_sync *known = rcn_arena_alloc(commit->arena, sizeof *known);
        known->sync = *live;
        known->sync.predefined_segment_id = records[i].sync->predefined_segment_id;
        known->seen_at_ms = records[i].seen_at_ms;
        *rcn_strmap_put(replaced, key, len) = known;
        add(&lines, known);
    }
    const size_t new_count = lines.count;
    for (size_t i = 0; i < self->sync_count && new_count; i++) {
        struct rcn_known_sync *known = &self->syncs[i];
        size_t len;
        const char *key = rcn_identity_get_key(commit->arena, &known->sync, &len);
        if (rcn_text_is_same(known->sync.company_id, company->company_id) &&
            !rcn_strmap_get(replaced, key, len))
            add(&lines, known);
    }
    rcn_strmap_free(replaced);
    int result = new_count ? add_lines(self, commit, company->folder, "known.jsonl",
                                       &rcn_ledger_known_table, &lines, compare_known, err)
                           : 0;
    free(lines.items);
    return result;
}

/* This run's line in the log of the month, unless an earlier try of the push has brought it. */
static int add_log(struct rcn_ledger *self, struct commit *commit, const struct company *company,
                   const struct rcn_ledger_record *records, size_t count, struct rcn_error *err)
{
    struct rcn_ledger_apply apply = {.at_ms = rcn_clock_wall_ms(),
                                     .run = self->run.run,
                                     .who = self->run.who,
                                     .where = self->run.where,
                                     .commit = self->run.commit};
    apply.results = rcn_arena_calloc(commit->arena, count, sizeof *apply.results);
    for (size_t i = 0; i < count; i++)
        if (records[i].outcome &&
            rcn_text_is_same(records[i].sync->company_id, company->company_id))
            apply.results[apply.result_count++] =
                (struct rcn_ledger_result){.ad_account_id = records[i].sync->ad_account_id,
                                           .audience_name = records[i].sync->audience_name,
                                           .outcome = records[i].outcome,
                                           .id = records[i].id};
    const char *before;
    char *name = rcn_arena_alloc(commit->arena, RCN_LEDGER_LOG_NAME_SIZE);
    const char *mark = rcn_arena_printf(commit->arena, "\"run\": \"%s\"", self->run.run);
    rcn_ledger_get_log_name(apply.at_ms, name);
    if (!apply.result_count)
        return 0;
    if (read_file(self, commit->arena, company->folder, name, &before, err))
        return -1;
    if (before && strstr(before, mark))
        return 0;
    struct rcn_buf text;
    rcn_buf_init(&text, MAX_FILE_BYTES);
    rcn_buf_add_str(&text, before ? before : "");
    rcn_fields_write_line(&text, &rcn_ledger_log_table, &apply);
    int result = add_file(self, commit, company->folder, name, &text, err);
    rcn_buf_release(&text);
    return result;
}

static int add_head(struct rcn_ledger *self, struct commit *commit, struct rcn_error *err)
{
    const struct rcn_ledger_head head = {.format_version = FORMAT_VERSION,
                                         .sequence = self->sequence + 1};
    struct rcn_buf text;
    rcn_buf_init(&text, 1 << 10);
    rcn_fields_write_line(&text, &rcn_ledger_head_table, &head);
    int result = add_file(self, commit, NULL, head_name, &text, err);
    rcn_buf_release(&text);
    if (!rcn_ledger_exists(self))
        commit->files[commit->count++] = (struct rcn_ledger_file){
            .path = "README.md", .bytes = readme, .len = sizeof readme - 1};
    return result;
}

/*
 * One commit: at an announcement the fresh lines, at the end the records; and always what was
 * closed. At the end MOVED and err, if the log at the tip cannot be read: the copy is lost, and a
 * fetch mends it.
 */
static enum rcn_ledger_push push(struct rcn_ledger *self, struct rcn_intent *fresh,
                                 const struct rcn_ledger_record *records, size_t count,
                                 struct rcn_error *err)
{
    struct commit commit = {.arena = rcn_arena_new(SIZE_MAX)};
    commit.files =
        rcn_arena_calloc(commit.arena, 3 * self->company_count + 2, sizeof *commit.files);
    int result = 0;
    size_t created = 0;
    for (size_t i = 0; i < count; i++)
        created += !records || records[i].outcome;
    for (size_t i = 0; i < self->company_count && !result; i++) {
        const struct company *company = &self->companies[i];
        result = add_open(self, &commit, company, fresh, fresh ? count : 0, err) ||
                 (!fresh && (add_known(self, &commit, company, records, count, err) ||
                             add_log(self, &commit, company, records, count, err)));
    }
    enum rcn_ledger_push outcome = RCN_LEDGER_PUSHED;
    if (result || (commit.count && add_head(self, &commit, err))) {
        outcome = fresh ? RCN_LEDGER_REFUSED : RCN_LEDGER_MOVED;
    } else if (commit.count) {
        const char *message = rcn_arena_printf(
            commit.arena, "%s %zu\n\nrun: %s\nat: %s\nchange: %lld\n",
            fresh ? "apply: announce" : "apply: close", created, self->run.run,
            self->run.where ? self->run.where : "-", (long long)self->sequence + 1);
        outcome = rcn_ledger_remote_push(self->remote, commit.files, commit.count, message, err);
        if (outcome == RCN_LEDGER_PUSHED)
            rcn_ledger_remote_set_reached(self->remote, ++self->sequence);
    }
    rcn_arena_free(commit.arena);
    return outcome;
}

/* A commit has all lines or none. Times are written in whole seconds. */
static bool has_echo(const struct rcn_ledger *self, const struct rcn_intent *line)
{
    for (size_t i = 0; i < self->echoes.count; i++) {
        const struct rcn_intent *echo = self->echoes.items[i];
        if (echo->until_ms / 1000 == line->until_ms / 1000 &&
            rcn_identity_compare(&echo->sync, &line->sync) == 0)
            return true;
    }
    return false;
}

/* The line of an intent needs the folder of its company. */
static bool is_loaded(const struct rcn_ledger *self, const char *company_id)
{
    for (size_t i = 0; i < self->company_count; i++)
        if (rcn_text_is_same(self->companies[i].company_id, company_id))
            return true;
    return false;
}

enum rcn_ledger_push rcn_ledger_announce(struct rcn_ledger *self, struct rcn_intent *fresh,
                                         size_t count, int64_t *ret_until_ms, struct rcn_error *err)
{
    if (!self->has_read)
        return rcn_ledger_read_again(self, err) ? RCN_LEDGER_UNKNOWN : RCN_LEDGER_MOVED;
    const int64_t good_ms = RCN_LEDGER_GOOD_MS + (int64_t)count * RCN_LEDGER_GOOD_EACH_MS;
    /* First: who is stopped between the two has less time than it announces, not more. */
    *ret_until_ms = rcn_clock_steady_ms() + good_ms;
    const int64_t now_ms = rcn_clock_wall_ms();
    for (size_t i = 0; i < count; i++) {
        fresh[i].at_ms = now_ms;
        fresh[i].until_ms = now_ms + good_ms;
        fresh[i].run = self->run.run;
        fresh[i].where = self->run.where;
        fresh[i].is_open = true;
        if (!is_loaded(self, fresh[i].sync.company_id)) {
            rcn_error_set(err, RCN_ERROR_FAILED, "the ledger was not read for the company of '%s'",
                          fresh[i].sync.audience_name);
            return RCN_LEDGER_REFUSED;
        }
    }
    for (int tries = 0; tries < ANNOUNCE_TRIES; tries++) {
        const int64_t sequence = self->sequence;
        enum rcn_ledger_push result = push(self, fresh, NULL, count, err);
        if (result != RCN_LEDGER_UNKNOWN)
            return result;
        if (rcn_ledger_read_again(self, err))
            return RCN_LEDGER_UNKNOWN;
        if (has_echo(self, &fresh[0]))
            return RCN_LEDGER_PUSHED;
        if (self->sequence != sequence)
            return RCN_LEDGER_MOVED;
    }
    /* The branch is where it was: nothing was announced, and err says what git said last. */
    return RCN_LEDGER_REFUSED;
}

void rcn_ledger_own(struct rcn_ledger *self, struct rcn_intent *intent)
{
    add(&self->own, intent);
}

int rcn_ledger_finish(struct rcn_ledger *self, const struct rcn_ledger_record *records,
                      size_t count, struct rcn_error *err)
{
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        if (!self->has_read && rcn_ledger_read_again(self, err))
            return -1;
        enum rcn_ledger_push result = push(self, NULL, records, count, err);
        if (result == RCN_LEDGER_PUSHED)
            return 0;
        if (result == RCN_LEDGER_REFUSED)
            return -1;
        self->has_read = false; /* if it was taken, the next try finds nothing to say */
    }
    return rcn_error_wrap(err, "not written in %d tries", MAX_TRIES);
}

/* --- the log --- */

/* Newest first; those of one run by name. */
static int compare_entries(const void *left, const void *right)
{
    const struct rcn_log_entry *a = left;
    const struct rcn_log_entry *b = right;
    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? 1 : -1;
    if (strcmp(a->run, b->run) != 0)
        return a->position < b->position ? 1 : -1;
    return strcmp(a->audience_name, b->audience_name);
}

static void add_entries(const struct rcn_ledger_apply *apply, const char *company_id,
                        struct rcn_log_entry **entries, size_t *count)
{
    *entries = rcn_realloc(*entries, (*count + apply->result_count + 1) * sizeof **entries);
    for (size_t i = 0; i < apply->result_count; i++, ++*count)
        (*entries)[*count] =
            (struct rcn_log_entry){.at_ms = apply->at_ms,
                                   .position = *count,
                                   .outcome = apply->results[i].outcome,
                                   .company_id = company_id,
                                   .ad_account_id = apply->results[i].ad_account_id,
                                   .audience_name = apply->results[i].audience_name,
                                   .id = apply->results[i].id,
                                   .run = apply->run,
                                   .who = apply->who,
                                   .where = apply->where,
                                   .commit = apply->commit};
}

int rcn_ledger_read_log(struct rcn_ledger *self, struct rcn_arena *arena,
                        struct rcn_log_entry **ret, size_t *ret_count, struct rcn_error *err)
{
    struct rcn_log_entry *entries = rcn_calloc(self->others.count + 1, sizeof *entries);
    const size_t open = self->others.count;
    size_t count = 0;
    int result = 0;
    for (size_t i = 0; i < open; i++) {
        const struct rcn_intent *intent = self->others.items[i];
        entries[count++] = (struct rcn_log_entry){.at_ms = intent->at_ms,
                                                  .outcome = "announced",
                                                  .company_id = intent->sync.company_id,
                                                  .ad_account_id = intent->sync.ad_account_id,
                                                  .audience_name = intent->sync.audience_name,
                                                  .id = intent->sync.id,
                                                  .run = intent->run,
                                                  .where = intent->where,
                                                  .until_ms = intent->over_ms};
    }
    for (size_t i = 0; i < self->company_count && !result; i++) {
        const char *folder = self->companies[i].folder;
        const char *const *paths;
        size_t path_count = 0;
        result = rcn_ledger_remote_list(self->remote, rcn_arena_printf(arena, "%s/log/", folder),
                                        arena, &paths, &path_count, err);
        for (size_t j = 0; j < path_count && !result; j++) {
            void *rows = NULL;
            size_t row_count = 0;
            result = read_lines(self, arena, folder, paths[j] + strlen(folder) + 1,
                                &rcn_ledger_log_table, &rows, &row_count, err);
            for (size_t k = 0; k < row_count && !result; k++)
                add_entries((struct rcn_ledger_apply *)rows + k, self->companies[i].company_id,
                            &entries, &count);
        }
    }
    qsort(entries, open, sizeof *entries, compare_entries);
    qsort(entries + open, count - open, sizeof *entries, compare_entries);
    *ret = rcn_arena_calloc(arena, count, sizeof *entries);
    if (count > 0)
        memcpy(*ret, entries, count * sizeof *entries);
    *ret_count = count;
    free(entries);
    return result;
}
