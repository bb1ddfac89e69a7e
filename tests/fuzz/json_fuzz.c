/*
 * Any bytes as JSON. What is read and written reads back as the same; every string in it, written
 * by the writer of documents, is one visible line and comes back as itself.
 */
#include <jansson.h>

#include "base/json.h"
#include "fuzz.h"

static void check_string(const char *text)
{
    struct rcn_buf out;
    struct rcn_json_writer writer;
    rcn_buf_init(&out, (size_t)64 << 20);
    rcn_json_writer_init(&writer, &out);
    rcn_json_string(&writer, text);
    FUZZ_CHECK(!out.failed);
    FUZZ_CHECK(fuzz_is_visible(rcn_buf_get_str(&out)));
    json_t *back = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
    FUZZ_CHECK(back && strcmp(json_string_value(back), text) == 0);
    json_decref(back);
    rcn_buf_release(&out);
}

static void walk(const struct rcn_json *value)
{
    long long number;
    rcn_json_get_integer(value, &number);
    if (rcn_json_get_type(value) == RCN_JSON_STRING)
        check_string(rcn_json_get_string(value));
    if (rcn_json_get_type(value) == RCN_JSON_ARRAY)
        for (size_t i = 0; i < rcn_json_get_count(value); i++)
            walk(rcn_json_get_at(value, i));
    for (struct rcn_json_member member = {0}; rcn_json_next(value, &member);) {
        check_string(member.key);
        walk(member.value);
    }
}

static void check_copy(const struct rcn_json *root, const char *bytes, size_t len)
{
    struct rcn_buf out;
    struct rcn_json_writer writer;
    rcn_buf_init(&out, (size_t)64 << 20);
    rcn_json_writer_init(&writer, &out);
    rcn_json_copy(&writer, root);
    FUZZ_CHECK(!out.failed);
    json_t *first = json_loadb(bytes, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    json_t *second = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
    FUZZ_CHECK(first && second && json_equal(first, second));
    json_decref(first);
    json_decref(second);
    rcn_buf_release(&out);
}

/* What can be read is read as it is; what is repaired differs by marks alone. */
static void check_repaired(const uint8_t *data, size_t size, bool is_strict)
{
    struct rcn_error err = RCN_ERROR_INIT;
    bool is_repaired;
    char *bytes = fuzz_copy(data, size);
    struct rcn_json *root = rcn_json_parse_repaired(bytes, size, &is_repaired, &err);
    FUZZ_CHECK(!is_strict || (root && !is_repaired));
    FUZZ_CHECK(root || err.message[0]);
    FUZZ_CHECK(is_repaired || size == 0 || memcmp(bytes, data, size) == 0);
    if (root && is_repaired) {
        FUZZ_CHECK(rcn_json_has_mark(bytes) || strstr(bytes, "\\ufffd"));
        walk(root);
    }
    rcn_json_free(root);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    char *bytes = fuzz_copy(data, size);
    struct rcn_json *root = rcn_json_parse(bytes, size, &err);
    if (root) {
        walk(root);
        check_copy(root, bytes, size);
    }
    check_repaired(data, size, root != NULL);
    rcn_json_free(root);
    free(bytes);
    return 0;
}
