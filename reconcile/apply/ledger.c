#include "apply/ledger.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fields.h"
#include "base/memory.h"
#include "base/strmap.h"

enum {
    MAX_FILE_BYTES = 64 << 20,
    ANNOUNCE_TRIES = 3, /* of a push that has no answer */
    MAX_TRIES = 10,     /* of the end push, while others push too */
    FORMAT_VERSION = 1,
};

static const char head_name[] = "ledger.json";
static const char readme_name[] = "README.md";
static const char readme[] =
    "# The ledger of audiencectl\n"
    "\n"
    "audiencectl writes this branch: which creates are announced (`open.jsonl`), which audience "
    "syncs\nwere live (`known.jsonl`), and what every apply did (`log/`). There is one folder for "
    "each API and\ncompany. `audiencectl log` shows it as a table.\n"
    "\n"
    "Do not edit, rebase or delete this branch: without it an apply cannot know what another one "
    "has just\ncreated.\n";

struct head {
    int64_t format_version;
    int64_t sequence; /* one more in every commit */
};

static const struct rcn_field head_fields[] = {
    {.name = "formatVersion",
     .type = RCN_FIELD_INTEGER,
     .need = RCN_FIELD_REQUIRED,
     .offset = offsetof(struct head, format_version)},
    {.name = "sequence",
     .type = RCN_FIELD_INTEGER,
     .need = RCN_FIELD_REQUIRED,
     .offset = offsetof(struct head, sequence)},
    {0},
};
static const struct rcn_table head_table = {head_fields, sizeof(struct head)};

/* What was said of one identity since the ledger was opened, to be pushed. */
struct note {
    struct rcn_audience_sync sync;
    const char *id;             /* our line stays open and gets this id; NULL: none */
    struct rcn_known_sync seen; /* sync.id NULL: not seen */
    bool is_known;              /* the tip knows a later one */
    const char *outcome;        /* NULL: nothing for the log */
    const char *outcome_id;
};

struct company {
    const char *company_id;
    const char *folder;
    struct rcn_ledger_part part; /* as at the tip */
};

struct rcn_ledger {
    struct rcn_ledger_remote *remote;
    struct rcn_ledger_run run;
    const char *api_url;
    struct rcn_arena *arena; /* of the ledger: what is ours */
    struct rcn_arena *read;  /* of the latest read */
    struct head head;        /* at the tip */
    bool has_read;
    struct company *companies; /* of the latest read */
    size_t company_count;
    struct rcn_known known;
    struct rcn_strmap *known_by_identity; /* struct rcn_known_sync of the latest read */
    struct note **notes;
    size_t note_count;
    size_t note_capacity;
    struct rcn_strmap *note_by_identity;
    struct rcn_strmap *closed; /* lines, by identity and run */
    bool has_closed;
};

struct rcn_ledger *rcn_ledger_new(struct rcn_ledger_remote *remote, const char *api_url,
                                  const struct rcn_ledger_run *run)
{
    struct rcn_ledger *self = rcn_calloc(1, sizeof *self);
    self->remote = remote;
    self->arena = rcn_arena_new(SIZE_MAX);
    self->read = rcn_arena_new(SIZE_MAX);
    self->run = *run;
    self->api_url = rcn_arena_strdup(self->arena, api_url);
    self->known_by_identity = rcn_strmap_new(0);
    self->note_by_identity = rcn_strmap_new(0);
    self->closed = rcn_strmap_new(0);
    return self;
}

void rcn_ledger_free(struct rcn_ledger *self)
{
    if (!self)
        return;
    rcn_strmap_free(self->known_by_identity);
    rcn_strmap_free(self->note_by_identity);
    rcn_strmap_free(self->closed);
    rcn_arena_free(self->read);
    rcn_arena_free(self->arena);
    free(self->notes);
    free(self);
}

/* --- reading --- */

/* The text of a file at the tip, in the arena of the read; NULL: there is none. */
static int read_file(struct rcn_ledger *self, const char *folder, const char *name,
                     const char **ret, struct rcn_error *err)
{
    struct rcn_buf text;
    bool exists = false;
    const char *path = folder ? rcn_arena_printf(self->read, "%s/%s", folder, name) : name;
    rcn_buf_init(&text, MAX_FILE_BYTES);
    int result = rcn_ledger_remote_read(self->remote, path, &text, &exists, err);
    *ret = exists ? rcn_arena_strndup(self->read, rcn_buf_get_str(&text), text.len) : NULL;
    rcn_buf_release(&text);
    return result;
}

static int read_head(struct rcn_ledger *self, struct head *ret, struct rcn_error *err)
{
    const char *text;
    const char *wrong = NULL;
    struct rcn_error why = RCN_ERROR_INIT;
    *ret = (struct head){0};
    if (!rcn_ledger_remote_get_tip(self->remote))
        return 0;
    if (read_file(self, NULL, head_name, &text, err))
        return -1;
    struct rcn_json *json = text ? rcn_json_parse(text, strlen(text), &why) : NULL;
    if (json)
        rcn_fields_read(json, &head_table, ret, self->read, &wrong);
    rcn_json_free(json);
    if (!json || wrong || ret->format_version < 1) {
        rcn_error_set(err, RCN_ERROR_REFUSED, "the branch is not a ledger of audiencectl");
        return rcn_error_set_hint(err, "name another branch: --ledger URL#BRANCH");
    }
    if (ret->format_version > FORMAT_VERSION) {
        rcn_error_set(err, RCN_ERROR_REFUSED,
                      "the ledger was written by a newer audiencectl (format %lld)",
                      (long long)ret->format_version);
        return rcn_error_set_hint(err, "use that version here too");
    }
    return 0;
}

static int read_company(struct rcn_ledger *self, struct company *company, struct rcn_error *err)
{
    const char *open_text;
    const char *known_text;
    company->folder = rcn_ledger_get_folder(self->read, self->api_url, company->company_id);
    if (!rcn_ledger_exists(self))
        return 0;
    if (read_file(self, company->folder, "open.jsonl", &open_text, err) ||
        read_file(self, company->folder, "known.jsonl", &known_text, err))
        return -1;
    return rcn_ledger_part_read(&company->part, self->read, company->company_id, open_text,
                                known_text, err);
}

static bool is_ours(const struct rcn_ledger *self, const struct rcn_ledger_intent *intent)
{
    return strcmp(intent->run, self->run.run) == 0;
}

/* What others and the past say, for plan and drift. */
static void fill_known(struct rcn_ledger *self)
{
    size_t intents = 0;
    size_t syncs = 0;
    for (size_t i = 0; i < self->company_count; i++) {
        intents += self->companies[i].part.intent_count;
        syncs += self->companies[i].part.sync_count;
    }
    rcn_strmap_free(self->known_by_identity);
    self->known_by_identity = rcn_strmap_new(syncs);
    struct rcn_known_intent *open = rcn_arena_calloc(self->read, intents, sizeof *open);
    struct rcn_known_sync *seen = rcn_arena_calloc(self->read, syncs, sizeof *seen);
    self->known = (struct rcn_known){.intents = open, .syncs = seen, .sync_count = syncs};
    for (size_t i = 0; i < self->company_count; i++) {
        const struct rcn_ledger_part *part = &self->companies[i].part;
        for (size_t j = 0; j < part->intent_count; j++)
            if (!is_ours(self, &part->intents[j]))
                open[self->known.intent_count++] = (struct rcn_known_intent){
                    .sync = part->intents[j].sync,
                    .until_ms = rcn_ledger_intent_get_over_ms(&part->intents[j])};
        for (size_t j = 0; j < part->sync_count; j++) {
            size_t len;
            const char *key = rcn_identity_get_key(self->read, &part->syncs[j].sync, &len);
            *rcn_strmap_put(self->known_by_identity, key, len) = &part->syncs[j];
            *seen++ = part->syncs[j];
        }
    }
}

int rcn_ledger_fetch(struct rcn_ledger *self, struct rcn_error *err)
{
    struct head before;
    const bool existed = rcn_ledger_exists(self);
    /* The tip of an earlier run is still in the cache. */
    if (read_head(self, &before, err) || rcn_ledger_remote_fetch(self->remote, err) ||
        read_head(self, &self->head, err))
        return -1;
    if (!existed || self->head.sequence >= before.sequence)
        return 0;
    rcn_error_set(err, RCN_ERROR_REFUSED,
                  "the ledger went back: change %lld was read before, and now the branch %s",
                  (long long)before.sequence,
                  rcn_ledger_exists(self) ? "is older" : "does not exist");
    return rcn_error_set_hint(
        err, "a force-push or a deletion has lost lines that say what other runs created: push the "
             "branch again as it was; if it is lost, wait until no apply runs anywhere, then start "
             "a new branch with --ledger URL#BRANCH");
}

/* The id of the company that has this path of a file; NULL: none, or the one without a name. */
static const char *take_company(struct rcn_arena *arena, const char *path)
{
    const char *start = strchr(path, '/');
    const char *end = start ? strchr(start + 1, '/') : NULL;
    if (!end || strncmp(start, "/_/", 3) == 0)
        return NULL;
    char *id = rcn_arena_strndup(arena, start + 1, (size_t)(end - start - 1));
    char *to = id;
    for (const char *from = id; *from; from++) {
        if (*from == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
            const char digits[] = {from[1], from[2], '\0'};
            *to++ = (char)strtoul(digits, NULL, 16);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return id;
}

static bool has_company(const struct company *companies, size_t count, const char *company_id)
{
    for (size_t i = 0; i < count; i++)
        if (rcn_text_is_same(companies[i].company_id, company_id))
            return true;
    return false;
}

/*
 * The companies that were asked for, and those that may be the same ones under another name: a run
 * that could not know the company of its key has announced for a company without a name.
 */
static int list_companies(struct rcn_ledger *self, struct rcn_arena *arena,
                          const char *const *company_ids, size_t count, struct rcn_error *err)
{
    const char *const *paths = NULL;
    size_t path_count = 0;
    bool has_unnamed = false;
    for (size_t i = 0; i < count; i++)
        has_unnamed |= !company_ids[i];
    if (has_unnamed) {
        const char *folder = rcn_ledger_get_folder(arena, self->api_url, NULL);
        const char *host = rcn_arena_strndup(arena, folder, strlen(folder) - 1);
        if (rcn_ledger_remote_list(self->remote, host, arena, &paths, &path_count, err))
            return -1;
    }
    self->companies = rcn_arena_calloc(arena, count + path_count + 1, sizeof *self->companies);
    self->company_count = 0;
    for (size_t i = 0; i < count; i++)
        self->companies[self->company_count++].company_id =
            company_ids[i] ? rcn_arena_strdup(arena, company_ids[i]) : NULL;
    for (size_t i = 0; i <= path_count; i++) {
        const char *id = i < path_count ? take_company(arena, paths[i]) : NULL;
        if (count && !has_company(self->companies, self->company_count, id))
            self->companies[self->company_count++].company_id = id;
    }
    return 0;
}

int rcn_ledger_load(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err)
{
    struct rcn_arena *read = rcn_arena_new(SIZE_MAX);
    int result = list_companies(self, read, company_ids, count, err);
    rcn_arena_free(self->read);
    self->read = read;
    for (size_t i = 0; i < self->company_count && !result; i++)
        result = read_company(self, &self->companies[i], err);
    if (result)
        return -1;
    self->has_read = true;
    fill_known(self);
    return 0;
}

int rcn_ledger_read(struct rcn_ledger *self, const char *const *company_ids, size_t count,
                    struct rcn_error *err)
{
    return rcn_ledger_fetch(self, err) || rcn_ledger_load(self, company_ids, count, err) ? -1 : 0;
}

int rcn_ledger_read_again(struct rcn_ledger *self, struct rcn_error *err)
{
    const char **ids = rcn_calloc(self->company_count, sizeof *ids);
    size_t count = self->company_count;
    for (size_t i = 0; i < count; i++)
        ids[i] = self->companies[i].company_id;
    int result = rcn_ledger_read(self, ids, count, err);
    free(ids);
    return result;
}

bool rcn_ledger_exists(const struct rcn_ledger *self)
{
    return rcn_ledger_remote_get_tip(self->remote) != NULL;
}

const struct rcn_known *rcn_ledger_get_known(const struct rcn_ledger *self)
{
    return &self->known;
}

static struct company *find_company(const struct rcn_ledger *self, const char *company_id)
{
    for (size_t i = 0; i < self->company_count; i++)
        if (rcn_text_is_same(self->companies[i].company_id, company_id))
            return &self->companies[i];
    return NULL;
}

const struct rcn_ledger_intent *rcn_ledger_get_other(const struct rcn_ledger *self, size_t index)
{
    for (size_t i = 0; i < self->company_count; i++)
        for (size_t j = 0; j < self->companies[i].part.intent_count; j++)
            if (!is_ours(self, &self->companies[i].part.intents[j]) && index-- == 0)
                return &self->companies[i].part.intents[j];
    return NULL;
}

const struct rcn_known_sync *rcn_ledger_find_known(const struct rcn_ledger *self,
                                                   const struct rcn_audience_sync *sync)
{
    size_t len;
    const char *key = rcn_identity_get_key(self->read, sync, &len);
    return rcn_strmap_get(self->known_by_identity, key, len);
}

/* --- what is to be said --- */

static const char *keep_text(struct rcn_ledger *self, const char *text)
{
    return text ? rcn_arena_strdup(self->arena, text) : NULL;
}

static struct rcn_audience_sync keep_sync(struct rcn_ledger *self,
                                          const struct rcn_audience_sync *sync)
{
    return (struct rcn_audience_sync){
        .id = keep_text(self, sync->id),
        .company_id = keep_text(self, sync->company_id),
        .ad_account_id = keep_text(self, sync->ad_account_id),
        .audience_name = keep_text(self, sync->audience_name),
        .segment_id = keep_text(self, sync->segment_id),
        .predefined_segment_id = keep_text(self, sync->predefined_segment_id),
    };
}

static struct note *find_note(const struct rcn_ledger *self, const struct rcn_audience_sync *sync)
{
    size_t len;
    const char *key = rcn_identity_get_key(self->read, sync, &len);
    return rcn_strmap_get(self->note_by_identity, key, len);
}

static struct note *get_note(struct rcn_ledger *self, const struct rcn_audience_sync *sync)
{
    size_t len;
    const char *key = rcn_identity_get_key(self->arena, sync, &len);
    void **place = rcn_strmap_put(self->note_by_identity, key, len);
    struct note *note = *place;
    if (note)
        return note;
    if (self->note_count == self->note_capacity) {
        self->note_capacity = self->note_capacity ? self->note_capacity * 2 : 16;
        self->notes = rcn_realloc(self->notes, self->note_capacity * sizeof(struct note *));
    }
    note = rcn_arena_alloc(self->arena, sizeof *note);
    note->sync = keep_sync(self, sync);
    self->notes[self->note_count++] = note;
    *place = note;
    return note;
}

/* Of one line: an identity has several when another run announced it before. */
static const char *make_line_key(struct rcn_arena *arena, const struct rcn_audience_sync *sync,
                                 const char *run, size_t *ret_len)
{
    size_t len;
    size_t run_len = strlen(run);
    const char *identity = rcn_identity_get_key(arena, sync, &len);
    char *key = rcn_arena_alloc(arena, len + 1 + run_len + 1);
    memcpy(key, identity, len);
    memcpy(key + len + 1, run, run_len + 1);
    *ret_len = len + 1 + run_len;
    return key;
}

void rcn_ledger_close(struct rcn_ledger *self, const struct rcn_audience_sync *sync,
                      const char *run)
{
    size_t len;
    const char *key = make_line_key(self->arena, sync, run ? run : self->run.run, &len);
    *rcn_strmap_put(self->closed, key, len) = self; /* any value */
    self->has_closed = true;
}

void rcn_ledger_set_id(struct rcn_ledger *self, const struct rcn_audience_sync *sync,
                       const char *id)
{
    get_note(self, sync)->id = keep_text(self, id);
}

void rcn_ledger_see(struct rcn_ledger *self, const struct rcn_audience_sync *desired,
                    const struct rcn_audience_sync *live, int64_t seen_at_ms)
{
    const struct rcn_known_sync *known = rcn_ledger_find_known(self, live);
    /* Nothing new is no reason to push; once a push is due, the time goes along. */
    if (known && strcmp(known->sync.id, live->id) == 0 && !find_note(self, live))
        return;
    struct note *note = get_note(self, live);
    note->seen.sync = keep_sync(self, live);
    note->seen.sync.predefined_segment_id = keep_text(self, desired->predefined_segment_id);
    note->seen.seen_at_ms = seen_at_ms;
}

void rcn_ledger_log(struct rcn_ledger *self, const struct rcn_audience_sync *sync,
                    const char *outcome, const char *id)
{
    struct note *note = get_note(self, sync);
    note->outcome = outcome;
    note->outcome_id = keep_text(self, id);
}

/* --- pushing --- */

/* The files of one commit, and the memory for them. */
struct commit {
    struct rcn_arena *arena;
    struct rcn_ledger_file *files;
    size_t count;
    struct rcn_ledger_part *parts; /* of each company, as the commit makes it */
};

static void add_file(struct commit *commit, const char *folder, const char *name,
                     const struct rcn_buf *text)
{
    commit->files[commit->count++] = (struct rcn_ledger_file){
        .path = folder ? rcn_arena_printf(commit->arena, "%s/%s", folder, name) : name,
        .bytes = rcn_arena_strndup(commit->arena, rcn_buf_get_str(text), text->len),
        .len = text->len,
    };
}

/* Closed, and ours or of a run of which nothing can come any more. */
static bool is_closed(const struct rcn_ledger *self, const struct rcn_ledger_intent *intent,
                      int64_t now_ms, struct rcn_arena *arena)
{
    size_t len;
    const char *key = make_line_key(arena, &intent->sync, intent->run, &len);
    return rcn_strmap_get(self->closed, key, len) &&
           (is_ours(self, intent) || rcn_ledger_intent_get_over_ms(intent) <= now_ms);
}

static bool is_announced(const struct rcn_ledger_announced *announced, size_t count,
                         const struct rcn_audience_sync *sync)
{
    for (size_t i = 0; i < count; i++)
        if (rcn_identity_compare(announced[i].sync, sync) == 0)
            return true;
    return false;
}

/* The open lines after this push: those that stay, and the new ones. */
static void make_open(struct rcn_ledger *self, const struct company *company,
                      const struct rcn_ledger_announced *announced, size_t count,
                      const struct rcn_ledger_intent *fresh, struct commit *commit,
                      struct rcn_ledger_part *ret)
{
    const int64_t now_ms = rcn_clock_wall_ms();
    ret->intents =
        rcn_arena_calloc(commit->arena, company->part.intent_count + count, sizeof *ret->intents);
    for (size_t i = 0; i < company->part.intent_count; i++) {
        struct rcn_ledger_intent intent = company->part.intents[i];
        const struct note *note = find_note(self, &intent.sync);
        bool is_replaced = is_ours(self, &intent) && is_announced(announced, count, &intent.sync);
        if (is_replaced || is_closed(self, &intent, now_ms, commit->arena))
            continue;
        if (note && note->id && is_ours(self, &intent))
            intent.sync.id = note->id;
        ret->intents[ret->intent_count++] = intent;
    }
    for (size_t i = 0; i < count; i++) {
        if (!rcn_text_is_same(announced[i].sync->company_id, company->company_id))
            continue;
        struct rcn_ledger_intent *intent = &ret->intents[ret->intent_count++];
        *intent = *fresh;
        intent->newest = keep_text(self, announced[i].newest);
        intent->sync = keep_sync(self, announced[i].sync);
        intent->sync.id = NULL;
    }
}

/* Another run has seen the identity as another sync since. What we created is the newest, whatever
 * the clocks say: no one else could create it meanwhile. */
static bool is_later(const struct rcn_known_sync *known, const struct note *note)
{
    return strcmp(known->sync.id, note->seen.sync.id) != 0 &&
           known->seen_at_ms > note->seen.seen_at_ms &&
           !(note->outcome && strcmp(note->outcome, "created") == 0);
}

static void make_known(const struct rcn_ledger *self, const struct company *company,
                       struct commit *commit, struct rcn_ledger_part *ret)
{
    ret->syncs = rcn_arena_calloc(commit->arena, company->part.sync_count + self->note_count,
                                  sizeof *ret->syncs);
    for (size_t i = 0; i < company->part.sync_count; i++) {
        struct note *note = find_note(self, &company->part.syncs[i].sync);
        if (!note || !note->seen.sync.id || is_later(&company->part.syncs[i], note))
            ret->syncs[ret->sync_count++] = company->part.syncs[i];
        if (note)
            note->is_known = note->seen.sync.id && is_later(&company->part.syncs[i], note);
    }
    for (size_t i = 0; i < self->note_count; i++)
        if (self->notes[i]->seen.sync.id && !self->notes[i]->is_known &&
            rcn_text_is_same(self->notes[i]->sync.company_id, company->company_id))
            ret->syncs[ret->sync_count++] = self->notes[i]->seen;
}

/* Adds the file when it is not as at the tip. */
static void add_changed(struct commit *commit, const struct company *company, const char *name,
                        void (*write)(const struct rcn_ledger_part *, struct rcn_buf *),
                        const struct rcn_ledger_part *part)
{
    struct rcn_buf before;
    struct rcn_buf after;
    rcn_buf_init(&before, MAX_FILE_BYTES);
    rcn_buf_init(&after, MAX_FILE_BYTES);
    write(&company->part, &before);
    write(part, &after);
    if (strcmp(rcn_buf_get_str(&before), rcn_buf_get_str(&after)) != 0)
        add_file(commit, company->folder, name, &after);
    rcn_buf_release(&before);
    rcn_buf_release(&after);
}

/* The log of the month and this run's line, where this run has anything to say of the company. */
static int add_log(struct rcn_ledger *self, const struct company *company, struct commit *commit,
                   struct rcn_error *err)
{
    struct rcn_ledger_apply apply = {.at_ms = rcn_clock_wall_ms(),
                                     .run = self->run.run,
                                     .who = self->run.who,
                                     .where = self->run.where,
                                     .commit = self->run.commit};
    apply.results = rcn_arena_calloc(commit->arena, self->note_count, sizeof *apply.results);
    for (size_t i = 0; i < self->note_count; i++) {
        const struct note *note = self->notes[i];
        if (note->outcome && rcn_text_is_same(note->sync.company_id, company->company_id))
            apply.results[apply.result_count++] =
                (struct rcn_ledger_result){.ad_account_id = note->sync.ad_account_id,
                                           .audience_name = note->sync.audience_name,
                                           .outcome = note->outcome,
                                           .id = note->outcome_id};
    }
    if (!apply.result_count)
        return 0;
    char name[RCN_LEDGER_LOG_NAME_SIZE];
    const char *before = NULL;
    rcn_ledger_get_log_name(apply.at_ms, name);
    if (rcn_ledger_exists(self) && read_file(self, company->folder, name, &before, err))
        return -1;
    struct rcn_buf text;
    rcn_buf_init(&text, MAX_FILE_BYTES);
    rcn_buf_add_str(&text, before ? before : "");
    rcn_ledger_apply_write(&apply, &text);
    add_file(commit, company->folder, rcn_arena_strdup(commit->arena, name), &text);
    rcn_buf_release(&text);
    return 0;
}

static void add_head(const struct rcn_ledger *self, struct commit *commit)
{
    struct head head = {.format_version = FORMAT_VERSION, .sequence = self->head.sequence + 1};
    struct rcn_json_writer json;
    struct rcn_buf text;
    rcn_buf_init(&text, 1 << 10);
    rcn_json_writer_init(&json, &text);
    rcn_json_begin_object(&json);
    rcn_fields_write(&json, &head_table, &head);
    rcn_json_end_object(&json);
    rcn_buf_add_char(&text, '\n');
    add_file(commit, NULL, head_name, &text);
    rcn_buf_release(&text);
    if (rcn_ledger_exists(self))
        return;
    commit->files[commit->count++] =
        (struct rcn_ledger_file){.path = readme_name, .bytes = readme, .len = sizeof readme - 1};
}

/* After a push that was taken: what was written is what is read. */
static void take_parts(struct rcn_ledger *self, const struct commit *commit)
{
    for (size_t i = 0; i < self->company_count; i++) {
        struct rcn_ledger_part *to = &self->companies[i].part;
        const struct rcn_ledger_part *from = &commit->parts[i];
        to->intents = rcn_arena_calloc(self->read, from->intent_count, sizeof *to->intents);
        to->syncs = rcn_arena_calloc(self->read, from->sync_count, sizeof *to->syncs);
        to->intent_count = from->intent_count;
        to->sync_count = from->sync_count;
        if (from->intent_count)
            memcpy(to->intents, from->intents, from->intent_count * sizeof *to->intents);
        if (from->sync_count)
            memcpy(to->syncs, from->syncs, from->sync_count * sizeof *to->syncs);
    }
    self->head.format_version = FORMAT_VERSION;
    self->head.sequence++;
}

/* One commit: the new lines, and all that the notes say; with_log: the line of this run too. */
static enum rcn_ledger_push push(struct rcn_ledger *self,
                                 const struct rcn_ledger_announced *announced, size_t count,
                                 const struct rcn_ledger_intent *fresh, bool with_log,
                                 struct rcn_error *err)
{
    struct commit commit = {.arena = rcn_arena_new(SIZE_MAX)};
    commit.files =
        rcn_arena_calloc(commit.arena, 3 * self->company_count + 2, sizeof *commit.files);
    commit.parts = rcn_arena_calloc(commit.arena, self->company_count, sizeof *commit.parts);
    enum rcn_ledger_push result = RCN_LEDGER_PUSHED;
    for (size_t i = 0; i < self->company_count; i++) {
        const struct company *company = &self->companies[i];
        make_open(self, company, announced, count, fresh, &commit, &commit.parts[i]);
        make_known(self, company, &commit, &commit.parts[i]);
        add_changed(&commit, company, "open.jsonl", rcn_ledger_part_write_open, &commit.parts[i]);
        add_changed(&commit, company, "known.jsonl", rcn_ledger_part_write_known, &commit.parts[i]);
        if (with_log && add_log(self, company, &commit, err))
            result = RCN_LEDGER_REFUSED;
    }
    if (result == RCN_LEDGER_PUSHED && commit.count) {
        add_head(self, &commit);
        const char *message = rcn_arena_printf(
            commit.arena, "%s %zu\n\nrun: %s\nat: %s\nchange: %lld\n",
            with_log ? "apply: close" : "apply: announce", with_log ? self->note_count : count,
            self->run.run, self->run.where ? self->run.where : "-",
            (long long)self->head.sequence + 1);
        result = rcn_ledger_remote_push(self->remote, commit.files, commit.count, message, err);
        if (result == RCN_LEDGER_PUSHED)
            take_parts(self, &commit);
    }
    rcn_arena_free(commit.arena);
    return result;
}

static bool has_own_lines(const struct rcn_ledger *self,
                          const struct rcn_ledger_announced *announced, size_t count,
                          int64_t until_ms)
{
    for (size_t i = 0; i < count; i++) {
        const struct company *company = find_company(self, announced[i].sync->company_id);
        bool is_found = false;
        for (size_t j = 0; company && !is_found && j < company->part.intent_count; j++) {
            const struct rcn_ledger_intent *intent = &company->part.intents[j];
            /* Times are written in whole seconds. */
            is_found = is_ours(self, intent) && intent->until_ms / 1000 == until_ms / 1000 &&
                       rcn_identity_compare(&intent->sync, announced[i].sync) == 0;
        }
        if (!is_found)
            return false;
    }
    return true;
}

enum rcn_ledger_push rcn_ledger_announce(struct rcn_ledger *self,
                                         const struct rcn_ledger_announced *announced, size_t count,
                                         int64_t timeout_ms, int64_t settle_ms,
                                         int64_t *ret_until_ms, struct rcn_error *err)
{
    assert(self->has_read);
    const int64_t begin_ms = rcn_clock_steady_ms();
    const int64_t now_ms = rcn_clock_wall_ms();
    const struct rcn_ledger_intent fresh = {.run = self->run.run,
                                            .where = self->run.where,
                                            .at_ms = now_ms,
                                            .until_ms = now_ms + RCN_LEDGER_GOOD_MS,
                                            .timeout_ms = timeout_ms,
                                            .settle_ms = settle_ms};
    *ret_until_ms = begin_ms + RCN_LEDGER_GOOD_MS;
    for (int tries = 0; tries < ANNOUNCE_TRIES; tries++) {
        const int64_t sequence = self->head.sequence;
        enum rcn_ledger_push result = push(self, announced, count, &fresh, false, err);
        if (result != RCN_LEDGER_UNKNOWN)
            return result;
        if (rcn_ledger_read_again(self, err))
            return RCN_LEDGER_UNKNOWN;
        if (has_own_lines(self, announced, count, fresh.until_ms))
            return RCN_LEDGER_PUSHED;
        if (self->head.sequence != sequence)
            return RCN_LEDGER_MOVED;
    }
    /* The branch is where it was: nothing was announced, and err says what git said last. */
    return RCN_LEDGER_REFUSED;
}

/* Does the log at the tip have this run's line? */
static int find_own_log(struct rcn_ledger *self, bool *ret, struct rcn_error *err)
{
    char name[RCN_LEDGER_LOG_NAME_SIZE];
    char *mark = rcn_arena_printf(self->read, "\"run\": \"%s\"", self->run.run);
    rcn_ledger_get_log_name(rcn_clock_wall_ms(), name);
    *ret = false;
    for (size_t i = 0; i < self->company_count; i++) {
        const char *text = NULL;
        if (read_file(self, self->companies[i].folder, name, &text, err))
            return -1;
        *ret = *ret || (text && strstr(text, mark));
    }
    return 0;
}

int rcn_ledger_finish(struct rcn_ledger *self, struct rcn_error *err)
{
    if (!self->has_read || (!self->note_count && !self->has_closed))
        return 0;
    for (int tries = 0; tries < MAX_TRIES; tries++) {
        bool is_logged;
        enum rcn_ledger_push result = push(self, NULL, 0, NULL, true, err);
        if (result == RCN_LEDGER_PUSHED)
            return 0;
        if (result == RCN_LEDGER_REFUSED || rcn_ledger_read_again(self, err))
            return -1;
        if (result == RCN_LEDGER_UNKNOWN) {
            if (find_own_log(self, &is_logged, err))
                return -1;
            if (is_logged)
                return 0;
        }
    }
    return rcn_error_set(err, RCN_ERROR_FAILED,
                         "the ledger could not be written: other runs were faster %d times",
                         MAX_TRIES);
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

static struct rcn_log_entry *add_entry(struct rcn_arena *arena, struct rcn_log_entry **list,
                                       size_t *count)
{
    if ((*count & (*count + 1)) == 0) { /* 0, 1, 3, 7, ...: it is full */
        struct rcn_log_entry *more = rcn_arena_calloc(arena, 2 * *count + 1, sizeof *more);
        if (*count)
            memcpy(more, *list, *count * sizeof *more);
        *list = more;
    }
    return &(*list)[(*count)++];
}

static int read_company_log(struct rcn_ledger *self, const struct company *company,
                            struct rcn_arena *arena, struct rcn_log_entry **list, size_t *count,
                            struct rcn_error *err)
{
    const char *const *paths;
    size_t path_count;
    struct rcn_ledger_apply *applies;
    size_t apply_count;
    struct rcn_buf text; /* of all months */
    if (rcn_ledger_remote_list(self->remote, rcn_arena_printf(arena, "%s/log/", company->folder),
                               arena, &paths, &path_count, err))
        return -1;
    rcn_buf_init(&text, (size_t)8 * MAX_FILE_BYTES);
    int result = 0;
    for (size_t i = 0; i < path_count && !result; i++) {
        bool exists;
        result = rcn_ledger_remote_read(self->remote, paths[i], &text, &exists, err);
    }
    if (!result)
        result = rcn_ledger_log_read(arena, rcn_buf_get_str(&text), &applies, &apply_count, err);
    rcn_buf_release(&text);
    for (size_t i = 0; !result && i < apply_count; i++)
        for (size_t j = 0; j < applies[i].result_count; j++)
            *add_entry(arena, list, count) =
                (struct rcn_log_entry){.at_ms = applies[i].at_ms,
                                       .position = i,
                                       .outcome = applies[i].results[j].outcome,
                                       .company_id = company->company_id,
                                       .ad_account_id = applies[i].results[j].ad_account_id,
                                       .audience_name = applies[i].results[j].audience_name,
                                       .id = applies[i].results[j].id,
                                       .run = applies[i].run,
                                       .who = applies[i].who,
                                       .where = applies[i].where,
                                       .commit = applies[i].commit};
    return result;
}

int rcn_ledger_read_log(struct rcn_ledger *self, struct rcn_arena *arena,
                        struct rcn_log_entry **ret, size_t *ret_count, struct rcn_error *err)
{
    *ret = NULL;
    *ret_count = 0;
    for (size_t i = 0; i < self->company_count; i++)
        for (size_t j = 0; j < self->companies[i].part.intent_count; j++) {
            const struct rcn_ledger_intent *intent = &self->companies[i].part.intents[j];
            *add_entry(arena, ret, ret_count) =
                (struct rcn_log_entry){.at_ms = intent->at_ms,
                                       .outcome = "announced",
                                       .company_id = intent->sync.company_id,
                                       .ad_account_id = intent->sync.ad_account_id,
                                       .audience_name = intent->sync.audience_name,
                                       .id = intent->sync.id,
                                       .run = intent->run,
                                       .where = intent->where,
                                       .until_ms = rcn_ledger_intent_get_over_ms(intent)};
        }
    const size_t open = *ret_count;
    for (size_t i = 0; i < self->company_count; i++)
        if (read_company_log(self, &self->companies[i], arena, ret, ret_count, err))
            return -1;
    if (*ret_count) {
        qsort(*ret, open, sizeof **ret, compare_entries);
        qsort(*ret + open, *ret_count - open, sizeof **ret, compare_entries);
    }
    return 0;
}
