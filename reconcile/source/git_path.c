#include "source/git_path.h"

#include <string.h>

#include "source/source.h"

static int add_component(char *out, size_t *len, const char *name, size_t name_len,
                         const char *path, struct rcn_error *err)
{
    if (name_len == 0 || (name_len == 1 && name[0] == '.'))
        return 0;
    if (name_len == 2 && memcmp(name, "..", 2) == 0)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the path '%.200s' has '..' in it", path);
    if (*len)
        out[(*len)++] = '/';
    memcpy(out + *len, name, name_len);
    *len += name_len;
    return 0;
}

const char *rcn_git_path_normalize(const char *path, struct rcn_arena *arena, struct rcn_error *err)
{
    static const char hint[] = "paths start at the top of the repository, for example audiences/eu";
    size_t len = 0;
    char *out = rcn_arena_strdup(arena, path);
    if (path[0] == '\0' || path[0] == '/' || strlen(path) > RCN_GIT_PATH_MAX) {
        const char *fault = !path[0] ? "is empty" : path[0] == '/' ? "is absolute" : "is too long";
        rcn_error_set(err, RCN_ERROR_FAILED, "the path '%.200s' %s", path, fault);
        rcn_error_set_hint(err, "%s", hint);
        return NULL;
    }
    for (const char *at = path; *at;) {
        size_t name_len = strcspn(at, "/");
        if (add_component(out, &len, at, name_len, path, err)) {
            rcn_error_set_hint(err, "%s", hint);
            return NULL;
        }
        at += name_len;
        at += strspn(at, "/");
    }
    out[len] = '\0';
    return out;
}

static bool has_hidden_component(const char *path)
{
    return path[0] == '.' || strstr(path, "/.");
}

static bool is_below(const char *path, const char *root)
{
    size_t len = strlen(root);
    if (strncmp(path, root, len) != 0 || (len && path[len] != '/'))
        return false;
    const char *rest = path + len + (len ? 1 : 0);
    return rcn_source_is_yaml_name(rest) && !has_hidden_component(rest);
}

bool rcn_git_path_is_chosen(const char *path, const char *const *roots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(path, roots[i]) == 0 || is_below(path, roots[i]))
            return true;
    return false;
}
