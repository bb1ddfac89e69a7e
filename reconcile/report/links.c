#include "report/links.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

static void set_commit(struct rcn_report *report, const char *page, const char *commit,
                       bool is_gitlab, struct rcn_arena *arena)
{
    const char *dash = is_gitlab ? "/-" : "";
    report->commit_url = rcn_arena_printf(arena, "%s%s/commit/%s", page, dash, commit);
    report->blob_url = rcn_arena_printf(arena, "%s%s/blob/%s/", page, dash, commit);
}

const char *rcn_links_find_run(struct rcn_arena *arena)
{
    const char *server = get_url("GITHUB_SERVER_URL");
    const char *repository = get_part("GITHUB_REPOSITORY");
    const char *run = get_part("GITHUB_RUN_ID");
    if (server && repository && run)
        return rcn_arena_printf(arena, "%s/%s/actions/runs/%s", server, repository, run);
    return get_url("CI_JOB_URL");
}

void rcn_links_fill(struct rcn_report *report, struct rcn_arena *arena)
{
    const struct rcn_source_facts *source = rcn_report_get_source(report);
    const char *server = get_url("GITHUB_SERVER_URL");
    const char *repository = get_part("GITHUB_REPOSITORY");
    const char *project = get_url("CI_PROJECT_URL");
    report->run_url = rcn_links_find_run(arena);
    if (!source || !source->commit)
        return;
    const char *page = source->url ? get_page(source->url, arena) : NULL;
    if (page && strncmp(page, "https://github", 14) == 0)
        set_commit(report, page, source->commit, false, arena);
    else if (page && strncmp(page, "https://gitlab", 14) == 0)
        set_commit(report, page, source->commit, true, arena);
    else if (server && repository)
        set_commit(report, rcn_arena_printf(arena, "%s/%s", server, repository), source->commit,
                   false, arena);
    else if (project)
        set_commit(report, project, source->commit, true, arena);
}
