/*
 * Any bytes as a file of history. A run adds its line, and every whole line that was there stays
 * byte for byte; or the file is refused and stays as it is.
 */
#include "document/history.h"
#include "scratch.h"

/* 2026-11-22T20:00:00Z */
static const struct rcn_history_point run = {
    .at_ms = INT64_C(1795377600000), .counts = {.desired = 9, .by_status = {1, 2, 3, 4, 5, 6}}};

#define LINE                                                                                       \
    "{\"at\": \"2026-11-22T20:00:00Z\", \"desired\": 9, \"inSync\": 1, \"missing\": 2, "           \
    "\"drifted\": 3, \"duplicate\": 4, \"withheld\": 5, \"unmanaged\": 6, \"unhealthy\": 0, "      \
    "\"ignored\": 0}\n"

static size_t get_whole_lines(const char *bytes, size_t len)
{
    while (len && bytes[len - 1] != '\n')
        len--;
    return len;
}

static void check_added(const char *before, size_t before_len, const struct rcn_buf *after,
                        const struct rcn_history *history)
{
    const size_t line_len = sizeof LINE - 1;
    size_t whole = get_whole_lines(before, before_len);
    FUZZ_CHECK(after->len >= whole + line_len);
    FUZZ_CHECK(whole == 0 || memcmp(after->data, before, whole) == 0);
    FUZZ_CHECK(memcmp(after->data + after->len - line_len, LINE, line_len) == 0);
    /* A last line without its end is left out, or kept with an end. */
    FUZZ_CHECK(after->len == whole + line_len || after->len == before_len + 1 + line_len);
    FUZZ_CHECK(history->count >= 1 && history->count <= RCN_HISTORY_MAX_POINTS);
    FUZZ_CHECK(history->points[history->count - 1].at_ms == run.at_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_history history;
    struct rcn_buf after;
    struct rcn_buf again;
    char *before = fuzz_copy(data, size);
    const char *path = scratch_path("history");
    scratch_write(path, before, size);
    int result = rcn_history_add(path, &run, &history, &err);
    scratch_read(path, &after);
    if (result == 0) {
        size_t count = history.count;
        check_added(before, size, &after, &history);
        rcn_history_release(&history);
        FUZZ_CHECK(rcn_history_add(path, &run, &history, &err) == 0);
        FUZZ_CHECK(history.count == count + (count < RCN_HISTORY_MAX_POINTS));
        scratch_read(path, &again);
        check_added(after.data, after.len, &again, &history);
        rcn_buf_release(&again);
    } else {
        FUZZ_CHECK(after.len == size && memcmp(rcn_buf_get_str(&after), before, size) == 0);
    }
    rcn_history_release(&history);
    rcn_buf_release(&after);
    free(before);
    return 0;
}
