/* The API's truth: which syncs exist, and what a list shows of them. http.c is how it is reached.
 */
#include "server.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"

struct sim_server sim_server;

const char *sim_company_id(int company)
{
    static const char *const ids[SIM_COMPANIES] = {"comp_1", "comp_2"};
    return ids[company];
}

void sim_server_init(void)
{
    sim_server = (struct sim_server){
        .bound_ms = SIM_ONE_OF(2000, 1000, 5000, 15000),
        .fault_permille = (unsigned)SIM_ONE_OF(0, 100, 300, 600),
        .is_lagging = sim_chance(sim_allows("lag") ? 500 : 0),
        .is_flickering = sim_allows("flicker"),
        .is_renaming = sim_chance(sim_allows("rename") ? 100 : 0),
        .has_uploads = sim_chance(sim_allows("upload") ? 200 : 0),
        .page_size = (int)SIM_ONE_OF(0, 0, 0, 2),
    };
    /* While uploads are waited for, a second sync has time to show up. */
    sim_server.is_doubling = sim_chance(!sim_allows("double")    ? 0
                                        : sim_server.has_uploads ? 200
                                                                 : 60);
    sim_server.newest_first = sim_server.page_size && sim_chance(500);
}

void sim_server_heal(void)
{
    sim_server.fault_permille = 0;
    sim_server.is_lagging = sim_server.is_renaming = sim_server.is_doubling = false;
    sim_server.is_healed = true;
}

bool sim_sync_is_live(const struct sim_sync *sync)
{
    return sync->deleted_ms > sim.now_ms;
}

struct sim_sync *sim_server_find(const char *id)
{
    for (int i = 0; id && i < sim_server.count; i++)
        if (strcmp(sim_server.syncs[i].id, id) == 0)
            return &sim_server.syncs[i];
    return NULL;
}

const char *sim_server_get_segment(const char *template)
{
    return strcmp(template, "recent-buyers") == 0 ? "seg_recent" : "seg_engaged";
}

static const char *get_segment_name(const char *segment)
{
    return strcmp(segment, "seg_recent") == 0    ? "Recent buyers"
           : strcmp(segment, "seg_engaged") == 0 ? "Engaged people"
                                                 : "A segment";
}

struct sim_sync *sim_server_add(int company, const char *account, const char *name,
                                const char *segment, int by)
{
    if (sim_server.count == SIM_SYNCS_MAX) {
        sim_fail("the simulator has too many syncs");
        return &sim_server.syncs[0];
    }
    struct sim_sync *sync = &sim_server.syncs[sim_server.count++];
    *sync = (struct sim_sync){.company = company,
                              .is_active = true,
                              .by = by,
                              .committed_ms = sim.now_ms,
                              .named_ms = sim.now_ms,
                              .shown_ms = sim.now_ms,
                              .deleted_ms = INT64_MAX};
    snprintf(sync->id, sizeof sync->id, "sync_%d", sim_server.count);
    snprintf(sync->account, sizeof sync->account, "%s", account);
    snprintf(sync->name, sizeof sync->name, "%s", name);
    snprintf(sync->asked, sizeof sync->asked, "%s", name);
    snprintf(sync->segment, sizeof sync->segment, "%s", segment);
    snprintf(sync->asked_segment, sizeof sync->asked_segment, "%s", segment);
    snprintf(sync->frequency, sizeof sync->frequency, "daily");
    if (sim_server.has_uploads && by != SIM_BY_PERSON) {
        sync->upload_ms = sim.now_ms + SIM_ONE_OF(0, 3000, 90000, 7200000);
        sync->upload = sim_chance(300) ? 1 + sim_choose(2) : 0;
    }
    return sync;
}

void sim_sync_lag(struct sim_sync *sync, int64_t most_ms)
{
    if (!sim_server.is_lagging || most_ms <= 0)
        return;
    sync->shown_ms = sim.now_ms + most_ms * sim_choose(5) / 4;
    sync->flickers = sim_server.is_flickering && sim_chance(500);
}

/* --- lists --- */

static bool is_shown(const struct sim_sync *sync, int64_t at_ms)
{
    if (sync->deleted_ms <= at_ms || sync->committed_ms > at_ms)
        return false;
    return sync->shown_ms <= at_ms || (sync->flickers && !sim_chance(500));
}

/* How the first upload went; before it has ended, that it has not. */
static void write_upload(struct rcn_buf *out, const struct sim_sync *sync, int64_t at_ms)
{
    char ended[RCN_TIME_SIZE];
    if (sync->upload_ms > at_ms || sync->upload == 2) {
        rcn_buf_printf(out,
                       "\"syncStatus\":\"%s\",\"lastSyncAt\":null,\"lastSyncError\":null,"
                       "\"lastSyncedCount\":0,",
                       sync->upload_ms > at_ms ? "syncing" : "disconnected");
        return;
    }
    rcn_time_format(SIM_EPOCH_MS + sync->upload_ms, ended);
    rcn_buf_printf(out,
                   "\"syncStatus\":\"%s\",\"lastSyncAt\":\"%s\",\"lastSyncError\":%s,"
                   "\"lastSyncedCount\":%d,",
                   sync->upload ? "error" : "idle", ended, sync->upload ? "\"It failed\"" : "null",
                   SIM_PEOPLE);
}

void sim_write_sync(struct rcn_buf *out, const struct sim_sync *sync, int64_t at_ms)
{
    char created[RCN_TIME_SIZE];
    rcn_time_format(SIM_EPOCH_MS + sync->committed_ms, created);
    rcn_buf_printf(out,
                   "{\"id\":\"%s\",\"segmentId\":\"%s\",\"segmentName\":\"%s\","
                   "\"adAccountId\":\"%s\",\"audienceName\":\"%s\",\"frequency\":\"%s\","
                   "\"isActive\":%s,",
                   sync->id, sync->segment, get_segment_name(sync->segment), sync->account,
                   sync->name, sync->frequency, sync->is_active ? "true" : "false");
    write_upload(out, sync, at_ms);
    rcn_buf_printf(out, "\"createdAt\":\"%s\"}", created);
}

bool sim_write_list(struct rcn_buf *out, int company, long offset, int64_t at_ms)
{
    struct sim_sync *shown[SIM_SYNCS_MAX];
    int total = 0;
    for (int i = 0; i < sim_server.count; i++) {
        struct sim_sync *sync = &sim_server.syncs[i];
        if (sync->company == company && is_shown(sync, at_ms))
            shown[total++] = sync;
    }
    int size = sim_server.page_size ? sim_server.page_size : total;
    int count = 0;
    rcn_buf_add_str(out, "{\"success\":true,\"audienceSyncs\":[");
    for (int i = (int)offset; i < total && count < size; i++, count++) {
        struct sim_sync *sync = shown[sim_server.newest_first ? total - 1 - i : i];
        if (at_ms > sync->listed_ms)
            sync->listed_ms = at_ms;
        if (count)
            rcn_buf_add_char(out, ',');
        sim_write_sync(out, sync, at_ms);
    }
    rcn_buf_add_char(out, ']');
    if (sim_server.page_size)
        rcn_buf_printf(out,
                       ",\"pagination\":{\"limit\":%d,\"count\":%d,\"hasMore\":%s,\"offset\":%ld,"
                       "\"total\":%d}",
                       size, count, offset + count < total ? "true" : "false", offset, total);
    rcn_buf_add_char(out, '}');
    sim_tell("the list of %s shows %d", sim_company_id(company), total);
    return offset + count >= total;
}

/* Without a named company the key is bound to one; with one it reaches all. */
void sim_write_account(struct rcn_buf *out)
{
    rcn_buf_add_str(out, "{\"success\":true,\"companies\":[");
    for (int i = 0; i < SIM_COMPANIES; i++)
        if (sim_server.reaches_all || i == sim_server.current_company)
            rcn_buf_printf(out, "%s{\"id\":\"%s\",\"name\":\"Company %d\"}",
                           i > 0 && sim_server.reaches_all ? "," : "", sim_company_id(i), i);
    rcn_buf_printf(out,
                   "],\"currentCompanyId\":\"%s\",\"apiKeyPermissions\":{\"activeKey\":"
                   "{\"type\":\"%s\"}}}",
                   sim_company_id(sim_server.current_company),
                   sim_server.reaches_all ? "personal" : "company");
}
