/* What the list shows. The part of run.h that looks. */
#include <assert.h>

#include "apply/run.h"
#include "base/clock.h"
#include "base/time.h"
#include "live/reading.h"

void look_init(struct look *look, struct rcn_api *api, const struct rcn_live_state *planned)
{
    *look = (struct look){.api = api, .planned = planned, .planned_syncs = rcn_identity_map_new(0)};
    for (size_t i = 0; i < planned->company_count; i++)
        for (size_t j = 0; j < planned->companies[i].sync_count; j++) {
            struct rcn_live_sync *live = &planned->companies[i].syncs[j];
            const struct rcn_audience_sync id =
                rcn_identity_of_id(planned->companies[i].company_id, live->sync.id);
            *rcn_identity_map_put(look->planned_syncs, &id) = live;
            *rcn_identity_map_put(look->planned_syncs, &live->sync) = live;
        }
}

void look_release(struct look *look)
{
    rcn_identity_map_free(look->by_identity);
    rcn_arena_free(look->arena);
    rcn_live_state_free(look->latest);
    rcn_identity_map_free(look->planned_syncs);
}

static void index_latest(struct look *look)
{
    rcn_identity_map_free(look->by_identity);
    rcn_arena_free(look->arena);
    look->arena = rcn_arena_new(SIZE_MAX);
    look->by_identity = rcn_identity_map_new(0);
    look->fresh = NULL;
    look->began_ms = INT64_MAX;
    for (size_t i = 0; i < look->latest->company_count; i++) {
        const struct rcn_live_company *company = &look->latest->companies[i];
        if (company->began_ms < look->began_ms)
            look->began_ms = company->began_ms;
        /* From the last to the first, so that chains are in the order of the list. */
        for (size_t j = company->sync_count; j-- > 0;) {
            const struct rcn_live_sync *live = &company->syncs[j];
            const struct rcn_audience_sync id =
                rcn_identity_of_id(company->company_id, live->sync.id);
            struct sighting *sighting = rcn_arena_alloc(look->arena, sizeof *sighting);
            void **place = rcn_identity_map_put(look->by_identity, &live->sync);
            *sighting = (struct sighting){.live = live, .next = *place};
            *place = sighting;
            sighting->is_fresh = !rcn_identity_map_get(look->planned_syncs, &id);
            if (sighting->is_fresh) {
                sighting->next_fresh = look->fresh;
                look->fresh = sighting;
            }
        }
    }
}

static int check_age(const struct look *look, const struct rcn_live_state *state,
                     struct rcn_error *err)
{
    for (size_t i = 0; look->latest && i < state->company_count; i++) {
        const struct rcn_live_company *company = &state->companies[i];
        if (company->began_ms < look_find_company(look, company->company_id)->began_ms)
            return rcn_error_set(err, RCN_ERROR_FAILED,
                                 "a cache answered with a list that is %lld s old",
                                 (long long)(rcn_clock_steady_ms() - company->began_ms) / 1000);
    }
    return 0;
}

int look_read(struct look *look, const struct rcn_live_company *only, bool checks_account,
              struct rcn_error *err)
{
    struct rcn_live_state *state = rcn_reading_again(
        look->api, look->latest ? look->latest : look->planned, only, checks_account, err);
    if (!state)
        return -1;
    if (check_age(look, state, err)) {
        rcn_live_state_free(state);
        return -1;
    }
    if (only) {
        assert(look->latest); /* it is one of those */
        /* The company's own account read may take longer than a list is good for, each time. */
        state->companies[0].ended_ms = rcn_clock_steady_ms();
        rcn_live_company_move_list(&look->latest->companies[only - look->latest->companies],
                                   &state->companies[0]);
        rcn_live_state_free(state);
    } else {
        rcn_live_state_free(look->latest);
        look->latest = state;
    }
    index_latest(look);
    return 0;
}

const struct rcn_live_company *look_find_company(const struct look *look, const char *company_id)
{
    return rcn_live_state_find_company(look->latest, company_id);
}

const struct sighting *look_find(const struct look *look, const struct rcn_audience_sync *identity)
{
    return rcn_identity_map_get(look->by_identity, identity);
}

const struct rcn_live_sync *look_find_planned(const struct look *look,
                                              const struct rcn_audience_sync *identity)
{
    return rcn_identity_map_get(look->planned_syncs, identity);
}

const char *look_get_newest(const struct look *look, const char *company_id)
{
    const struct rcn_live_company *company = look_find_company(look, company_id);
    const char *newest = NULL;
    int64_t newest_ms = 0;
    for (size_t i = 0; company && i < company->sync_count; i++) {
        const char *created_at = company->syncs[i].created_at;
        int64_t created_ms;
        if (created_at && rcn_time_parse(created_at, &created_ms) &&
            (!newest || created_ms > newest_ms)) {
            newest = created_at;
            newest_ms = created_ms;
        }
    }
    return newest;
}
