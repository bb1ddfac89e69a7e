#include "apply/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/fields.h"
#include "base/memory.h"
#include "base/time.h"

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

/* --- what the files say --- */

/* `ledger.json`, at the top. */
struct head {
    int64_t format_version;
    int64_t sequence; /* one more in every commit */
};

/* A line of the log. */
struct apply {
    int64_t at_ms;
    struct rcn_ledger_run run;
    struct rcn_log_entry *entries; /* of each create, without what is in run */
    size_t entry_count;
};

/* The company of a sync is that of the folder. */
#define HEAD(name, type, need, member) RCN_FIELD(name, type, need, offsetof(struct head, member))
#define INTENT(name, type, need, member)                                                           \
    RCN_FIELD(name, type, need, offsetof(struct rcn_intent, member))
#define KNOWN(name, type, need, member)                                                            \
    RCN_FIELD(name, type, need, offsetof(struct rcn_known_sync, member))
#define ENTRY(name, type, need, member)                                                            \
    RCN_FIELD(name, type, need, offsetof(struct rcn_log_entry, member))
#define APPLY(name, type, need, member) RCN_FIELD(name, type, need, offsetof(struct apply, member))

static const struct rcn_table head_table =
    RCN_TABLE(head, HEAD("formatVersion", INTEGER, REQUIRED, format_version),
              HEAD("sequence", INTEGER, REQUIRED, sequence));

static const struct rcn_table open_table = RCN_TABLE(
    rcn_intent, INTENT("adAccountId", TEXT, REQUIRED, sync.ad_account_id),
    INTENT("audienceName", TEXT, REQUIRED, sync.audience_name),
    INTENT("segmentId", TEXT, OPTIONAL, sync.segment_id),
    INTENT("predefinedSegmentId", TEXT, OPTIONAL, sync.predefined_segment_id),
    INTENT("id", TEXT, OPTIONAL, sync.id), INTENT("at", TIME, REQUIRED, at_ms),
    INTENT("until", TIME, REQUIRED, until_ms), INTENT("timeoutMs", INTEGER, REQUIRED, timeout_ms),
    INTENT("settleMs", INTEGER, REQUIRED, settle_ms), INTENT("newest", TEXT, OPTIONAL, newest),
    INTENT("run", TEXT, REQUIRED, run), INTENT("where", TEXT, OPTIONAL, where));

static const struct rcn_table known_table = RCN_TABLE(
    rcn_known_sync, KNOWN("adAccountId", TEXT, REQUIRED, sync.ad_account_id),
    KNOWN("audienceName", TEXT, REQUIRED, sync.audience_name), KNOWN("id", TEXT, REQUIRED, sync.id),
    KNOWN("segmentId", TEXT, OPTIONAL, sync.segment_id),
    KNOWN("predefinedSegmentId", TEXT, OPTIONAL, sync.predefined_segment_id),
    KNOWN("seenAt", TIME, REQUIRED, seen_at_ms));

static const struct rcn_table entry_table =
    RCN_TABLE(rcn_log_entry, ENTRY("adAccountId", TEXT, REQUIRED, ad_account_id),
              ENTRY("audienceName", TEXT, REQUIRED, audience_name),
              ENTRY("outcome", TEXT, REQUIRED, outcome), ENTRY("id", TEXT, OPTIONAL, id));

static const struct rcn_table log_table =
    RCN_TABLE(apply, APPLY("at", TIME, REQUIRED, at_ms), APPLY("run", TEXT, REQUIRED, run.run),
              APPLY("who", TEXT, OPTIONAL, run.who), APPLY("where", TEXT, OPTIONAL, run.where),
              APPLY("commit", TEXT, OPTIONAL, run.commit),
              RCN_FIELD("syncs", LIST, REQUIRED, offsetof(struct apply, entries),
                        .count = offsetof(struct apply, entry_count), .table = &entry_table));

static void add_name(struct rcn_buf *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (const char *at = text; *at; at++)
        if (strchr(plain, *at) || (*at == '.' && at != text))
            rcn_buf_add_char(out, *at);
        else
            rcn_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
}

/* `api.sequenzy.com/comp_123`: bytes that a path should not hold are `%` and two digits. company_id
 * NULL: the company of the key, which was not known: `_`. */
static char *get_folder(struct rcn_arena *arena, const char *api_url, const char *company_id)
{
    const char *host = strstr(api_url, "://");
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 16);
    add_name(&out, host ? host + 3 : api_url);
    rcn_buf_add_char(&out, '/');
    add_name(&out, company_id ? company_id : "_");
    char *folder = rcn_arena_strdup(arena, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return folder;
}

/* --- the ledger --- */

struct company {
    const char *company_id;
    const char *folder;
    struct rcn_known_sync *known; /* the lines of its file */
    size_t known_count;
};

struct list {
    struct rcn_intent **items;
    size_t count;
};

struct rcn_ledger {
    struct rcn_ledger_remote *remote;
    struct rcn_ledger_run run;
    const char *api_url;
    struct rcn_arena *arena;
    struct rcn_arena *read; /* of the latest read */
    int64_t sequence;       /* of the tip */
    bool has_read;
    const char **company_ids; /* that were asked for */
    size_t company_id_count;
    struct company *companies; /* of the latest read */
    size_t company_count;
    struct list others; /* the lines of other runs at the tip */
    struct list echoes; /* the same of this run */
    struct list own;    /* the lines of this run, of the intents */
    struct rcn_known known;
    struct rcn_identity_map *known_by_identity; /* struct rcn_known_sync: the latest */
};

static void add(struct list *list, struct rcn_intent *intent)
{
    list->items = rcn_grow(list->items, list->count, sizeof(struct rcn_intent *));
    list->items[list->count++] = intent;
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
    return self;
}

void rcn_ledger_free(struct rcn_ledger *self)
{
    if (!self)
        return;
    rcn_identity_map_free(self->known_by_identity);
    rcn_arena_free(self->read);
    rcn_arena_free(self->arena);
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

/*
 * Reads each line of a file at the tip into an element of the table's struct; the array is in the
 * arena. NULL and err: a ledger that cannot be read whole is not to be trusted in part.
 */
static void *read_lines(struct rcn_ledger *self, struct rcn_arena *arena, const char *path,
                        const struct rcn_table *table, size_t *ret_count, struct rcn_error *err)
{
    const char *text;
    size_t most = 1;
    if (rcn_ledger_remote_read(self->remote, path, &text, err))
        return NULL;
    text = text ? text : "";
    for (const char *end = text; (end = strchr(end, '\n')); end++)
        most++;
    char *rows = rcn_arena_calloc(arena, most, table->size);
    for (*ret_count = 0; *text; ++*ret_count) {
        size_t len = strcspn(text, "\n");
        const char *wrong = NULL;
        struct rcn_error why = RCN_ERROR_INIT;
        struct rcn_json *json = rcn_json_parse(text, len, &why);
        if (json)
            rcn_fields_read(json, table, rows + *ret_count * table->size, arena, &wrong);
        else
            wrong = why.message;
        rcn_json_free(json);
        if (wrong) {
            rcn_error_set(err, RCN_ERROR_REFUSED,
                          "line %zu of %s in the ledger is not as audiencectl writes it: %s",
                          *ret_count + 1, path, wrong);
            return NULL;
        }
        text += len + (text[len] == '\n');
    }
    return rows;
}

static int read_head(struct rcn_ledger *self, struct rcn_error *err)
{
    size_t count = 0;
    struct rcn_error why = RCN_ERROR_INIT;
    self->sequence = 0;
    if (!rcn_ledger_exists(self))
        return 0;
    const struct head *head = read_lines(self, self->read, head_name, &head_table, &count, &why);
    if (!head || count != 1 || head->format_version < 1) {
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
static void list_companies(struct rcn_ledger *self)
{
    const char *const *paths = NULL;
    const char *unnamed = get_folder(self->arena, self->api_url, NULL);
    const size_t host_len = strlen(unnamed) - 1;
    const char *host = rcn_arena_strndup(self->arena, unnamed, host_len);
    const size_t count = self->company_id_count;
    const size_t path_count = rcn_ledger_remote_list(self->remote, host, self->arena, &paths);
    bool wants_all = false;
    self->companies = rcn_arena_calloc(self->arena, count + path_count + 1, sizeof(struct company));
    self->company_count = 0;
    for (size_t i = 0; i < count; i++) {
        wants_all |= !self->company_ids[i];
        add_company(self, self->company_ids[i],
                    get_folder(self->arena, self->api_url, self->company_ids[i]));
    }
    if (count)
        add_company(self, NULL, unnamed);
    for (size_t i = 0; i < path_count && wants_all; i++) {
        const size_t len = host_len + strcspn(paths[i] + host_len, "/");
        const char *folder = rcn_arena_strndup(self->arena, paths[i], len);
        char *company_id = rcn_arena_strdup(self->arena, folder + host_len);
        rcn_unescape_percent(company_id);
        add_company(self, company_id, folder);
    }
}

/* The same line: one that was read before stays the same intent, and closed if it was. */
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

static int load_company(struct rcn_ledger *self, struct company *company, const struct list *before,
                        struct rcn_error *err)
{
    size_t count;
    struct rcn_intent *open = read_lines(
        self, self->arena, rcn_arena_printf(self->read, "%s/open.jsonl", company->folder),
        &open_table, &count, err);
    for (size_t i = 0; open && i < count; i++) {
        struct rcn_intent *intent = &open[i];
        intent->sync.company_id = company->company_id;
        intent->is_open = intent->is_earlier = true;
        /* From then on nothing can come of it that a list would not show. */
        intent->over_ms =
            intent->until_ms + intent->timeout_ms + intent->settle_ms + RCN_LEDGER_CLOCK_SKEW_MS;
        intent->where = intent->where ? intent->where : "?";
        struct rcn_intent *same = find_same(before, intent);
        add(strcmp(intent->run, self->run.run) == 0 ? &self->echoes : &self->others,
            same ? same : intent);
    }
    if (!open)
        return -1;
    company->known = read_lines(self, self->read,
                                rcn_arena_printf(self->read, "%s/known.jsonl", company->folder),
                                &known_table, &company->known_count, err);
    for (size_t i = 0; company->known && i < company->known_count; i++)
        company->known[i].sync.company_id = company->company_id;
    return company->known ? 0 : -1;
}

/* Adds a known sync, unless the company has that line already; look-ups find the latest. */
static void add_known_as(struct rcn_ledger *self, struct rcn_known_sync *syncs,
                         const struct rcn_known_sync *sync, const char *company_id)
{
    struct rcn_known_sync *added = &syncs[self->known.sync_count];
    *added = *sync;
    added->sync.company_id = company_id;
    void **place = rcn_identity_map_put(self->known_by_identity, &added->sync);
    const struct rcn_known_sync *other = *place;
    if (other && strcmp(other->sync.id, sync->sync.id) == 0)
        return;
    if (!other || other->seen_at_ms < sync->seen_at_ms)
        *place = added;
    self->known.sync_count++;
}

/*
 * All that is known, for plan. The company without a name may be any of the others: what is known
 * of the one is known of the other, too.
 */
static void fill_known(struct rcn_ledger *self)
{
    size_t most = 1;
    for (size_t i = 0; i < self->company_count; i++)
        most += self->companies[i].known_count * self->company_count;
    struct rcn_known_sync *syncs = rcn_arena_calloc(self->read, most, sizeof *syncs);
    self->known = (struct rcn_known){.syncs = syncs, .intent_count = self->others.count};
    self->known_by_identity = rcn_identity_map_new(most);
    for (size_t i = 0; i < self->company_count; i++)
        for (size_t k = 0; k < self->companies[i].known_count; k++)
            add_known_as(self, syncs, &self->companies[i].known[k], self->companies[i].company_id);
    for (size_t i = 0; i < self->company_count; i++)
        for (size_t k = 0; k < self->companies[i].known_count; k++)
            for (size_t j = 0; j < self->company_count; j++)
                if (!self->companies[i].company_id != !self->companies[j].company_id)
                    add_known_as(self, syncs, &self->companies[i].known[k],
                                 self->companies[j].company_id);
    struct rcn_known_intent *open = rcn_arena_calloc(self->read, self->others.count, sizeof *open);
    for (size_t i = 0; i < self->others.count; i++)
        open[i] = (struct rcn_known_intent){.sync = self->others.items[i]->sync,
                                            .until_ms = self->others.items[i]->over_ms};
    self->known.intents = open;
}

int rcn_ledger_load(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err)
{
    const char **ids = rcn_arena_calloc(self->arena, count, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        if (company_ids[i])
            ids[i] = rcn_arena_strdup(self->arena, company_ids[i]);
    self->company_ids = ids;
    self->company_id_count = count;
    self->has_read = false;
    list_companies(self);
    rcn_identity_map_free(self->known_by_identity);
    self->known_by_identity = NULL;
    self->known = (struct rcn_known){0};
    rcn_arena_free(self->read);
    self->read = rcn_arena_new(SIZE_MAX);
    struct list before = self->others;
    self->others = (struct list){0};
    self->echoes.count = 0;
    int result = 0;
    for (size_t i = 0; i < self->company_count && !result; i++)
        result = load_company(self, &self->companies[i], &before, err);
    for (size_t i = 0; i < before.count && !result; i++)
        before.items[i]->is_open =
            before.items[i]->is_open && find_same(&self->others, before.items[i]);
    free(before.items);
    if (result)
        return -1;
    fill_known(self);
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
    return rcn_identity_map_get(self->known_by_identity, sync);
}

/* --- pushing --- */

/* The files of one commit, and the memory for them. */
struct commit {
    struct rcn_arena *arena;
    struct rcn_ledger_file *files;
    size_t count;
};

/* Adds the file, unless the tip has the same text. The text is released. */
static int add_file(struct rcn_ledger *self, struct commit *commit, const char *path,
                    struct rcn_buf *text, struct rcn_error *err)
{
    const char *before = NULL;
    int result = text->failed ? rcn_error_set(err, RCN_ERROR_FAILED,
                                              "%s of the ledger is larger than %d MiB", path,
                                              MAX_FILE_BYTES >> 20)
                              : rcn_ledger_remote_read(self->remote, path, &before, err);
    if (!result && strcmp(before ? before : "", rcn_buf_get_str(text)) != 0)
        commit->files[commit->count++] = (struct rcn_ledger_file){
            .path = path, .text = rcn_arena_strdup(commit->arena, rcn_buf_get_str(text))};
    rcn_buf_release(text);
    return result;
}

static int compare_intents(const void *left, const void *right)
{
    const struct rcn_intent *a = *(struct rcn_intent *const *)left;
    const struct rcn_intent *b = *(struct rcn_intent *const *)right;
    int order = rcn_identity_compare(&a->sync, &b->sync);
    return order ? order : strcmp(a->run, b->run);
}

/*
 * The open lines after this push. What this run has closed stays until the end push, which brings
 * what became of it: otherwise that would be lost if the run died in between.
 */
static int add_open(struct rcn_ledger *self, struct commit *commit, const struct company *company,
                    bool is_fresh, struct rcn_error *err)
{
    const int64_t now_ms = rcn_clock_wall_ms();
    struct list lines = {0};
    struct rcn_buf text;
    for (size_t i = 0; i < self->others.count; i++) {
        struct rcn_intent *other = self->others.items[i];
        if (rcn_text_is_same(other->sync.company_id, company->company_id) &&
            (is_fresh || other->is_open || other->over_ms > now_ms))
            add(&lines, other);
    }
    /* What was announced again has one line, the latest. */
    struct rcn_identity_map *ours = rcn_identity_map_new(self->own.count);
    for (size_t i = self->own.count; i-- > 0;) {
        struct rcn_intent *own = self->own.items[i];
        void **place = rcn_identity_map_put(ours, &own->sync);
        if (!*place && own->is_open && !own->is_known &&
            rcn_text_is_same(own->sync.company_id, company->company_id))
            add(&lines, own);
        *place = own;
    }
    rcn_identity_map_free(ours);
    if (lines.count)
        qsort(lines.items, lines.count, sizeof *lines.items, compare_intents);
    rcn_buf_init(&text, MAX_FILE_BYTES);
    for (size_t i = 0; i < lines.count; i++)
        rcn_fields_write_line(&text, &open_table, lines.items[i]);
    free(lines.items);
    return add_file(self, commit, rcn_arena_printf(commit->arena, "%s/open.jsonl", company->folder),
                    &text, err);
}

static int compare_known(const void *left, const void *right)
{
    const struct rcn_known_sync *a = left;
    const struct rcn_known_sync *b = right;
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
    struct rcn_known_sync *lines =
        rcn_arena_calloc(commit->arena, count + company->known_count, sizeof *lines);
    struct rcn_identity_map *replaced = rcn_identity_map_new(0);
    struct rcn_buf text;
    size_t line_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rcn_audience_sync *live = records[i].live;
        if (!live || !rcn_text_is_same(live->company_id, company->company_id) ||
            !is_news(rcn_ledger_find_known(self, live), &records[i]) ||
            rcn_identity_map_get(replaced, live))
            continue;
        struct rcn_known_sync *known = &lines[line_count++];
        *known = (struct rcn_known_sync){.sync = *live, .seen_at_ms = records[i].seen_at_ms};
        known->sync.predefined_segment_id = records[i].sync->predefined_segment_id;
        *rcn_identity_map_put(replaced, live) = known;
    }
    const bool has_news = line_count > 0;
    for (size_t i = 0; i < company->known_count; i++)
        if (!rcn_identity_map_get(replaced, &company->known[i].sync))
            lines[line_count++] = company->known[i];
    rcn_identity_map_free(replaced);
    if (!has_news)
        return 0;
    qsort(lines, line_count, sizeof *lines, compare_known);
    rcn_buf_init(&text, MAX_FILE_BYTES);
    for (size_t i = 0; i < line_count; i++)
        rcn_fields_write_line(&text, &known_table, &lines[i]);
    return add_file(self, commit,
                    rcn_arena_printf(commit->arena, "%s/known.jsonl", company->folder), &text, err);
}

/* This run's line in the log of the month, unless an earlier try of the push has brought it. */
static int add_log(struct rcn_ledger *self, struct commit *commit, const struct company *company,
                   const struct rcn_ledger_record *records, size_t count, struct rcn_error *err)
{
    struct apply apply = {.at_ms = rcn_clock_wall_ms(), .run = self->run};
    apply.entries = rcn_arena_calloc(commit->arena, count, sizeof *apply.entries);
    for (size_t i = 0; i < count; i++)
        if (records[i].outcome &&
            rcn_text_is_same(records[i].sync->company_id, company->company_id))
            apply.entries[apply.entry_count++] =
                (struct rcn_log_entry){.ad_account_id = records[i].sync->ad_account_id,
                                       .audience_name = records[i].sync->audience_name,
                                       .outcome = records[i].outcome,
                                       .id = records[i].id};
    const char *before;
    const char *mark = rcn_arena_printf(commit->arena, "\"run\": \"%s\"", self->run.run);
    char time[RCN_TIME_SIZE];
    rcn_time_format(apply.at_ms, time);
    const char *path = rcn_arena_printf(commit->arena, "%s/log/%.7s.jsonl", company->folder, time);
    if (!apply.entry_count)
        return 0;
    if (rcn_ledger_remote_read(self->remote, path, &before, err))
        return -1;
    if (before && strstr(before, mark))
        return 0;
    struct rcn_buf text;
    rcn_buf_init(&text, MAX_FILE_BYTES);
    rcn_buf_add_str(&text, before ? before : "");
    rcn_fields_write_line(&text, &log_table, &apply);
    return add_file(self, commit, path, &text, err);
}

/*
 * One commit: the open lines; at the end (not is_fresh) the records, too. created: how many creates
 * it is about. At the end MOVED and err, if the log at the tip cannot be read: the copy is lost,
 * and a fetch mends it.
 */
static enum rcn_ledger_push push(struct rcn_ledger *self, bool is_fresh,
                                 const struct rcn_ledger_record *records, size_t count,
                                 size_t created, struct rcn_error *err)
{
    struct commit commit = {.arena = rcn_arena_new(SIZE_MAX)};
    const struct head head = {FORMAT_VERSION, self->sequence + 1};
    commit.files =
        rcn_arena_calloc(commit.arena, 3 * self->company_count + 2, sizeof *commit.files);
    int result = 0;
    for (size_t i = 0; i < self->company_count && !result; i++) {
        const struct company *company = &self->companies[i];
        result = add_open(self, &commit, company, is_fresh, err) ||
                 (!is_fresh && (add_known(self, &commit, company, records, count, err) ||
                                add_log(self, &commit, company, records, count, err)));
    }
    enum rcn_ledger_push outcome = RCN_LEDGER_PUSHED;
    if (!result && commit.count) {
        struct rcn_buf text;
        rcn_buf_init(&text, 1 << 10);
        rcn_fields_write_line(&text, &head_table, &head);
        result = add_file(self, &commit, head_name, &text, err);
        if (!rcn_ledger_exists(self))
            commit.files[commit.count++] =
                (struct rcn_ledger_file){.path = "README.md", .text = readme};
    }
    if (result) {
        outcome = is_fresh ? RCN_LEDGER_REFUSED : RCN_LEDGER_MOVED;
    } else if (commit.count) {
        const char *message =
            rcn_arena_printf(commit.arena, "apply: %s %zu\n\nrun: %s\nat: %s\nchange: %lld\n",
                             is_fresh ? "announce" : "close", created, self->run.run,
                             self->run.where ? self->run.where : "-", (long long)head.sequence);
        outcome = rcn_ledger_remote_push(self->remote, commit.files, commit.count, message, err);
        if (outcome == RCN_LEDGER_PUSHED)
            rcn_ledger_remote_set_reached(self->remote, ++self->sequence);
    }
    rcn_arena_free(commit.arena);
    return outcome;
}

/* Pushes the fresh lines, which are among its own by now. */
static enum rcn_ledger_push push_fresh(struct rcn_ledger *self, const struct rcn_intent *first,
                                       size_t count, struct rcn_error *err)
{
    for (int tries = 0; tries < ANNOUNCE_TRIES; tries++) {
        const int64_t sequence = self->sequence;
        enum rcn_ledger_push result = push(self, true, NULL, 0, count, err);
        if (result != RCN_LEDGER_UNKNOWN)
            return result;
        if (rcn_ledger_read_again(self, err))
            return RCN_LEDGER_UNKNOWN;
        if (find_same(&self->echoes, first)) /* a commit has all lines or none */
            return RCN_LEDGER_PUSHED;
        if (self->sequence != sequence)
            return RCN_LEDGER_MOVED;
    }
    /* The branch is where it was: nothing was announced, and err says what git said last. */
    return RCN_LEDGER_REFUSED;
}

enum rcn_ledger_push rcn_ledger_announce(struct rcn_ledger *self, struct rcn_intent *fresh,
                                         size_t count, struct rcn_error *err)
{
    if (!self->has_read)
        return rcn_ledger_read_again(self, err) ? RCN_LEDGER_UNKNOWN : RCN_LEDGER_MOVED;
    const size_t own_count = self->own.count;
    const int64_t good_ms = RCN_LEDGER_GOOD_MS + (int64_t)count * RCN_LEDGER_GOOD_EACH_MS;
    /* First: who is stopped between the two has less time than it announces, not more. */
    const int64_t good_until_ms = rcn_clock_steady_ms() + good_ms;
    const int64_t now_ms = rcn_clock_wall_ms();
    enum rcn_ledger_push result = RCN_LEDGER_PUSHED;
    for (size_t i = 0; i < count; i++) {
        fresh[i].at_ms = now_ms;
        fresh[i].until_ms = (now_ms + good_ms) / 1000 * 1000; /* as it is written */
        fresh[i].good_until_ms = good_until_ms;
        fresh[i].run = self->run.run;
        fresh[i].where = self->run.where;
        fresh[i].is_open = true;
        add(&self->own, &fresh[i]);
        /* Its line needs the folder of its company. */
        bool is_loaded = false;
        for (size_t j = 0; j < self->company_count && !is_loaded; j++)
            is_loaded = rcn_text_is_same(self->companies[j].company_id, fresh[i].sync.company_id);
        if (!is_loaded) {
            rcn_error_set(err, RCN_ERROR_FAILED, "the ledger was not read for the company of '%s'",
                          fresh[i].sync.audience_name);
            result = RCN_LEDGER_REFUSED;
        }
    }
    if (result == RCN_LEDGER_PUSHED)
        result = push_fresh(self, fresh, count, err);
    if (result != RCN_LEDGER_PUSHED)
        self->own.count = own_count;
    return result;
}

int rcn_ledger_finish(struct rcn_ledger *self, const struct rcn_ledger_record *records,
                      size_t count, struct rcn_error *err)
{
    size_t created = 0;
    for (size_t i = 0; i < count; i++)
        created += records[i].outcome != NULL;
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        if (!self->has_read && rcn_ledger_read_again(self, err))
            return -1;
        enum rcn_ledger_push result = push(self, false, records, count, created, err);
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

int rcn_ledger_read_log(struct rcn_ledger *self, struct rcn_arena *arena,
                        struct rcn_log_entry **ret, size_t *ret_count, struct rcn_error *err)
{
    struct rcn_log_entry *entries = NULL;
    const size_t open = self->others.count;
    size_t count = 0;
    int result = 0;
    for (; count < open; count++) {
        const struct rcn_intent *intent = self->others.items[count];
        entries = rcn_grow(entries, count, sizeof *entries);
        entries[count] = (struct rcn_log_entry){.at_ms = intent->at_ms,
                                                .outcome = "announced",
                                                .company_id = intent->sync.company_id,
                                                .ad_account_id = intent->sync.ad_account_id,
                                                .audience_name = intent->sync.audience_name,
                                                .id = intent->sync.id,
                                                .run = intent->run,
                                                .where = intent->where,
                                                .until_ms = intent->over_ms,
                                                .position = count};
    }
    for (size_t i = 0; i < self->company_count && !result; i++) {
        const char *const *paths;
        const size_t path_count = rcn_ledger_remote_list(
            self->remote, rcn_arena_printf(arena, "%s/log/", self->companies[i].folder), arena,
            &paths);
        for (size_t j = 0; j < path_count && !result; j++) {
            size_t apply_count = 0;
            const struct apply *applies =
                read_lines(self, arena, paths[j], &log_table, &apply_count, err);
            result = applies ? 0 : -1;
            for (size_t k = 0; k < apply_count && applies; k++) {
                const struct apply *apply = &applies[k];
                for (size_t l = 0; l < apply->entry_count; l++, count++) {
                    entries = rcn_grow(entries, count, sizeof *entries);
                    struct rcn_log_entry *entry = &entries[count];
                    *entry = apply->entries[l];
                    entry->at_ms = apply->at_ms;
                    entry->position = count;
                    entry->company_id = self->companies[i].company_id;
                    entry->run = apply->run.run;
                    entry->who = apply->run.who;
                    entry->where = apply->run.where;
                    entry->commit = apply->run.commit;
                }
            }
        }
    }
    *ret = rcn_arena_calloc(arena, count, sizeof *entries);
    *ret_count = count;
    if (count) {
        qsort(entries, open, sizeof *entries, compare_entries);
        qsort(entries + open, count - open, sizeof *entries, compare_entries);
        memcpy(*ret, entries, count * sizeof *entries);
    }
    free(entries);
    return result;
}
