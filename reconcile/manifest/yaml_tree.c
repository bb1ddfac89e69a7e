#include "manifest/yaml_tree.h"

#include <string.h>

#include <yaml.h>

#include "base/memory.h"
#include "base/strmap.h"

struct anchor {
    struct rcn_yaml_node *node;
    size_t nodes; /* what an alias to it costs */
    size_t bytes;
    bool open; /* the collection has not ended: an alias inside would be endless */
};

/* A collection that has not ended. */
struct frame {
    struct rcn_yaml_node *node;
    struct rcn_yaml_node *last;
    struct anchor *anchor; /* NULL: none */
    size_t nodes_before;
    size_t bytes_before;
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
    bool is_incomplete; /* a problem ended the text */
    struct rcn_yaml_node *roots;
    struct rcn_yaml_node *last_root;
    size_t documents;
    struct rcn_strmap *anchors; /* of the current document; NULL until the first one */
    struct rcn_yaml_node *root; /* likewise */
    struct frame frames[RCN_YAML_MAX_DEPTH];
    size_t depth;
    size_t nodes;
    size_t bytes;
};

/* --- problems --- */

static struct rcn_span get_span(const struct reader *reader)
{
    return (struct rcn_span){
        .text = reader->text, .line = reader->place.line, .column = reader->place.column};
}

static void stop_at_limit(struct reader *reader, const char *message)
{
    if (!reader->has_ended)
        rcn_diags_error(reader->diags, "limit", get_span(reader), "%s", message);
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
    reader->has_ended = true;
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

/* A node at the place of the event, where the last event left off in the tree. */
static struct rcn_yaml_node *new_node(struct reader *reader, enum rcn_yaml_kind kind,
                                      enum rcn_yaml_type type)
{
    struct rcn_yaml_node *node = rcn_arena_alloc(reader->arena, sizeof *node);
    node->kind = (uint8_t)kind;
    node->type = (uint8_t)type;
    node->place = reader->place;
    if (!reader->depth) {
        reader->root = node;
        return node;
    }
    struct frame *frame = &reader->frames[reader->depth - 1];
    if (frame->last)
        frame->last->next = node;
    else
        frame->node->first = node;
    frame->last = node;
    frame->node->len++;
    return node;
}

static void add_alias(struct reader *reader, const char *name)
{
    enum { MAX_QUOTED = 60 };
    struct rcn_span span = get_span(reader);
    const struct anchor *anchor =
        reader->anchors ? rcn_strmap_get(reader->anchors, name, strlen(name)) : NULL;
    if (anchor && !anchor->open) {
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
                                      enum rcn_yaml_type core, const yaml_char_t *anchor,
                                      const yaml_char_t *tag_text, bool is_empty,
                                      struct anchor **ret_anchor)
{
    const char *tag = (const char *)tag_text;
    enum rcn_yaml_type type = tag ? rcn_yaml_get_tagged_type(tag, core) : core;
    if ((anchor || tag) && !is_empty)
        move_after_properties(reader, type == RCN_YAML_IS_UNKNOWN);
    struct rcn_yaml_node *node = new_node(reader, kind, type);
    node->is_tagged = tag != NULL;
    node->is_merge_key = tag && strcmp(tag, "tag:yaml.org,2002:merge") == 0;
    *ret_anchor = NULL;
    if (!anchor)
        return node;
    if (!reader->anchors)
        reader->anchors = rcn_strmap_new(16);
    if (rcn_strmap_get_count(reader->anchors) == RCN_YAML_MAX_ANCHORS) {
        stop_at_limit(reader, "more than 100000 anchors in one document");
        return node;
    }
    const char *name = rcn_arena_strdup(reader->arena, (const char *)anchor);
    *ret_anchor = rcn_arena_alloc(reader->arena, sizeof **ret_anchor);
    (*ret_anchor)->node = node;
    *rcn_strmap_put(reader->anchors, name, strlen(name)) = *ret_anchor;
    return node;
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
    if (anchor) {
        anchor->nodes = 1;
        anchor->bytes = len;
    }
    count(reader, 1, len);
}

static void begin_collection(struct reader *reader, enum rcn_yaml_kind kind,
                             enum rcn_yaml_type core, const yaml_char_t *anchor,
                             const yaml_char_t *tag)
{
    struct frame frame = {.nodes_before = reader->nodes, .bytes_before = reader->bytes};
    frame.node = add_node(reader, kind, core, anchor, tag, false, &frame.anchor);
    if (frame.anchor)
        frame.anchor->open = true;
    if (reader->depth < RCN_YAML_MAX_DEPTH)
        reader->frames[reader->depth++] = frame;
    else
        stop_at_limit(reader, "nested deeper than 64 levels");
    count(reader, 1, 0);
}

static void end_collection(struct reader *reader)
{
    const struct frame *frame = &reader->frames[--reader->depth];
    if (frame->anchor) {
        frame->anchor->open = false;
        frame->anchor->nodes = reader->nodes - frame->nodes_before;
        frame->anchor->bytes = reader->bytes - frame->bytes_before;
    }
}

static void end_document(struct reader *reader)
{
    rcn_strmap_free(reader->anchors);
    reader->anchors = NULL;
    /* One that a bad byte cut short has no true end. */
    if (reader->usable < reader->text->len && reader->place.offset >= reader->usable) {
        reader->has_ended = true;
        return;
    }
    if (reader->last_root)
        reader->last_root->next = reader->root;
    else
        reader->roots = reader->root;
    reader->last_root = reader->root;
}

static void handle_event(struct reader *reader, const yaml_event_t *event)
{
    reader->index += rcn_place_move(&reader->place, reader->text,
                                    event->start_mark.index - reader->index, SIZE_MAX);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        reader->root = NULL;
        if (++reader->documents > RCN_YAML_MAX_DOCUMENTS)
            stop_at_limit(reader, "more than 200000 documents in one text");
        break;
    case YAML_DOCUMENT_END_EVENT:
        end_document(reader);
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
        end_collection(reader);
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
    struct reader reader = {.text = text,
                            .arena = arena,
                            .diags = diags,
                            .usable = rcn_encoding_check(text, diags),
                            .place = rcn_place_get_start(text)};
    size_t start = reader.place.offset; /* the library does not see a byte order mark */
    if (reader.usable <= start) {
        *is_incomplete |= reader.usable < text->len;
        return NULL;
    }
    if (!yaml_parser_initialize(&reader.parser))
        rcn_memory_exhausted();
    /* The library's own guess would take other encodings; bytes were judged before. */
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text->bytes + start,
                                 reader.usable - start);
    while (!reader.has_ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&reader.parser, &event)) {
            handle_event(&reader, &event);
            yaml_event_delete(&event);
        } else {
            report_problem(&reader);
        }
    }
    rcn_strmap_free(reader.anchors);
    yaml_parser_delete(&reader.parser);
    *is_incomplete |= reader.is_incomplete || reader.usable < text->len;
    return reader.roots;
}
