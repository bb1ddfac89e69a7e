/*
 * plan --base: the manifests of the commit that a change is made on. Whatever is wrong with them is
 * no fault of the change, so it is one warning, and the plan is the whole one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "interrupt.h"
#include "job.h"
#include "plan/names.h"
#include "plan/origin.h"

struct job_base {
    struct rcn_diags diags; /* its own: the reports are about the change */
    struct rcn_variables *variables;
    struct rcn_source *source;
    struct rcn_desired_set *set;
};

void job_free_base(struct job *self)
{
    struct job_base *base = self->base;
    if (!base)
        return;
    rcn_desired_set_free(base->set);
    rcn_source_free(base->source);
    rcn_variables_free(base->variables);
    rcn_diags_release(&base->diags);
    free(base);
    self->base = NULL;
}

static void give_up(struct job *self, const char *why)
{
    job_warn(self, "base", "the base '%.100s' cannot be loaded, so this plan is about all: %.700s",
             self->options->base, why);
    job_free_base(self);
}

/* A variable that only the change uses, and a repository that gets its first manifest, are well. */
static const struct rcn_diag *find_error(const struct rcn_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        if (diag->severity == RCN_SEVERITY_ERROR && strcmp(diag->rule, "unused-variable") != 0 &&
            strcmp(diag->rule, "no-manifest") != 0)
            return diag;
    }
    return NULL;
}

static bool check(struct job *self)
{
    const struct rcn_diag *first = find_error(&self->base->diags);
    if (!first)
        return true;
    const struct rcn_text *text = first->span.text;
    give_up(self, rcn_arena_printf(self->diags.arena, text ? "%s:%u: %s [%s]" : "%s%.0u%s [%s]",
                                   text ? text->path : "", text ? first->span.line : 0,
                                   first->message, first->rule));
    return false;
}

int job_load_base(struct job *self)
{
    struct rcn_error error = RCN_ERROR_INIT;
    if (!self->options->base)
        return 0;
    struct job_base *base = self->base = rcn_calloc(1, sizeof *base);
    rcn_diags_init(&base->diags);
    base->variables = job_read_variables(self, &base->diags, &error);
    if (base->variables)
        base->source = job_read_commit(self, self->options->base, &base->diags, &error);
    if (interrupt_get_signal(NULL)) {
        rcn_error_set(&self->error, RCN_ERROR_INTERRUPTED, "interrupted");
        return job_set_failed(self);
    }
    if (!base->source) {
        give_up(self, error.message);
        return 0;
    }
    base->set = job_decode(base->source, base->variables, &base->diags);
    check(self);
    return 0;
}

void job_mark_base(struct job *self)
{
    struct job_base *base = self->base;
    const struct options *options = self->options;
    if (!base)
        return;
    if (base->set->needs_company)
        rcn_manifest_settle_company(
            base->set, options->company ? options->company : self->live->own_company_id,
            &base->diags);
    if (find_error(&base->diags) == NULL)
        rcn_names_resolve(base->set, self->live, &base->diags);
    if (check(self))
        rcn_origin_mark(self->plan, self->manifests, base->set, options->base,
                        base->source->commit);
}
