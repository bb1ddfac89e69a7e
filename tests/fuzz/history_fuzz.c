/*
 * Any bytes as a file of history. A run adds its line and is compared with what is there; or the
 * file is refused and stays as it is.
 */
#include "document/history.h"
#include "sample_report.h"
#include "scratch.h"

static size_t count_lines(const struct rcn_buf *text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text->len; i++)
        lines += text->data[i] == '\n';
    return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_arena *arena = rcn_arena_new(SIZE_MAX);
    struct rcn_history history;
    struct sample sample;
    struct rcn_buf after;
    char *before = fuzz_copy(data, size);
    const char *path = scratch_path("history");
    scratch_write(path, before, size);
    sample_init(&sample, NULL);
    int result = rcn_history_add(path, &sample.plan, NULL, arena, &history, &err);
    scratch_read(path, &after);
    if (result == 0) {
        size_t lines = count_lines(&after);
        FUZZ_CHECK(lines >= 1 && lines <= RCN_HISTORY_MAX_RUNS && history.runs <= lines + 1);
        FUZZ_CHECK(history.points[history.count - 1].at_ms == SAMPLE_NOW_MS);
        rcn_buf_release(&after);
        /* Nothing has changed since the run that was just added. */
        FUZZ_CHECK(rcn_history_add(path, &sample.plan, NULL, arena, &history, &err) == 0);
        FUZZ_CHECK(history.new_count == 0 && history.resolved_count == 0);
        scratch_read(path, &after);
        FUZZ_CHECK(count_lines(&after) == lines + (lines < RCN_HISTORY_MAX_RUNS));
    } else {
        FUZZ_CHECK(after.len == size && memcmp(rcn_buf_get_str(&after), before, size) == 0);
    }
    rcn_buf_release(&after);
    sample_release(&sample);
    rcn_arena_free(arena);
    free(before);
    return 0;
}
