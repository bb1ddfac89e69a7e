/*
 * report_fuzz: hostile strings into every writer. The input is cut at NUL bytes into the texts of a
 * report; its first byte chooses the kind of report. Nothing may crash, leak or be written twice
 * differently; what ends a line or a command for a terminal or a CI system must not come out; JSON,
 * SARIF, HTML and JUnit are read again, and no text in them has got out of its place.
 */
#include <jansson.h>

#include "fuzz.h"
#include "markup.h"
#include "sample_write.h"

enum { TEXTS = 6, MAX_INPUT = 1 << 16, MARKDOWN_MOST = 65000 };

/* Bits of the first byte. */
enum { APPLIED = 1, FAILED = 2, VERBOSE = 4, GOT = 8, DRIFTED = 16, WIDE = 32 };

/* The input as TEXTS strings; those behind its end are empty. */
struct texts {
    char *bytes;
    const char *items[TEXTS];
};

static void cut(struct texts *texts, const uint8_t *data, size_t size)
{
    texts->bytes = calloc(size + TEXTS + 1, 1);
    FUZZ_CHECK(texts->bytes);
    if (size)
        memcpy(texts->bytes, data, size);
    const char *next = texts->bytes;
    for (size_t i = 0; i < TEXTS; i++) {
        texts->items[i] = next;
        if (next < texts->bytes + size)
            next += strlen(next) + 1;
    }
}

static void fill(struct sample *sample, const struct texts *texts)
{
    sample->text.path = texts->items[1];
    sample->plan.source.url = texts->items[2];
    sample->plan.live.companies[0].name = texts->items[2];
    for (size_t i = 0; i < SAMPLE_DESIRED; i++) {
        sample->rows[i].ad_account_name = texts->items[3];
        sample->desired[i].sync.ad_account_id = texts->items[4];
    }
    for (size_t i = 0; i < SAMPLE_LIVE; i++) {
        sample->live[i].sync.id = texts->items[4];
        sample->live[i].sync_status = texts->items[3];
        sample->live[i].created_at = texts->items[5];
    }
    sample->changes[0].live = texts->items[5];
    sample_add_warning(sample, texts->items[5]);
}

/* The rows of `get`: each kind in its turn. */
static void get(struct sample *sample, const struct texts *texts, struct rcn_items *items)
{
    static struct rcn_segment segment;
    static struct rcn_ad_account account;
    static const void *segments[1] = {&segment};
    static const void *accounts[1] = {&account};
    static const void *syncs[SAMPLE_LIVE];
    const struct rcn_items kinds[] = {
        {.kind = RCN_ITEMS_SYNCS, .rows = syncs, .count = SAMPLE_LIVE},
        {.kind = RCN_ITEMS_SEGMENTS, .rows = segments, .count = 1},
        {.kind = RCN_ITEMS_AD_ACCOUNTS, .rows = accounts, .count = 1},
    };
    for (size_t i = 0; i < SAMPLE_LIVE; i++)
        syncs[i] = &sample->live[i];
    segment = (struct rcn_segment){texts->items[4], texts->items[0], 120, -1};
    account = (struct rcn_ad_account){texts->items[4], texts->items[0]};
    *items = kinds[strlen(texts->items[5]) % 3];
    sample->report.plan = NULL;
    sample->report.command = "get";
    sample->report.outcome = "listed";
    sample->report.items = items;
}

static void drift(struct sample *sample, const char *reason)
{
    static const struct rcn_history_point points[] = {
        {.at_ms = SAMPLE_NOW_MS - 3600000, .counts = {.desired = 6}},
        {.at_ms = SAMPLE_NOW_MS, .counts = {.desired = 6, .by_status = {2, 1, 1, 1, 1, 1}}},
    };
    sample->report.command = "drift";
    static struct rcn_history_row resolved[1];
    static struct rcn_history history;
    resolved[0] = (struct rcn_history_row){.ad_account_id = reason,
                                           .audience_name = reason,
                                           .status = RCN_STATUS_DRIFTED,
                                           .since_ms = SAMPLE_NOW_MS};
    history = (struct rcn_history){.points = points,
                                   .count = 2,
                                   .runs = 2,
                                   .previous_at_ms = SAMPLE_NOW_MS - 3600000,
                                   .resolved = resolved,
                                   .resolved_count = 1};
    sample->report.history = &history;
    sample->rows[1].since_ms = SAMPLE_NOW_MS - 3600000;
    sample->rows[2].is_ignored = true;
    sample->rows[2].ignore_reason = reason;
}

/* Visible, but for the line feeds that are ours. Most of it is plain, which needs no look at
 * Unicode. */
static void check_visible(const char *report)
{
    unsigned before = 0;
    for (size_t left = strlen(report); left;) {
        unsigned code_point = (unsigned char)*report;
        size_t used = 1;
        if (code_point >= 0x7f) {
            FUZZ_CHECK(rcn_utf8_check(report, left < 4 ? left : 4) > 0);
            used = rcn_utf8_decode(report, left, &code_point);
            FUZZ_CHECK(!fuzz_is_hidden(before, code_point));
        }
        FUZZ_CHECK(code_point >= 0x20 || code_point == '\n' || code_point == '\r');
        before = code_point;
        report += used;
        left -= used;
    }
}

static void check_lines(enum rcn_format format, const char *report)
{
    check_visible(report);
    for (const char *line = report; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        FUZZ_CHECK(strncmp(line, "##[", 3) != 0);
        FUZZ_CHECK(format == RCN_FORMAT_GITHUB || strncmp(line, "::", 2) != 0);
    }
}

static json_t *parse(const char *report)
{
    json_t *root = json_loads(report, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_CHECK(root);
    return root;
}

/* A name that is valid text comes back from a document as it went in. */
static void check_document(const struct sample *sample, const char *report)
{
    json_t *root = parse(report);
    const json_t *rows = json_object_get(root, "syncs");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *name = sample->desired[i].sync.audience_name;
        const json_t *written = json_object_get(json_array_get(rows, i), "audienceName");
        FUZZ_CHECK(!fuzz_is_utf8(name) || strcmp(json_string_value(written), name) == 0);
    }
    FUZZ_CHECK(json_array_size(rows) == (sample->report.plan ? SAMPLE_DESIRED : 0));
    json_decref(root);
}

static void check(const struct sample *sample, enum rcn_format format, const char *report)
{
    check_lines(format, report);
    switch (format) {
    case RCN_FORMAT_JSON:
        check_document(sample, report);
        break;
    case RCN_FORMAT_SARIF:
    case RCN_FORMAT_CODEQUALITY:
        json_decref(parse(report));
        break;
    case RCN_FORMAT_HTML:
    case RCN_FORMAT_JUNIT:
        markup_check(report);
        break;
    case RCN_FORMAT_MARKDOWN:
        FUZZ_CHECK(count_characters(report) <= MARKDOWN_MOST);
        break;
    case RCN_FORMAT_TEXT:
    case RCN_FORMAT_GITHUB:
    case RCN_FORMAT_CSV:
    case RCN_FORMAT_METRICS:
        break;
    }
}

static char *write_report(const struct texts *texts, unsigned kind, enum rcn_format format)
{
    struct sample sample;
    struct rcn_items items;
    const struct rcn_report_style style = {.verbose = kind & VERBOSE,
                                           .width = kind & WIDE ? 60 : 0};
    sample_init(&sample, texts->items[0]);
    fill(&sample, texts);
    if (kind & APPLIED)
        sample_apply(&sample, texts->items[5]);
    if (kind & DRIFTED)
        drift(&sample, texts->items[3]);
    if (kind & FAILED)
        sample_fail(&sample, texts->items[5]);
    if (kind & GOT)
        get(&sample, texts, &items);
    char *report = sample_write(&sample, format, style);
    FUZZ_CHECK(report);
    check(&sample, format, report);
    sample_release(&sample);
    return report;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct texts texts;
    if (!size || size > MAX_INPUT)
        return 0;
    cut(&texts, data + 1, size - 1);
    for (int format = 0; format < RCN_FORMAT_COUNT; format++) {
        char *first = write_report(&texts, data[0], (enum rcn_format)format);
        /* Of one format each time, or it would all take twice as long. */
        if (size % RCN_FORMAT_COUNT == (size_t)format) {
            char *second = write_report(&texts, data[0], (enum rcn_format)format);
            FUZZ_CHECK(strcmp(first, second) == 0);
            free(second);
        }
        free(first);
    }
    free(texts.bytes);
    return 0;
}
