#include "base/json.h"

#include <assert.h>
#include <jansson.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/unicode.h"

/* jansson's own type is never completed for others: a pointer to it travels as struct rcn_json *.
 */
static const json_t *inner(const struct rcn_json *value)
{
    return (const json_t *)value;
}

static const struct rcn_json *outer(const json_t *value)
{
    return (const struct rcn_json *)value;
}

/* --- memory --- */

/* jansson makes thirty small allocations for an object of a list: each tree has an arena. */
struct tree {
    struct tree *next;
    struct rcn_arena *arena; /* this struct too */
    const json_t *root;
};

static _Thread_local struct tree *trees;
/* While a document is loaded, all that the library takes and frees is of that document. */
static _Thread_local struct rcn_arena *loading;

static void *take(size_t size)
{
    return loading ? rcn_arena_alloc(loading, size) : rcn_malloc(size);
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

void rcn_json_free(struct rcn_json *root)
{
    struct tree **place = &trees;
    if (!root)
        return;
    while ((*place)->root != inner(root))
        place = &(*place)->next;
    struct rcn_arena *arena = (*place)->arena;
    *place = (*place)->next;
    rcn_arena_free(arena);
}

/* --- reading --- */

struct rcn_json *rcn_json_parse(const char *bytes, size_t len, struct rcn_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, set_allocator);
    loading = rcn_arena_new(SIZE_MAX);
    struct tree *tree = rcn_arena_alloc(loading, sizeof *tree);
    json_t *root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    *tree = (struct tree){.next = trees, .arena = loading, .root = root};
    loading = NULL;
    if (root) {
        trees = tree;
        return (struct rcn_json *)root;
    }
    rcn_arena_free(tree->arena);
    const bool has_nul = json_error_code(&error) == json_error_null_character;
    rcn_error_set(err, RCN_ERROR_FAILED, "%s: line %d, column %d%s%s",
                  has_nul ? "JSON with a text that holds a NUL character" : "not valid JSON",
                  error.line, error.column, has_nul ? "" : ": ", has_nul ? "" : error.text);
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

/* Every replacement is as long as what it replaces. */
static bool repair(char *bytes, size_t len)
{
    static const char replacement[] = {'\\', 'u', 'f', 'f', 'f', 'd'};
    enum { HIGH = 0xd800 >> 10, LOW = 0xdc00 >> 10 }; /* halves of a surrogate pair */
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
        } else if (unit >> 10 == HIGH && read_escape(bytes + i + 6, len - i - 6) >> 10 == LOW) {
            i += 11;
        } else if (unit == 0 || unit >> 10 == HIGH || unit >> 10 == LOW) {
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
    struct rcn_json *root = rcn_json_parse(bytes, len, err);
    *ret_is_repaired = !root && repair(bytes, len);
    return *ret_is_repaired ? rcn_json_parse(bytes, len, err) : root;
}

bool rcn_json_has_mark(const char *text)
{
    return strchr(text, '\x7f') || strstr(text, "\xef\xbf\xbd");
}

/* --- values --- */

enum rcn_json_type rcn_json_get_type(const struct rcn_json *value)
{
    static const enum rcn_json_type types[] = {
        [JSON_OBJECT] = RCN_JSON_OBJECT, [JSON_ARRAY] = RCN_JSON_ARRAY,
        [JSON_STRING] = RCN_JSON_STRING, [JSON_INTEGER] = RCN_JSON_NUMBER,
        [JSON_REAL] = RCN_JSON_NUMBER,   [JSON_TRUE] = RCN_JSON_BOOLEAN,
        [JSON_FALSE] = RCN_JSON_BOOLEAN, [JSON_NULL] = RCN_JSON_NULL,
    };
    return value ? types[json_typeof(inner(value))] : RCN_JSON_ABSENT;
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
    return outer(json_object_get(inner(object), key));
}

const char *rcn_json_get_string(const struct rcn_json *value)
{
    return json_string_value(inner(value));
}

const char *rcn_json_get_member_string(const struct rcn_json *object, const char *key)
{
    return rcn_json_get_string(rcn_json_get(object, key));
}

bool rcn_json_is_true(const struct rcn_json *value)
{
    return json_is_true(inner(value));
}

bool rcn_json_is_false(const struct rcn_json *value)
{
    return json_is_false(inner(value));
}

bool rcn_json_get_integer(const struct rcn_json *value, long long *ret)
{
    const json_t *number = inner(value);
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
    const json_t *any = inner(value);
    return json_is_array(any) ? json_array_size(any) : json_object_size(any);
}

const struct rcn_json *rcn_json_get_at(const struct rcn_json *array, size_t index)
{
    return outer(json_array_get(inner(array), index));
}

bool rcn_json_next(const struct rcn_json *object, struct rcn_json_member *member)
{
    /* The library's iterators take an object that is not const although they change nothing. */
    union {
        const json_t *borrowed;
        json_t *iterable;
    } members = {.borrowed = inner(object)};
    member->place = member->place ? json_object_iter_next(members.iterable, member->place)
                                  : json_object_iter(members.iterable);
    if (!member->place)
        return false;
    member->key = json_object_iter_key(member->place);
    member->value = outer(json_object_iter_value(member->place));
    return true;
}

/* --- writing --- */

void rcn_json_writer_init(struct rcn_json_writer *writer, struct rcn_buf *out)
{
    *writer = (struct rcn_json_writer){.out = out};
}

/* Between the value before and the one that comes now. */
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

/* Nearly every string is plain ASCII. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || (c == '#' && text[1] == '#'))
            return false;
    }
    return true;
}

/*
 * A document may be shown on a terminal, where C1 and bidirectional controls must not arrive, or be
 * in the log of a CI system, which obeys `##[command]` wherever it is in a line.
 */
static void add_escaped(struct rcn_buf *out, const char *text, size_t len)
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    for (size_t i = 0, used; i < len; i += used) {
        unsigned code_point;
        used = rcn_utf8_decode(text + i, len - i, &code_point);
        const char *name = code_point < 0x80 ? strchr(named, (int)code_point) : NULL;
        if (name) {
            rcn_buf_add_char(out, '\\');
            rcn_buf_add_char(out, names[name - named]);
        } else if (code_point == '#' && text[i + 1] == '#') {
            rcn_buf_add_str(out, "#\\u0023");
            used = 2;
        } else if (!rcn_unicode_is_hidden(code_point)) {
            rcn_buf_add(out, text + i, used);
        } else if (code_point > 0xffff) {
            rcn_buf_printf(out, "\\u%04X\\u%04X", 0xd7c0 + (code_point >> 10),
                           0xdc00 + (code_point & 0x3ff));
        } else {
            rcn_buf_printf(out, "\\u%04X", code_point);
        }
    }
}

void rcn_json_string(struct rcn_json_writer *writer, const char *text)
{
    if (!text) {
        rcn_json_null(writer);
        return;
    }
    size_t len = strlen(text);
    separate(writer);
    rcn_buf_add_char(writer->out, '"');
    if (is_plain(text))
        rcn_buf_add(writer->out, text, len);
    else if (rcn_utf8_check(text, len) == len)
        add_escaped(writer->out, text, len);
    else
        writer->out->failed = true;
    rcn_buf_add_char(writer->out, '"');
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

void rcn_json_key(struct rcn_json_writer *writer, const char *key)
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
    char *text = json_dumps(inner(value), JSON_ENCODE_ANY);
    separate(writer);
    if (text)
        rcn_buf_add_str(writer->out, text);
    else
        writer->out->failed = true;
    free(text);
}
