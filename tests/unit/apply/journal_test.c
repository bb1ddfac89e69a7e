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

#include "apply/intents.h"
#include "apply/journal.h"
#include "apply/journal_file.h"

static const struct rcn_intent vips = {.sync = {.ad_account_id = "act_1",
                                                .audience_name = "VIPs",
                                                .segment_id = "seg_1",
                                                .frequency = "hourly"},
                                       .newest = "2026-01-01T00:00:00Z",
                                       .at_ms = 1000,
                                       .timeout_ms = 30000,
                                       .settle_ms = 15000};
static const struct rcn_intent odd = {.sync = {.ad_account_id = "act_1",
                                               .audience_name = "a \"quoted\"\nname",
                                               .predefined_segment_id = "engaged",
                                               .frequency = "daily"},
                                      .at_ms = 1000,
                                      .settle_ms = 1};

static struct rcn_arena *arena; /* of a test */

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
    arena = rcn_arena_new(1 << 20);
    return mkdtemp(place->dir) ? 0 : -1;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    if (place->path[0])
        unlink(place->path);
    rmdir(place->dir);
    rcn_arena_free(arena);
    free(place);
    return 0;
}

static struct rcn_journal *open_journal(struct place *place)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_journal *journal = rcn_journal_new(arena, place->dir, "https://x", "comp_1", &err);
    assert_non_null(journal);
    const char *const *names;
    size_t count;
    assert_int_equal(rcn_journal_file_list(arena, place->dir, &names, &count, &err), 0);
    assert_int_equal(count, 1);
    snprintf(place->path, sizeof place->path, "%s", names[0]);
    return journal;
}

static struct rcn_intent *copy(const struct rcn_intent *intent)
{
    struct rcn_intent *copy = rcn_arena_alloc(arena, sizeof *copy);
    *copy = *intent;
    return copy;
}

static struct rcn_intent *add(struct rcn_journal *journal, const struct rcn_intent *intent)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_intent *added = copy(intent);
    rcn_journal_add(journal, added);
    assert_int_equal(rcn_journal_flush(journal, &err), 0);
    return added;
}

static off_t file_size(const struct place *place)
{
    struct stat status;
    assert_int_equal(stat(place->path, &status), 0);
    return status.st_size;
}

static void open_intents_are_found_again(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    rcn_journal_clear_doubt(journal);
    struct rcn_intent *first = add(journal, &odd);
    struct rcn_intent *second = add(journal, &vips);
    add(journal, &odd);
    rcn_intent_close(first);
    rcn_intent_end(second, 2000, "created", "sync_7");
    rcn_journal_free(journal);

    journal = open_journal(place);
    assert_false(rcn_journal_is_in_doubt(journal));
    assert_int_equal(journal->count, 3);
    assert_false(journal->intents[0]->is_open);
    const struct rcn_intent *intent = journal->intents[1];
    assert_true(intent->is_open);
    assert_true(intent->is_earlier);
    assert_string_equal(intent->sync.company_id, "comp_1");
    assert_string_equal(intent->sync.ad_account_id, "act_1");
    assert_string_equal(intent->sync.audience_name, "VIPs");
    assert_string_equal(intent->sync.segment_id, "seg_1");
    assert_null(intent->sync.predefined_segment_id);
    assert_string_equal(intent->sync.frequency, "hourly");
    assert_string_equal(intent->sync.id, "sync_7");
    assert_string_equal(intent->newest, "2026-01-01T00:00:00Z");
    assert_int_equal(intent->at_ms, 1000);
    assert_int_equal(intent->timeout_ms, 30000);
    assert_int_equal(intent->settle_ms, 15000);
    intent = journal->intents[2];
    assert_string_equal(intent->sync.audience_name, odd.sync.audience_name);
    assert_string_equal(intent->sync.predefined_segment_id, "engaged");
    assert_null(intent->sync.segment_id);
    assert_null(intent->sync.id);
    assert_null(intent->newest);
    rcn_journal_free(journal);
}

/* An earlier run may have died in another place: only a wait makes a new file a known one. */
static void a_new_file_is_in_doubt_until_it_is_cleared(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    assert_true(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);
    journal = open_journal(place);
    assert_true(rcn_journal_is_in_doubt(journal));
    rcn_journal_clear_doubt(journal);
    assert_false(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);
    journal = open_journal(place);
    assert_false(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);
}

static void a_file_with_nothing_open_is_begun_anew(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    rcn_journal_clear_doubt(journal);
    rcn_journal_free(journal);
    off_t new_size = file_size(place);
    journal = open_journal(place);
    rcn_intent_close(add(journal, &vips));
    assert_true(file_size(place) > new_size);
    rcn_journal_free(journal);
    assert_int_equal(file_size(place), new_size);
    journal = open_journal(place);
    assert_false(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);
}

static void an_intent_is_on_disk_after_the_flush(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    struct rcn_error err = RCN_ERROR_INIT;
    off_t size = file_size(place);
    rcn_journal_add(journal, copy(&vips));
    assert_int_equal(file_size(place), size);
    assert_int_equal(rcn_journal_flush(journal, &err), 0);
    assert_true(file_size(place) > size);
    rcn_journal_free(journal);
}

static void a_second_run_is_refused(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    struct rcn_error err = RCN_ERROR_INIT;
    add(journal, &vips);
    off_t size = file_size(place);
    assert_null(rcn_journal_new(arena, place->dir, "https://x", "comp_1", &err));
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
    rcn_journal_clear_doubt(journal);
    add(journal, &vips);
    rcn_journal_free(journal);
    append_to_file(place, "{\"intent\": 2, \"at\": \"2026-");

    journal = open_journal(place);
    assert_int_equal(journal->count, 1);
    assert_false(rcn_journal_is_in_doubt(journal));
    add(journal, &odd);
    rcn_journal_free(journal);

    /* What is appended after the torn line can be read; the torn one now counts as damage. */
    journal = open_journal(place);
    assert_int_equal(journal->count, 2);
    assert_string_equal(journal->intents[1]->sync.audience_name, odd.sync.audience_name);
    rcn_journal_free(journal);
}

/* A window of a thousand years would be waited for. */
static void a_line_with_an_impossible_time_is_damaged(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    rcn_journal_clear_doubt(journal);
    rcn_journal_free(journal);
    append_to_file(place, "{\"intent\": 1, \"at\": \"2026-01-01T00:00:00Z\", \"timeoutMs\": 1, "
                          "\"settleMs\": 31557600000000, \"newest\": null, "
                          "\"adAccountId\": \"act_1\", \"audienceName\": \"A\", "
                          "\"frequency\": \"daily\"}\n");
    journal = open_journal(place);
    assert_int_equal(journal->count, 0);
    assert_true(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);
}

static void damage_is_noticed(void **state)
{
    struct place *place = *state;
    struct rcn_journal *journal = open_journal(place);
    rcn_journal_clear_doubt(journal);
    rcn_journal_free(journal);
    append_to_file(place, "not json\n");
    journal = open_journal(place);
    assert_true(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);

    /* A run that ended before it had waited leaves the damage to the next one. */
    journal = open_journal(place);
    assert_true(rcn_journal_is_in_doubt(journal));
    rcn_journal_free(journal);
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

#define OWNER(url, company)                                                                        \
    "{\"journal\": 1, \"apiUrl\": \"" url "\", \"companyId\": " company "}\n"
#define INTENT(number)                                                                             \
    "{\"intent\": " number ", \"at\": \"2026-01-01T00:00:00Z\", \"timeoutMs\": 1000, "             \
    "\"settleMs\": 2000, \"newest\": null, \"adAccountId\": \"act_1\", \"audienceName\": "         \
    "\"A" number "\", \"frequency\": \"daily\"}\n"

/* For plan: what is open in every journal of the API; nothing is written. */
static void open_intents_are_read_without_a_lock(void **state)
{
    static const struct {
        const char *name;
        const char *text;
    } files[] = {
        {"a.pending", OWNER("https://x", "\"comp_2\"") INTENT("1") "{\"closed\": 1}\n"},
        {"b.pending", OWNER("https://x", "null") INTENT("4") "not json\n" INTENT("5")},
        {"c.pending", OWNER("https://y", "null") INTENT("1")},
        {"d.pending", ""},
        {"e.pending", "not json\n" INTENT("1")},
        {"f.pending.old", OWNER("https://x", "null") INTENT("1")},
        {"g.pending", OWNER("https://x", "\"comp_3\"")
                          INTENT("7") "{\"ended\": 7, \"at\": \"2026-01-01T00:00:01Z\", "
                                      "\"outcome\": \"created\", \"id\": \"s\"}\n"},
    };
    struct place *place = *state;
    struct rcn_known known = {0};
    rcn_intents_read(arena, "no-such-folder", "https://x", &known);
    assert_int_equal(known.intent_count, 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(place, files[i].name, files[i].text);
    rcn_intents_read(arena, place->dir, "https://x", &known);
    assert_int_equal(known.intent_count, 3);
    assert_null(known.intents[0].sync.company_id);
    assert_string_equal(known.intents[0].sync.audience_name, "A4");
    assert_int_equal(known.intents[0].until_ms, INT64_C(1767225600000) + 3000);
    assert_string_equal(known.intents[1].sync.audience_name, "A5");
    assert_string_equal(known.intents[2].sync.company_id, "comp_3");
    rcn_intents_read(arena, place->dir, "https://x", &known); /* beside those of a ledger */
    assert_int_equal(known.intent_count, 6);
    /* What cannot be read may be of any company: not the same as none. */
    char path[512];
    struct rcn_journal *journal;
    struct rcn_error err = RCN_ERROR_INIT;
    snprintf(path, sizeof path, "%s/h.pending", place->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(rcn_journal_peek(arena, path, "https://x", &journal, &err), -1);
    assert_null(journal);
    rmdir(path);
    assert_string_equal(known.intents[2].sync.id, "s");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(place->path, sizeof place->path, "%s/%s", place->dir, files[i].name);
        assert_int_equal(file_size(place), strlen(files[i].text));
        assert_int_equal(unlink(place->path), 0);
    }
}

static struct rcn_intents *open_intents(const struct place *place, const char *const *companies,
                                        size_t count, struct rcn_error *err)
{
    static struct rcn_intents_options options;
    options = (struct rcn_intents_options){.state_dir = place->dir,
                                           .api_url = "https://x",
                                           .company_ids = companies,
                                           .company_count = count};
    return rcn_intents_open(&options, err);
}

static void remove_files(struct place *place)
{
    char command[160];
    snprintf(command, sizeof command, "rm -f %s/*.pending", place->dir);
    assert_int_equal(system(command), 0);
    place->path[0] = '\0';
}

/* A run that could not know the company of its key keeps a journal of its own: whoever may mean the
 * same company finds its lines, and cannot run beside it. */
static void a_company_under_another_name_is_the_same_memory(void **state)
{
    static const char *const unnamed[] = {NULL};
    static const char *const named[] = {"comp_1"};
    static const char *const other[] = {"comp_2"};
    struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_intent *added = copy(&vips);
    struct rcn_intents *intents = open_intents(place, unnamed, 1, &err);
    /* Also before anything was announced. */
    assert_null(open_intents(place, named, 1, &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_intents_clear_doubt(intents);
    assert_int_equal(rcn_intents_announce(intents, added, 1, &err), 0);
    assert_null(added->sync.company_id);
    assert_null(open_intents(place, named, 1, &err));
    assert_int_equal(err.kind, RCN_ERROR_REFUSED);
    rcn_intents_free(intents);

    intents = open_intents(place, named, 1, &err);
    rcn_intents_clear_doubt(intents);
    assert_int_equal(rcn_intents_get_count(intents), 1);
    assert_true(rcn_intents_get(intents, 0)->is_open);
    struct rcn_intents *beside = open_intents(place, other, 1, &err);
    assert_null(beside); /* it may be the same company as that of the lines without a name */
    rcn_intents_free(intents);

    intents = open_intents(place, unnamed, 1, &err);
    rcn_intent_close(rcn_intents_get(intents, 0));
    rcn_intents_free(intents);
    remove_files(place);
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
    assert_null(rcn_journal_new(arena, place->dir, "https://x", "comp_1", &err));
    assert_int_equal(err.kind, RCN_ERROR_FAILED);
    assert_non_null(strstr(err.message, ".pending' is not a regular file"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_null(rcn_journal_new(arena, place->dir, "https://x", "comp_1", &err));
    assert_int_equal(rmdir(path), 0);
}

/* No later run would find what is written to a file that has no name any more. */
static void a_removed_journal_is_noticed(void **state)
{
    struct place *place = *state;
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_journal *journal = open_journal(place);
    add(journal, &vips);
    assert_int_equal(unlink(place->path), 0);
    rcn_journal_add(journal, copy(&odd));
    assert_int_equal(rcn_journal_flush(journal, &err), -1);
    assert_non_null(strstr(err.message, "was removed or replaced during this run"));
    rcn_journal_free(journal);
    place->path[0] = '\0';
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_intents_are_found_again),
        TEST(a_new_file_is_in_doubt_until_it_is_cleared),
        TEST(a_file_with_nothing_open_is_begun_anew),
        TEST(an_intent_is_on_disk_after_the_flush),
        TEST(a_second_run_is_refused),
        TEST(a_torn_last_line_was_never_sent),
        TEST(a_line_with_an_impossible_time_is_damaged),
        TEST(damage_is_noticed),
        TEST(open_intents_are_read_without_a_lock),
        TEST(a_company_under_another_name_is_the_same_memory),
        TEST(what_is_no_file_is_refused),
        TEST(a_removed_journal_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
