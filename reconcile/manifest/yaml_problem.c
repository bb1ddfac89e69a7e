#include "manifest/yaml_problem.h"

#include <stddef.h>
#include <string.h>

struct row {
    const char *context; /* a part of the library's context; NULL: any */
    const char *problem; /* a part of the library's problem */
    struct rcn_yaml_problem is;
};

/* The first row that fits is taken. */
static const struct row rows[] = {
    {NULL,
     "mapping values are not allowed",
     {"a value that holds ': ' needs quotes", NULL, NULL, RCN_YAML_AT_PROBLEM}},
    {NULL,
     "block sequence entries are not allowed",
     {"a list item cannot start here", "put '- ' on a line of its own", NULL, RCN_YAML_AT_PROBLEM}},
    {NULL,
     "mapping keys are not allowed",
     {"a key cannot start here", "check the indentation", NULL, RCN_YAML_AT_PROBLEM}},
    {"simple key",
     "could not find expected ':'",
     {"there is no ':' behind this key", "write 'key: value'; a long text needs quotes", NULL,
      RCN_YAML_AT_CONTEXT}},
    {"block mapping",
     "did not find expected key",
     {"expected a key here", "check the indentation: keys of one mapping stand in one column",
      "the mapping begins here", RCN_YAML_AT_PROBLEM}},
    {"block collection",
     "did not find expected '-'",
     {"expected a list item ('- ') here",
      "check the indentation: items of one list stand in one column", "the list begins here",
      RCN_YAML_AT_PROBLEM}},
    {"flow sequence",
     "did not find expected ',' or ']'",
     {"expected ',' or ']' here", NULL, "the list begins here", RCN_YAML_AT_PROBLEM}},
    {"flow mapping",
     "did not find expected ',' or '}'",
     {"expected ',' or '}' here", NULL, "the mapping begins here", RCN_YAML_AT_PROBLEM}},
    {NULL,
     "did not find expected node content",
     {"expected a value here", NULL, NULL, RCN_YAML_AT_PROBLEM}},
    {NULL,
     "did not find expected <document start>",
     {"expected '---' or the end of the text here",
      "a document holds one mapping; check the indentation of what comes before", NULL,
      RCN_YAML_AT_PROBLEM}},
    {"quoted scalar",
     "found unexpected end of stream",
     {"this quoted text has no closing quote", NULL, NULL, RCN_YAML_AT_CONTEXT}},
    {"quoted scalar",
     "found unexpected document indicator",
     {"this quoted text has no closing quote before the next document", NULL, NULL,
      RCN_YAML_AT_CONTEXT}},
    {NULL,
     "found unknown escape character",
     {"unknown escape in double quotes", "write '\\\\' for a backslash, or use single quotes", NULL,
      RCN_YAML_AT_PROBLEM}},
    {NULL,
     "found invalid Unicode character escape code",
     {"this escape is no character",
      "YAML has no surrogate pairs as JSON has: write the character itself, or '\\U' and 8 digits",
      NULL, RCN_YAML_AT_ESCAPE}},
    {NULL,
     "did not find expected hexdecimal number",
     {"expected hexadecimal digits in this escape", NULL, NULL, RCN_YAML_AT_ESCAPE}},
    {NULL,
     "found unexpected ':'",
     {"a space is missing behind ':'", "write 'key: value'", NULL, RCN_YAML_AT_PROBLEM}},
    {NULL, "tab character", {"a tab cannot indent", "use spaces", NULL, RCN_YAML_AT_PROBLEM}},
    {"alias",
     "did not find expected alphabetic",
     {"'*' starts an alias, but no name follows", "quote the value if it begins with '*'", NULL,
      RCN_YAML_AT_CONTEXT}},
    {"anchor",
     "did not find expected alphabetic",
     {"'&' starts an anchor, but no name follows", "quote the value if it begins with '&'", NULL,
      RCN_YAML_AT_CONTEXT}},
    {NULL,
     "found undefined tag handle",
     {"the tag's prefix is not defined", "quote the value if it begins with '!'", NULL,
      RCN_YAML_AT_CONTEXT}},
    {"tag",
     "",
     {"this tag cannot be read", "quote the value if it begins with '!'", NULL,
      RCN_YAML_AT_CONTEXT}},
    {"block scalar",
     "",
     {"expected the end of the line behind '|' or '>'", "quote the value if it begins with these",
      NULL, RCN_YAML_AT_PROBLEM}},
    {NULL,
     "found incompatible YAML document",
     {"this version of YAML is not known", "remove the %YAML line", NULL, RCN_YAML_AT_PROBLEM}},
    {NULL,
     "found unexpected end of stream",
     {"the text ends too early", NULL, NULL, RCN_YAML_AT_PROBLEM}},
    {"directive",
     "",
     {"this directive cannot be read", "quote the value if it begins with '%'", NULL,
      RCN_YAML_AT_CONTEXT}},
};

static bool fits(const struct row *row, const char *context, const char *problem)
{
    if (row->context && !(context && strstr(context, row->context)))
        return false;
    return strstr(problem, row->problem) != NULL;
}

/* A character that may stand inside a value, not at its start. */
static struct rcn_yaml_problem explain_first_character(char next)
{
    struct rcn_yaml_problem told = {"a value cannot start with this character", "quote the value",
                                    NULL, RCN_YAML_AT_PROBLEM};
    if (next == '\t') {
        told.message = "a tab cannot indent";
        told.hint = "use spaces";
    } else if (next == '%') {
        told.message = "a value cannot start with '%'";
    } else if (next == '@') {
        told.message = "a value cannot start with '@'";
    } else if (next == '`') {
        told.message = "a value cannot start with '`'";
    }
    return told;
}

/* What is better told by what stands there than by the library's words; NULL: nothing. */
static const struct rcn_yaml_problem *explain_surroundings(const char *problem,
                                                           struct rcn_yaml_surroundings around)
{
    static const struct rcn_yaml_problem variable_in_flow = {
        "'{' cannot stand here", "quote a value with '${' where it is inside [] or {}", NULL,
        RCN_YAML_AT_PROBLEM};
    static const struct rcn_yaml_problem behind_quote = {
        "nothing may follow the closing quote here", "quote the whole value", NULL,
        RCN_YAML_AT_PROBLEM};
    static const struct rcn_yaml_problem key_too_deep = {
        "a key cannot stand here", "check the indentation, and that the line above has its own ':'",
        NULL, RCN_YAML_AT_PROBLEM};
    if (around.before == '$' && around.next == '{')
        return &variable_in_flow;
    if (strstr(problem, "did not find expected key") &&
        (around.before == '"' || around.before == '\''))
        return &behind_quote;
    if (strstr(problem, "mapping values are not allowed") && around.is_first_of_line)
        return &key_too_deep;
    return NULL;
}

struct rcn_yaml_problem rcn_yaml_problem_explain(const char *context, const char *problem,
                                                 struct rcn_yaml_surroundings around)
{
    const struct rcn_yaml_problem *told = explain_surroundings(problem, around);
    if (told)
        return *told;
    if (strstr(problem, "cannot start any token"))
        return explain_first_character(around.next);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (fits(&rows[i], context, problem))
            return rows[i].is;
    return (struct rcn_yaml_problem){problem, NULL, NULL, RCN_YAML_AT_PROBLEM};
}
