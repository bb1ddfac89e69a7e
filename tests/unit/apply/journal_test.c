#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apply/journal.h"

static const struct rcn_audience_sync vips = {.ad_account_id = "act_1", .audience_name = "VIPs"};
static const struct rcn_audience_sync odd = {.ad_account_id = "act_1",
                                             .audience_name = "a \"quoted\"\nname"};

struct place {
    char dir[64];
    char path[256];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (!place)
        return -1;
    snprintf(place->dir, sizeof place->dir, "%s", "journal_test.XXXXXX");
    *state = place;
    return mkdtemp(place->dir) ? 0 : -1;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    if (place->path[0])
        unlink(place->path);
    rmdir(place->dir);
    free(place);
    return 0;
}

static struct rcn_journal *open_journal(struct place *place)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_journal *journal = rcn_journal_new(place->dir, "https://x", "comp_1", &err);
    assert_non_null(journal);
    snprintf(place->path, sizeof place->path, "%s", rcn_journal_get_path(journal));
    return journal;
}

static size_t add(struct rcn_journal *journal, const struct rcn_audience_sync *sync)
{
    struct rcn_error err = RCN_ERROR_INIT;
    size_t index = 99;
    assert_int_equal(rcn_journal_add(journal, sync, 1000, 500, 30000, &index, &err), 0);
    assert_int_equal(rcn_journal_flush(journal, &err), 0);
    return index;
}

static off_t file_size(const struct place *place)
{
    struct stat status;
    assert_int_equal(stat(place->path, &status), 0);
    return status.st_size;
}

static void open_entries_are_found_again(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    size_t first = add(journal, &vips);
    size_t second = add(journal, &odd);
    rcn_journal_close(journal, first);
    rcn_journal_set_id(journal, second, "sync_7", true);
    rcn_journal_free(journal);

    journal = open_journal(place);
    assert_int_equal(rcn_journal_get_count(journal), 2);
    assert_false(rcn_journal_get(journal, 0)->is_open);
    const struct rcn_journal_entry *entry = rcn_journal_get(journal, 1);
    assert_true(entry->is_open);
    assert_string_equal(entry->audience_name, odd.audience_name);
    assert_string_equal(entry->id, "sync_7");
    assert_true(entry->is_id_certain);
    assert_int_equal(entry->timeout_ms, 30000);
    assert_int_equal(entry->steady_ms, 500);
    assert_false(rcn_journal_has_unreadable(journal));
    rcn_journal_close(journal, 1);
    rcn_journal_free(journal);
}

static void nothing_open_leaves_an_empty_file(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    rcn_journal_close(journal, add(journal, &vips));
    assert_true(file_size(place) > 0);
    rcn_journal_free(journal);
    assert_int_equal(file_size(place), 0);
}

static void an_intent_is_on_disk_after_the_flush(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    struct rcn_error err = RCN_ERROR_INIT;
    size_t index;
    assert_int_equal(rcn_journal_add(journal, &vips, 1000, 500, 30000, &index, &err), 0);
    assert_int_equal(file_size(place), 0);
    assert_int_equal(rcn_journal_flush(journal, &err), 0);
    assert_true(file_size(place) > 0);
    rcn_journal_close(journal, index);
    rcn_journal_free(journal);
}

static void a_second_run_is_refused(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    struct rcn_error err = RCN_ERROR_INIT;
    add(journal, &vips);
    off_t size = file_size(place);
    assert_null(rcn_journal_new(place->dir, "https://x", "comp_1", &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    assert_int_equal(file_size(place), size); /* what the first has written is still there */
    rcn_journal_free(journal);
}

static void append_to_file(const struct place *place, const char *text)
{
    FILE *file = fopen(place->path, "a");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_torn_last_line_was_never_sent(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    add(journal, &vips);
    rcn_journal_free(journal);
    append_to_file(place, "{\"intent\": 2, \"at\": \"2026-");

    journal = open_journal(place);
    assert_int_equal(rcn_journal_get_count(journal), 1);
    assert_false(rcn_journal_has_unreadable(journal));
    add(journal, &odd);
    rcn_journal_free(journal);

    /* What is appended behind the torn line can be read; the torn one now counts as damage. */
    journal = open_journal(place);
    assert_int_equal(rcn_journal_get_count(journal), 2);
    assert_string_equal(rcn_journal_get(journal, 1)->audience_name, odd.audience_name);
    rcn_journal_close(journal, 0);
    rcn_journal_close(journal, 1);
    rcn_journal_free(journal);
}

static void the_steady_clock_of_another_boot_says_nothing(void **state)
{
    struct place *place = *state;
    rcn_journal_free(open_journal(place));
    append_to_file(place, "{\"intent\": 1, \"at\": \"2026-01-01T00:00:00Z\", \"boot\": \"other\", "
                          "\"bootMs\": 7, \"timeoutMs\": 1, \"adAccountId\": \"act_1\", "
                          "\"audienceName\": \"A\"}\n");
    struct rcn_journal *journal = open_journal(place);
    assert_int_equal(rcn_journal_get_count(journal), 1);
    assert_true(rcn_journal_get(journal, 0)->is_open);
    assert_int_equal(rcn_journal_get(journal, 0)->steady_ms, -1);
    rcn_journal_close(journal, 0);
    rcn_journal_free(journal);
}

static void damage_is_noticed(void **state)
{
    struct place *place = *state;
    rcn_journal_free(open_journal(place));
    append_to_file(place, "not json\n");
    struct rcn_journal *journal = open_journal(place);
    assert_true(rcn_journal_has_unreadable(journal));
    rcn_journal_free(journal);

    /* A run that ended before it had waited leaves the damage to the next one. */
    journal = open_journal(place);
    assert_true(rcn_journal_has_unreadable(journal));
    rcn_journal_forget_unreadable(journal);
    rcn_journal_free(journal);
    assert_int_equal(file_size(place), 0);
}

static void write_file(const struct place *place, const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", place->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#define INTENT(number, url, company)                                                               \
    "{\"intent\": " number                                                                         \
    ", \"at\": \"2026-01-01T00:00:00Z\", \"timeoutMs\": 1, \"apiUrl\": \"" url                     \
    "\", \"companyId\": " company ", \"adAccountId\": \"act_1\", \"audienceName\": \"A\"}\n"

#define NAME(digits) digits digits digits digits digits digits digits digits ".pending"

/* The journals of an API are found by what they hold, and are left as they are. */
static void lists_journals_of_the_api(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } files[] = {
        {NAME("0000000a"), INTENT("1", "https://x", "\"comp_2\"") "{\"closed\": 1}\n"},
        {NAME("0000000b"),
         INTENT("4", "https://x", "null") "not json\n" INTENT("5", "https://x", "null")},
        {NAME("0000000c"), INTENT("1", "https://y", "null")},
        {NAME("0000000d"), ""},
        {NAME("0000000e"), "not json\n" INTENT("1", "https://x", "null")},
        {"0000000f.pending", INTENT("1", "https://x", "null")},
        {NAME("0000000f") ".old", INTENT("1", "https://x", "null")},
    };
    struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_journal **list;
    size_t count;
    assert_int_equal(rcn_journal_list("no-such-folder", "https://x", &list, &count, &err), 0);
    assert_int_equal(count, 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(place, files[i].name, files[i].text);
    assert_int_equal(rcn_journal_list(place->dir, "https://x", &list, &count, &err), 0);
    assert_int_equal(count, 2);
    size_t unnamed = rcn_journal_get_company(list[0]) ? 1 : 0;
    assert_string_equal(rcn_journal_get_company(list[1 - unnamed]), "comp_2");
    assert_false(rcn_journal_get(list[1 - unnamed], 0)->is_open);
    assert_null(rcn_journal_get_company(list[unnamed]));
    assert_int_equal(rcn_journal_get_count(list[unnamed]), 2);
    assert_true(rcn_journal_get(list[unnamed], 1)->is_open);
    snprintf(place->path, sizeof place->path, "%s", rcn_journal_get_path(list[unnamed]));
    rcn_journal_free(list[0]);
    rcn_journal_free(list[1]);
    free(list);
    assert_int_equal(file_size(place), strlen(files[1].text));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(place->path, sizeof place->path, "%s/%s", place->dir, files[i].name);
        assert_int_equal(unlink(place->path), 0);
    }
}

/* A FIFO would be read for ever, and a folder cannot be opened for writing. */
static void what_is_no_file_is_refused(void **state)
{
    struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_journal_free(open_journal(place));
    const char *path = place->path;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(rcn_journal_new(place->dir, "https://x", "comp_1", &err));
    assert_int_equal(err.kind, RCN_ERROR_FAILED);
    assert_non_null(strstr(err.message, ".pending' is not a regular file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_null(rcn_journal_new(place->dir, "https://x", "comp_1", &err));
    assert_int_equal(rmdir(path), 0);
}

/* No later run would find what is written to a file that has no name any more. */
static void a_removed_journal_is_noticed(void **state)
{
    struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    size_t index;
    struct rcn_journal *journal = open_journal(place);
    add(journal, &vips);
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(rcn_journal_add(journal, &odd, 1000, 500, 30000, &index, &err), 0);
    assert_int_equal(rcn_journal_flush(journal, &err), -1);
    assert_non_null(strstr(err.message, "was removed or replaced during this run"));
    rcn_journal_free(journal);
    place->path[0] = '\0';
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_removed_journal_is_noticed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(open_entries_are_found_again, make_place, remove_place),
        cmocka_unit_test_setup_teardown(nothing_open_leaves_an_empty_file, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(an_intent_is_on_disk_after_the_flush, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_second_run_is_refused, make_place, remove_place),
        cmocka_unit_test_setup_teardown(a_torn_last_line_was_never_sent, make_place, remove_place),
        cmocka_unit_test_setup_teardown(the_steady_clock_of_another_boot_says_nothing, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(damage_is_noticed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(lists_journals_of_the_api, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
