#include "apply/uploads.h"

#include <string.h>

#include "base/clock.h"
#include "base/time.h"
#include "live/reading.h"

static struct rcn_upload *get_pending(const struct item *item)
{
    struct rcn_upload *upload = item->result->upload;
    return upload && upload->status == RCN_UPLOAD_PENDING ? upload : NULL;
}

static size_t begin(struct run *run)
{
    size_t total = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        struct rcn_result *result = run->items[i].result;
        if (result->outcome != RCN_OUTCOME_CREATED || !result->id)
            continue;
        struct rcn_upload *upload = rcn_arena_calloc(run->results->arena, 1, sizeof *upload);
        *upload = (struct rcn_upload){.status = RCN_UPLOAD_PENDING, .people = -1};
        result->upload = upload;
        total++;
    }
    return total;
}

static const struct rcn_live_sync *find_live(const struct rcn_live_state *state,
                                             const struct item *item)
{
    const struct rcn_live_company *company =
        rcn_live_state_find_company(state, item->row->desired->sync.company_id);
    for (size_t i = 0; company && i < company->sync_count; i++)
        if (strcmp(company->syncs[i].sync.id, item->result->id) == 0)
            return &company->syncs[i];
    return NULL;
}

static void judge(struct run *run, const struct rcn_live_sync *live, struct rcn_upload *upload)
{
    const char *status = live->sync_status ? live->sync_status : "";
    if (strcmp(status, "error") == 0)
        upload->status = RCN_UPLOAD_ERROR;
    else if (strcmp(status, "disconnected") == 0)
        upload->status = RCN_UPLOAD_DISCONNECTED;
    else if (live->last_sync_at)
        upload->status = RCN_UPLOAD_DONE;
    else
        return;
    upload->people = live->last_synced_count;
    if (live->last_sync_at)
        upload->ended_at = control_text(&run->control, "%s", live->last_sync_at);
    if (upload->status == RCN_UPLOAD_DONE)
        return;
    const char *why =
        upload->status == RCN_UPLOAD_ERROR ? "its syncStatus is error" : "Meta is disconnected";
    upload->error =
        control_text(&run->control, "%s", live->last_sync_error ? live->last_sync_error : why);
}

static size_t judge_all(struct run *run, const struct rcn_live_state *state)
{
    size_t done = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        struct rcn_upload *upload = get_pending(&run->items[i]);
        const struct rcn_live_sync *live = upload ? find_live(state, &run->items[i]) : NULL;
        if (live)
            judge(run, live, upload);
        const struct rcn_upload *judged = run->items[i].result->upload;
        done += judged && judged->status != RCN_UPLOAD_PENDING;
    }
    return done;
}

static void read_until_ended(struct run *run, size_t total, int64_t until_ms,
                             struct rcn_error *cause)
{
    struct control *control = &run->control;
    size_t done = judge_all(run, run->look.latest);
    int64_t pause_ms = UPLOADS_FIRST_PAUSE_MS;
    while (done < total && !control_must_end(control)) {
        const int64_t now_ms = rcn_clock_steady_ms();
        if (now_ms >= until_ms)
            return;
        const int64_t next_ms = now_ms + pause_ms < until_ms ? now_ms + pause_ms : until_ms;
        control_wait(control, next_ms, "the uploads have not ended yet", done, total);
        if (control_must_end(control))
            return;
        /* A sync that another client has made meanwhile changes nothing, and neither does the
         * company that the key has become: what is looked for is an id. */
        struct rcn_live_state *state =
            rcn_reading_again(run->api, run->look.planned, NULL, false, cause);
        if (state) {
            done = judge_all(run, state);
            cause->message[0] = '\0';
        }
        rcn_live_state_free(state);
        pause_ms = pause_ms * 2 < UPLOADS_LAST_PAUSE_MS ? pause_ms * 2 : UPLOADS_LAST_PAUSE_MS;
    }
}

void uploads_await(struct run *run)
{
    const struct rcn_apply_events *events = &run->options->events;
    struct rcn_results *results = run->results;
    struct rcn_error cause = RCN_ERROR_INIT;
    char waited[RCN_TIME_SIZE];
    const size_t total = begin(run);
    if (!total)
        return;
    if (events->uploads && !control_must_end(&run->control))
        events->uploads(events->context, total);
    run->control.uploads_since_ms = rcn_clock_steady_ms();
    read_until_ended(run, total, rcn_clock_steady_ms() + run->options->wait_ms, &cause);
    rcn_duration_format(run->options->wait_ms, waited);
    const char *why =
        control_get_signal(&run->control)    ? "the run was interrupted before it ended"
        : rcn_api_is_past_deadline(run->api) ? "the deadline of the run came before it ended"
        : cause.message[0]
            ? control_text(&run->control, "not ended after %s: %s", waited, cause.message)
            : control_text(&run->control, "not ended after %s", waited);
    for (size_t i = 0; i < run->item_count; i++) {
        struct rcn_upload *pending = get_pending(&run->items[i]);
        if (pending)
            pending->error = why;
        const struct rcn_upload *upload = run->items[i].result->upload;
        if (!upload)
            continue;
        results->by_upload[upload->status]++;
        if (upload->status == RCN_UPLOAD_DONE && upload->people > 0)
            results->uploaded_people += upload->people;
    }
    if (events->end)
        events->end(events->context);
}
