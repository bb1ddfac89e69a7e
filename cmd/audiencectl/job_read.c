/*
 * What a command asks for: manifests, and those of plan --base.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "job.h"
#include "plan/origin.h"
#include "plan/preflight.h"

const char *job_getenv(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

const char *job_find_dir(const struct job *self, const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");
    if (base && *base == '/')
        return rcn_arena_printf(self->options->arena, "%s/audiencectl", base);
    if (home && *home == '/')
        return rcn_arena_printf(self->options->arena, "%s/%s/audiencectl", home, fallback);
    return NULL;
}

struct rcn_git_access job_get_git_access(struct job *self)
{
    const struct options *options = self->options;
    return (struct rcn_git_access){.token = &self->git_token,
                                   .ssh_key_file = options->ssh_key,
                                   .ca_file = options->ca_file,
                                   .timeout_ms = options->timeout_ms,
                                   .deadline_ms = self->deadline_ms,
                                   .progress = progress_fetching,
                                   .interrupted = interrupt_ends_git};
}

/* The commit that `ref` names in the repository of --git; NULL and err. */
static struct rcn_source *read_commit(struct job *self, const char *ref, struct rcn_diags *diags,
                                      struct rcn_error *err)
{
    const struct options *options = self->options;
    struct rcn_git_options git = {
        .url = options->git,
        .ref = ref,
        .paths = options->paths.items,
        .path_count = options->paths.count,
        .cache_dir = options->no_cache ? NULL : job_find_dir(self, "XDG_CACHE_HOME", ".cache"),
        .access = job_get_git_access(self)};
    struct rcn_source *source = rcn_source_new_from_git(&git, diags, err);
    progress_end(NULL);
    return source;
}

static void print_source_notes(struct job *self)
{
    const struct rcn_source *source = self->source;
    const struct rcn_desired_set *set = self->manifests;
    for (size_t i = 0; i < source->warning_count; i++)
        job_warn(self, "source", "%s", source->warnings[i]);
    /* About this run and not about manifests: --strict does not count them. */
    for (size_t i = 0; i < source->note_count && !self->options->quiet; i++)
        term_print_warning(source->notes[i]);
    for (size_t i = 0; self->options->verbose && i < source->skipped_count; i++)
        term_note("skipped '%s': %s", source->skipped[i].path, source->skipped[i].reason);
    for (size_t i = 0; self->options->verbose && i < set->skipped_count; i++)
        term_note("skipped '%s:%u': not a manifest", set->skipped[i].text->path,
                  set->skipped[i].line);
}

struct rcn_desired_set *job_decode(const struct rcn_source *source, struct rcn_variables *variables,
                                   struct rcn_diags *diags)
{
    const struct rcn_texts texts = {.items = source->texts,
                                    .count = source->count,
                                    .named = source->named,
                                    .name = source->name};
    return rcn_manifest_load(&texts, variables, diags);
}

int job_read(struct job *self)
{
    const struct options *options = self->options;
    self->variables = rcn_variables_new();
    for (size_t i = 0; i < options->vars.count; i++)
        if (rcn_variables_add_assignment(self->variables, options->vars.items[i], &self->error))
            return -1;
    for (size_t i = 0; i < options->var_files.count; i++)
        if (rcn_variables_add_file(self->variables, options->var_files.items[i], &self->diags,
                                   &self->error))
            return -1;
    size_t count = options->operands.count;
    const char **paths = rcn_arena_calloc(options->arena, count + 2, sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = options->operands.items[i];
    /* What is added to a folder must be in no manifest there either. */
    if (options->unmanaged && !count)
        paths[count++] = ".";
    if (options->unmanaged && access(options->dir, F_OK) == 0)
        paths[count++] = options->dir;
    self->source = options->git ? read_commit(self, options->ref, &self->diags, &self->error)
                                : rcn_source_new_from_paths(paths, count, &self->diags);
    /* A read that a signal cut short looks like a file that cannot be read. */
    if (interrupt_get_signal(NULL))
        return rcn_error_set(&self->error, RCN_ERROR_INTERRUPTED, "interrupted");
    if (!self->source)
        return -1;
    self->manifests = job_decode(self->source, self->variables, &self->diags);
    if (self->reports.has_document)
        rcn_source_set_digest(self->source);
    self->facts = (struct rcn_source_facts){.kind = self->source->kind,
                                            .url = self->source->name,
                                            .ref = self->source->ref,
                                            .commit = self->source->commit,
                                            .files = self->manifests->text_count,
                                            .skipped = self->source->skipped_count +
                                                       self->manifests->skipped_count,
                                            .digest = self->source->digest};
    print_source_notes(self);
    return 0;
}

int job_load(struct job *self)
{
    return job_read(self) || job_check_diags(self, "nothing was compared");
}

/* --- plan --base --- */

/* What keeps the manifests from being a base; NULL: nothing. A variable that only the change uses,
 * and a repository that gets its first manifest, are no faults. */
static const char *find_problem(const struct rcn_diags *diags, struct rcn_arena *arena)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        const struct rcn_text *text = diag->span.text;
        if (diag->severity == RCN_SEVERITY_ERROR && strcmp(diag->rule, "unused-variable") != 0 &&
            strcmp(diag->rule, "no-manifest") != 0)
            return rcn_arena_printf(arena, text ? "%s:%u: %s [%s]" : "%s%.0u%s [%s]",
                                    text ? text->path : "", text ? diag->span.line : 0,
                                    diag->message, diag->rule);
    }
    return NULL;
}

int job_mark_base(struct job *self)
{
    const struct options *options = self->options;
    const char *company = options->company ? options->company : self->live->own_company_id;
    struct rcn_error error = RCN_ERROR_INIT;
    struct rcn_desired_set *set = NULL;
    struct rcn_diags diags; /* its own: the reports are about the change */
    int result = 0;
    if (!options->base)
        return 0;
    rcn_diags_init(&diags);
    struct rcn_source *source = read_commit(self, options->base, &diags, &error);
    const char *problem = error.message;
    if (source) {
        set = job_decode(source, self->variables, &diags);
        problem = find_problem(&diags, self->options->arena);
    }
    if (!problem) {
        rcn_manifest_settle_company(set, company, &diags);
        problem = find_problem(&diags, self->options->arena);
    }
    if (!problem) {
        rcn_preflight_resolve_names(set, self->live, &diags);
        problem = find_problem(&diags, self->options->arena);
    }
    if (interrupt_get_signal(NULL))
        result = rcn_error_set(&self->error, RCN_ERROR_INTERRUPTED, "interrupted");
    else if (problem)
        job_warn(self, "base",
                 "the base '%.100s' cannot be loaded, so this plan shows everything: %.700s",
                 options->base, problem);
    else
        rcn_origin_mark(self->plan, self->manifests, set, options->base, source->commit);
    rcn_desired_set_free(set);
    rcn_source_free(source);
    rcn_diags_release(&diags);
    return result;
}
