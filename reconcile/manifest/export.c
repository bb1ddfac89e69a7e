#include "manifest/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "manifest/write.h"

enum { MAX_BYTES = 512 << 20, MAX_MESSAGE_BYTES = 65536, NAMED_IN_MESSAGE = 5 };

static int compare(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_live_sync_compare(*left, *right);
}

static int compare_identity(const void *a, const void *b)
{
    const struct rcn_live_sync *const *left = a;
    const struct rcn_live_sync *const *right = b;
    return rcn_identity_compare(&(*left)->sync, &(*right)->sync);
}

struct rcn_export rcn_export_all(const struct rcn_live_state *live)
{
    struct rcn_export self = {.count = 0};
    for (size_t i = 0; i < live->company_count; i++)
        self.count += live->companies[i].sync_count;
    self.syncs = rcn_arena_calloc(live->arena, self.count + 1, sizeof *self.syncs);
    self.is_shared = rcn_arena_calloc(live->arena, self.count + 1, sizeof *self.is_shared);
    for (size_t i = 0, at = 0; i < live->company_count; i++)
        for (size_t j = 0; j < live->companies[i].sync_count; j++)
            self.syncs[at++] = &live->companies[i].syncs[j];
    qsort(self.syncs, self.count, sizeof *self.syncs, compare);
    for (size_t i = 1; i < self.count; i++)
        if (compare_identity(&self.syncs[i - 1], &self.syncs[i]) == 0)
            self.is_shared[i - 1] = self.is_shared[i] = true;
    return self;
}

/* --- the files --- */

/* Letters, digits, `_` and `-`; others as `%XX`, so that no name leaves the folder or is hidden. */
static const char *escape(struct rcn_arena *arena, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    char *escaped = rcn_arena_calloc(arena, 3 * strlen(text) + 1, 1);
    char *end = escaped;
    for (; *text; text++)
        if (strchr(safe, *text))
            *end++ = *text;
        else
            end += snprintf(end, sizeof "%FF", "%%%02X", (unsigned)(unsigned char)*text);
    return escaped;
}

static const char *make_path(struct rcn_arena *arena, const char *dir,
                             const struct rcn_audience_sync *sync)
{
    return rcn_arena_printf(arena, "%s%s%s%s%s.yaml", dir, dir[strlen(dir) - 1] == '/' ? "" : "/",
                            sync->company_id ? escape(arena, sync->company_id) : "",
                            sync->company_id ? "-" : "", escape(arena, sync->ad_account_id));
}

static size_t count_same_account(const struct rcn_export *self, size_t first)
{
    const struct rcn_audience_sync *sync = &self->syncs[first]->sync;
    size_t end = first + 1;
    while (end < self->count &&
           strcmp(self->syncs[end]->sync.ad_account_id, sync->ad_account_id) == 0 &&
           rcn_text_is_same(self->syncs[end]->sync.company_id, sync->company_id))
        end++;
    return end - first;
}

void rcn_export_write(struct rcn_export *self, const struct rcn_live_state *live, const char *dir,
                      bool by_names)
{
    struct rcn_export_file file = {.path = "<stdout>"};
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, MAX_BYTES);
    self->files = rcn_arena_calloc(live->arena, self->count + 1, sizeof *self->files);
    for (size_t i = 0, count; i < self->count; i += count) {
        const struct rcn_audience_sync *sync = &self->syncs[i]->sync;
        const struct rcn_live_company *company =
            rcn_live_state_find_company(live, sync->company_id);
        count = count_same_account(self, i);
        const struct rcn_written_document document = {
            .company_id = sync->company_id,
            .company_name = company ? company->name : NULL,
            .ad_account_id = sync->ad_account_id,
            .ad_account_name =
                rcn_live_state_get_ad_account_name(live, sync->company_id, sync->ad_account_id),
            .names = by_names ? company : NULL,
            .syncs = self->syncs + i,
            .is_shared = self->is_shared + i,
            .count = count};
        if (bytes.len)
            rcn_buf_add_str(&bytes, "---\n");
        rcn_manifest_write(&bytes, &document);
        self->document_count++;
        file.count += count;
        for (size_t j = i; j < i + count; j++) {
            bool is_refused = rcn_manifest_refuses(self->syncs[j]) != NULL;
            file.count -= is_refused;
            self->left_out += is_refused;
        }
        if (!dir && i + count < self->count)
            continue;
        file.path = dir ? make_path(live->arena, dir, sync) : file.path;
        file.bytes = rcn_arena_strndup(live->arena, rcn_buf_get_str(&bytes), bytes.len);
        file.len = bytes.len;
        self->files[self->file_count++] = file;
        rcn_buf_clear(&bytes);
        file.count = 0;
    }
    rcn_buf_release(&bytes);
}

/* --- what would get lost --- */

/* True when the export declares what an entry of a file declares. */
static bool declares(const struct rcn_export *self, const struct rcn_audience_sync *entry)
{
    const struct rcn_live_sync sync = {.sync = *entry};
    const struct rcn_live_sync *key = &sync;
    return bsearch(&key, self->syncs, self->count, sizeof *self->syncs,
                   entry->id ? compare : compare_identity);
}

static const char *find_lost_entries(const struct rcn_export *self,
                                     const struct rcn_desired_set *declared,
                                     struct rcn_arena *arena)
{
    const char *names = "";
    const char *key = declared->ignore_count ? "'ignore' entries" : NULL;
    size_t lost = 0;
    for (size_t i = 0; i < declared->count; i++) {
        const struct rcn_desired_sync *entry = &declared->syncs[i];
        if (!key && (entry->label_count || entry->replaces_count))
            key = entry->label_count ? "'labels'" : "'replaces'";
        if (!declares(self, &entry->sync) && lost++ < NAMED_IN_MESSAGE)
            names = rcn_arena_printf(arena, "%s%s'%.80s'", names, lost > 1 ? ", " : "",
                                     entry->sync.audience_name);
    }
    if (lost)
        return rcn_arena_printf(arena, "holds %zu %s that this export would not write again: %s%s",
                                lost, lost == 1 ? "sync" : "syncs", names,
                                lost > NAMED_IN_MESSAGE ? ", ..." : "");
    return key ? rcn_arena_printf(arena, "holds %s, which export does not write", key) : NULL;
}

/* Where the text has the line, its newline included; NULL: nowhere. */
static const char *find_line(const char *text, const char *end, const char *line, size_t len)
{
    while (text < end && strncmp(text, line, len) != 0)
        text += strcspn(text, "\n") + 1;
    return text < end ? text : NULL;
}

/* The end of such a line is export's own comment: a name, which may be another one by now. */
static bool has_own_comment(const char *line)
{
    static const char *const keys[] = {
        "companyId: ", "adAccountId: ", "adAccount: ", "segmentId: ", "segment: ", "id: "};
    line += strspn(line, " -");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strncmp(line, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

/* Comments and variables of a person: lines with one that the new text does not have. */
static const char *find_lost_words(const struct rcn_export_file *file, const char *bytes,
                                   struct rcn_arena *arena)
{
    const char *end = file->bytes + file->len;
    const char *next = file->bytes; /* most lines are in the same order */
    const char *loss = NULL;
    struct rcn_buf text;
    rcn_buf_init(&text, MAX_BYTES);
    for (size_t number = 1, len; *bytes && !loss; number++, bytes += len + (bytes[len] == '\n')) {
        len = strcspn(bytes, "\n");
        rcn_buf_clear(&text);
        rcn_buf_add(&text, bytes, len && bytes[len - 1] == '\r' ? len - 1 : len);
        rcn_buf_add_char(&text, '\n');
        const char *line = rcn_buf_get_str(&text);
        const char *variable = strstr(line, "${");
        bool is_comment =
            line[strspn(line, " \t")] == '#' || (strstr(line, " #") && !has_own_comment(line));
        if (!is_comment && (!variable || (variable > line && variable[-1] == '$')))
            continue;
        const char *same = find_line(next, end, line, text.len);
        if (!same)
            same = find_line(file->bytes, next, line, text.len);
        if (same)
            next = same + text.len;
        else
            loss = rcn_arena_printf(arena, "holds a %s in line %zu, which export does not write",
                                    is_comment ? "comment" : "variable", number);
    }
    rcn_buf_release(&text);
    return loss;
}

const char *rcn_export_find_loss(const struct rcn_export *self, const struct rcn_export_file *file,
                                 const struct rcn_live_state *live, const char *bytes,
                                 const struct rcn_desired_set *declared)
{
    const char *loss = find_lost_entries(self, declared, live->arena);
    return loss ? loss : find_lost_words(file, bytes, live->arena);
}
