#include "manifest/yaml_tree.h"

#include <string.h>

#include <yaml.h>

#include "base/memory.h"
#include "base/strmap.h"

struct anchor {
    struct rcn_yaml_node *node;
    bool is_open; /* the node has not ended: an alias inside would be endless */
    size_t nodes; /* what an alias to it costs; while it is open: what was there before */
    size_t bytes;
};

struct reader {
    const struct rcn_text *text;
    struct rcn_arena *arena;
    struct rcn_diags *diags;
    size_t usable; /* bytes that may be parsed */
    yaml_parser_t parser;
    struct rcn_place place; /* moves forward with the events */
    size_t index;           /* of the place, in characters as the library counts them */
    bool has_ended;
    bool is_incomplete;         /* a problem ended the text */
    struct rcn_yaml_node **end; /* where the next node goes */
    size_t documents;
    struct rcn_strmap *anchors; /* of the current document; NULL: it has none */
    struct {
        struct rcn_yaml_node *node;
        struct anchor *anchor;  /* NULL: none */
    } open[RCN_YAML_MAX_DEPTH]; /* the collections that have not ended */
    size_t depth;
    size_t nodes;
    size_t bytes;
};

/* --- problems --- */

static void stop_at_limit(struct reader *reader, const char *message)
{
    if (!reader->has_ended)
        rcn_diags_error(reader->diags, "limit", rcn_place_get_span(&reader->place, reader->text),
                        "%s", message);
    reader->has_ended = true;
    reader->is_incomplete = true;
}

static size_t find_mark(const struct reader *reader, const yaml_mark_t *mark)
{
    struct rcn_place place = rcn_place_get_start(reader->text);
    rcn_place_move(&place, reader->text, mark->index, SIZE_MAX);
    return place.offset;
}

static void report_problem(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        rcn_memory_exhausted();
    /* A cut text ends in the middle of something: the fault that cut it is reported already. */
    size_t at = find_mark(reader, &parser->problem_mark);
    if (reader->usable < reader->text->len && at >= reader->usable)
        return;
    reader->is_incomplete = true;
    rcn_yaml_report_problem(reader->diags, reader->text, parser->context,
                            parser->problem ? parser->problem : "unreadable", at,
                            find_mark(reader, &parser->context_mark));
}

/* --- nodes --- */

/*
 * An event begins with its anchor and tag; people look for the value. With stop_at_tag (a tag that
 * will be reported) the place is the tag's.
 */
static void move_after_properties(struct reader *reader, bool stop_at_tag)
{
    const struct rcn_text *text = reader->text;
    const char *bytes = text->bytes;
    size_t at = reader->place.offset;
    while (at < text->len && (bytes[at] == '&' || (bytes[at] == '!' && !stop_at_tag))) {
        while (at < text->len && !strchr(" \t\r\n", bytes[at]))
            at++;
        bool is_comment = false;
        while (at < text->len && bytes[at] && (is_comment || strchr(" \t\r\n#", bytes[at]))) {
            is_comment = (is_comment || bytes[at] == '#') && !strchr("\r\n", bytes[at]);
            at++;
        }
    }
    reader->index += rcn_place_move(&reader->place, text, SIZE_MAX, at);
}

static void count(struct reader *reader, size_t nodes, size_t bytes)
{
    reader->nodes += nodes;
    reader->bytes += bytes;
    if (reader->nodes > RCN_YAML_MAX_NODES)
        stop_at_limit(reader, "more than 8000000 values in one file, aliases expanded");
    if (reader->bytes > RCN_YAML_MAX_BYTES)
        stop_at_limit(reader, "more than 256 MiB of text in one file, aliases expanded");
}

/* A node at the place of the event. */
static struct rcn_yaml_node *new_node(struct reader *reader, enum rcn_yaml_kind kind,
                                      enum rcn_yaml_type type)
{
    struct rcn_yaml_node *node = rcn_arena_alloc(reader->arena, sizeof *node);
    node->kind = (uint8_t)kind;
    node->type = (uint8_t)type;
    node->place = reader->place;
    *reader->end = node;
    reader->end = &node->next;
    if (reader->depth)
        reader->open[reader->depth - 1].node->len++;
    return node;
}

static void add_alias(struct reader *reader, const char *name)
{
    enum { MAX_QUOTED = 60 };
    struct rcn_span span = rcn_place_get_span(&reader->place, reader->text);
    const struct anchor *anchor =
        reader->anchors ? rcn_strmap_get(reader->anchors, name, strlen(name)) : NULL;
    if (anchor && !anchor->is_open) {
        new_node(reader, RCN_YAML_ALIAS, anchor->node->type)->target = anchor->node;
        count(reader, anchor->nodes, anchor->bytes);
        return;
    }
    new_node(reader, RCN_YAML_BAD, RCN_YAML_IS_BAD);
    count(reader, 1, 0);
    if (anchor) {
        rcn_diags_error(reader->diags, "syntax", span,
                        "alias '*%.*s' is inside the anchor that it names", MAX_QUOTED, name);
        return;
    }
    struct rcn_diag *diag = rcn_diags_error(
        reader->diags, "syntax", span, "no anchor '&%.*s' before this alias", MAX_QUOTED, name);
    rcn_diag_set_hint(reader->diags, diag, "quote the value if it begins with '*'");
}

/*
 * A scalar or a collection (core: its type without a tag) with its anchor (*ret_anchor; NULL: it
 * has none). A name may be defined again: later aliases mean the later one (YAML 1.2, 7.1).
 */
static struct rcn_yaml_node *add_node(struct reader *reader, enum rcn_yaml_kind kind,
                                      enum rcn_yaml_type core, const yaml_char_t *name,
                                      const yaml_char_t *tag_text, bool is_empty,
                                      struct anchor **ret_anchor)
{
    const char *tag = (const char *)tag_text;
    enum rcn_yaml_type type = tag ? rcn_yaml_get_tagged_type(tag, core) : core;
    if ((name || tag) && !is_empty)
        move_after_properties(reader, type == RCN_YAML_IS_UNKNOWN);
    struct rcn_yaml_node *node = new_node(reader, kind, type);
    node->is_tagged = tag != NULL;
    node->is_merge_key = tag && strcmp(tag, "tag:yaml.org,2002:merge") == 0;
    *ret_anchor = NULL;
    if (name) {
        const char *key = rcn_arena_strdup(reader->arena, (const char *)name);
        struct anchor *anchor = rcn_arena_alloc(reader->arena, sizeof *anchor);
        *anchor = (struct anchor){node, true, reader->nodes, reader->bytes};
        reader->anchors = reader->anchors ? reader->anchors : rcn_strmap_new(16);
        *rcn_strmap_put(reader->anchors, key, strlen(key)) = *ret_anchor = anchor;
        if (rcn_strmap_get_count(reader->anchors) > RCN_YAML_MAX_ANCHORS)
            stop_at_limit(reader, "more than 100000 anchors in one document");
    }
    return node;
}

static void end_node(const struct reader *reader, struct anchor *anchor)
{
    if (anchor)
        *anchor = (struct anchor){anchor->node, false, reader->nodes - anchor->nodes,
                                  reader->bytes - anchor->bytes};
}

static void add_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    const yaml_char_t *tag = event->data.scalar.tag;
    yaml_scalar_style_t style = event->data.scalar.style;
    bool is_plain = style == YAML_PLAIN_SCALAR_STYLE;
    struct anchor *anchor;
    struct rcn_yaml_node *node =
        add_node(reader, RCN_YAML_SCALAR,
                 is_plain || tag ? rcn_yaml_get_scalar_type(text, len) : RCN_YAML_IS_STRING,
                 event->data.scalar.anchor, tag, len == 0 && is_plain, &anchor);
    node->is_plain = is_plain;
    node->is_block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    node->len = (uint32_t)len;
    node->text = rcn_arena_strndup(reader->arena, text, len);
    node->is_merge_key |= is_plain && !tag && strcmp(text, "<<") == 0;
    count(reader, 1, len);
    end_node(reader, anchor);
}

static void begin_collection(struct reader *reader, enum rcn_yaml_kind kind,
                             enum rcn_yaml_type core, const yaml_char_t *name,
                             const yaml_char_t *tag)
{
    struct anchor *anchor;
    struct rcn_yaml_node *node = add_node(reader, kind, core, name, tag, false, &anchor);
    count(reader, 1, 0);
    if (reader->depth == RCN_YAML_MAX_DEPTH) {
        stop_at_limit(reader, "nested deeper than 64 levels");
        return;
    }
    reader->open[reader->depth].node = node;
    reader->open[reader->depth++].anchor = anchor;
    reader->end = &node->first;
}

static void handle_event(struct reader *reader, const yaml_event_t *event)
{
    reader->index += rcn_place_move(&reader->place, reader->text,
                                    event->start_mark.index - reader->index, SIZE_MAX);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++reader->documents > RCN_YAML_MAX_DOCUMENTS)
            stop_at_limit(reader, "more than 200000 documents in one text");
        break;
    case YAML_DOCUMENT_END_EVENT:
        rcn_strmap_free(reader->anchors);
        reader->anchors = NULL;
        /* One that a bad byte cut short has no true end. */
        reader->has_ended |=
            reader->usable < reader->text->len && reader->place.offset >= reader->usable;
        break;
    case YAML_ALIAS_EVENT:
        add_alias(reader, (const char *)event->data.alias.anchor);
        break;
    case YAML_SCALAR_EVENT:
        add_scalar(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        begin_collection(reader, RCN_YAML_SEQUENCE, RCN_YAML_IS_SEQUENCE,
                         event->data.sequence_start.anchor, event->data.sequence_start.tag);
        break;
    case YAML_MAPPING_START_EVENT:
        begin_collection(reader, RCN_YAML_MAPPING, RCN_YAML_IS_MAPPING,
                         event->data.mapping_start.anchor, event->data.mapping_start.tag);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        reader->depth--;
        reader->end = &reader->open[reader->depth].node->next;
        end_node(reader, reader->open[reader->depth].anchor);
        break;
    case YAML_STREAM_END_EVENT:
        reader->has_ended = true;
        break;
    case YAML_STREAM_START_EVENT:
    case YAML_NO_EVENT:
        break;
    }
}

struct rcn_yaml_node *rcn_yaml_read(const struct rcn_text *text, struct rcn_arena *arena,
                                    struct rcn_diags *diags, bool *is_incomplete)
{
    struct rcn_yaml_node *roots = NULL;
    struct reader reader = {.text = text,
                            .arena = arena,
                            .diags = diags,
                            .usable = rcn_encoding_check(text, diags),
                            .place = rcn_place_get_start(text),
                            .end = &roots};
    struct rcn_yaml_node **end = &roots; /* of the documents that are whole */
    size_t start = reader.place.offset;  /* the library does not see a byte order mark */
    *is_incomplete |= reader.usable < text->len;
    if (reader.usable <= start)
        return NULL;
    if (!yaml_parser_initialize(&reader.parser))
        rcn_memory_exhausted();
    /* The library's own guess would take other encodings; bytes were judged before. */
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text->bytes + start,
                                 reader.usable - start);
    while (!reader.has_ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader.parser, &event)) {
            report_problem(&reader);
            break;
        }
        handle_event(&reader, &event);
        if (event.type == YAML_DOCUMENT_END_EVENT && !reader.has_ended)
            end = reader.end;
        yaml_event_delete(&event);
    }
    *end = NULL;
    rcn_strmap_free(reader.anchors);
    yaml_parser_delete(&reader.parser);
    *is_incomplete |= reader.is_incomplete;
    return roots;
}
