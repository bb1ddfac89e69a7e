#include "manifest/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/memory.h"
#include "base/strmap.h"
#include "manifest/encoding.h"
#include "manifest/place.h"
#include "manifest/yaml_problem.h"

enum { NODES_IN_BLOCK = 128, MAX_QUOTED = 60 };

/* Nodes, copied scalars, anchors of one document. */
#define MAX_DOCUMENT_BYTES ((size_t)1 << 30)

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

struct rcn_yaml_reader {
    const struct rcn_text *text;
    size_t usable;
    struct rcn_diags *diags;
    yaml_parser_t parser;
    size_t mark_len;        /* of the byte order mark, which the library does not see */
    bool is_ascii;          /* marks of the library are places as they are */
    struct rcn_place place; /* moves forward with the events */
    size_t documents;
    bool ended;
    bool is_incomplete; /* a problem ended the text */
    /* of the current document */
    struct rcn_arena *arena;
    struct rcn_strmap *anchors; /* NULL until the first one */
    struct rcn_yaml_node *block;
    size_t block_left;
    struct rcn_yaml_node *root;
    struct frame frames[RCN_YAML_MAX_DEPTH];
    size_t depth;
    size_t nodes;
    size_t bytes;
};

/* How handling an event ends. */
enum step { GO_ON, HAVE_DOCUMENT, END_OF_TEXT, CUT_SHORT };

static bool is_ascii(const char *bytes, size_t len)
{
    unsigned char all = 0;
    for (size_t i = 0; i < len; i++)
        all |= (unsigned char)bytes[i];
    return all < 0x80;
}

struct rcn_yaml_reader *rcn_yaml_reader_new(const struct rcn_text *text, struct rcn_diags *diags)
{
    struct rcn_yaml_reader *reader = rcn_calloc(1, sizeof *reader);
    size_t mark_len = rcn_text_get_mark_len(text);
    size_t usable = rcn_encoding_check(text, diags);
    if (!yaml_parser_initialize(&reader->parser))
        rcn_memory_exhausted();
    reader->text = text;
    reader->mark_len = mark_len;
    reader->usable = usable > mark_len ? usable : mark_len;
    reader->is_incomplete = usable < text->len;
    reader->diags = diags;
    reader->is_ascii = is_ascii(text->bytes + mark_len, reader->usable - mark_len);
    reader->place = rcn_place_get_start(text);
    /* The library's own guess would take other encodings; bytes were judged before. */
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text->bytes + mark_len,
                                 reader->usable - mark_len);
    reader->ended = reader->usable == mark_len;
    return reader;
}

static void release_document(struct rcn_yaml_reader *reader)
{
    rcn_strmap_free(reader->anchors);
    rcn_arena_free(reader->arena);
    reader->anchors = NULL;
    reader->arena = NULL;
    reader->block_left = 0;
    reader->root = NULL;
    reader->depth = 0;
    reader->nodes = 0;
    reader->bytes = 0;
}

void rcn_yaml_reader_free(struct rcn_yaml_reader *reader)
{
    if (!reader)
        return;
    release_document(reader);
    yaml_parser_delete(&reader->parser);
    free(reader);
}

/* Goes to where the event begins. */
static void follow(struct rcn_yaml_reader *reader, const yaml_mark_t *mark)
{
    if (reader->is_ascii)
        reader->place = (struct rcn_place){.offset = mark->index + reader->mark_len,
                                           .index = mark->index,
                                           .line = (uint32_t)mark->line + 1,
                                           .column = (uint32_t)mark->column + 1};
    else
        rcn_place_move_to_index(&reader->place, reader->text, mark->index);
}

/* --- problems --- */

static enum step stop_at_limit(struct rcn_yaml_reader *reader, const char *message)
{
    struct rcn_span span = rcn_place_get_span(&reader->place, reader->text);
    rcn_diags_error(reader->diags, "limit", span, "%s", message);
    return CUT_SHORT;
}

static struct rcn_span get_span_at(const struct rcn_yaml_reader *reader, size_t offset)
{
    struct rcn_place place = rcn_place_get_start(reader->text);
    rcn_place_move_to_offset(&place, reader->text, offset);
    return rcn_place_get_span(&place, reader->text);
}

static size_t find_mark(const struct rcn_yaml_reader *reader, const yaml_mark_t *mark)
{
    struct rcn_place place = rcn_place_get_start(reader->text);
    rcn_place_move_to_index(&place, reader->text, mark->index);
    return place.offset;
}

static enum step report_problem(struct rcn_yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        rcn_memory_exhausted();
    /* A cut text ends in the middle of something: the fault that cut it is reported already. */
    size_t at = find_mark(reader, &parser->problem_mark);
    if (reader->usable < reader->text->len && at >= reader->usable)
        return END_OF_TEXT;
    size_t context = find_mark(reader, &parser->context_mark);
    const struct rcn_text usable = {.bytes = reader->text->bytes, .len = reader->usable};
    struct rcn_yaml_problem problem = rcn_yaml_problem_explain(
        parser->context, parser->problem ? parser->problem : "unreadable", &usable, at, context);
    struct rcn_diag *diag = rcn_diags_error(
        reader->diags, "syntax", get_span_at(reader, problem.offset), "%s", problem.message);
    if (problem.hint)
        rcn_diag_set_hint(reader->diags, diag, "%s", problem.hint);
    if (problem.note)
        rcn_diag_set_note(reader->diags, diag, get_span_at(reader, context), "%s", problem.note);
    return CUT_SHORT;
}

/* --- nodes --- */

static enum rcn_yaml_tag get_tag(const yaml_char_t *tag, bool is_scalar)
{
    static const struct {
        const char *name;
        enum rcn_yaml_tag tag;
    } known[] = {{"str", RCN_YAML_TAG_STRING},   {"null", RCN_YAML_TAG_NULL},
                 {"bool", RCN_YAML_TAG_BOOLEAN}, {"int", RCN_YAML_TAG_INTEGER},
                 {"float", RCN_YAML_TAG_FLOAT},  {"seq", RCN_YAML_TAG_SEQUENCE},
                 {"map", RCN_YAML_TAG_MAPPING},  {"merge", RCN_YAML_TAG_MERGE}};
    static const char prefix[] = "tag:yaml.org,2002:";
    const char *text = (const char *)tag;
    if (!text)
        return RCN_YAML_TAG_NONE;
    if (strcmp(text, "!") == 0)
        return is_scalar ? RCN_YAML_TAG_STRING : RCN_YAML_TAG_NONE;
    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return RCN_YAML_TAG_OTHER;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text + sizeof prefix - 1, known[i].name) == 0)
            return known[i].tag;
    return RCN_YAML_TAG_OTHER;
}

/*
 * An event begins with its anchor and tag; people look for the value. With stop_at_tag (a tag that
 * will be reported) the place is the tag's.
 */
static void move_after_properties(struct rcn_yaml_reader *reader, bool stop_at_tag)
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
    rcn_place_move_to_offset(&reader->place, text, at);
}

/* A node at the place of the event, where the last event left off in the tree. */
static struct rcn_yaml_node *new_node(struct rcn_yaml_reader *reader, enum rcn_yaml_kind kind)
{
    if (!reader->block_left) {
        reader->block = rcn_arena_calloc(reader->arena, NODES_IN_BLOCK, sizeof *reader->block);
        reader->block_left = NODES_IN_BLOCK;
    }
    reader->block_left--;
    struct rcn_yaml_node *node = reader->block++;
    node->kind = (uint8_t)kind;
    node->offset = (uint32_t)reader->place.offset;
    node->line = reader->place.line;
    node->column = reader->place.column;
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

static enum step count(struct rcn_yaml_reader *reader, size_t nodes, size_t bytes)
{
    reader->nodes += nodes;
    reader->bytes += bytes;
    if (reader->nodes > RCN_YAML_MAX_NODES)
        return stop_at_limit(reader, "more than 8000000 values in one document, aliases expanded");
    if (reader->bytes > RCN_YAML_MAX_BYTES)
        return stop_at_limit(reader, "more than 256 MiB of text in one document, aliases expanded");
    return GO_ON;
}

/* --- anchors --- */

static struct anchor *find_anchor(const struct rcn_yaml_reader *reader, const char *name)
{
    return reader->anchors ? rcn_strmap_get(reader->anchors, name, strlen(name)) : NULL;
}

/* A name may be defined again: later aliases mean the later one (YAML 1.2, 7.1). */
static enum step add_anchor(struct rcn_yaml_reader *reader, const yaml_char_t *anchor_name,
                            struct anchor **ret_anchor)
{
    const char *name = (const char *)anchor_name;
    if (!reader->anchors)
        reader->anchors = rcn_strmap_new(16);
    if (rcn_strmap_get_count(reader->anchors) == RCN_YAML_MAX_ANCHORS)
        return stop_at_limit(reader, "more than 100000 anchors in one document");
    const char *key = rcn_arena_strdup(reader->arena, name);
    struct anchor *anchor = rcn_arena_alloc(reader->arena, sizeof *anchor);
    *rcn_strmap_put(reader->anchors, key, strlen(key)) = anchor;
    *ret_anchor = anchor;
    return GO_ON;
}

static void report_alias(struct rcn_yaml_reader *reader, const char *name, bool is_open)
{
    struct rcn_span span = rcn_place_get_span(&reader->place, reader->text);
    if (is_open) {
        rcn_diags_error(reader->diags, "syntax", span,
                        "alias '*%.*s' is inside the anchor that it names", MAX_QUOTED, name);
        return;
    }
    struct rcn_diag *diag = rcn_diags_error(
        reader->diags, "syntax", span, "no anchor '&%.*s' before this alias", MAX_QUOTED, name);
    rcn_diag_set_hint(reader->diags, diag, "quote the value if it begins with '*'");
}

static enum step add_alias(struct rcn_yaml_reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct anchor *anchor = find_anchor(reader, name);
    bool is_good = anchor && !anchor->open;
    struct rcn_yaml_node *node = new_node(reader, is_good ? RCN_YAML_ALIAS : RCN_YAML_BAD);
    if (!is_good) {
        report_alias(reader, name, anchor != NULL);
        return count(reader, 1, 0);
    }
    node->target = anchor->node;
    return count(reader, anchor->nodes, anchor->bytes);
}

/* --- scalars and collections --- */

static enum step add_scalar(struct rcn_yaml_reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    yaml_scalar_style_t style = event->data.scalar.style;
    const yaml_char_t *anchor_name = event->data.scalar.anchor;
    enum rcn_yaml_tag tag = get_tag(event->data.scalar.tag, true);
    bool is_empty = len == 0 && style == YAML_PLAIN_SCALAR_STYLE;
    if ((anchor_name || event->data.scalar.tag) && !is_empty)
        move_after_properties(reader, tag == RCN_YAML_TAG_OTHER);
    struct rcn_yaml_node *node = new_node(reader, RCN_YAML_SCALAR);
    node->tag = (uint8_t)tag;
    node->plain = style == YAML_PLAIN_SCALAR_STYLE;
    node->literal = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
    node->len = (uint32_t)len;
    node->text = rcn_arena_strndup(reader->arena, value, len);
    if (anchor_name) {
        struct anchor *anchor;
        enum step step = add_anchor(reader, anchor_name, &anchor);
        if (step != GO_ON)
            return step;
        *anchor = (struct anchor){.node = node, .nodes = 1, .bytes = len};
    }
    return count(reader, 1, len);
}

static enum step begin_collection(struct rcn_yaml_reader *reader, enum rcn_yaml_kind kind,
                                  const yaml_char_t *anchor_name, const yaml_char_t *tag_text)
{
    enum rcn_yaml_tag tag = get_tag(tag_text, false);
    if (anchor_name || tag_text)
        move_after_properties(reader, tag == RCN_YAML_TAG_OTHER);
    if (reader->depth == RCN_YAML_MAX_DEPTH)
        return stop_at_limit(reader, "nested deeper than 64 levels");
    struct rcn_yaml_node *node = new_node(reader, kind);
    node->tag = (uint8_t)tag;
    struct frame frame = {
        .node = node, .nodes_before = reader->nodes, .bytes_before = reader->bytes};
    if (anchor_name) {
        enum step step = add_anchor(reader, anchor_name, &frame.anchor);
        if (step != GO_ON)
            return step;
        *frame.anchor = (struct anchor){.node = node, .open = true};
    }
    reader->frames[reader->depth++] = frame;
    return count(reader, 1, 0);
}

static void end_collection(struct rcn_yaml_reader *reader)
{
    const struct frame *frame = &reader->frames[--reader->depth];
    if (frame->anchor) {
        frame->anchor->open = false;
        frame->anchor->nodes = reader->nodes - frame->nodes_before;
        frame->anchor->bytes = reader->bytes - frame->bytes_before;
    }
}

/* --- documents --- */

static enum step begin_document(struct rcn_yaml_reader *reader)
{
    if (++reader->documents > RCN_YAML_MAX_DOCUMENTS)
        return stop_at_limit(reader, "more than 200000 documents in one text");
    reader->arena = rcn_arena_new(MAX_DOCUMENT_BYTES);
    return GO_ON;
}

/* A document that a bad byte cut short has no true end. */
static enum step end_document(const struct rcn_yaml_reader *reader)
{
    bool cut = reader->usable < reader->text->len && reader->place.offset >= reader->usable;
    return cut ? END_OF_TEXT : HAVE_DOCUMENT;
}

static enum step handle_event(struct rcn_yaml_reader *reader, const yaml_event_t *event)
{
    follow(reader, &event->start_mark);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return begin_document(reader);
    case YAML_DOCUMENT_END_EVENT:
        return end_document(reader);
    case YAML_ALIAS_EVENT:
        return add_alias(reader, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return begin_collection(reader, RCN_YAML_SEQUENCE, event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return begin_collection(reader, RCN_YAML_MAPPING, event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        end_collection(reader);
        return GO_ON;
    case YAML_STREAM_END_EVENT:
        return END_OF_TEXT;
    case YAML_STREAM_START_EVENT:
    case YAML_NO_EVENT:
        break;
    }
    return GO_ON;
}

struct rcn_yaml_node *rcn_yaml_reader_next(struct rcn_yaml_reader *reader)
{
    enum step step = reader->ended ? END_OF_TEXT : GO_ON;
    release_document(reader);
    while (step == GO_ON) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            step = report_problem(reader);
            break;
        }
        step = handle_event(reader, &event);
        yaml_event_delete(&event);
    }
    reader->ended = step != HAVE_DOCUMENT;
    reader->is_incomplete |= step == CUT_SHORT;
    return step == HAVE_DOCUMENT ? reader->root : NULL;
}

bool rcn_yaml_reader_is_incomplete(const struct rcn_yaml_reader *reader)
{
    return reader->is_incomplete;
}
