/*
 * Any bytes as an intent journal. Whatever they are: an intent that is a whole line and is not
 * closed is open, a whole line that cannot be read is noticed, and neither is forgotten by a run
 * that opens the journal, adds an intent of its own and ends.
 */
#include "apply/journal.h"
#include "apply/journal_file.h"

#include <jansson.h>

#include "base/json.h"
#include "scratch.h"

#define API_URL "https://api.example.com"

static struct rcn_arena *arena; /* of one input */

static struct rcn_journal *open_journal(void)
{
    struct rcn_error err = RCN_ERROR_INIT;
    return rcn_journal_new(arena, scratch_folder, API_URL, NULL, &err);
}

static void prepare(void)
{
    static char name[128];
    scratch_path("unnamed");
    if (!name[0]) {
        const char *const *names = NULL;
        struct rcn_journal *journal = open_journal();
        size_t count = 0;
        struct rcn_error err = RCN_ERROR_INIT;
        FUZZ_CHECK(journal);
        FUZZ_CHECK(!rcn_journal_file_list(arena, scratch_folder, &names, &count, &err));
        FUZZ_CHECK(count == 1);
        snprintf(name, sizeof name, "%s", names[0] + strlen(scratch_folder) + 1);
        rcn_journal_free(journal);
    }
    scratch_path(name);
}

static size_t count_open(const struct rcn_journal *journal)
{
    size_t count = 0;
    for (size_t i = 0; i < journal->count; i++)
        count += journal->intents[i]->is_open;
    return count;
}

/* Is an intent as we write it; *ret_number says which. */
static bool is_intent(const char *line, size_t len, long long *ret_number)
{
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *number = json_object_get(root, "intent");
    const json_t *timeout = json_object_get(root, "timeoutMs");
    const char *at = json_string_value(json_object_get(root, "at"));
    bool result = json_is_integer(number) && json_integer_value(number) >= 0 &&
                  json_is_integer(timeout) && json_integer_value(timeout) >= 0 && at &&
                  strcmp(at, "2026-11-22T20:00:00Z") == 0 &&
                  json_is_string(json_object_get(root, "adAccountId")) &&
                  json_is_string(json_object_get(root, "audienceName"));
    *ret_number = json_integer_value(number);
    json_decref(root);
    return result;
}

static bool is_open(const struct rcn_journal *journal, long long number)
{
    for (size_t i = 0; i < journal->count; i++) {
        const struct rcn_intent *intent = journal->intents[i];
        if (intent->is_open && intent->number == number)
            return true;
    }
    return false;
}

/* In bytes that close nothing, each intent is open, or noticed as a line that cannot be read. */
static void check_read(const struct rcn_journal *journal, const char *bytes, size_t len)
{
    bool closes = strstr(bytes, "closed") || strchr(bytes, '\\');
    for (const char *end; len && (end = memchr(bytes, '\n', len)); bytes = end + 1) {
        size_t line_len = (size_t)(end - bytes);
        long long number;
        if (is_intent(bytes, line_len, &number))
            FUZZ_CHECK(closes || is_open(journal, number) || rcn_journal_is_in_doubt(journal));
        json_t *root = json_loadb(bytes, line_len, JSON_DECODE_ANY, NULL);
        FUZZ_CHECK(!line_len || root || rcn_journal_is_in_doubt(journal));
        json_decref(root);
        len -= line_len + 1;
    }
}

/* Another run: it sends one create, and never sees the answer. */
static void add(struct rcn_journal *journal)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_intent *intent = rcn_arena_alloc(arena, sizeof *intent);
    *intent = (struct rcn_intent){.sync = {.ad_account_id = "act_1", .audience_name = "A"},
                                  .at_ms = 1000};
    rcn_journal_add(journal, intent);
    FUZZ_CHECK(rcn_journal_flush(journal, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena = rcn_arena_new(SIZE_MAX);
    prepare();
    char *bytes = fuzz_copy(data, size);
    scratch_write(scratch_file, bytes, size);
    struct rcn_journal *journal = open_journal();
    FUZZ_CHECK(journal);
    check_read(journal, bytes, size);
    size_t open_before = count_open(journal);
    bool was_in_doubt = rcn_journal_is_in_doubt(journal);
    rcn_journal_free(journal);

    /* A run that was interrupted before it did anything. */
    journal = open_journal();
    FUZZ_CHECK(journal && count_open(journal) >= open_before);
    FUZZ_CHECK(!was_in_doubt || rcn_journal_is_in_doubt(journal));
    add(journal);
    rcn_journal_free(journal);

    journal = open_journal();
    FUZZ_CHECK(journal && count_open(journal) > open_before);
    FUZZ_CHECK(!was_in_doubt || rcn_journal_is_in_doubt(journal));
    for (size_t i = 0; i < journal->count; i++)
        rcn_intent_close(journal->intents[i]);
    rcn_journal_free(journal);
    free(bytes);
    rcn_arena_free(arena);
    return 0;
}
