#include <string.h>

#include "apply/run.h"
#include "base/clock.h"
#include "base/time.h"

/* From one read to the next: doubled each time. */
enum { FIRST_PAUSE_MS = 1000, LAST_PAUSE_MS = 60000 };

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
        upload->ended_at = run_text(run, "%s", live->last_sync_at);
    if (upload->status == RCN_UPLOAD_DONE)
        return;
    const char *why =
        upload->status == RCN_UPLOAD_ERROR ? "its syncStatus is error" : "Meta is disconnected";
    upload->error = run_text(run, "%s", live->last_sync_error ? live->last_sync_error : why);
}

/* How many have not ended in the latest list. */
static size_t judge_all(struct run *run)
{
    size_t pending = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        struct item *item = &run->items[i];
        struct rcn_result *result = item->result;
        /* A second one, made by a proxy that repeats requests, may show up only now. */
        if (result->is_verified && item->seen && item->seen->next) {
            run_report_duplicate(run, item);
            result->is_verified = run->results->is_verified = false;
        }
        if (!result->upload)
            continue;
        const struct rcn_live_sync *live = rcn_live_state_find_sync(
            run->look.latest, item->row->desired->sync.company_id, result->id);
        if (live && result->upload->status == RCN_UPLOAD_PENDING)
            judge(run, live, result->upload);
        pending += result->upload->status == RCN_UPLOAD_PENDING;
    }
    return pending;
}

static void read_until_ended(struct run *run, int64_t until_ms, struct rcn_error *cause)
{
    size_t pending = judge_all(run);
    int64_t pause_ms = FIRST_PAUSE_MS;
    while (pending && !run_must_end(run)) {
        const int64_t now_ms = rcn_clock_steady_ms();
        if (now_ms >= until_ms)
            return;
        run_wait(run, now_ms + pause_ms < until_ms ? now_ms + pause_ms : until_ms, until_ms,
                 "the uploads have not ended yet");
        if (run_must_end(run))
            return;
        if (!run_read_list(run, NULL, cause)) {
            pending = judge_all(run);
            cause->message[0] = '\0';
        }
        pause_ms = pause_ms * 2 < LAST_PAUSE_MS ? pause_ms * 2 : LAST_PAUSE_MS;
    }
}

void run_await_uploads(struct run *run)
{
    const struct rcn_apply_events *events = &run->options->events;
    struct rcn_results *results = run->results;
    struct rcn_error cause = RCN_ERROR_INIT;
    char waited[RCN_TIME_SIZE];
    size_t total = 0;
    for (size_t i = 0; i < run->item_count; i++) {
        struct rcn_result *result = run->items[i].result;
        if (result->outcome != RCN_OUTCOME_CREATED || !result->id)
            continue;
        result->upload = rcn_arena_calloc(results->arena, 1, sizeof *result->upload);
        *result->upload = (struct rcn_upload){.status = RCN_UPLOAD_PENDING, .people = -1};
        total++;
    }
    if (!total)
        return;
    if (events->uploads && !run_must_end(run))
        events->uploads(events->context, total);
    run->uploads_since_ms = rcn_clock_steady_ms();
    read_until_ended(run, run->uploads_since_ms + run->options->wait_ms, &cause);
    rcn_duration_format(run->options->wait_ms, waited);
    const char *why =
        run_get_signal(run)                  ? "the run was interrupted before it ended"
        : rcn_api_is_past_deadline(run->api) ? "the deadline of the run came before it ended"
        : cause.message[0] ? run_text(run, "not ended after %s: %s", waited, cause.message)
                           : run_text(run, "not ended after %s", waited);
    for (size_t i = 0; i < run->item_count; i++) {
        struct rcn_upload *upload = run->items[i].result->upload;
        if (!upload)
            continue;
        if (upload->status == RCN_UPLOAD_PENDING)
            upload->error = why;
        results->by_upload[upload->status]++;
        if (upload->status == RCN_UPLOAD_DONE && upload->people > 0)
            results->uploaded_people += upload->people;
    }
    if (events->end)
        events->end(events->context);
}
