/*
 * Any bytes as a saved plan, sealed with the right digest so that they are read to their end: who
 * edits a plan can seal it again. What is taken can be shown in every format, and what JSON shows
 * is a saved plan again that shows the same bytes. A sealed plan with one byte changed is refused.
 */
#include "base/sha256.h"
#include "document/document.h"
#include "fuzz.h"
#include "plan/plan_fresh.h"
#include "report/report.h"

static char *seal(const uint8_t *data, size_t size, size_t *ret_len)
{
    struct rcn_buf out;
    rcn_buf_init(&out, SIZE_MAX / 2);
    rcn_buf_add(&out, data, size);
    rcn_sha256_seal(&out, 0);
    FUZZ_CHECK(!out.failed);
    *ret_len = out.len;
    return out.data;
}

static int show(const struct rcn_document *file, enum rcn_format format, struct rcn_buf *out)
{
    struct rcn_error err = RCN_ERROR_INIT;
    const struct rcn_report_style style = {.verbose = true};
    rcn_buf_init(out, RCN_REPORT_MAX_BYTES);
    return rcn_report_write(format, &file->report, &style, out, &err);
}

static void check_shown(const struct rcn_document *file)
{
    for (int format = 0; format < RCN_FORMAT_COUNT; format++) {
        struct rcn_buf out;
        FUZZ_CHECK(show(file, (enum rcn_format)format, &out) == 0);
        rcn_buf_release(&out);
    }
}

static void check_read_again(const struct rcn_document *file)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf first;
    struct rcn_buf second;
    FUZZ_CHECK(show(file, RCN_FORMAT_JSON, &first) == 0);
    struct rcn_document *again = rcn_document_new(first.data, first.len, &err);
    FUZZ_CHECK(again);
    FUZZ_CHECK(show(again, RCN_FORMAT_JSON, &second) == 0);
    FUZZ_CHECK(strcmp(first.data, second.data) == 0);
    rcn_document_free(again);
    rcn_buf_release(&first);
    rcn_buf_release(&second);
}

static void check_used(const struct rcn_document *file)
{
    struct rcn_error err = RCN_ERROR_INIT;
    const struct rcn_live_state live = {0};
    if (rcn_plan_check_fresh(file->plan, &live, file->plan, &err))
        FUZZ_CHECK(err.kind == RCN_ERROR_REFUSED); /* a name that is not known now */
    if (rcn_plan_check_usable(&file->report, 86400000, file->report.created_at_ms, &err) == 0)
        FUZZ_CHECK(strcmp(file->report.command, "plan") == 0);
    FUZZ_CHECK(
        rcn_plan_check_usable(&file->report, 1000, file->report.created_at_ms + 2000, &err) == -1);
}

/* What reports and the freshness check rely on. */
static void check_rows(const struct rcn_plan *plan)
{
    for (size_t i = 0; i < plan->row_count; i++) {
        const struct rcn_plan_row *row = &plan->rows[i];
        bool has_live = row->status != RCN_STATUS_MISSING && row->status != RCN_STATUS_WITHHELD;
        FUZZ_CHECK(row->desired && has_live == (row->live_count > 0));
        FUZZ_CHECK(!row->desired->sync.segment_id != !row->desired->sync.predefined_segment_id);
    }
    for (size_t i = 0; i < plan->unmanaged_count; i++)
        FUZZ_CHECK(!plan->unmanaged[i].desired && plan->unmanaged[i].live_count > 0);
}

/* The place and the change follow from the bytes, so that a finding repeats. */
static void check_edited(char *bytes, size_t len)
{
    struct rcn_error err = RCN_ERROR_INIT;
    size_t place = (size_t)(unsigned char)bytes[len - 10] * 256 + (unsigned char)bytes[len - 20];
    char *edited = &bytes[place * 2654435761U % len];
    *edited = (char)(*edited ^ (1 << place % 8));
    FUZZ_CHECK(!rcn_document_new(bytes, len, &err) && err.kind == RCN_ERROR_REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    size_t len;
    char *bytes = seal(data, size, &len);
    struct rcn_document *file = rcn_document_new(bytes, len, &err);
    if (file) {
        check_rows(file->plan);
        check_shown(file);
        check_read_again(file);
        check_used(file);
        check_edited(bytes, len);
    } else {
        FUZZ_CHECK(err.message[0]);
    }
    rcn_document_free(file);
    free(bytes);
    return 0;
}
