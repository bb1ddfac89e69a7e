#include "report/report.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "report/view.h"

const char *const rcn_format_names[] = {
    [RCN_FORMAT_TEXT] = "text",         [RCN_FORMAT_JSON] = "json",
    [RCN_FORMAT_MARKDOWN] = "markdown", [RCN_FORMAT_HTML] = "html",
    [RCN_FORMAT_JUNIT] = "junit",       [RCN_FORMAT_SARIF] = "sarif",
    [RCN_FORMAT_GITHUB] = "github",     [RCN_FORMAT_CSV] = "csv",
    [RCN_FORMAT_METRICS] = "metrics",   [RCN_FORMAT_CODEQUALITY] = "codequality",
    [RCN_FORMAT_COUNT] = NULL};

static rcn_report_writer *const writers[] = {
    [RCN_FORMAT_TEXT] = rcn_report_text_write,
    [RCN_FORMAT_MARKDOWN] = rcn_report_markdown_write,
    [RCN_FORMAT_HTML] = rcn_report_html_write,
    [RCN_FORMAT_JUNIT] = rcn_report_junit_write,
    [RCN_FORMAT_SARIF] = rcn_report_sarif_write,
    [RCN_FORMAT_GITHUB] = rcn_report_github_write,
    [RCN_FORMAT_CSV] = rcn_report_csv_write,
    [RCN_FORMAT_METRICS] = rcn_report_metrics_write,
    [RCN_FORMAT_CODEQUALITY] = rcn_report_codequality_write,
};

int rcn_report_write(enum rcn_format format, const struct rcn_report *report,
                     const struct rcn_report_style *style, struct rcn_buf *out,
                     struct rcn_error *err)
{
    if (format == RCN_FORMAT_JSON) {
        rcn_document_write(report, out);
    } else {
        struct rcn_view *view = rcn_view_new(report, style, out);
        writers[format](view);
        rcn_view_free(view);
    }
    if (out->failed || out->len > RCN_REPORT_MAX_BYTES)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the %s report cannot be written: it is larger than %zu MiB",
                             rcn_format_names[format], RCN_REPORT_MAX_BYTES >> 20);
    return 0;
}

/* --- links --- */

/* A variable of the environment that can be a part of an address as it is; NULL otherwise. */
static const char *get_part(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/:";
    const char *value = getenv(name);
    return value && *value && !value[strspn(value, plain)] ? value : NULL;
}

static const char *get_url(const char *name)
{
    const char *value = get_part(name);
    return value && strncmp(value, "https://", 8) == 0 ? value : NULL;
}

/* `https://HOST/PATH` of a Git URL: of https, ssh or the form of scp; NULL for another one. */
static const char *get_page(const char *url, struct rcn_arena *arena)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : url;
    if (scheme && strncmp(url, "https://", 8) != 0 && strncmp(url, "ssh://", 6) != 0)
        return NULL;
    const char *at = strpbrk(host, "@/");
    if (at && *at == '@')
        host = at + 1;
    size_t host_len = strcspn(host, ":/");
    const char *path = host + host_len;
    if (!scheme && *path != ':')
        return NULL; /* a path in the file system */
    if (*path == ':')
        path += 1 + strspn(path + 1, "0123456789") * (scheme != NULL);
    path += *path == '/';
    size_t path_len = strlen(path);
    if (path_len > 4 && strcmp(path + path_len - 4, ".git") == 0)
        path_len -= 4;
    if (!host_len || !path_len || strpbrk(path, " \"'<>?#\\"))
        return NULL;
    return rcn_arena_printf(arena, "https://%.*s/%.*s", (int)host_len, host, (int)path_len, path);
}

const char *rcn_report_find_run_url(struct rcn_arena *arena)
{
    const char *server = get_url("GITHUB_SERVER_URL");
    const char *repository = get_part("GITHUB_REPOSITORY");
    const char *run = get_part("GITHUB_RUN_ID");
    if (server && repository && run)
        return rcn_arena_printf(arena, "%s/%s/actions/runs/%s", server, repository, run);
    return get_url("CI_JOB_URL");
}

void rcn_report_find_links(struct rcn_report *report, struct rcn_arena *arena)
{
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    const char *server = get_url("GITHUB_SERVER_URL");
    const char *repository = get_part("GITHUB_REPOSITORY");
    report->run_url = rcn_report_find_run_url(arena);
    if (!source || !source->commit)
        return;
    const char *page = source->url ? get_page(source->url, arena) : NULL;
    bool is_gitlab = page && strncmp(page, "https://gitlab", 14) == 0;
    if (page && !is_gitlab && strncmp(page, "https://github", 14) != 0)
        page = NULL;
    if (!page && server && repository) {
        page = rcn_arena_printf(arena, "%s/%s", server, repository);
    } else if (!page) {
        page = get_url("CI_PROJECT_URL");
        is_gitlab = true;
    }
    if (!page)
        return;
    const char *dash = is_gitlab ? "/-" : "";
    report->commit_url = rcn_arena_printf(arena, "%s%s/commit/%s", page, dash, source->commit);
    report->blob_url = rcn_arena_printf(arena, "%s%s/blob/%s/", page, dash, source->commit);
}
