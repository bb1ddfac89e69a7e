/*
 * Any bytes for a terminal, into a buffer and into a small array; the first byte is the size of the
 * array. What comes out is visible, and starts no command to a CI system.
 */
#include "base/arena.h"
#include "base/escape.h"
#include "base/redact.h"
#include "base/suggest.h"
#include "fuzz.h"

static void check_shown(const char *shown)
{
    FUZZ_CHECK(fuzz_is_visible(shown));
    FUZZ_CHECK(!strstr(shown, "##"));
}

static void check_array(const char *text, size_t size, const char *whole)
{
    char *array = malloc(size);
    FUZZ_CHECK(array);
    rcn_escape_visible_into(array, size, text);
    FUZZ_CHECK(strlen(array) < size && strncmp(array, whole, strlen(array)) == 0);
    FUZZ_CHECK(strlen(whole) >= size || strcmp(array, whole) == 0);
    check_shown(array);
    free(array);
}

static void check_folded(const char *text)
{
    struct rcn_arena *arena = rcn_arena_new((size_t)64 << 20);
    FUZZ_CHECK(arena);
    FUZZ_CHECK(!rcn_unicode_fold(arena, text, false) == !fuzz_is_utf8(text));
    FUZZ_CHECK(!rcn_unicode_fold(arena, text, true) == !fuzz_is_utf8(text));
    if (fuzz_is_utf8(text))
        FUZZ_CHECK(rcn_utf8_width(text, strlen(text)) <= 2 * count_characters(text));
    rcn_arena_free(arena);
}

static void check_redacted(char *text)
{
    size_t len = strlen(text);
    rcn_redact_add_secret("secret");
    rcn_redact_secrets(text);
    FUZZ_CHECK(strlen(text) <= len && !strstr(text, "secret"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const words[] = {"audienceName", "adAccountId", "segmentId"};
    struct rcn_buf out;
    char *text = size ? fuzz_copy(data + 1, size - 1) : NULL;
    if (!text)
        return 0;
    rcn_buf_init(&out, (size_t)64 << 20);
    rcn_escape_visible(&out, text);
    FUZZ_CHECK(!out.failed);
    check_shown(rcn_buf_get_str(&out));
    check_array(text, (size_t)data[0] + 1, rcn_buf_get_str(&out));
    rcn_buf_clear(&out);
    rcn_escape_visible_len(&out, text, size - 1);
    check_shown(rcn_buf_get_str(&out));
    check_folded(text);
    rcn_suggest(text, words, 3);
    check_redacted(text);
    rcn_buf_release(&out);
    free(text);
    return 0;
}
