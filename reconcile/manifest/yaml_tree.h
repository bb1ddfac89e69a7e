/*
 * yaml_tree.h: a text as a row of documents, each a tree of nodes that know their place.
 *
 * yaml_tree.c is the only file that sees <yaml.h>. It builds from the library's events, because
 * they carry places, and because the library's own documents have no limits. Exceeding a limit is a
 * diagnostic of rule `limit`. Nodes and bytes count after alias expansion (an alias costs what its
 * anchor holds), so walking a document through its aliases is bounded.
 */
#ifndef RCN_MANIFEST_YAML_TREE_H
#define RCN_MANIFEST_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/span.h"

enum {
    RCN_YAML_MAX_DEPTH = 64,
    RCN_YAML_MAX_NODES = 8000000,   /* of one text: 64 MiB of syncs are about 5 million */
    RCN_YAML_MAX_BYTES = 256 << 20, /* of scalars in one text */
    RCN_YAML_MAX_ANCHORS = 100000,  /* of one document */
    RCN_YAML_MAX_DOCUMENTS = 200000 /* of one text */
};

enum rcn_yaml_kind {
    RCN_YAML_SCALAR,
    RCN_YAML_SEQUENCE,
    RCN_YAML_MAPPING,
    RCN_YAML_ALIAS,
    RCN_YAML_BAD, /* an alias to nothing: reported already, to be passed over */
};

/* What a node is by its tag and the core schema. */
enum rcn_yaml_type {
    RCN_YAML_IS_NULL,
    RCN_YAML_IS_TRUE,
    RCN_YAML_IS_FALSE,
    RCN_YAML_IS_INTEGER,
    RCN_YAML_IS_FLOAT,
    RCN_YAML_IS_STRING,
    RCN_YAML_IS_SEQUENCE,
    RCN_YAML_IS_MAPPING,
    RCN_YAML_IS_MISTAGGED, /* its tag does not fit the text */
    RCN_YAML_IS_UNKNOWN,   /* its tag is not known */
    RCN_YAML_IS_BAD,
};

/*
 * The library counts lines as YAML 1.1 does (U+0085, U+2028 and U+2029 end one); editors do not. So
 * places are found by walking the bytes up to its count of characters: one pass for a whole text. A
 * line ends with LF, CR LF or a CR alone. A byte order mark is no column.
 */
struct rcn_place {
    uint32_t offset; /* in bytes, from the start of the text */
    uint32_t line;   /* from 1 */
    uint32_t column;
};

struct rcn_yaml_node {
    union {
        const char *text;             /* scalar: NUL-terminated, and may hold NULs */
        struct rcn_yaml_node *first;  /* sequence: items; mapping: keys and values in turn */
        struct rcn_yaml_node *target; /* alias: never an alias itself */
    };
    struct rcn_yaml_node *next; /* beside it in the same collection */
    uint32_t len;               /* bytes of a scalar's text; nodes in a collection */
    struct rcn_place place;     /* after anchor and tag, but at a tag that is not known */
    uint8_t kind;               /* enum rcn_yaml_kind */
    uint8_t type;               /* enum rcn_yaml_type; of an alias, its target's */
    bool is_plain : 1;          /* a scalar without quotes, and no block scalar */
    bool is_block : 1;          /* a block scalar */
    bool is_tagged : 1;         /* it has a tag */
    bool is_merge_key : 1;      /* `<<` */
    uint32_t reported; /* bits of whoever judges the node: what was reported of it already */
};

/*
 * Reads the text, whose encoding is checked first. Returns the root of its first document, the
 * others by `next` (an empty document is an empty plain scalar); NULL: it has none. Problems go to
 * diags; what is before one that ends the text is returned, and *is_incomplete set, which is left
 * alone otherwise.
 */
struct rcn_yaml_node *rcn_yaml_read(const struct rcn_text *text, struct rcn_arena *arena,
                                    struct rcn_diags *diags, bool *is_incomplete);

/* The node, or the target of the alias. */
static inline struct rcn_yaml_node *rcn_yaml_resolve(struct rcn_yaml_node *node)
{
    return node->kind == RCN_YAML_ALIAS ? node->target : node;
}

static inline struct rcn_span rcn_place_get_span(const struct rcn_place *place,
                                                 const struct rcn_text *text)
{
    return (struct rcn_span){.text = text, .line = place->line, .column = place->column};
}

/* True when a scalar's text is exactly this. */
bool rcn_yaml_equals(const struct rcn_yaml_node *node, const char *text);

/* --- yaml_type.c --- */

/* Of a plain scalar with that text, without a tag. NUL-terminated, but may hold NULs. */
enum rcn_yaml_type rcn_yaml_get_scalar_type(const char *text, size_t len);
/* Of what would be of type `core` without its tag. */
enum rcn_yaml_type rcn_yaml_get_tagged_type(const char *tag, enum rcn_yaml_type core);
/* `a string`, `null`, `an integer`, `a list`, `a mapping`: for messages. */
const char *rcn_yaml_type_name(enum rcn_yaml_type type);

/*
 * yaml_problem.c: reports what the YAML library says of the text (rule `syntax`), in words that
 * help the person who wrote it. context and problem are the library's words (context may be NULL),
 * at and context_at where it stopped and where what it was reading began. Unknown words are passed
 * on as they are.
 */
void rcn_yaml_report_problem(struct rcn_diags *diags, const struct rcn_text *text,
                             const char *context, const char *problem, size_t at,
                             size_t context_at);

/* --- encoding.c --- */

/*
 * Returns how many bytes from the start the library may parse. Less than text->len: the first fault
 * was reported (rule `encoding`, or `limit` for many %TAG lines, whose cost to the library is
 * quadratic). The library reads ahead in large blocks and gives up a whole block for one bad byte,
 * so bytes are judged here: UTF-8 with or without a byte order mark, without the control characters
 * that YAML forbids (YAML 1.2, 5.1).
 */
size_t rcn_encoding_check(const struct rcn_text *text, struct rcn_diags *diags);

/* The first character, after a byte order mark. */
struct rcn_place rcn_place_get_start(const struct rcn_text *text);

/* Moves forward by so many characters, but not past the offset or the end. Returns how many. */
size_t rcn_place_move(struct rcn_place *place, const struct rcn_text *text, size_t characters,
                      size_t max_offset);

/* The place of a byte, found by a walk from the start. */
struct rcn_span rcn_text_get_span(const struct rcn_text *text, size_t offset);

#endif
