/* What nodes are: the half of yaml_tree.h that needs no library. */
#include <string.h>

#include "manifest/scalar.h"
#include "manifest/yaml_tree.h"

static enum rcn_yaml_type get_core_type(const struct rcn_yaml_node *node)
{
    switch (rcn_scalar_get_type(node->text, node->len)) {
    case RCN_SCALAR_NULL:
        return RCN_YAML_IS_NULL;
    case RCN_SCALAR_TRUE:
        return RCN_YAML_IS_TRUE;
    case RCN_SCALAR_FALSE:
        return RCN_YAML_IS_FALSE;
    case RCN_SCALAR_INTEGER:
        return RCN_YAML_IS_INTEGER;
    case RCN_SCALAR_FLOAT:
        return RCN_YAML_IS_FLOAT;
    case RCN_SCALAR_STRING:
        break;
    }
    return RCN_YAML_IS_STRING;
}

/* `!!int 12` is an integer, quoted or not; `!!int twelve` is nothing. */
static enum rcn_yaml_type get_tagged_type(const struct rcn_yaml_node *node)
{
    enum rcn_yaml_type core = get_core_type(node);
    bool fits = false;
    switch ((enum rcn_yaml_tag)node->tag) {
    case RCN_YAML_TAG_STRING:
        return RCN_YAML_IS_STRING;
    case RCN_YAML_TAG_NULL:
        fits = core == RCN_YAML_IS_NULL;
        break;
    case RCN_YAML_TAG_BOOLEAN:
        fits = core == RCN_YAML_IS_TRUE || core == RCN_YAML_IS_FALSE;
        break;
    case RCN_YAML_TAG_INTEGER:
        fits = core == RCN_YAML_IS_INTEGER;
        break;
    case RCN_YAML_TAG_FLOAT:
        if (core == RCN_YAML_IS_INTEGER)
            return RCN_YAML_IS_FLOAT;
        fits = core == RCN_YAML_IS_FLOAT;
        break;
    default:
        break;
    }
    return fits ? core : RCN_YAML_IS_MISTAGGED;
}

static enum rcn_yaml_type get_scalar_type(const struct rcn_yaml_node *node)
{
    if (node->tag != RCN_YAML_TAG_NONE)
        return get_tagged_type(node);
    return node->plain ? get_core_type(node) : RCN_YAML_IS_STRING;
}

enum rcn_yaml_type rcn_yaml_get_type(const struct rcn_yaml_node *node)
{
    if (node->kind == RCN_YAML_ALIAS)
        node = node->target;
    switch ((enum rcn_yaml_kind)node->kind) {
    case RCN_YAML_SCALAR:
        return get_scalar_type(node);
    case RCN_YAML_SEQUENCE:
        return node->tag == RCN_YAML_TAG_NONE || node->tag == RCN_YAML_TAG_SEQUENCE
                   ? RCN_YAML_IS_SEQUENCE
                   : RCN_YAML_IS_MISTAGGED;
    case RCN_YAML_MAPPING:
        return node->tag == RCN_YAML_TAG_NONE || node->tag == RCN_YAML_TAG_MAPPING
                   ? RCN_YAML_IS_MAPPING
                   : RCN_YAML_IS_MISTAGGED;
    case RCN_YAML_ALIAS:
    case RCN_YAML_BAD:
        break;
    }
    return RCN_YAML_IS_BAD;
}

const char *rcn_yaml_type_name(enum rcn_yaml_type type)
{
    switch (type) {
    case RCN_YAML_IS_NULL:
        return "null";
    case RCN_YAML_IS_TRUE:
    case RCN_YAML_IS_FALSE:
        return "a boolean";
    case RCN_YAML_IS_INTEGER:
        return "an integer";
    case RCN_YAML_IS_FLOAT:
        return "a number";
    case RCN_YAML_IS_STRING:
        return "a string";
    case RCN_YAML_IS_SEQUENCE:
        return "a list";
    case RCN_YAML_IS_MAPPING:
        return "a mapping";
    case RCN_YAML_IS_MISTAGGED:
    case RCN_YAML_IS_BAD:
        break;
    }
    return "a value with a tag of its own";
}

bool rcn_yaml_equals(const struct rcn_yaml_node *node, const char *text)
{
    size_t len = strlen(text);
    return node->kind == RCN_YAML_SCALAR && node->len == len && memcmp(node->text, text, len) == 0;
}

struct rcn_span rcn_yaml_get_span(const struct rcn_yaml_node *node, const struct rcn_text *text)
{
    return (struct rcn_span){.text = text, .line = node->line, .column = node->column};
}
