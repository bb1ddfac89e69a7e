/*
 * report_fuzz: hostile strings into every writer. The input is cut at NUL bytes into the texts of a
 * report; its first byte chooses the kind of report. Nothing may crash, leak or be written twice
 * differently, and what ends a line or a command for a terminal or a CI system must not come out.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sample_report.h"

enum { TEXTS = 6, MAX_INPUT = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as TEXTS strings; those behind its end are empty. */
struct texts {
    char *bytes;
    const char *items[TEXTS];
};

static void cut(struct texts *texts, const uint8_t *data, size_t size)
{
    texts->bytes = calloc(size + TEXTS + 1, 1);
    assert(texts->bytes);
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

static void check_line(const char *line)
{
    for (; *line && *line != '\n'; line++) {
        assert((unsigned char)*line >= 0x20 && *line != 0x7f);
        assert(strncmp(line, "##[", 3) != 0);
    }
}

static void check(enum rcn_format format, const char *report)
{
    /* The writer of JSON escapes by the rules of JSON alone. */
    if (format == RCN_FORMAT_JSON)
        return;
    for (const char *line = report; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        check_line(line);
        assert(format == RCN_FORMAT_GITHUB || strncmp(line, "::", 2) != 0);
    }
}

static char *write_report(const struct texts *texts, unsigned kind, enum rcn_format format)
{
    struct sample sample;
    sample_init(&sample, texts->items[0]);
    fill(&sample, texts);
    if (kind & 1)
        sample_apply(&sample, texts->items[5]);
    if (kind & 2)
        sample_fail(&sample, texts->items[5]);
    char *report = sample_write(&sample, format, (struct rcn_report_style){.verbose = kind & 4});
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
        char *second = write_report(&texts, data[0], (enum rcn_format)format);
        assert(first && second);
        assert(strcmp(first, second) == 0);
        check((enum rcn_format)format, first);
        free(first);
        free(second);
    }
    free(texts.bytes);
    return 0;
}
