/*
 * What nodes are: by their tags, and plain scalars by the core schema of YAML 1.2 (10.3.2). `yes`,
 * `no`, `on`, `off`, dates and sexagesimals are strings there; `2024`, `0x1F`, `1e3`, `.inf`,
 * `true`, `null`, `~` and nothing at all are not.
 */
#include <string.h>

#include "manifest/yaml_tree.h"

static size_t count_digits(const char *text, size_t len, const char *digits)
{
    size_t count = 0;
    while (count < len && text[count] && strchr(digits, text[count]))
        count++;
    return count;
}

static enum rcn_yaml_type get_number_type(const char *text, size_t len)
{
    static const char decimals[] = "0123456789";
    /* 0o17 and 0x1F, which have no sign */
    if (len > 2 && text[0] == '0' && (text[1] == 'o' || text[1] == 'x')) {
        const char *digits = text[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
        return count_digits(text + 2, len - 2, digits) == len - 2 ? RCN_YAML_IS_INTEGER
                                                                  : RCN_YAML_IS_STRING;
    }
    size_t at = text[0] == '+' || text[0] == '-';
    size_t whole = count_digits(text + at, len - at, decimals);
    size_t fraction = 0;
    at += whole;
    if (whole && at == len)
        return RCN_YAML_IS_INTEGER;
    if (at < len && text[at] == '.') {
        fraction = count_digits(text + at + 1, len - at - 1, decimals);
        at += 1 + fraction;
    }
    if (whole + fraction > 0 && at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < len && (text[at] == '+' || text[at] == '-');
        size_t digits = count_digits(text + at, len - at, decimals);
        at = digits ? at + digits : 0;
    }
    return whole + fraction > 0 && at == len ? RCN_YAML_IS_FLOAT : RCN_YAML_IS_STRING;
}

enum rcn_yaml_type rcn_yaml_get_scalar_type(const char *text, size_t len)
{
    static const struct {
        const char *word;
        enum rcn_yaml_type type;
    } words[] = {
        {"~", RCN_YAML_IS_NULL},      {"null", RCN_YAML_IS_NULL},   {"Null", RCN_YAML_IS_NULL},
        {"NULL", RCN_YAML_IS_NULL},   {"true", RCN_YAML_IS_TRUE},   {"True", RCN_YAML_IS_TRUE},
        {"TRUE", RCN_YAML_IS_TRUE},   {"false", RCN_YAML_IS_FALSE}, {"False", RCN_YAML_IS_FALSE},
        {"FALSE", RCN_YAML_IS_FALSE}, {".nan", RCN_YAML_IS_FLOAT},  {".NaN", RCN_YAML_IS_FLOAT},
        {".NAN", RCN_YAML_IS_FLOAT},  {".inf", RCN_YAML_IS_FLOAT},  {".Inf", RCN_YAML_IS_FLOAT},
        {".INF", RCN_YAML_IS_FLOAT},  {"+.inf", RCN_YAML_IS_FLOAT}, {"+.Inf", RCN_YAML_IS_FLOAT},
        {"+.INF", RCN_YAML_IS_FLOAT}, {"-.inf", RCN_YAML_IS_FLOAT}, {"-.Inf", RCN_YAML_IS_FLOAT},
        {"-.INF", RCN_YAML_IS_FLOAT}};
    if (!len)
        return RCN_YAML_IS_NULL;
    if (!text[0] || !strchr("~nNtTfF.0123456789+-", text[0]))
        return RCN_YAML_IS_STRING;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == len && memcmp(text, words[i].word, len) == 0)
            return words[i].type;
    return get_number_type(text, len);
}

/* `!!int 12` is an integer, quoted or not; `!!int twelve` is nothing. */
enum rcn_yaml_type rcn_yaml_get_tagged_type(const char *tag, enum rcn_yaml_type core)
{
    static const char *const names[] = {
        [RCN_YAML_IS_NULL] = "null",    [RCN_YAML_IS_TRUE] = "bool",   [RCN_YAML_IS_FALSE] = "bool",
        [RCN_YAML_IS_INTEGER] = "int",  [RCN_YAML_IS_FLOAT] = "float", [RCN_YAML_IS_STRING] = "str",
        [RCN_YAML_IS_SEQUENCE] = "seq", [RCN_YAML_IS_MAPPING] = "map", "merge"};
    static const char prefix[] = "tag:yaml.org,2002:";
    bool is_scalar = core != RCN_YAML_IS_SEQUENCE && core != RCN_YAML_IS_MAPPING;
    if (strcmp(tag, "!") == 0)
        return is_scalar ? RCN_YAML_IS_STRING : core;
    if (strncmp(tag, prefix, strlen(prefix)) != 0)
        return RCN_YAML_IS_UNKNOWN;
    const char *name = tag + strlen(prefix);
    if (is_scalar && strcmp(name, "str") == 0)
        return RCN_YAML_IS_STRING;
    if (core == RCN_YAML_IS_INTEGER && strcmp(name, "float") == 0)
        return RCN_YAML_IS_FLOAT;
    if (strcmp(name, names[core]) == 0)
        return core;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return RCN_YAML_IS_MISTAGGED;
    return RCN_YAML_IS_UNKNOWN;
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
        [RCN_YAML_IS_UNKNOWN] = "a value with a tag of its own",
        [RCN_YAML_IS_BAD] = "a value with a tag of its own",
    };
    return names[type];
}

bool rcn_yaml_equals(const struct rcn_yaml_node *node, const char *text)
{
    return node->kind == RCN_YAML_SCALAR && strcmp(node->text, text) == 0 &&
           strlen(text) == node->len;
}

struct rcn_span rcn_yaml_get_span(const struct rcn_yaml_node *node, const struct rcn_text *text)
{
    return (struct rcn_span){.text = text, .line = node->line, .column = node->column};
}
