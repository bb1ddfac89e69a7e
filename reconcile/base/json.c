#include "base/json.h"

#include <assert.h>
#include <jansson.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "base/unicode.h"

/* jansson's own type is never completed for others: a pointer to it travels as struct rcn_json *.
 */
static json_t *inner(struct rcn_json *value)
{
    return (json_t *)value;
}

static const json_t *inner_const(const struct rcn_json *value)
{
    return (const json_t *)value;
}

static const struct rcn_json *outer(const json_t *value)
{
    return (const struct rcn_json *)value;
}

/* --- memory --- */

/* From so many bytes on a document's tree lives in a pool of its own. */
enum { POOLED_BYTES = 1 << 16 };

struct pooled {
    struct rcn_pool *pool;
    const json_t *root;
    struct pooled *next;
};

static _Thread_local struct pooled *pooled_trees;
/* While a document is loaded, all that the library takes and frees is of that document. */
static _Thread_local struct rcn_pool *loading;

static void *take(size_t size)
{
    return loading ? rcn_pool_take(loading, size) : rcn_malloc(size);
}

static void give_back(void *piece)
{
    if (!loading)
        free(piece);
}

static void set_allocator(void)
{
    json_set_alloc_funcs(take, give_back);
}

static void free_pooled(struct pooled *tree)
{
    rcn_pool_free(tree->pool);
    free(tree);
}

void rcn_json_free(struct rcn_json *root)
{
    for (struct pooled **place = &pooled_trees; *place; place = &(*place)->next) {
        struct pooled *tree = *place;
        if (tree->root != inner(root))
            continue;
        *place = tree->next;
        free_pooled(tree);
        return;
    }
    json_decref(inner(root));
}

/* --- reading --- */

enum { LOAD_FLAGS = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY };

static json_t *load_pooled(const char *bytes, size_t len, json_error_t *error)
{
    struct pooled *tree = rcn_calloc(1, sizeof *tree);
    tree->pool = rcn_pool_new();
    loading = tree->pool;
    json_t *root = json_loadb(bytes, len, LOAD_FLAGS, error);
    loading = NULL;
    if (!root) {
        free_pooled(tree);
        return NULL;
    }
    tree->root = root;
    tree->next = pooled_trees;
    pooled_trees = tree;
    return root;
}

struct rcn_json *rcn_json_parse(const char *bytes, size_t len, struct rcn_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error = {0};
    pthread_once(&once, set_allocator);
    json_t *root = len < POOLED_BYTES ? json_loadb(bytes, len, LOAD_FLAGS, &error)
                                      : load_pooled(bytes, len, &error);
    if (root)
        return (struct rcn_json *)root;
    if (json_error_code(&error) == json_error_null_character)
        rcn_error_set(err, RCN_ERROR_FAILED,
                      "JSON with a text that holds a NUL character: line %d, column %d", error.line,
                      error.column);
    else
        rcn_error_set(err, RCN_ERROR_FAILED, "not valid JSON: line %d, column %d: %s", error.line,
                      error.column, error.text);
    return NULL;
}

/* The code unit of `\uXXXX`; -1 when there is none. */
static int read_escape(const char *bytes, size_t len)
{
    char digits[5] = "";
    char *stop;
    if (len < 6 || bytes[0] != '\\' || bytes[1] != 'u')
        return -1;
    memcpy(digits, bytes + 2, 4);
    long unit = strtol(digits, &stop, 16);
    return stop == digits + 4 && digits[0] != '-' && digits[0] != '+' ? (int)unit : -1;
}

static bool is_high(int unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(int unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* Every replacement is as long as what it replaces. */
static bool repair(char *bytes, size_t len)
{
    static const char replacement[] = {'\\', 'u', 'f', 'f', 'f', 'd'};
    bool is_repaired = false;
    bool is_inside = false;
    for (size_t i = 0; (i += rcn_utf8_check(bytes + i, len - i)) < len; is_repaired = true)
        bytes[i] = '\x7f';
    for (size_t i = 0; i < len; i++) {
        int unit = read_escape(bytes + i, len - i);
        if (bytes[i] == '"') {
            is_inside = !is_inside;
        } else if (is_inside && (unsigned char)bytes[i] < ' ') {
            bytes[i] = '\x7f';
            is_repaired = true;
        } else if (is_high(unit) && is_low(read_escape(bytes + i + 6, len - i - 6))) {
            i += 11;
        } else if (unit == 0 || is_high(unit) || is_low(unit)) {
            memcpy(bytes + i, replacement, sizeof replacement);
            is_repaired = true;
            i += 5;
        } else if (bytes[i] == '\\') {
            i++;
        }
    }
    return is_repaired;
}

struct rcn_json *rcn_json_parse_repaired(char *bytes, size_t len, bool *ret_is_repaired,
                                         struct rcn_error *err)
{
    struct rcn_error first = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(bytes, len, &first);
    *ret_is_repaired = !root && repair(bytes, len);
    if (*ret_is_repaired)
        return rcn_json_parse(bytes, len, err);
    if (!root)
        *err = first;
    return root;
}

bool rcn_json_has_mark(const char *text)
{
    return strchr(text, '\x7f') || strstr(text, "\xef\xbf\xbd");
}

/* --- values --- */

enum rcn_json_type rcn_json_get_type(const struct rcn_json *value)
{
    if (!value)
        return RCN_JSON_ABSENT;
    switch (json_typeof(inner_const(value))) {
    case JSON_OBJECT:
        return RCN_JSON_OBJECT;
    case JSON_ARRAY:
        return RCN_JSON_ARRAY;
    case JSON_STRING:
        return RCN_JSON_STRING;
    case JSON_INTEGER:
    case JSON_REAL:
        return RCN_JSON_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return RCN_JSON_BOOLEAN;
    case JSON_NULL:
        break;
    }
    return RCN_JSON_NULL;
}

const char *rcn_json_type_name(enum rcn_json_type type)
{
    static const char *const names[] = {
        [RCN_JSON_ABSENT] = "absent",     [RCN_JSON_NULL] = "null",
        [RCN_JSON_BOOLEAN] = "a boolean", [RCN_JSON_NUMBER] = "a number",
        [RCN_JSON_STRING] = "a string",   [RCN_JSON_ARRAY] = "an array",
        [RCN_JSON_OBJECT] = "an object",
    };
    return names[type];
}

const struct rcn_json *rcn_json_get(const struct rcn_json *object, const char *key)
{
    return outer(json_object_get(inner_const(object), key));
}

const char *rcn_json_get_string(const struct rcn_json *value)
{
    return json_string_value(inner_const(value));
}

const char *rcn_json_get_member_string(const struct rcn_json *object, const char *key)
{
    return rcn_json_get_string(rcn_json_get(object, key));
}

bool rcn_json_is_true(const struct rcn_json *value)
{
    return json_is_true(inner_const(value));
}

bool rcn_json_is_false(const struct rcn_json *value)
{
    return json_is_false(inner_const(value));
}

bool rcn_json_get_integer(const struct rcn_json *value, long long *ret)
{
    const json_t *number = inner_const(value);
    if (json_is_integer(number)) {
        *ret = json_integer_value(number);
        return true;
    }
    /* JSON has one number type: 12.0 is the integer 12. Past 2^53 a double no longer is exact. */
    double real = json_is_real(number) ? json_real_value(number) : 0.5;
    if (real > 9007199254740992.0 || real < -9007199254740992.0)
        return false;
    long long whole = (long long)real;
    if ((double)whole < real || (double)whole > real)
        return false;
    *ret = whole;
    return true;
}

size_t rcn_json_get_count(const struct rcn_json *value)
{
    const json_t *any = inner_const(value);
    return json_is_array(any) ? json_array_size(any) : json_object_size(any);
}

const struct rcn_json *rcn_json_get_at(const struct rcn_json *array, size_t index)
{
    return outer(json_array_get(inner_const(array), index));
}

/* The library's iterators take an object that is not const although they change nothing in it. */
static json_t *iterable(const struct rcn_json *object)
{
    union {
        const json_t *borrowed;
        json_t *iterable;
    } handle = {.borrowed = inner_const(object)};
    return handle.iterable;
}

void rcn_json_get_members(const struct rcn_json *object, const char *const *keys, size_t count,
                          const struct rcn_json **ret)
{
    json_t *members = iterable(object);
    size_t next = 0; /* the key that comes, if their order is kept */
    memset(ret, 0, count * sizeof *ret);
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
        const char *key = json_object_iter_key(at);
        for (size_t i = 0; i < count; i++) {
            size_t index = next + i < count ? next + i : next + i - count;
            if (strcmp(key, keys[index]) != 0)
                continue;
            ret[index] = outer(json_object_iter_value(at));
            next = index + 1;
            break;
        }
    }
}

int rcn_json_each(const struct rcn_json *object,
                  int (*visit)(void *context, const char *key, const struct rcn_json *value),
                  void *context)
{
    const char *key;
    json_t *value;
    json_object_foreach(iterable(object), key, value)
    {
        int stop = visit(context, key, outer(value));
        if (stop)
            return stop;
    }
    return 0;
}

/* --- writing --- */

void rcn_json_writer_init(struct rcn_json_writer *writer, struct rcn_buf *out)
{
    *writer = (struct rcn_json_writer){.out = out};
}

/* What stands between the value before and the one that comes now. */
static void separate(struct rcn_json_writer *writer)
{
    if (writer->after_key) {
        writer->after_key = false;
        return;
    }
    bool *needs_comma = &writer->needs_comma[writer->depth];
    if (*needs_comma)
        rcn_buf_add(writer->out, ", ", 2);
    *needs_comma = true;
}

static void begin(struct rcn_json_writer *writer, char bracket)
{
    separate(writer);
    assert(writer->depth + 1 < RCN_JSON_MAX_DEPTH);
    rcn_buf_add_char(writer->out, bracket);
    writer->needs_comma[++writer->depth] = false;
}

static void end(struct rcn_json_writer *writer, char bracket)
{
    assert(writer->depth > 0);
    writer->depth--;
    rcn_buf_add_char(writer->out, bracket);
}

void rcn_json_begin_object(struct rcn_json_writer *writer)
{
    begin(writer, '{');
}

void rcn_json_end_object(struct rcn_json_writer *writer)
{
    end(writer, '}');
}

void rcn_json_begin_array(struct rcn_json_writer *writer)
{
    begin(writer, '[');
}

void rcn_json_end_array(struct rcn_json_writer *writer)
{
    end(writer, ']');
}

void rcn_json_key(struct rcn_json_writer *writer, const char *key)
{
    separate(writer);
    rcn_buf_add_char(writer->out, '"');
    rcn_buf_add_str(writer->out, key);
    rcn_buf_add(writer->out, "\": ", 3);
    writer->after_key = true;
}

/* The library lets DEL out as it is, also when it is asked for nothing but ASCII. */
static int add_bytes(const char *bytes, size_t len, void *out)
{
    for (const char *del; (del = memchr(bytes, 0x7f, len));) {
        rcn_buf_add(out, bytes, (size_t)(del - bytes));
        rcn_buf_add_str(out, "\\u007f");
        len -= (size_t)(del + 1 - bytes);
        bytes = del + 1;
    }
    rcn_buf_add(out, bytes, len);
    return 0;
}

static void dump(struct rcn_buf *out, const json_t *value, size_t flags)
{
    if (!value || json_dump_callback(value, add_bytes, out, JSON_ENCODE_ANY | flags))
        out->failed = true;
}

/* Nearly every string is plain ASCII that stands for itself; the library does the others. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || (c == '#' && text[1] == '#'))
            return false;
    }
    return true;
}

/* A document may be shown on a terminal, where C1 and bidirectional controls must not arrive. */
static bool has_hidden(const char *text)
{
    for (size_t left = strlen(text); left;) {
        unsigned code_point;
        size_t used = rcn_utf8_decode(text, left, &code_point);
        if (rcn_unicode_is_hidden(code_point))
            return true;
        text += used;
        left -= used;
    }
    return false;
}

/* Copies what the library made of a string. A document may stand in the log of a CI system, which
 * obeys `##[command]` wherever it is in a line. */
static void add_without_commands(struct rcn_buf *out, const struct rcn_buf *dumped)
{
    const char *text = rcn_buf_get_str(dumped);
    for (const char *marks = strstr(text, "##"); marks; marks = strstr(text, "##")) {
        rcn_buf_add(out, text, (size_t)(marks - text));
        rcn_buf_add_str(out, "#\\u0023");
        text = marks + 2;
    }
    rcn_buf_add_str(out, text);
    if (dumped->failed)
        out->failed = true;
}

void rcn_json_string(struct rcn_json_writer *writer, const char *text)
{
    if (!text) {
        rcn_json_null(writer);
        return;
    }
    separate(writer);
    if (is_plain(text)) {
        rcn_buf_add_char(writer->out, '"');
        rcn_buf_add_str(writer->out, text);
        rcn_buf_add_char(writer->out, '"');
        return;
    }
    struct rcn_buf dumped;
    rcn_buf_init(&dumped, writer->out->max);
    json_t *value = json_string(text);
    dump(&dumped, value, value && has_hidden(text) ? JSON_ENSURE_ASCII : 0);
    json_decref(value);
    add_without_commands(writer->out, &dumped);
    rcn_buf_release(&dumped);
}

void rcn_json_integer(struct rcn_json_writer *writer, long long number)
{
    separate(writer);
    rcn_buf_printf(writer->out, "%lld", number);
}

void rcn_json_boolean(struct rcn_json_writer *writer, bool value)
{
    separate(writer);
    rcn_buf_add_str(writer->out, value ? "true" : "false");
}

void rcn_json_null(struct rcn_json_writer *writer)
{
    separate(writer);
    rcn_buf_add_str(writer->out, "null");
}

void rcn_json_key_text(struct rcn_json_writer *writer, const char *key)
{
    rcn_json_string(writer, key);
    rcn_buf_add(writer->out, ": ", 2);
    writer->after_key = true;
}

void rcn_json_key_string(struct rcn_json_writer *writer, const char *key, const char *text)
{
    rcn_json_key(writer, key);
    rcn_json_string(writer, text);
}

void rcn_json_key_integer(struct rcn_json_writer *writer, const char *key, long long number)
{
    rcn_json_key(writer, key);
    rcn_json_integer(writer, number);
}

void rcn_json_key_boolean(struct rcn_json_writer *writer, const char *key, bool value)
{
    rcn_json_key(writer, key);
    rcn_json_boolean(writer, value);
}

void rcn_json_newline(struct rcn_json_writer *writer, size_t indent)
{
    bool *needs_comma = &writer->needs_comma[writer->depth];
    if (*needs_comma)
        rcn_buf_add_char(writer->out, ',');
    *needs_comma = false;
    rcn_buf_add_char(writer->out, '\n');
    rcn_buf_add_repeat(writer->out, ' ', indent);
}

void rcn_json_copy(struct rcn_json_writer *writer, const struct rcn_json *value)
{
    separate(writer);
    dump(writer->out, inner_const(value), 0);
}
