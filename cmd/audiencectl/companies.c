#include "companies.h"

#include <string.h>

#include "base/strmap.h"

struct collector {
    struct rcn_strmap *seen;
    const char **ids;
    size_t count;
    bool needs_unnamed;
};

static int add(struct collector *self, const char *company_id, struct rcn_error *err)
{
    if (!company_id) {
        self->needs_unnamed = true;
        return 0;
    }
    void **place = rcn_strmap_put(self->seen, company_id, strlen(company_id));
    if (!place)
        return rcn_error_no_memory(err);
    if (!*place)
        self->ids[self->count++] = company_id;
    *place = self;
    return 0;
}

static int add_all(struct collector *self, const struct rcn_desired_set *set, const char *own,
                   struct rcn_error *err)
{
    for (size_t i = 0; i < set->company_count; i++)
        if (add(self, set->company_ids[i], err))
            return -1;
    for (size_t i = 0; i < set->count; i++) {
        /* The syncs of a document share one copy. */
        const char *company_id = set->syncs[i].sync.company_id;
        bool is_known = i > 0 && company_id == set->syncs[i - 1].sync.company_id;
        if (!is_known && add(self, company_id, err))
            return -1;
    }
    if (set->needs_company || self->count == 0)
        self->needs_unnamed = true;
    if (!own || !self->needs_unnamed)
        return 0;
    self->needs_unnamed = false;
    return add(self, own, err);
}

int companies_request(const struct rcn_desired_set *set, const char *own, struct rcn_arena *arena,
                      struct rcn_live_request *request, struct rcn_error *err)
{
    struct collector collector = {
        .seen = rcn_strmap_new(16),
        .ids = rcn_arena_calloc(arena, set->company_count + set->count + 1, sizeof(char *))};
    int result = collector.seen && collector.ids ? add_all(&collector, set, own, err)
                                                 : rcn_error_no_memory(err);
    rcn_strmap_free(collector.seen);
    request->company_ids = collector.ids;
    request->company_count = collector.count;
    request->needs_unnamed = collector.needs_unnamed;
    return result;
}

static bool is_read(const struct rcn_live_state *live, const char *company_id)
{
    for (size_t i = 0; i < live->company_count; i++) {
        const char *other = live->companies[i].company_id;
        if (company_id && other ? strcmp(company_id, other) == 0 : company_id == other)
            return true;
    }
    return false;
}

int companies_check_read(const struct rcn_desired_set *set, const struct rcn_live_state *live,
                         struct rcn_error *err)
{
    const char *checked = NULL;
    for (size_t i = 0; i < set->count; i++) {
        const char *company_id = set->syncs[i].sync.company_id;
        /* Neighbours mostly share a company: 100,000 syncs need not ask 100,000 times. */
        bool is_same = i > 0 && (company_id && checked ? strcmp(company_id, checked) == 0
                                                       : company_id == checked);
        if (!is_same && !is_read(live, company_id))
            return rcn_error_set(err, RCN_ERROR_FAILED, "the syncs of company '%s' were not read",
                                 company_id ? company_id : "(of the key)");
        checked = company_id;
    }
    return 0;
}
