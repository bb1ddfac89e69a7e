#include "source/git_warning.h"

#include <assert.h>
#include <stdarg.h>

#include "base/buf.h"

void rcn_git_names_add(struct rcn_git_names *names, const char *name)
{
    if (names->count < RCN_GIT_WARNING_NAMES)
        names->first[names->count] = name;
    names->count++;
}

static int add(struct rcn_source *source, const char *text, struct rcn_error *err)
{
    if (!source->warnings)
        source->warnings =
            rcn_arena_calloc(source->arena, RCN_GIT_WARNINGS_MAX, sizeof *source->warnings);
    if (!source->warnings || !text)
        return rcn_error_no_memory(err);
    assert(source->warning_count < RCN_GIT_WARNINGS_MAX);
    source->warnings[source->warning_count++] = text;
    return 0;
}

int rcn_git_warn(struct rcn_source *source, struct rcn_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = rcn_arena_vprintf(source->arena, format, args);
    va_end(args);
    return add(source, text, err);
}

int rcn_git_warn_names(struct rcn_source *source, const struct rcn_git_names *names,
                       const char *what, struct rcn_error *err)
{
    enum { MAX_NAME = 200 };
    struct rcn_buf list;
    if (names->count == 0)
        return 0;
    rcn_buf_init(&list, RCN_GIT_WARNING_NAMES * (MAX_NAME + 16) + 64);
    for (size_t i = 0; i < names->count && i < RCN_GIT_WARNING_NAMES; i++)
        rcn_buf_printf(&list, "%s'%.*s'", i ? ", " : "", MAX_NAME, names->first[i]);
    if (names->count > RCN_GIT_WARNING_NAMES)
        rcn_buf_printf(&list, " and %zu more", names->count - RCN_GIT_WARNING_NAMES);
    int result = list.failed ? rcn_error_no_memory(err)
                             : rcn_git_warn(source, err, "%s: %s", what, list.data);
    rcn_buf_release(&list);
    return result;
}
