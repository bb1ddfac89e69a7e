#include "base/fields.h"

#include <stdint.h>
#include <string.h>

#include "base/escape.h"
#include "base/span.h"
#include "base/time.h"
#include "base/unicode.h"

/* The values of a RCN_FIELD_TRISTATE; 0 is absent. */
enum answer { NO = 1, YES };

/* Structs are reached through offsets; the tables state their true types. */
#define AT(type, object, offset) ((type *)(void *)((char *)(object) + (offset)))
#define AT_CONST(type, object, offset)                                                             \
    ((type const *)(const void *)((const char *)(object) + (offset)))

/* --- writing --- */

/* JSON holds characters only, and a path or an API error that was cut may hold any bytes. */
static void write_text(struct rcn_json_writer *json, const char *text)
{
    if (!text || rcn_utf8_check(text, strlen(text)) == strlen(text)) {
        rcn_json_string(json, text);
        return;
    }
    struct rcn_buf visible;
    rcn_buf_init(&visible, json->out->max);
    rcn_escape_visible(&visible, text);
    rcn_json_string(json, rcn_buf_get_str(&visible));
    rcn_buf_release(&visible);
}

static void write_object(struct rcn_json_writer *json, const struct rcn_table *table,
                         const void *object)
{
    if (!object) {
        rcn_json_null(json);
        return;
    }
    rcn_json_begin_object(json);
    rcn_fields_write(json, table, object);
    rcn_json_end_object(json);
}

static size_t get_count(const struct rcn_field *field, const void *object)
{
    return *AT_CONST(size_t, object, field->count);
}

static const void *get_element(const struct rcn_field *field, const void *object, size_t index)
{
    const char *list = *AT_CONST(char *, object, field->offset);
    if (field->type == RCN_FIELD_LIST)
        return list + index * field->table->size;
    return ((const void *const *)(const void *)list)[index];
}

static void write_list(struct rcn_json_writer *json, const struct rcn_field *field,
                       const void *object)
{
    rcn_json_begin_array(json);
    for (size_t i = 0; i < get_count(field, object); i++) {
        if (field->rows)
            rcn_json_newline(json, field->rows);
        if (field->type == RCN_FIELD_TEXTS)
            write_text(json, get_element(field, object, i));
        else
            write_object(json, field->table, get_element(field, object, i));
    }
    rcn_json_end_array(json);
}

static void write_pairs(struct rcn_json_writer *json, const struct rcn_field *field,
                        const void *object)
{
    const struct rcn_pair *pairs = *AT_CONST(struct rcn_pair *, object, field->offset);
    rcn_json_begin_object(json);
    for (size_t i = 0; i < get_count(field, object); i++) {
        rcn_json_key_text(json, pairs[i].key);
        write_text(json, pairs[i].value);
    }
    rcn_json_end_object(json);
}

static void write_flags(struct rcn_json_writer *json, const struct rcn_field *field, unsigned flags)
{
    rcn_json_begin_array(json);
    for (size_t bit = 0; field->names[bit]; bit++)
        if (flags & 1U << bit)
            rcn_json_string(json, field->names[bit]);
    rcn_json_end_array(json);
}

static void write_setting(struct rcn_json_writer *json, const char *text)
{
    if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        rcn_json_boolean(json, text[0] == 't');
    else
        write_text(json, text);
}

static void write_time(struct rcn_json_writer *json, int64_t at_ms)
{
    char time[RCN_TIME_SIZE];
    rcn_time_format(at_ms, time);
    rcn_json_string(json, time);
}

static bool is_absent(const struct rcn_field *field, const void *object)
{
    switch (field->type) {
    case RCN_FIELD_TEXT:
        return !*AT_CONST(char *, object, field->offset) &&
               !(field->count && *AT_CONST(bool, object, field->count));
    case RCN_FIELD_SETTING:
    case RCN_FIELD_POINTER:
        return !*AT_CONST(void *, object, field->offset);
    case RCN_FIELD_SIZE:
        return !*AT_CONST(size_t, object, field->offset);
    case RCN_FIELD_INTEGER:
        return *AT_CONST(int64_t, object, field->offset) < 0;
    case RCN_FIELD_TIME:
        return *AT_CONST(int64_t, object, field->offset) == 0;
    case RCN_FIELD_BOOLEAN:
        return !*AT_CONST(bool, object, field->offset);
    case RCN_FIELD_TRISTATE:
    case RCN_FIELD_NAME:
        return *AT_CONST(int, object, field->offset) == 0;
    case RCN_FIELD_FLAGS:
        return *AT_CONST(unsigned, object, field->offset) == 0;
    case RCN_FIELD_TEXTS:
    case RCN_FIELD_PAIRS:
    case RCN_FIELD_LIST:
    case RCN_FIELD_POINTERS:
        return get_count(field, object) == 0;
    case RCN_FIELD_OBJECT:
        break;
    }
    return false;
}

static void write_value(struct rcn_json_writer *json, const struct rcn_field *field,
                        const void *object)
{
    switch (field->type) {
    case RCN_FIELD_TEXT:
        write_text(json, *AT_CONST(char *, object, field->offset));
        break;
    case RCN_FIELD_SETTING:
        write_setting(json, *AT_CONST(char *, object, field->offset));
        break;
    case RCN_FIELD_SIZE:
        rcn_json_integer(json, (long long)*AT_CONST(size_t, object, field->offset));
        break;
    case RCN_FIELD_INTEGER:
        rcn_json_integer(json, *AT_CONST(int64_t, object, field->offset));
        break;
    case RCN_FIELD_TIME:
        write_time(json, *AT_CONST(int64_t, object, field->offset));
        break;
    case RCN_FIELD_BOOLEAN:
        rcn_json_boolean(json, *AT_CONST(bool, object, field->offset));
        break;
    case RCN_FIELD_TRISTATE:
        rcn_json_boolean(json, *AT_CONST(int, object, field->offset) == YES);
        break;
    case RCN_FIELD_NAME:
        rcn_json_string(json, field->names[*AT_CONST(int, object, field->offset)]);
        break;
    case RCN_FIELD_FLAGS:
        write_flags(json, field, *AT_CONST(unsigned, object, field->offset));
        break;
    case RCN_FIELD_OBJECT:
        write_object(json, field->table, AT_CONST(char, object, field->offset));
        break;
    case RCN_FIELD_POINTER:
        write_object(json, field->table, *AT_CONST(void *, object, field->offset));
        break;
    case RCN_FIELD_PAIRS:
        write_pairs(json, field, object);
        break;
    case RCN_FIELD_TEXTS:
    case RCN_FIELD_LIST:
    case RCN_FIELD_POINTERS:
        write_list(json, field, object);
        break;
    }
}

void rcn_fields_write(struct rcn_json_writer *json, const struct rcn_table *table,
                      const void *object)
{
    for (const struct rcn_field *field = table->fields; field->name; field++) {
        bool absent = field->need != RCN_FIELD_REQUIRED && is_absent(field, object);
        if (absent && field->need == RCN_FIELD_OPTIONAL)
            continue;
        if (field->indent)
            rcn_json_newline(json, field->indent);
        rcn_json_key(json, field->name);
        if (absent)
            rcn_json_null(json);
        else
            write_value(json, field, object);
    }
}

/* --- reading --- */

struct reader {
    struct rcn_arena *arena;
    const char **wrong;
};

static void complain(const struct reader *self, const struct rcn_field *field)
{
    if (!*self->wrong)
        *self->wrong = field->name;
}

static const char *read_text(const struct reader *self, const struct rcn_field *field,
                             const struct rcn_json *value)
{
    const char *text = rcn_json_get_string(value);
    if (text)
        return rcn_arena_strdup(self->arena, text);
    complain(self, field);
    return "";
}

static const char *read_setting(const struct reader *self, const struct rcn_field *field,
                                const struct rcn_json *value)
{
    if (rcn_json_is_true(value))
        return "true";
    return rcn_json_is_false(value) ? "false" : read_text(self, field, value);
}

static long long read_integer(const struct reader *self, const struct rcn_field *field,
                              const struct rcn_json *value, long long least)
{
    long long number = 0;
    if (rcn_json_get_integer(value, &number) && number >= least)
        return number;
    complain(self, field);
    return 0;
}

static int64_t read_time(const struct reader *self, const struct rcn_field *field,
                         const struct rcn_json *value)
{
    int64_t at_ms = 0;
    const char *text = rcn_json_get_string(value);
    if (!text || !rcn_time_parse(text, &at_ms))
        complain(self, field);
    return at_ms;
}

static enum answer read_tristate(const struct reader *self, const struct rcn_field *field,
                                 const struct rcn_json *value)
{
    if (rcn_json_is_true(value))
        return YES;
    if (!rcn_json_is_false(value))
        complain(self, field);
    return NO;
}

static int read_name(const struct reader *self, const struct rcn_field *field,
                     const struct rcn_json *value)
{
    const char *text = rcn_json_get_string(value);
    for (int i = 0; text && (i == 0 || field->names[i]); i++)
        if (field->names[i] && strcmp(text, field->names[i]) == 0)
            return i;
    complain(self, field);
    return 0;
}

static unsigned read_flags(const struct reader *self, const struct rcn_field *field,
                           const struct rcn_json *value)
{
    unsigned flags = 0;
    if (rcn_json_get_type(value) != RCN_JSON_ARRAY)
        complain(self, field);
    for (size_t i = 0; i < rcn_json_get_count(value); i++)
        flags |= 1U << read_name(self, field, rcn_json_get_at(value, i));
    return flags;
}

static void read_object(const struct reader *self, const struct rcn_field *field,
                        const struct rcn_json *value, void *ret)
{
    if (rcn_json_get_type(value) != RCN_JSON_OBJECT)
        complain(self, field);
    else
        rcn_fields_read(value, field->table, ret, self->arena, self->wrong);
}

static void read_list(const struct reader *self, const struct rcn_field *field,
                      const struct rcn_json *value, void *ret)
{
    size_t count = rcn_json_get_count(value);
    bool is_array_of_structs = field->type == RCN_FIELD_LIST;
    char *structs = field->table ? rcn_arena_calloc(self->arena, count, field->table->size) : NULL;
    const void **pointers =
        is_array_of_structs ? NULL : rcn_arena_calloc(self->arena, count, sizeof(void *));
    if (rcn_json_get_type(value) != RCN_JSON_ARRAY)
        complain(self, field);
    for (size_t i = 0; i < count && !*self->wrong; i++) {
        const struct rcn_json *element = rcn_json_get_at(value, i);
        if (field->type == RCN_FIELD_TEXTS) {
            pointers[i] = read_text(self, field, element);
            continue;
        }
        read_object(self, field, element, structs + i * field->table->size);
        if (pointers)
            pointers[i] = structs + i * field->table->size;
    }
    *AT(void *, ret, field->offset) = is_array_of_structs ? (void *)structs : (void *)pointers;
    *AT(size_t, ret, field->count) = count;
}

static void read_pairs(const struct reader *self, const struct rcn_field *field,
                       const struct rcn_json *value, void *ret)
{
    size_t count = rcn_json_get_count(value);
    struct rcn_pair *pairs = rcn_arena_calloc(self->arena, count, sizeof *pairs);
    if (rcn_json_get_type(value) != RCN_JSON_OBJECT)
        complain(self, field);
    count = 0;
    for (struct rcn_json_member member = {0}; rcn_json_next(value, &member); count++) {
        pairs[count].key = rcn_arena_strdup(self->arena, member.key);
        pairs[count].value = read_text(self, field, member.value);
    }
    *AT(const struct rcn_pair *, ret, field->offset) = pairs;
    *AT(size_t, ret, field->count) = count;
}

static void read_value(const struct reader *self, const struct rcn_field *field,
                       const struct rcn_json *value, void *ret)
{
    switch (field->type) {
    case RCN_FIELD_TEXT:
        *AT(const char *, ret, field->offset) = read_text(self, field, value);
        break;
    case RCN_FIELD_SETTING:
        *AT(const char *, ret, field->offset) = read_setting(self, field, value);
        break;
    case RCN_FIELD_SIZE:
        *AT(size_t, ret, field->offset) = (size_t)read_integer(self, field, value, 0);
        break;
    case RCN_FIELD_INTEGER:
        *AT(int64_t, ret, field->offset) = read_integer(self, field, value, INT64_MIN);
        break;
    case RCN_FIELD_TIME:
        *AT(int64_t, ret, field->offset) = read_time(self, field, value);
        break;
    case RCN_FIELD_BOOLEAN:
        *AT(bool, ret, field->offset) = read_tristate(self, field, value) == YES;
        break;
    case RCN_FIELD_TRISTATE:
        *AT(int, ret, field->offset) = (int)read_tristate(self, field, value);
        break;
    case RCN_FIELD_NAME:
        *AT(int, ret, field->offset) = read_name(self, field, value);
        break;
    case RCN_FIELD_FLAGS:
        *AT(unsigned, ret, field->offset) = read_flags(self, field, value);
        break;
    case RCN_FIELD_OBJECT:
        read_object(self, field, value, AT(char, ret, field->offset));
        break;
    case RCN_FIELD_POINTER:
        *AT(void *, ret, field->offset) = rcn_arena_calloc(self->arena, 1, field->table->size);
        read_object(self, field, value, *AT(void *, ret, field->offset));
        break;
    case RCN_FIELD_PAIRS:
        read_pairs(self, field, value, ret);
        break;
    case RCN_FIELD_TEXTS:
    case RCN_FIELD_LIST:
    case RCN_FIELD_POINTERS:
        read_list(self, field, value, ret);
        break;
    }
}

/* Zero is what most absent members are; these are not. */
static void set_absent(const struct rcn_field *field, const struct rcn_json *value, void *ret)
{
    if (field->type == RCN_FIELD_INTEGER)
        *AT(int64_t, ret, field->offset) = -1;
    else if (field->type == RCN_FIELD_TEXT && field->count && value)
        *AT(bool, ret, field->count) = true;
}

void rcn_fields_read(const struct rcn_json *json, const struct rcn_table *table, void *ret_object,
                     struct rcn_arena *arena, const char **wrong)
{
    const struct reader self = {arena, wrong};
    for (const struct rcn_field *field = table->fields; field->name && !*wrong; field++) {
        const struct rcn_json *value = rcn_json_get(json, field->name);
        bool is_null = rcn_json_get_type(value) <= RCN_JSON_NULL;
        bool may_be_null = !value ? field->need == RCN_FIELD_OPTIONAL
                                  : field->need == RCN_FIELD_NULLABLE ||
                                        (field->need == RCN_FIELD_OPTIONAL && field->count);
        if (!is_null)
            read_value(&self, field, value, ret_object);
        else if (may_be_null)
            set_absent(field, value, ret_object);
        else
            complain(&self, field);
    }
}
