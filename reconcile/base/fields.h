/*
 * fields.h: a C struct as a JSON object, written and read by one table of its fields.
 *
 * A table is the only place where the name, the type and the position of a member are stated, so
 * that what is written and what is read cannot differ. What has no member in the struct (a value
 * that follows from others) is put into a struct made for the table.
 */
#ifndef RCN_BASE_FIELDS_H
#define RCN_BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/json.h"

enum rcn_field_type {
    RCN_FIELD_TEXT,     /* const char * */
    RCN_FIELD_SIZE,     /* size_t */
    RCN_FIELD_INTEGER,  /* int64_t */
    RCN_FIELD_TIME,     /* int64_t, milliseconds of the wall clock; 0: absent */
    RCN_FIELD_BOOLEAN,  /* bool; absent reads as false */
    RCN_FIELD_TRISTATE, /* an enum (int): 0 absent, 1 false, 2 true */
    RCN_FIELD_NAME,     /* an enum (int), by `names` */
    RCN_FIELD_FLAGS,    /* unsigned, an array of `names`, one a bit */
    RCN_FIELD_SETTING,  /* const char *: `true` and `false` are booleans */
    RCN_FIELD_TEXTS,    /* const char **, and a size_t at `count` */
    RCN_FIELD_PAIRS,    /* struct rcn_pair *, and a size_t at `count`: an object of texts */
    RCN_FIELD_OBJECT,   /* a struct in place */
    RCN_FIELD_POINTER,  /* a pointer to a struct */
    RCN_FIELD_LIST,     /* a pointer to an array of structs, and a size_t at `count` */
    RCN_FIELD_POINTERS, /* a pointer to an array of pointers to structs, and a size_t at `count` */
};

enum rcn_field_need {
    RCN_FIELD_REQUIRED,
    RCN_FIELD_NULLABLE, /* null when absent (NULL) */
    RCN_FIELD_OPTIONAL, /* left out when absent: NULL, false, 0, no element, a negative integer */
    RCN_FIELD_EITHER,   /* OPTIONAL, and null reads as absent */
};

struct rcn_field {
    const char *name;
    enum rcn_field_type type;
    enum rcn_field_need need;
    size_t offset;
    size_t count; /* offset of the count; of an optional TEXT: of the bool that says null, or 0 */
    const struct rcn_table *table;
    const char *const *names; /* ended by NULL; names[0] is the value 0, or the bit 0 */
    unsigned indent; /* the member starts on a line of its own, after so many spaces; 0: no */
    unsigned rows;   /* each element does; 0: no */
};

/* A row of a table: its name, the ends of its type and need (`TEXT`, `OPTIONAL`), its place, and
   further members as they are. */
#define RCN_FIELD(name_, type_, need_, ...)                                                        \
    {                                                                                              \
        .name = (name_), .type = RCN_FIELD_##type_, .need = RCN_FIELD_##need_,                     \
        .offset = __VA_ARGS__                                                                      \
    }

struct rcn_table {
    const struct rcn_field *fields; /* ended by one without a name */
    size_t size;                    /* of the struct */
};

/* The initialiser of a table for a struct, from its rows. */
#define RCN_TABLE(struct_, ...)                                                                    \
    {                                                                                              \
        (const struct rcn_field[]){__VA_ARGS__, {0}}, sizeof(struct struct_)                       \
    }

/* Writes the members into the object that is open. Bytes that are no text become visible. */
void rcn_fields_write(struct rcn_json_writer *json, const struct rcn_table *table,
                      const void *object);
/* The same as an object of its own on a line. */
void rcn_fields_write_line(struct rcn_buf *out, const struct rcn_table *table, const void *object);

/*
 * Reads the members of a value into the zeroed struct; texts and arrays go into the arena. What is
 * not as rcn_fields_write makes it is named in *wrong, if that is still NULL.
 */
void rcn_fields_read(const struct rcn_json *json, const struct rcn_table *table, void *ret_object,
                     struct rcn_arena *arena, const char **wrong);

#endif
