#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sample_write.h"

#include "base/unicode.h"

static const struct rcn_ad_account accounts[] = {{"act_1", "Acme Main"}, {"act_22", NULL}};
static const struct rcn_segment segments[] = {
    {"seg_vips", "VIPs", 1500, 1200},
    {"seg_all_customers", "Sequenzy 顧客 customers who bought anything at all", 99, 37},
    {"seg_unknown", "\033[31mred", -1, -1},
};

struct row {
    const char *name;
    enum rcn_item_kind kind;
    size_t count;
    struct rcn_report_style style;
    const char *expected;
};

static const struct row rows[] = {
    {"ad accounts",
     RCN_ITEMS_AD_ACCOUNTS,
     2,
     {0},
     "id      name\n"
     "act_1   Acme Main\n"
     "act_22\n"},
    {"segments in a pipe",
     RCN_ITEMS_SEGMENTS,
     3,
     {0},
     "id                 name                                                subscriberCount  "
     "activeSubscriberCount\n"
     "seg_vips           VIPs                                                           1500       "
     "            1200\n"
     "seg_all_customers  Sequenzy \xe9\xa1\xa7\xe5\xae\xa2 customers who bought anything at all    "
     "           99                     37  *\n"
     "seg_unknown        \\x1b[31mred\n"
     "\n"
     "* fewer than 100 active subscribers: too few for Meta to deliver to\n"},
    {"segments on a terminal",
     RCN_ITEMS_SEGMENTS,
     3,
     {.width = 80},
     "id                 name                subscriberCount  activeSubscriberCount\n"
     "seg_vips           VIPs                           1500                   1200\n"
     "seg_all_customers  Sequenzy \xe9\xa1\xa7\xe5\xae\xa2 cus\xe2\x80\xa6               99        "
     "             37  *\n"
     "seg_unknown        \\x1b[31mred\n"
     "\n"
     "* fewer than 100 active subscribers: too few for Meta to deliver to\n"},
    {"syncs",
     RCN_ITEMS_SYNCS,
     2,
     {0},
     "id         audienceName  adAccountId     segmentId  frequency  isActive  syncStatus  "
     "lastSyncAt\n"
     "sync_vips  VIPs          act_1234567890  seg_vips   daily      true      idle        "
     "2026-11-22T06:00:00.000Z\n"
     "sync_one   Twice         act_1234567890  seg_vips   daily      true      idle        "
     "2026-11-22T06:00:00.000Z\n"},
    {"syncs on a terminal",
     RCN_ITEMS_SYNCS,
     2,
     {.width = 80},
     "id         audienceName  adAccountId     frequency  isActive  syncStatus\n"
     "sync_vips  VIPs          act_1234567890  daily      true      idle\n"
     "sync_one   Twice         act_1234567890  daily      true      idle\n"
     "\n"
     "no room for segmentId, lastSyncAt: widen the terminal, or use -o csv\n"},
    {"quiet", RCN_ITEMS_SEGMENTS, 3, {.quiet = true}, "3 segments\n"},
    {"none", RCN_ITEMS_SYNCS, 0, {0}, "0 audience syncs\n"},
};

static void set_items(struct sample *sample, struct rcn_items *items)
{
    static const void *list[3];
    for (size_t i = 0; i < items->count; i++)
        list[i] = items->kind == RCN_ITEMS_AD_ACCOUNTS ? (const void *)&accounts[i]
                  : items->kind == RCN_ITEMS_SEGMENTS  ? (const void *)&segments[i]
                                                       : sample->live_pointers[i];
    items->rows = list;
    sample->report.plan = NULL;
    sample->report.command = "get";
    sample->report.outcome = "done";
    sample->report.items = items;
}

static void test_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample sample;
        struct rcn_items items = {.kind = rows[i].kind, .count = rows[i].count};
        print_message("%s\n", rows[i].name);
        sample_init(&sample, NULL);
        set_items(&sample, &items);
        char *text = sample_write(&sample, RCN_FORMAT_TEXT, rows[i].style);
        assert_non_null(text);
        assert_string_equal(text, rows[i].expected);
        free(text);
        sample_release(&sample);
    }
}

/* From 57 columns on, which the ids and the titles need, no line is wider than the terminal. */
static void test_width_is_kept(void **state)
{
    (void)state;
    for (unsigned width = 57; width < 110; width++) {
        struct sample sample;
        struct rcn_items items = {.kind = RCN_ITEMS_SEGMENTS, .count = 3};
        sample_init(&sample, NULL);
        set_items(&sample, &items);
        char *text =
            sample_write(&sample, RCN_FORMAT_TEXT, (struct rcn_report_style){.width = width});
        assert_non_null(text);
        const char *note = strstr(text, "\n\n");
        assert_non_null(note);
        for (const char *line = text; line < note;) {
            size_t len = strcspn(line, "\n");
            assert_true(rcn_utf8_width(line, len) <= width);
            line += len + 1;
        }
        free(text);
        sample_release(&sample);
    }
}

static void test_too_small_is_told_everywhere(void **state)
{
    static const enum rcn_format formats[] = {RCN_FORMAT_TEXT, RCN_FORMAT_MARKDOWN,
                                              RCN_FORMAT_HTML};
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct sample sample;
        struct rcn_items items = {.kind = RCN_ITEMS_SEGMENTS, .count = 3};
        sample_init(&sample, NULL);
        set_items(&sample, &items);
        char *text = sample_write(&sample, formats[i], (struct rcn_report_style){0});
        assert_non_null(text);
        const char *first = strstr(text, "too few for Meta");
        assert_non_null(first);
        assert_null(strstr(first + 1, "too few for Meta"));
        free(text);
        sample_release(&sample);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_width_is_kept),
        cmocka_unit_test(test_too_small_is_told_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
