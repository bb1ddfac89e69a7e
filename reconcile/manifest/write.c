#include "manifest/write.h"

#include <string.h>
#include <strings.h>

#include "base/escape.h"
#include "base/unicode.h"
#include "manifest/decoder.h"

/* --- what manifests refuse --- */

enum fault { FAULT_NONE, FAULT_EMPTY, FAULT_PADDED, FAULT_HIDDEN, FAULT_LONG, FAULT_COUNT };

static enum fault find_fault(const char *text)
{
    size_t len = strlen(text);
    if (!len)
        return FAULT_EMPTY;
    if (rcn_text_begins_with_space(text, len) || rcn_text_ends_with_space(text, len))
        return FAULT_PADDED;
    if (rcn_text_find_hidden(text, len))
        return FAULT_HIDDEN;
    /* Each `${` is written as `$${`, and the decoder's limit is held against that. */
    for (const char *at = text; (at = strstr(at, "${")); at += 2)
        len++;
    return len > RCN_VALUE_MAX ? FAULT_LONG : FAULT_NONE;
}

const char *rcn_manifest_refuses(const struct rcn_live_sync *sync)
{
    static const char *const name_faults[FAULT_COUNT] = {
        NULL, "its audienceName is empty", "its audienceName begins or ends with white space",
        "its audienceName holds a control or invisible character", "its audienceName is too long"};
    static const char *const segment_faults[FAULT_COUNT] = {
        NULL, "its segmentId is empty", "its segmentId begins or ends with white space",
        "its segmentId holds a control or invisible character", "its segmentId is too long"};
    static const char *const id_faults[FAULT_COUNT] = {
        NULL, "its id is empty", "its id begins or ends with white space",
        "its id holds a control or invisible character", "its id is too long"};
    const char *fault = name_faults[find_fault(sync->sync.audience_name)];
    if (!fault && !rcn_ad_account_id_is_valid(sync->sync.ad_account_id))
        fault = "its adAccountId is not 'act_' and digits";
    if (!fault)
        fault = sync->sync.segment_id ? segment_faults[find_fault(sync->sync.segment_id)]
                                      : "it has no segmentId";
    if (!fault)
        fault = id_faults[find_fault(sync->sync.id)];
    if (!fault && sync->sync.frequency && !rcn_frequency_find(sync->sync.frequency))
        fault = "its frequency is none that manifests know";
    return fault;
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

/* Hidden characters beyond ASCII stay: the ones that a manifest takes belong to their neighbours.
 */
void rcn_manifest_write_text(struct rcn_buf *out, const char *text)
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

/* --- a document --- */

static void add_comment(struct rcn_buf *out, const char *text)
{
    if (!text || !*text)
        return;
    rcn_buf_add_str(out, " # ");
    rcn_escape_visible(out, text);
}

static void add_field(struct rcn_buf *out, const char *start, const char *value,
                      const char *comment)
{
    rcn_buf_add_str(out, start);
    rcn_manifest_write_text(out, value);
    add_comment(out, comment);
    rcn_buf_add_char(out, '\n');
}

static const char *get_frequency(const struct rcn_live_sync *sync)
{
    return sync->sync.frequency ? sync->sync.frequency : RCN_FREQUENCY_DEFAULT;
}

/*
 * What more than half of several syncs have. Else what manifests take by default: a sync that is
 * added later without a frequency should not become an hourly one because a single other is.
 */
static const char *choose_frequency(const struct rcn_written_document *document)
{
    size_t counts[RCN_FREQUENCY_COUNT] = {0};
    size_t total = 0;
    for (size_t i = 0; i < document->count; i++) {
        if (rcn_manifest_refuses(document->syncs[i]))
            continue;
        total++;
        for (size_t j = 0; j < RCN_FREQUENCY_COUNT; j++)
            counts[j] += strcmp(get_frequency(document->syncs[i]), rcn_frequencies[j]) == 0;
    }
    for (size_t j = 0; j < RCN_FREQUENCY_COUNT; j++)
        if (counts[j] > 1 && counts[j] > total / 2)
            return rcn_frequencies[j];
    return RCN_FREQUENCY_DEFAULT;
}

static void add_refused(struct rcn_buf *out, const struct rcn_live_sync *sync, const char *why)
{
    rcn_buf_add_str(out, "  # left out: ");
    rcn_escape_visible(out, sync->sync.id);
    rcn_buf_add_str(out, ", '");
    rcn_escape_visible(out, sync->sync.audience_name);
    rcn_buf_printf(out, "': %s\n", why);
}

/* The name of the segment if no other has it, so that it can be in place of the id; else NULL. */
static const char *find_segment_name(const struct rcn_live_company *company, const char *id)
{
    const struct rcn_segment *is = company ? rcn_live_company_find_segment(company, id) : NULL;
    bool is_good = is && is->name && !find_fault(is->name);
    for (size_t i = 0; is_good && i < company->segment_count; i++)
        is_good =
            &company->segments[i] == is || !rcn_text_is_same(company->segments[i].name, is->name);
    return is_good ? is->name : NULL;
}

static const char *find_ad_account_name(const struct rcn_live_company *company, const char *id)
{
    const struct rcn_ad_account *is =
        company ? rcn_live_company_find_ad_account(company, id) : NULL;
    bool is_good = is && is->name && !find_fault(is->name);
    for (size_t i = 0; is_good && i < company->ad_account_count; i++)
        is_good = &company->ad_accounts[i] == is ||
                  !rcn_text_is_same(company->ad_accounts[i].name, is->name);
    return is_good ? is->name : NULL;
}

static void add_sync(struct rcn_buf *out, const struct rcn_written_document *document, size_t index,
                     const char *default_frequency)
{
    const struct rcn_live_sync *sync = document->syncs[index];
    add_field(out, "  - audienceName: ", sync->sync.audience_name, NULL);
    const char *segment = find_segment_name(document->names, sync->sync.segment_id);
    if (segment)
        add_field(out, "    segment: ", segment, sync->sync.segment_id);
    else
        add_field(out, "    segmentId: ", sync->sync.segment_id, sync->segment_name);
    if (strcmp(get_frequency(sync), default_frequency) != 0)
        add_field(out, "    frequency: ", get_frequency(sync), NULL);
    if (sync->sync.is_active == RCN_FALSE)
        rcn_buf_add_str(out, "    isActive: false\n");
    if (document->is_shared[index])
        add_field(out, "    id: ", sync->sync.id, "one of several with this name");
}

void rcn_manifest_write(struct rcn_buf *out, const struct rcn_written_document *document)
{
    const char *frequency = choose_frequency(document);
    const char *account = find_ad_account_name(document->names, document->ad_account_id);
    size_t refused = 0;
    rcn_buf_add_str(out, "apiVersion: " RCN_API_VERSION "\n");
    if (document->company_id)
        add_field(out, "companyId: ", document->company_id, document->company_name);
    rcn_buf_add_str(out, "defaults:\n");
    if (account)
        add_field(out, "  adAccount: ", account, document->ad_account_id);
    else if (rcn_ad_account_id_is_valid(document->ad_account_id))
        add_field(out, "  adAccountId: ", document->ad_account_id, document->ad_account_name);
    add_field(out, "  frequency: ", frequency, NULL);
    for (size_t i = 0; i < document->count; i++)
        refused += rcn_manifest_refuses(document->syncs[i]) != NULL;
    rcn_buf_add_str(out, refused == document->count ? "audienceSyncs: []\n" : "audienceSyncs:\n");
    for (size_t i = 0; i < document->count; i++) {
        const char *why = rcn_manifest_refuses(document->syncs[i]);
        if (why)
            add_refused(out, document->syncs[i], why);
        else
            add_sync(out, document, i, frequency);
    }
}
