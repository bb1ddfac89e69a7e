/*
 * What nodes are: by their tags, and plain scalars by the core schema of YAML 1.2 (10.3.2). `yes`,
 * `no`, `on`, `off`, dates and sexagesimals are strings there; `2024`, `0x1F`, `1e3`, `.inf`,
 * `true`, `null`, `~` and nothing at all are not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/yaml_tree.h"

static enum rcn_yaml_type get_number_type(const char *text, size_t len)
{
    bool is_octal = strncmp(text, "0o", 2) == 0;
    if (len > 2 && (is_octal || strncmp(text, "0x", 2) == 0))
        return strspn(text + 2, is_octal ? "01234567" : "0123456789abcdefABCDEF") == len - 2
                   ? RCN_YAML_IS_INTEGER
                   : RCN_YAML_IS_STRING;
    size_t sign = text[0] == '+' || text[0] == '-';
    if (len > sign && strspn(text + sign, "0123456789") == len - sign)
        return RCN_YAML_IS_INTEGER;
    if (strspn(text, "+-.0123456789eE") != len)
        return RCN_YAML_IS_STRING;
    char *end;
    (void)strtod(text, &end);
    return end == text + len ? RCN_YAML_IS_FLOAT : RCN_YAML_IS_STRING;
}

enum rcn_yaml_type rcn_yaml_get_scalar_type(const char *text, size_t len)
{
    static const struct {
        enum rcn_yaml_type type;
        const char *words;
    } rows[] = {{RCN_YAML_IS_NULL, " ~ null Null NULL "},
                {RCN_YAML_IS_TRUE, " true True TRUE "},
                {RCN_YAML_IS_FALSE, " false False FALSE "},
                {RCN_YAML_IS_FLOAT, " .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf "
                                    "-.INF "}};
    char word[8];
    if (!len)
        return RCN_YAML_IS_NULL;
    if (!text[0] || !strchr("~nNtTfF.0123456789+-", text[0]))
        return RCN_YAML_IS_STRING;
    if (len <= sizeof word - 3 && !memchr(text, ' ', len) && strlen(text) >= len) {
        snprintf(word, sizeof word, " %.*s ", (int)len, text);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (strstr(rows[i].words, word))
                return rows[i].type;
    }
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
