#include "plan/names.h"

#include <stdint.h>
#include <string.h>

#include "base/strmap.h"
#include "base/suggest.h"

/* What the two kinds of names differ in. */
struct kind {
    const char *rule;
    const char *what;
    const char *key; /* by which the id is written */
    const char *command;
};
static const struct kind account_kind = {"unknown-ad-account", "ad account", "adAccountId",
                                         "ad-accounts"};
static const struct kind segment_kind = {"unknown-segment", "segment", "segmentId", "segments"};

/* The ids of one name. */
struct named {
    const char *id;
    struct named *next;
};

/* The names of one kind in one company. */
struct directory {
    const struct kind *kind;
    enum rcn_read_status status;
    const char *problem;
    const char *company;
    struct rcn_strmap *map; /* struct named */
    const char **names;     /* for suggestions */
    size_t count;
};

struct resolver {
    struct rcn_arena *arena;
    struct rcn_diags *diags;
};

static void add_name(struct resolver *self, struct directory *directory, const char *name,
                     const char *id)
{
    if (!name)
        return;
    void **place = rcn_strmap_put(directory->map, name, strlen(name));
    struct named *named = rcn_arena_alloc(self->arena, sizeof *named);
    if (!*place)
        directory->names[directory->count++] = name;
    *named = (struct named){.id = id, .next = *place};
    *place = named;
}

static struct directory new_directory(struct resolver *self, const struct kind *kind,
                                      const struct rcn_live_company *company)
{
    bool is_account = kind == &account_kind;
    size_t count = is_account ? company->ad_account_count : company->segment_count;
    struct directory directory = {
        .kind = kind,
        .status = is_account ? company->ad_accounts_status : company->segments_status,
        .problem = is_account ? company->ad_accounts_problem : company->segments_problem,
        .company = company->company_id ? company->company_id : "the key's own company",
        .map = rcn_strmap_new(count),
        .names = rcn_arena_calloc(self->arena, count, sizeof(char *))};
    /* In order of ids, which a chain turns round. */
    for (size_t i = count; i-- > 0;)
        if (is_account)
            add_name(self, &directory, company->ad_accounts[i].name, company->ad_accounts[i].id);
        else
            add_name(self, &directory, company->segments[i].name, company->segments[i].id);
    return directory;
}

static void report_several(struct resolver *self, const struct directory *directory,
                           const char *name, const struct named *named, struct rcn_span span)
{
    const struct kind *kind = directory->kind;
    const char *ids = named->id;
    size_t count = 1;
    for (const struct named *it = named->next; it; it = it->next, count++)
        ids = count < 10 ? rcn_arena_printf(self->arena, "%s, %s", ids, it->id) : ids;
    struct rcn_diag *diag =
        rcn_diags_add_once(self->diags, RCN_SEVERITY_ERROR, kind->rule, span,
                           "%zu %ss are called '%.200s' in %s: %s%s", count, kind->what, name,
                           directory->company, ids, count > 10 ? ", ..." : "");
    rcn_diag_set_hint(self->diags, diag, "write '%s' with one of these ids", kind->key);
}

static const char *resolve(struct resolver *self, const struct directory *directory,
                           const char *name, struct rcn_span span)
{
    const struct kind *kind = directory->kind;
    if (directory->status != RCN_READ_OK) {
        struct rcn_diag *diag = rcn_diags_add_once(
            self->diags, RCN_SEVERITY_ERROR, kind->rule, span,
            "the %s '%.200s' cannot be looked up: the %ss of %s were not read: %s", kind->what,
            name, kind->what, directory->company,
            directory->problem ? directory->problem : "they were not asked for");
        rcn_diag_set_hint(self->diags, diag, "write '%s', or give the key the right to read %ss",
                          kind->key, kind->what);
        return NULL;
    }
    const struct named *named = rcn_strmap_get(directory->map, name, strlen(name));
    if (named && !named->next)
        return named->id;
    if (named) {
        report_several(self, directory, name, named, span);
        return NULL;
    }
    struct rcn_diag *diag =
        rcn_diags_add_once(self->diags, RCN_SEVERITY_ERROR, kind->rule, span,
                           "no %s is called '%.200s' in %s", kind->what, name, directory->company);
    const char *near = diag ? rcn_suggest(name, directory->names, directory->count) : NULL;
    if (near)
        rcn_diag_set_hint(self->diags, diag, "did you mean '%s'?", near);
    else
        rcn_diag_set_hint(self->diags, diag, "'audiencectl get %s' lists those that exist",
                          kind->command);
    return NULL;
}

void rcn_names_resolve(struct rcn_desired_set *set, const struct rcn_live_state *live,
                       struct rcn_diags *diags)
{
    if (!set->needs_ad_accounts && !set->needs_segments)
        return;
    struct resolver resolver = {.arena = rcn_arena_new(SIZE_MAX), .diags = diags};
    for (size_t c = 0; c < live->company_count; c++) {
        const struct rcn_live_company *company = &live->companies[c];
        struct directory accounts = new_directory(&resolver, &account_kind, company);
        struct directory segments = new_directory(&resolver, &segment_kind, company);
        for (size_t i = 0; i < set->count; i++) {
            struct rcn_desired_sync *desired = &set->syncs[i];
            if (!rcn_text_is_same(desired->sync.company_id, company->company_id))
                continue;
            if (desired->ad_account_name && !desired->sync.ad_account_id) {
                desired->sync.ad_account_id = resolve(
                    &resolver, &accounts, desired->ad_account_name, desired->ad_account_span);
                desired->is_new = true;
            }
            if (desired->segment_name && !desired->sync.segment_id) {
                desired->sync.segment_id =
                    resolve(&resolver, &segments, desired->segment_name, desired->segment_span);
                desired->is_new = true;
            }
        }
        rcn_strmap_free(accounts.map);
        rcn_strmap_free(segments.map);
    }
    rcn_arena_free(resolver.arena);
}
