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
static const void *get_place(const void *object, size_t offset)
{
    return (const char *)object + offset;
}

static void *find_place(void *object, size_t offset)
{
    return (char *)object + offset;
}

/* The value of a number, an enum or a flag; the count of elements; of the others, whether there is
 * anything. */
static int64_t get_number(const struct rcn_field *field, const void *object)
{
    const void *place = get_place(object, field->offset);
    switch (field->type) {
    case RCN_FIELD_SIZE:
        return (int64_t) * (const size_t *)place;
    case RCN_FIELD_INTEGER:
    case RCN_FIELD_TIME:
        return *(const int64_t *)place;
    case RCN_FIELD_BOOLEAN:
        return *(const bool *)place;
    case RCN_FIELD_TRISTATE:
    case RCN_FIELD_NAME:
        return *(const int *)place;
    case RCN_FIELD_FLAGS:
        return *(const unsigned *)place;
    case RCN_FIELD_TEXT:
        return *(const char *const *)place ||
               (field->count && *(const bool *)get_place(object, field->count));
    case RCN_FIELD_SETTING:
    case RCN_FIELD_POINTER:
        return *(const void *const *)place != NULL;
    case RCN_FIELD_TEXTS:
    case RCN_FIELD_PAIRS:
    case RCN_FIELD_LIST:
    case RCN_FIELD_POINTERS:
        return (int64_t) * (const size_t *)get_place(object, field->count);
    case RCN_FIELD_OBJECT:
        break;
    }
    return 1;
}

/* --- writing --- */

/* JSON holds characters only, and a path or an API error that was cut may hold any bytes. */
static void write_text(struct rcn_json_writer *json, const char *text)
{
    struct rcn_buf visible;
    rcn_buf_init(&visible, json->out->max);
    if (text && rcn_utf8_check(text, strlen(text)) != strlen(text)) {
        rcn_escape_visible(&visible, text);
        text = rcn_buf_get_str(&visible);
    }
    rcn_json_string(json, text);
    rcn_buf_release(&visible);
}

static void write_object(struct rcn_json_writer *json, const struct rcn_table *table,
                         const void *object)
{
    rcn_json_begin_object(json);
    rcn_fields_write(json, table, object);
    rcn_json_end_object(json);
}

static void write_elements(struct rcn_json_writer *json, const struct rcn_field *field,
                           const void *array, size_t count)
{
    const struct rcn_pair *pairs = array;
    const void *const *pointers = array;
    for (size_t i = 0; i < count; i++) {
        if (field->rows)
            rcn_json_newline(json, field->rows);
        if (field->type == RCN_FIELD_PAIRS) {
            rcn_json_key(json, pairs[i].key);
            write_text(json, pairs[i].value);
        } else if (field->type == RCN_FIELD_TEXTS) {
            write_text(json, pointers[i]);
        } else {
            write_object(json, field->table,
                         field->type == RCN_FIELD_LIST ? get_place(array, i * field->table->size)
                                                       : pointers[i]);
        }
    }
}

static void write_value(struct rcn_json_writer *json, const struct rcn_field *field,
                        const void *object)
{
    const void *place = get_place(object, field->offset);
    int64_t number = get_number(field, object);
    const char *text;
    char time[RCN_TIME_SIZE];
    switch (field->type) {
    case RCN_FIELD_TEXT:
        write_text(json, *(const char *const *)place);
        break;
    case RCN_FIELD_SETTING:
        text = *(const char *const *)place;
        if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
            rcn_json_boolean(json, text[0] == 't');
        else
            write_text(json, text);
        break;
    case RCN_FIELD_SIZE:
    case RCN_FIELD_INTEGER:
        rcn_json_integer(json, number);
        break;
    case RCN_FIELD_TIME:
        rcn_time_format(number, time);
        rcn_json_string(json, time);
        break;
    case RCN_FIELD_BOOLEAN:
        rcn_json_boolean(json, number);
        break;
    case RCN_FIELD_TRISTATE:
        rcn_json_boolean(json, number == YES);
        break;
    case RCN_FIELD_NAME:
        rcn_json_string(json, field->names[number]);
        break;
    case RCN_FIELD_FLAGS:
        rcn_json_begin_array(json);
        for (size_t bit = 0; field->names[bit]; bit++)
            if (number & (int64_t)1 << bit)
                rcn_json_string(json, field->names[bit]);
        rcn_json_end_array(json);
        break;
    case RCN_FIELD_OBJECT:
        write_object(json, field->table, place);
        break;
    case RCN_FIELD_POINTER:
        write_object(json, field->table, *(const void *const *)place);
        break;
    case RCN_FIELD_PAIRS:
        rcn_json_begin_object(json);
        write_elements(json, field, *(const void *const *)place, (size_t)number);
        rcn_json_end_object(json);
        break;
    case RCN_FIELD_TEXTS:
    case RCN_FIELD_LIST:
    case RCN_FIELD_POINTERS:
        rcn_json_begin_array(json);
        write_elements(json, field, *(const void *const *)place, (size_t)number);
        rcn_json_end_array(json);
        break;
    }
}

void rcn_fields_write(struct rcn_json_writer *json, const struct rcn_table *table,
                      const void *object)
{
    for (const struct rcn_field *field = table->fields; field->name; field++) {
        int64_t number = get_number(field, object);
        bool absent = field->need != RCN_FIELD_REQUIRED &&
                      (field->type == RCN_FIELD_INTEGER ? number < 0 : number == 0);
        if (absent && field->need >= RCN_FIELD_OPTIONAL)
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

void rcn_fields_write_line(struct rcn_buf *out, const struct rcn_table *table, const void *object)
{
    struct rcn_json_writer json;
    rcn_json_writer_init(&json, out);
    write_object(&json, table, object);
    rcn_buf_add_char(out, '\n');
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

static void read_object(const struct reader *self, const struct rcn_field *field,
                        const struct rcn_json *value, void *ret)
{
    if (rcn_json_get_type(value) != RCN_JSON_OBJECT)
        complain(self, field);
    else
        rcn_fields_read(value, field->table, ret, self->arena, self->wrong);
}

/* Of an array, or of the object of RCN_FIELD_PAIRS. */
static void read_elements(const struct reader *self, const struct rcn_field *field,
                          const struct rcn_json *value, void *ret)
{
    size_t count = rcn_json_get_count(value);
    size_t size = field->table ? field->table->size : sizeof(struct rcn_pair);
    void *array = rcn_arena_calloc(self->arena, count, size);
    struct rcn_pair *pairs = array;
    const void **pointers = rcn_arena_calloc(self->arena, count, sizeof *pointers);
    struct rcn_json_member member = {0};
    for (size_t i = 0; i < count && !*self->wrong; i++) {
        void *element = find_place(array, i * size);
        if (field->type == RCN_FIELD_PAIRS && rcn_json_next(value, &member))
            pairs[i] = (struct rcn_pair){rcn_arena_strdup(self->arena, member.key),
                                         read_text(self, field, member.value)};
        else if (field->type == RCN_FIELD_TEXTS)
            pointers[i] = read_text(self, field, rcn_json_get_at(value, i));
        else
            read_object(self, field, rcn_json_get_at(value, i), element);
        if (field->type == RCN_FIELD_POINTERS)
            pointers[i] = element;
    }
    *(void **)find_place(ret, field->offset) =
        field->type == RCN_FIELD_LIST || field->type == RCN_FIELD_PAIRS ? array : (void *)pointers;
    *(size_t *)find_place(ret, field->count) = count;
}

static void read_value(const struct reader *self, const struct rcn_field *field,
                       const struct rcn_json *value, void *ret)
{
    static const enum rcn_json_type types[] = {
        [RCN_FIELD_TEXT] = RCN_JSON_STRING,     [RCN_FIELD_SIZE] = RCN_JSON_NUMBER,
        [RCN_FIELD_INTEGER] = RCN_JSON_NUMBER,  [RCN_FIELD_TIME] = RCN_JSON_STRING,
        [RCN_FIELD_BOOLEAN] = RCN_JSON_BOOLEAN, [RCN_FIELD_TRISTATE] = RCN_JSON_BOOLEAN,
        [RCN_FIELD_NAME] = RCN_JSON_STRING,     [RCN_FIELD_FLAGS] = RCN_JSON_ARRAY,
        [RCN_FIELD_SETTING] = RCN_JSON_STRING,  [RCN_FIELD_TEXTS] = RCN_JSON_ARRAY,
        [RCN_FIELD_PAIRS] = RCN_JSON_OBJECT,    [RCN_FIELD_OBJECT] = RCN_JSON_OBJECT,
        [RCN_FIELD_POINTER] = RCN_JSON_OBJECT,  [RCN_FIELD_LIST] = RCN_JSON_ARRAY,
        [RCN_FIELD_POINTERS] = RCN_JSON_ARRAY,
    };
    void *place = find_place(ret, field->offset);
    bool is_boolean = rcn_json_get_type(value) == RCN_JSON_BOOLEAN;
    bool is_true = rcn_json_is_true(value);
    long long number = 0;
    if (rcn_json_get_type(value) != types[field->type] &&
        !(is_boolean && field->type == RCN_FIELD_SETTING)) {
        complain(self, field);
        return;
    }
    switch (field->type) {
    case RCN_FIELD_TEXT:
    case RCN_FIELD_SETTING:
        *(const char **)place = !is_boolean ? read_text(self, field, value)
                                : is_true   ? "true"
                                            : "false";
        break;
    case RCN_FIELD_SIZE:
        if (!rcn_json_get_integer(value, &number) || number < 0)
            complain(self, field);
        *(size_t *)place = (size_t)number;
        break;
    case RCN_FIELD_INTEGER:
        if (!rcn_json_get_integer(value, &number))
            complain(self, field);
        *(int64_t *)place = number;
        break;
    case RCN_FIELD_TIME:
        if (!rcn_time_parse(rcn_json_get_string(value), place))
            complain(self, field);
        break;
    case RCN_FIELD_BOOLEAN:
        *(bool *)place = is_true;
        break;
    case RCN_FIELD_TRISTATE:
        *(int *)place = is_true ? YES : NO;
        break;
    case RCN_FIELD_NAME:
        *(int *)place = read_name(self, field, value);
        break;
    case RCN_FIELD_FLAGS:
        for (size_t i = 0; i < rcn_json_get_count(value); i++)
            *(unsigned *)place |= 1U << read_name(self, field, rcn_json_get_at(value, i));
        break;
    case RCN_FIELD_OBJECT:
        read_object(self, field, value, place);
        break;
    case RCN_FIELD_POINTER:
        *(void **)place = rcn_arena_alloc(self->arena, field->table->size);
        read_object(self, field, value, *(void **)place);
        break;
    case RCN_FIELD_PAIRS:
    case RCN_FIELD_TEXTS:
    case RCN_FIELD_LIST:
    case RCN_FIELD_POINTERS:
        read_elements(self, field, value, ret);
        break;
    }
}

void rcn_fields_read(const struct rcn_json *json, const struct rcn_table *table, void *ret_object,
                     struct rcn_arena *arena, const char **wrong)
{
    const struct reader self = {arena, wrong};
    for (const struct rcn_field *field = table->fields; field->name && !*wrong; field++) {
        const struct rcn_json *value = rcn_json_get(json, field->name);
        bool is_optional = field->need >= RCN_FIELD_OPTIONAL;
        bool may_be_null = !value ? is_optional
                                  : field->need == RCN_FIELD_NULLABLE ||
                                        field->need == RCN_FIELD_EITHER ||
                                        (is_optional && field->count);
        if (rcn_json_get_type(value) > RCN_JSON_NULL)
            read_value(&self, field, value, ret_object);
        else if (!may_be_null)
            complain(&self, field);
        else if (field->type == RCN_FIELD_INTEGER) /* zero is what other absent ones are */
            *(int64_t *)find_place(ret_object, field->offset) = -1;
        else if (field->type == RCN_FIELD_TEXT && field->count && value)
            *(bool *)find_place(ret_object, field->count) = true;
    }
}
