/*
 * json.h: reading and writing JSON. json.c is the only file that sees <jansson.h>.
 *
 * Reading: a whole document becomes a tree, or an error: for duplicate keys, invalid UTF-8,
 * trailing bytes, NUL characters in strings, and nesting over 2,048. Values live as long as the
 * root.
 *
 * Writing: a writer appends to a buf and places commas. Style is `{"key": value, "key": value}`,
 * with line breaks where the caller asks. Invalid UTF-8 makes the buf `failed`.
 */
#ifndef RCN_BASE_JSON_H
#define RCN_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

struct rcn_json; /* one value of a tree */

enum rcn_json_type {
    RCN_JSON_ABSENT, /* what rcn_json_get_type returns for NULL */
    RCN_JSON_NULL,
    RCN_JSON_BOOLEAN,
    RCN_JSON_NUMBER,
    RCN_JSON_STRING,
    RCN_JSON_ARRAY,
    RCN_JSON_OBJECT,
};

/* Parses len bytes. NULL and err on anything but exactly one JSON value. */
struct rcn_json *rcn_json_parse(const char *bytes, size_t len, struct rcn_error *err);
/*
 * The same for an answer that quotes texts of others: when it is no JSON, characters that a text
 * cannot hold (bytes that are no UTF-8, control characters, `\u0000`, half of a surrogate pair) are
 * replaced in place by U+FFFD or DEL, and it is parsed again; *ret_is_repaired is true then, and
 * err says what was wrong before.
 */
struct rcn_json *rcn_json_parse_repaired(char *bytes, size_t len, bool *ret_is_repaired,
                                         struct rcn_error *err);
/* True when the text holds one of the two replacements. */
bool rcn_json_has_mark(const char *text);

/* On the thread that parsed it. */
void rcn_json_free(struct rcn_json *root);

enum rcn_json_type rcn_json_get_type(const struct rcn_json *value);
/* `null`, `a string`, `an object`, ...: for messages. */
const char *rcn_json_type_name(enum rcn_json_type type);

/* The member of an object; NULL when there is none, or no object. */
const struct rcn_json *rcn_json_get(const struct rcn_json *object, const char *key);

/* NULL when the value is no string. */
const char *rcn_json_get_string(const struct rcn_json *value);
const char *rcn_json_get_member_string(const struct rcn_json *object, const char *key);
bool rcn_json_is_true(const struct rcn_json *value);
bool rcn_json_is_false(const struct rcn_json *value);
/* False when the value is no number, or none with an integral value in range. */
bool rcn_json_get_integer(const struct rcn_json *value, long long *ret);

/* Elements of an array, or members of an object; 0 for anything else. */
size_t rcn_json_get_count(const struct rcn_json *value);
const struct rcn_json *rcn_json_get_at(const struct rcn_json *array, size_t index);

/* One member of an object, while all are visited in the document's order; {0} to begin. */
struct rcn_json_member {
    void *place;
    const char *key;
    const struct rcn_json *value;
};
/* Steps to the next member. False after the last one, and when object is none. */
bool rcn_json_next(const struct rcn_json *object, struct rcn_json_member *member);

/* --- writing --- */

enum { RCN_JSON_MAX_DEPTH = 16 };

struct rcn_json_writer {
    struct rcn_buf *out; /* borrowed */
    unsigned depth;
    bool needs_comma[RCN_JSON_MAX_DEPTH];
    bool after_key;
};

void rcn_json_writer_init(struct rcn_json_writer *writer, struct rcn_buf *out);
void rcn_json_begin_object(struct rcn_json_writer *writer);
void rcn_json_end_object(struct rcn_json_writer *writer);
void rcn_json_begin_array(struct rcn_json_writer *writer);
void rcn_json_end_array(struct rcn_json_writer *writer);
void rcn_json_key(struct rcn_json_writer *writer, const char *key);
/* NULL writes null. Hidden characters (unicode.h) are written as `\u` escapes. */
void rcn_json_string(struct rcn_json_writer *writer, const char *text);
void rcn_json_integer(struct rcn_json_writer *writer, long long number);
void rcn_json_boolean(struct rcn_json_writer *writer, bool value);
void rcn_json_null(struct rcn_json_writer *writer);
void rcn_json_key_string(struct rcn_json_writer *writer, const char *key, const char *text);
void rcn_json_key_integer(struct rcn_json_writer *writer, const char *key, long long number);
void rcn_json_key_boolean(struct rcn_json_writer *writer, const char *key, bool value);
/* The next value or key starts on a new line, indented by indent spaces. */
void rcn_json_newline(struct rcn_json_writer *writer, size_t indent);
/* Writes a value that was read. */
void rcn_json_copy(struct rcn_json_writer *writer, const struct rcn_json *value);

#endif
