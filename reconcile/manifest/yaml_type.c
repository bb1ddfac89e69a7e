/*
 * What nodes are: by their tags, and plain scalars by the core schema of YAML 1.2 (10.3.2). `yes`,
 * `no`, `on`, `off`, dates and sexagesimals are strings there; `2024`, `0x1F`, `1e3`, `.inf`,
 * `true`, `null`, `~` and nothing at all are not.
 */
#include <string.h>

#include "manifest/yaml_tree.h"

static bool is_one_of(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(text, *words, len) == 0)
            return true;
    return false;
}

static size_t count_digits(const char *text, size_t len, const char *digits)
{
    size_t count = 0;
    while (count < len && text[count] && strchr(digits, text[count]))
        count++;
    return count;
}

static size_t count_decimals(const char *text, size_t len)
{
    return count_digits(text, len, "0123456789");
}

/* 0o17 and 0x1F, which have no sign. */
static bool is_prefixed_integer(const char *text, size_t len)
{
    if (len < 3 || text[0] != '0')
        return false;
    if (text[1] == 'o')
        return count_digits(text + 2, len - 2, "01234567") == len - 2;
    return text[1] == 'x' && count_digits(text + 2, len - 2, "0123456789abcdefABCDEF") == len - 2;
}

/* e10, E-3: all of text. */
static bool is_exponent(const char *text, size_t len)
{
    if (len < 2 || (text[0] != 'e' && text[0] != 'E'))
        return false;
    size_t sign = text[1] == '+' || text[1] == '-';
    size_t digits = len - 1 - sign;
    return digits > 0 && count_decimals(text + 1 + sign, digits) == digits;
}

/* After the sign: digits, a fraction, an exponent. */
static enum rcn_yaml_type get_number_type(const char *text, size_t len)
{
    size_t whole = count_decimals(text, len);
    if (whole && whole == len)
        return RCN_YAML_IS_INTEGER;
    size_t used = whole;
    if (used < len && text[used] == '.') {
        size_t fraction = count_decimals(text + used + 1, len - used - 1);
        if (!whole && !fraction)
            return RCN_YAML_IS_STRING;
        used += 1 + fraction;
    } else if (!whole) {
        return RCN_YAML_IS_STRING;
    }
    return used == len || is_exponent(text + used, len - used) ? RCN_YAML_IS_FLOAT
                                                               : RCN_YAML_IS_STRING;
}

enum rcn_yaml_type rcn_yaml_get_scalar_type(const char *text, size_t len)
{
    static const struct {
        const char *words[4]; /* ended by NULL */
        enum rcn_yaml_type type;
    } rows[] = {{{"~", NULL}, RCN_YAML_IS_NULL},
                {{"null", "Null", "NULL", NULL}, RCN_YAML_IS_NULL},
                {{"true", "True", "TRUE", NULL}, RCN_YAML_IS_TRUE},
                {{"false", "False", "FALSE", NULL}, RCN_YAML_IS_FALSE},
                {{".nan", ".NaN", ".NAN", NULL}, RCN_YAML_IS_FLOAT}};
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    if (!len)
        return RCN_YAML_IS_NULL;
    if (!text[0] || !strchr("~nNtTfF.0123456789+-", text[0]))
        return RCN_YAML_IS_STRING;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_one_of(text, len, rows[i].words))
            return rows[i].type;
    if (is_prefixed_integer(text, len))
        return RCN_YAML_IS_INTEGER;
    size_t sign = text[0] == '+' || text[0] == '-';
    if (is_one_of(text + sign, len - sign, infinities))
        return RCN_YAML_IS_FLOAT;
    return get_number_type(text + sign, len - sign);
}

/* `!!int 12` is an integer, quoted or not; `!!int twelve` is nothing. */
static enum rcn_yaml_type get_tagged_type(const struct rcn_yaml_node *node)
{
    enum rcn_yaml_type core = rcn_yaml_get_scalar_type(node->text, node->len);
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
    return node->plain ? rcn_yaml_get_scalar_type(node->text, node->len) : RCN_YAML_IS_STRING;
}

enum rcn_yaml_type rcn_yaml_get_type(const struct rcn_yaml_node *node)
{
    if (node->kind == RCN_YAML_ALIAS)
        node = node->target;
    bool is_sequence = node->kind == RCN_YAML_SEQUENCE;
    enum rcn_yaml_tag tag = is_sequence ? RCN_YAML_TAG_SEQUENCE : RCN_YAML_TAG_MAPPING;
    if (node->kind == RCN_YAML_SCALAR)
        return get_scalar_type(node);
    if (node->kind != RCN_YAML_SEQUENCE && node->kind != RCN_YAML_MAPPING)
        return RCN_YAML_IS_BAD;
    if (node->tag != RCN_YAML_TAG_NONE && node->tag != tag)
        return RCN_YAML_IS_MISTAGGED;
    return is_sequence ? RCN_YAML_IS_SEQUENCE : RCN_YAML_IS_MAPPING;
}

const char *rcn_yaml_type_name(enum rcn_yaml_type type)
{
    static const char *const names[] = {
        [RCN_YAML_IS_NULL] = "null",
        [RCN_YAML_IS_TRUE] = "a boolean",
        [RCN_YAML_IS_FALSE] = "a boolean",
        [RCN_YAML_IS_INTEGER] = "an integer",
        [RCN_YAML_IS_FLOAT] = "a number",
        [RCN_YAML_IS_STRING] = "a string",
        [RCN_YAML_IS_SEQUENCE] = "a list",
        [RCN_YAML_IS_MAPPING] = "a mapping",
        [RCN_YAML_IS_MISTAGGED] = "a value with a tag of its own",
        [RCN_YAML_IS_BAD] = "a value with a tag of its own",
    };
    return names[type];
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
