#include "sources.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "environment.h"
#include "interrupt.h"

enum { CACHE_PATH_MAX = 8192 };

static const char *const kind_names[] = {
    [RCN_SOURCE_FILES] = "files", [RCN_SOURCE_STDIN] = "stdin", [RCN_SOURCE_GIT] = "git"};

int sources_take_token(struct sources *self, const struct options *options, struct rcn_error *err)
{
    if (environment_take_secret(ENVIRONMENT_GIT_TOKEN, &self->git_token, err))
        return -1;
    if (!options->git_token_file)
        return 0;
    rcn_secret_release(&self->git_token);
    return rcn_secret_init_from_file(&self->git_token, options->git_token_file, err);
}

/* NULL without a home: then nothing is kept between runs. */
static char *new_cache_dir(void)
{
    struct rcn_buf path;
    rcn_buf_init(&path, CACHE_PATH_MAX);
    environment_add_xdg_dir(&path, "XDG_CACHE_HOME", ".cache");
    char *copy = path.len && !path.failed ? strdup(path.data) : NULL;
    rcn_buf_release(&path);
    return copy;
}

static struct rcn_source *read_git(const struct sources *self, const struct options *options,
                                   int64_t deadline_ms, struct progress *progress,
                                   struct rcn_diags *diags, struct rcn_error *err)
{
    char *cache_dir = options->no_cache ? NULL : new_cache_dir();
    struct rcn_git_options git = {.url = options->git,
                                  .ref = options->ref,
                                  .paths = options->paths.items,
                                  .path_count = options->paths.count,
                                  .token = self->git_token.text ? &self->git_token : NULL,
                                  .ssh_key_file = options->ssh_key,
                                  .ca_file = options->ca_file,
                                  .cache_dir = cache_dir,
                                  .timeout_ms = options->timeout_ms,
                                  .deadline_ms = deadline_ms,
                                  .progress = progress_fetching,
                                  .progress_context = progress,
                                  .interrupted = interrupt_is_pending};
    struct rcn_source *source = rcn_source_new_from_git(&git, diags, err);
    progress_end(progress);
    free(cache_dir);
    return source;
}

/* What `export --unmanaged` adds to a folder must be in no manifest there either. */
static struct rcn_source *read_paths(const struct options *options, struct rcn_diags *diags,
                                     struct rcn_error *err)
{
    size_t count = options->operands.count;
    const char **paths = rcn_arena_calloc(diags->arena, count + 2, sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = options->operands.items[i];
    if (options->unmanaged && !count)
        paths[count++] = ".";
    if (options->unmanaged && access(options->dir, F_OK) == 0)
        paths[count++] = options->dir;
    return rcn_source_new_from_paths(paths, count, diags, err);
}

static int read_variables(struct sources *self, const struct options *options,
                          struct rcn_diags *diags, struct rcn_error *err)
{
    self->variables = rcn_variables_new(err);
    if (!self->variables)
        return -1;
    for (size_t i = 0; i < options->vars.count; i++)
        if (rcn_variables_add_assignment(self->variables, options->vars.items[i], err))
            return -1;
    for (size_t i = 0; i < options->var_files.count; i++)
        if (rcn_variables_add_file(self->variables, options->var_files.items[i], diags, err))
            return -1;
    return 0;
}

static void fill_facts(struct sources *self)
{
    const struct rcn_source *source = self->source;
    self->facts = (struct rcn_source_facts){.kind = kind_names[source->kind],
                                            .url = source->name,
                                            .ref = source->ref,
                                            .commit = source->commit,
                                            .files = self->manifests->text_count,
                                            .skipped = source->skipped_count};
}

int sources_load(struct sources *self, const struct options *options, int64_t deadline_ms,
                 struct progress *progress, struct rcn_diags *diags, struct rcn_error *err)
{
    if (read_variables(self, options, diags, err))
        return -1;
    self->source = options->git ? read_git(self, options, deadline_ms, progress, diags, err)
                                : read_paths(options, diags, err);
    /* A read that a signal cut short looks like a file that cannot be read. */
    if (interrupt_get_signal(NULL))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted");
    if (!self->source)
        return -1;
    self->manifests = rcn_manifest_load(self->source, self->variables, diags, err);
    if (!self->manifests)
        return -1;
    fill_facts(self);
    return 0;
}

void sources_release(struct sources *self)
{
    rcn_desired_set_free(self->manifests);
    rcn_variables_free(self->variables);
    rcn_source_free(self->source);
    rcn_secret_release(&self->git_token);
    memset(self, 0, sizeof *self);
}
