#include "manifest/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/strmap.h"
#include "base/unicode.h"
#include "manifest/decoder.h"

enum { MAX_BYTES = 512 << 20, NAMED_IN_MESSAGE = 5 };

/* --- what is exported --- */

/* What makes manifests refuse the text, or NULL. */
static const char *find_fault(const char *text)
{
    size_t len = strlen(text);
    switch (rcn_text_find_fault(text, len)) {
    case RCN_TEXT_EMPTY:
        return "is empty";
    case RCN_TEXT_BEGINS_WITH_SPACE:
    case RCN_TEXT_ENDS_WITH_SPACE:
        return "begins or ends with white space";
    case RCN_TEXT_HIDDEN:
        return "holds a control or invisible character";
    case RCN_TEXT_GOOD:
        break;
    }
    /* Each `${` is written as `$${`, and the decoder's limit is held against that. */
    for (const char *at = text; (at = strstr(at, "${")); at += 2)
        len++;
    return len > RCN_VALUE_MAX ? "is too long" : NULL;
}

static const char *find_refusal(struct rcn_arena *arena, const struct rcn_audience_sync *sync)
{
    const char *const fields[][2] = {
        {"audienceName", sync->audience_name}, {"segmentId", sync->segment_id}, {"id", sync->id}};
    for (size_t i = 0; i < 3; i++) {
        if (i == 1 && !rcn_ad_account_id_is_valid(sync->ad_account_id))
            return "its adAccountId is not 'act_' and digits";
        if (!fields[i][1])
            return "it has no segmentId";
        const char *fault = find_fault(fields[i][1]);
        if (fault)
            return rcn_arena_printf(arena, "its %s %s", fields[i][0], fault);
    }
    return sync->frequency && !rcn_frequency_find(sync->frequency)
               ? "its frequency is none that manifests know"
               : NULL;
}

static int compare(const void *a, const void *b)
{
    const struct rcn_export_item *left = a;
    const struct rcn_export_item *right = b;
    return rcn_live_sync_compare(left->sync, right->sync);
}

static int compare_identity(const void *a, const void *b)
{
    const struct rcn_export_item *left = a;
    const struct rcn_export_item *right = b;
    return rcn_identity_compare(&left->sync->sync, &right->sync->sync);
}

struct rcn_export rcn_export_all(const struct rcn_live_state *live)
{
    struct rcn_export self = {.count = 0};
    for (size_t i = 0; i < live->company_count; i++)
        self.count += live->companies[i].sync_count;
    self.items = rcn_arena_calloc(live->arena, self.count + 1, sizeof *self.items);
    struct rcn_export_item *item = self.items;
    for (size_t i = 0; i < live->company_count; i++)
        for (size_t j = 0; j < live->companies[i].sync_count; j++, item++) {
            item->sync = &live->companies[i].syncs[j];
            item->refused = find_refusal(live->arena, &item->sync->sync);
        }
    qsort(self.items, self.count, sizeof *self.items, compare);
    for (size_t i = 1; i < self.count; i++)
        if (compare_identity(&self.items[i - 1], &self.items[i]) == 0)
            self.items[i - 1].is_shared = self.items[i].is_shared = true;
    return self;
}

/* --- scalars --- */

/*
 * What readers of YAML 1.1, such as PyYAML, take for a boolean, a number, a date or a key of their
 * own. Ours does not, but other tools read manifests too.
 */
static bool is_special_in_yaml_1_1(const char *text)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "<<", "="};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], text) == 0)
            return true;
    return strspn(text, "+.0123456789") &&
           text[strspn(text, "0123456789abcdefABCDEFxotTzZ_:.+- ")] == '\0';
}

/* YAML 1.2, 7.3.3: what can be as it is after `key: ` in a block mapping. */
static bool is_plain(const char *text)
{
    size_t len = strlen(text);
    return rcn_yaml_get_scalar_type(text, len) == RCN_YAML_IS_STRING &&
           !strchr("?:,[]{}#&*!|>'\"%@`- ", *text) && !strchr(" :", text[len - 1]) &&
           !is_special_in_yaml_1_1(text) && !strstr(text, ": ") && !strstr(text, " #") &&
           !rcn_text_find_hidden(text, len);
}

/* `${` as `$${`. Hidden characters beyond ASCII stay: those that a manifest takes belong to their
 * neighbours. */
static void add_text(struct rcn_buf *out, const char *text)
{
    bool plain = is_plain(text);
    rcn_buf_add_str(out, plain ? "" : "\"");
    for (; *text; text++) {
        if (*text == '$' && text[1] == '{')
            rcn_buf_add_char(out, '$');
        if (!plain && (*text == '"' || *text == '\\'))
            rcn_buf_add_char(out, '\\');
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            rcn_buf_printf(out, "\\x%02x", (unsigned)*text);
        else
            rcn_buf_add_char(out, *text);
    }
    rcn_buf_add_str(out, plain ? "" : "\"");
}

static void add_field(struct rcn_buf *out, const char *start, const char *value,
                      const char *comment)
{
    rcn_buf_add_str(out, start);
    add_text(out, value);
    if (comment && *comment) {
        rcn_buf_add_str(out, " # ");
        rcn_escape_visible(out, comment);
    }
    rcn_buf_add_char(out, '\n');
}

/* --- a document --- */

static const char *get_frequency(const struct rcn_export_item *item)
{
    return item->sync->sync.frequency ? item->sync->sync.frequency : RCN_FREQUENCY_DEFAULT;
}

/*
 * What more than half of several syncs have. Else what manifests take by default: a sync that is
 * added later without a frequency should not become an hourly one because a single other is.
 */
static const char *choose_frequency(const struct rcn_export_item *items, size_t count)
{
    for (size_t i = 0; i < RCN_FREQUENCY_COUNT; i++) {
        size_t total = 0;
        size_t same = 0;
        for (size_t j = 0; j < count; j++) {
            total += !items[j].refused;
            same += !items[j].refused && strcmp(get_frequency(&items[j]), rcn_frequencies[i]) == 0;
        }
        if (same > 1 && same > total / 2)
            return rcn_frequencies[i];
    }
    return RCN_FREQUENCY_DEFAULT;
}

/* The name of the ad account or segment if no other has it, so that it can be in place of the id;
 * else NULL. company NULL: names are not wanted. */
static const char *find_name(const struct rcn_live_company *company, bool is_segment,
                             const char *id)
{
    const char *name = NULL;
    size_t same = 0;
    size_t count = !company ? 0 : is_segment ? company->segment_count : company->ad_account_count;
    for (size_t i = 0; i < count && !name; i++)
        if (strcmp(is_segment ? company->segments[i].id : company->ad_accounts[i].id, id) == 0)
            name = is_segment ? company->segments[i].name : company->ad_accounts[i].name;
    for (size_t i = 0; i < count && name; i++)
        same += rcn_text_is_same(
            is_segment ? company->segments[i].name : company->ad_accounts[i].name, name);
    return name && !find_fault(name) && same == 1 ? name : NULL;
}

static void add_item(struct rcn_buf *out, const struct rcn_export_item *item,
                     const struct rcn_live_company *names, const char *default_frequency)
{
    const struct rcn_audience_sync *sync = &item->sync->sync;
    if (item->refused) {
        rcn_buf_add_str(out, "  # left out: ");
        rcn_escape_visible(out, sync->id);
        rcn_buf_add_str(out, ", '");
        rcn_escape_visible(out, sync->audience_name);
        rcn_buf_printf(out, "': %s\n", item->refused);
        return;
    }
    add_field(out, "  - audienceName: ", sync->audience_name, NULL);
    const char *segment = find_name(names, true, sync->segment_id);
    if (segment)
        add_field(out, "    segment: ", segment, sync->segment_id);
    else
        add_field(out, "    segmentId: ", sync->segment_id, item->sync->segment_name);
    if (strcmp(get_frequency(item), default_frequency) != 0)
        add_field(out, "    frequency: ", get_frequency(item), NULL);
    if (sync->is_active == RCN_FALSE)
        rcn_buf_add_str(out, "    isActive: false\n");
    if (item->is_shared)
        add_field(out, "    id: ", sync->id, "one of several with this name");
}

/* The items are of one company and ad account. Returns how many of them are declared. */
static size_t add_document(struct rcn_buf *out, const struct rcn_live_state *live,
                           const struct rcn_export_item *items, size_t count, bool by_names)
{
    const struct rcn_audience_sync *sync = &items->sync->sync;
    const struct rcn_live_company *company = rcn_live_state_find_company(live, sync->company_id);
    const char *frequency = choose_frequency(items, count);
    const struct rcn_live_company *names = by_names ? company : NULL;
    const char *account = find_name(names, false, sync->ad_account_id);
    size_t declared = 0;
    if (out->len)
        rcn_buf_add_str(out, "---\n");
    rcn_buf_add_str(out, "apiVersion: " RCN_API_VERSION "\n");
    if (sync->company_id)
        add_field(out, "companyId: ", sync->company_id, company ? company->name : NULL);
    rcn_buf_add_str(out, "defaults:\n");
    if (account)
        add_field(out, "  adAccount: ", account, sync->ad_account_id);
    else if (rcn_ad_account_id_is_valid(sync->ad_account_id))
        add_field(out, "  adAccountId: ", sync->ad_account_id,
                  rcn_live_state_get_ad_account_name(live, sync->company_id, sync->ad_account_id));
    add_field(out, "  frequency: ", frequency, NULL);
    for (size_t i = 0; i < count; i++)
        declared += !items[i].refused;
    rcn_buf_add_str(out, declared ? "audienceSyncs:\n" : "audienceSyncs: []\n");
    for (size_t i = 0; i < count; i++)
        add_item(out, &items[i], names, frequency);
    return declared;
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

void rcn_export_write(struct rcn_export *self, const struct rcn_live_state *live, const char *dir,
                      bool by_names)
{
    struct rcn_export_file file = {.path = "<stdout>"};
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, MAX_BYTES);
    self->files = rcn_arena_calloc(live->arena, self->count + 1, sizeof *self->files);
    for (size_t i = 0, end; i < self->count; i = end) {
        const struct rcn_audience_sync *sync = &self->items[i].sync->sync;
        for (end = i + 1; end < self->count; end++) {
            const struct rcn_audience_sync *next = &self->items[end].sync->sync;
            if (strcmp(next->ad_account_id, sync->ad_account_id) != 0 ||
                !rcn_text_is_same(next->company_id, sync->company_id))
                break;
        }
        size_t declared = add_document(&bytes, live, &self->items[i], end - i, by_names);
        self->document_count++;
        self->left_out += end - i - declared;
        file.count += declared;
        if (!dir && end < self->count)
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
    struct rcn_strmap *lines = rcn_strmap_new(0);
    const char *loss = NULL;
    for (const char *line = file->bytes; *line; line += strcspn(line, "\n") + 1)
        *rcn_strmap_put(lines, line, strcspn(line, "\n")) = lines;
    for (size_t number = 1, size; *bytes && !loss; number++, bytes += size + (bytes[size] != 0)) {
        size = strcspn(bytes, "\n");
        size_t len = size && bytes[size - 1] == '\r' ? size - 1 : size;
        const char *variable = memmem(bytes, len, "${", 2);
        bool is_comment = bytes[strspn(bytes, " \t")] == '#' ||
                          (memmem(bytes, len, " #", 2) && !has_own_comment(bytes));
        bool is_variable = variable && (variable == bytes || variable[-1] != '$');
        if ((is_comment || is_variable) && !rcn_strmap_get(lines, bytes, len))
            loss = rcn_arena_printf(arena, "holds a %s in line %zu, which export does not write",
                                    is_comment ? "comment" : "variable", number);
    }
    rcn_strmap_free(lines);
    return loss;
}

const char *rcn_export_find_loss(const struct rcn_export *self, const struct rcn_export_file *file,
                                 const struct rcn_live_state *live, const char *bytes,
                                 const struct rcn_desired_set *declared)
{
    struct rcn_arena *arena = live->arena;
    const char *names = "";
    const char *key = declared->ignore_count ? "'ignore' entries" : NULL;
    size_t lost = 0;
    for (size_t i = 0; i < declared->count; i++) {
        const struct rcn_desired_sync *entry = &declared->syncs[i];
        const struct rcn_live_sync sync = {.sync = entry->sync};
        const struct rcn_export_item item = {.sync = &sync};
        if (!key && (entry->label_count || entry->replaces_count))
            key = entry->label_count ? "'labels'" : "'replaces'";
        if (!bsearch(&item, self->items, self->count, sizeof item,
                     entry->sync.id ? compare : compare_identity) &&
            lost++ < NAMED_IN_MESSAGE)
            names = rcn_arena_printf(arena, "%s%s'%.80s'", names, lost > 1 ? ", " : "",
                                     entry->sync.audience_name);
    }
    if (lost)
        return rcn_arena_printf(arena, "holds %zu %s that this export would not write again: %s%s",
                                lost, lost == 1 ? "sync" : "syncs", names,
                                lost > NAMED_IN_MESSAGE ? ", ..." : "");
    return key ? rcn_arena_printf(arena, "holds %s, which export does not write", key)
               : find_lost_words(file, bytes, arena);
}
