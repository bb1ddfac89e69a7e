/*
 * yaml_tree.h: a text as a row of documents, each a tree of nodes that know their place.
 *
 * yaml_tree.c is the only file that sees <yaml.h>. It builds from the library's events, because
 * they carry places, and because the library's own documents have no limits.
 *
 * Limits, each a diagnostic of rule `limit`: RCN_YAML_MAX_DEPTH (SPEC 2), and the others below,
 * which bound time and memory for hostile texts. Nodes and bytes count after alias expansion: an
 * alias costs what its anchor holds, so walking a document through its aliases is bounded.
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

struct rcn_yaml_node {
    union {
        const char *text;             /* scalar: NUL-terminated, and may hold NULs */
        struct rcn_yaml_node *first;  /* sequence: items; mapping: keys and values in turn */
        struct rcn_yaml_node *target; /* alias: never an alias itself */
    };
    struct rcn_yaml_node *next; /* beside it in the same collection */
    uint32_t len;               /* bytes of a scalar's text; nodes in a collection */
    uint32_t offset;            /* of its first byte in the source: after anchor and tag, but at a
                                   tag that is not known */
    uint32_t line;
    uint32_t column;
    uint8_t kind;      /* enum rcn_yaml_kind */
    uint8_t type;      /* enum rcn_yaml_type; of an alias, its target's */
    bool is_plain;     /* a scalar without quotes, and no block scalar */
    bool is_block;     /* a block scalar */
    bool is_tagged;    /* it has a tag */
    bool is_merge_key; /* `<<` */
    uint32_t reported; /* bits of whoever judges the node: what was reported of it already */
};

/*
 * Reads the text, whose encoding is checked first (encoding.h). Returns the root of its first
 * document, the others by `next` (an empty document is an empty plain scalar); NULL: it has none.
 * Problems go to diags; what is before one that ends the text is returned, and *is_incomplete set,
 * which is left alone otherwise.
 */
struct rcn_yaml_node *rcn_yaml_read(const struct rcn_text *text, struct rcn_arena *arena,
                                    struct rcn_diags *diags, bool *is_incomplete);

/* The node, or what the alias stands for. */
static inline struct rcn_yaml_node *rcn_yaml_resolve(struct rcn_yaml_node *node)
{
    return node->kind == RCN_YAML_ALIAS ? node->target : node;
}

/* Of a plain scalar with that text, without a tag. */
enum rcn_yaml_type rcn_yaml_get_scalar_type(const char *text, size_t len);
/* Of what would be of type `core` without its tag. */
enum rcn_yaml_type rcn_yaml_get_tagged_type(const char *tag, enum rcn_yaml_type core);
/* `a string`, `null`, `an integer`, `a list`, `a mapping`: for messages. */
const char *rcn_yaml_type_name(enum rcn_yaml_type type);

/* True when a scalar's text is exactly this. */
bool rcn_yaml_equals(const struct rcn_yaml_node *node, const char *text);

struct rcn_span rcn_yaml_get_span(const struct rcn_yaml_node *node, const struct rcn_text *text);

/* What the YAML library says, in words that help the person who wrote the text (yaml_problem.c). */
struct rcn_yaml_problem {
    const char *message;
    const char *hint; /* NULL: none */
    const char *note; /* said of the place where the context begins; NULL: none */
    size_t offset;    /* where it is reported, in bytes */
};

/*
 * context and problem are the library's words (context may be NULL), at and context_at where it
 * stopped and where what it was reading began. Unknown words are passed on as they are.
 */
struct rcn_yaml_problem rcn_yaml_problem_explain(const char *context, const char *problem,
                                                 const struct rcn_text *text, size_t at,
                                                 size_t context_at);

#endif
