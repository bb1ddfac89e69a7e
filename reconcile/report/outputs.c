#include "report/outputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"

/* NULL is standard output. */
static const char *to_path(const char *file)
{
    static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(file, names[i]) == 0)
            return NULL;
    return file;
}

/* Splits `FORMAT[=FILE]`: the path is NULL for standard output. */
static int parse(const char *report, enum rcn_format *ret_format, const char **ret_path,
                 struct rcn_error *err)
{
    const char *const *name = rcn_format_names;
    size_t len = strcspn(report, "=");
    while (*name && (strncmp(report, *name, len) != 0 || (*name)[len]))
        name++;
    if (!*name)
        return rcn_error_set(
            err, RCN_ERROR_USAGE,
            "unknown format '%.*s': expected text, json, markdown, html, csv, junit, sarif, "
            "github, codequality or metrics",
            len < 40 ? (int)len : 40, report);
    if (report[len] && !report[len + 1])
        return rcn_error_set(err, RCN_ERROR_USAGE, "no file is named after '='");
    *ret_format = (enum rcn_format)(name - rcn_format_names);
    *ret_path = report[len] ? to_path(report + len + 1) : NULL;
    return 0;
}

static const struct rcn_output *find(const struct rcn_outputs *self, const char *path)
{
    for (size_t i = 0; i < self->count; i++) {
        const char *other = self->items[i].path;
        if (path && other ? rcn_file_is_same(path, other) : path == other)
            return &self->items[i];
    }
    return NULL;
}

static int add(struct rcn_outputs *self, enum rcn_format format, const char *path,
               struct rcn_error *err)
{
    if (find(self, path) && path)
        return rcn_error_set(err, RCN_ERROR_USAGE, "two reports cannot both be written to '%s'",
                             path);
    if (find(self, path))
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "two reports cannot both be written to standard output: "
                             "name a file with '--report %s=FILE'",
                             rcn_format_names[format]);
    self->items[self->count++] = (struct rcn_output){.format = format, .path = path};
    self->has_document |= format == RCN_FORMAT_JSON;
    return 0;
}

static int add_all(struct rcn_outputs *self, const char *const *reports, size_t count,
                   const char *out, const char *history, struct rcn_error *err)
{
    enum rcn_format format = RCN_FORMAT_TEXT;
    const char *path = NULL;
    for (size_t i = 0; i < count; i++) {
        if (parse(reports[i], &format, &path, err))
            return rcn_error_wrap(err, "--report");
        if (add(self, format, path, err))
            return -1;
    }
    if (out && add(self, RCN_FORMAT_JSON, to_path(out), err))
        return -1;
    if (history && find(self, history))
        return rcn_error_set(err, RCN_ERROR_USAGE,
                             "a report and the history cannot both be written to '%s'", history);
    return 0;
}

int rcn_outputs_open(struct rcn_outputs *self, const char *const *reports, size_t count,
                     const char *out, const char *history, struct rcn_error *err)
{
    /* GitHub shows what all commands of a step have added to this file. */
    const char *summary = getenv("GITHUB_STEP_SUMMARY");
    self->items = rcn_calloc(count + 1, sizeof *self->items);
    if (add_all(self, reports, count, out, history, err)) {
        self->count = 0;
        return -1;
    }
    for (size_t i = 0; i < self->count; i++) {
        struct rcn_output *output = &self->items[i];
        if (!output->path)
            continue;
        const bool appends = summary && rcn_file_is_same(output->path, summary);
        output->writer = rcn_file_writer_new(output->path, appends, err);
        if (!output->writer)
            return -1;
    }
    return 0;
}

int rcn_outputs_leave_stdout(struct rcn_outputs *self, struct rcn_error *err)
{
    const struct rcn_output *output = find(self, NULL);
    self->leaves_stdout = true;
    if (!output)
        return 0;
    return rcn_error_set(err, RCN_ERROR_USAGE,
                         "the manifests go to standard output: name a file with "
                         "'--report %s=FILE', or a folder for them with --dir",
                         rcn_format_names[output->format]);
}

int rcn_outputs_write_files(struct rcn_outputs *self, const struct rcn_report *report,
                            struct rcn_error *err)
{
    static const struct rcn_report_style plain;
    struct rcn_error later = RCN_ERROR_INIT;
    struct rcn_error *first = err;
    struct rcn_buf bytes;
    rcn_buf_init(&bytes, RCN_REPORT_MAX_BYTES);
    for (size_t i = 0; i < self->count; i++) {
        const struct rcn_output *output = &self->items[i];
        rcn_buf_clear(&bytes);
        if (output->writer && (rcn_report_write(output->format, report, &plain, &bytes, first) ||
                               rcn_file_writer_commit(output->writer, rcn_buf_get_str(&bytes),
                                                      bytes.len, NULL, first)))
            first = &later;
    }
    rcn_buf_release(&bytes);
    return first == err ? 0 : -1;
}

int rcn_outputs_write_stdout(const struct rcn_outputs *self, const struct rcn_report *report,
                             const struct rcn_report_style *style, struct rcn_buf *out,
                             struct rcn_error *err)
{
    const struct rcn_output *output = find(self, NULL);
    enum rcn_format format = output ? output->format : RCN_FORMAT_TEXT;
    /* Text says what came out. When nothing did, the error on standard error says it all; the
     * formats for machines always say something. */
    bool judges = strcmp(report->command, "validate") == 0;
    bool has_result = !report->error || report->plan || report->items || (judges && report->source);
    if ((!output && self->leaves_stdout) || (format == RCN_FORMAT_TEXT && !has_result))
        return 0;
    return rcn_report_write(format, report, style, out, err);
}

void rcn_outputs_release(struct rcn_outputs *self)
{
    for (size_t i = 0; i < self->count; i++)
        rcn_file_writer_free(self->items[i].writer);
    free(self->items);
    memset(self, 0, sizeof *self);
}
