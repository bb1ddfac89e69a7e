#include "manifest/yaml_tree.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/unicode.h"

/* Where a problem is reported. */
enum point {
    AT_PROBLEM, /* where the library stopped */
    AT_CONTEXT, /* where what it was reading began */
    AT_ESCAPE,  /* at the backslash before the place where the library stopped */
};

struct problem {
    size_t offset;
    const char *message;
    const char *hint; /* NULL: none */
    const char *note; /* said of the place where the context begins; NULL: none */
};

/* The first row that fits is taken. */
static const struct {
    const char *context; /* a part of the library's context; NULL: any */
    const char *problem; /* a part of the library's problem */
    enum point at;
    const char *message;
    const char *hint;
    const char *note;
} rows[] = {
    {NULL, "mapping values are not allowed", AT_PROBLEM, "a value that holds ': ' needs quotes",
     NULL, NULL},
    {NULL, "block sequence entries are not allowed", AT_PROBLEM, "a list item cannot start here",
     "put '- ' on a line of its own", NULL},
    {NULL, "mapping keys are not allowed", AT_PROBLEM, "a key cannot start here",
     "check the indentation", NULL},
    {"simple key", "could not find expected ':'", AT_CONTEXT, "':' is missing after this key",
     "write 'key: value'; a long text needs quotes", NULL},
    {"block mapping", "did not find expected key", AT_PROBLEM, "expected a key here",
     "check the indentation: keys of one mapping are in one column", "the mapping begins here"},
    {"block collection", "did not find expected '-'", AT_PROBLEM,
     "expected a list item ('- ') here",
     "check the indentation: items of one list are in one column", "the list begins here"},
    {"flow sequence", "did not find expected ',' or ']'", AT_PROBLEM, "expected ',' or ']' here",
     NULL, "the list begins here"},
    {"flow mapping", "did not find expected ',' or '}'", AT_PROBLEM, "expected ',' or '}' here",
     NULL, "the mapping begins here"},
    {NULL, "did not find expected node content", AT_PROBLEM, "expected a value here", NULL, NULL},
    {NULL, "did not find expected <document start>", AT_PROBLEM,
     "expected '---' or the end of the text here",
     "a document holds one mapping; check the indentation of what comes before", NULL},
    {"quoted scalar", "found unexpected end of stream", AT_CONTEXT,
     "this quoted text has no closing quote", NULL, NULL},
    {"quoted scalar", "found unexpected document indicator", AT_CONTEXT,
     "this quoted text has no closing quote before the next document", NULL, NULL},
    {NULL, "found unknown escape character", AT_PROBLEM, "unknown escape in double quotes",
     "write '\\\\' for a backslash, or use single quotes", NULL},
    {NULL, "found invalid Unicode character escape code", AT_ESCAPE,
     "this escape is half of a surrogate pair, which YAML does not have",
     "write the character itself, or '\\U' and 8 digits", NULL},
    {NULL, "did not find expected hexdecimal number", AT_ESCAPE,
     "expected hexadecimal digits in this escape", NULL, NULL},
    {NULL, "found unexpected ':'", AT_PROBLEM, "a space is missing after ':'", "write 'key: value'",
     NULL},
    {NULL, "tab character", AT_PROBLEM, "a tab cannot indent", "use spaces", NULL},
    {"alias", "did not find expected alphabetic", AT_CONTEXT,
     "'*' starts an alias, but no name follows", "quote the value if it begins with '*'", NULL},
    {"anchor", "did not find expected alphabetic", AT_CONTEXT,
     "'&' starts an anchor, but no name follows", "quote the value if it begins with '&'", NULL},
    {NULL, "found undefined tag handle", AT_CONTEXT, "the tag's prefix is not defined",
     "quote the value if it begins with '!'", NULL},
    {"tag", "", AT_CONTEXT, "this tag cannot be read", "quote the value if it begins with '!'",
     NULL},
    {"block scalar", "", AT_PROBLEM, "expected the end of the line after '|' or '>'",
     "quote the value if it begins with these", NULL},
    {NULL, "found incompatible YAML document", AT_PROBLEM, "this version of YAML is not known",
     "remove the %YAML line", NULL},
    {NULL, "found unexpected end of stream", AT_PROBLEM, "the text ends too early", NULL, NULL},
    {"directive", "", AT_CONTEXT, "this directive cannot be read",
     "quote the value if it begins with '%'", NULL},
};

/* --- what is better explained by the text than by the library's words --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\r' || c == '\n';
}

static size_t find_line_start(const struct rcn_text *text, size_t offset)
{
    while (offset && !is_break(text->bytes[offset - 1]))
        offset--;
    return offset;
}

/* A space of another kind, such as U+00A0, where only a plain one counts: in the indentation of
 * the problem's line or the one before, and (may_follow_colon) after ':'. SIZE_MAX: none. */
static size_t find_odd_space(const struct rcn_text *text, size_t at, bool may_follow_colon)
{
    size_t offset = find_line_start(text, at);
    if (offset)
        offset = find_line_start(text, offset - 1);
    bool matters = true;
    while (offset < text->len && (offset < at || !is_break(text->bytes[offset]))) {
        unsigned code_point;
        char c = text->bytes[offset];
        size_t len = rcn_utf8_decode(text->bytes + offset, text->len - offset, &code_point);
        if (matters && code_point > 0x7f && rcn_unicode_is_space(code_point))
            return offset;
        matters =
            is_break(c) || (matters && (is_blank(c) || c == '-')) || (may_follow_colon && c == ':');
        offset += len;
    }
    return SIZE_MAX;
}

/* `{{ x }}` before the problem in its line: SIZE_MAX: none. */
static size_t find_braces(const struct rcn_text *text, size_t at)
{
    size_t start = find_line_start(text, at);
    const char *open = memmem(text->bytes + start, at - start, "{{", 2);
    const char *end = text->bytes + at;
    return open && memmem(open + 2, (size_t)(end - open) - 2, "}}", 2)
               ? (size_t)(open - text->bytes)
               : SIZE_MAX;
}

/* Is the word before the place the first of its line? */
static bool is_first_word(const struct rcn_text *text, size_t at)
{
    const char *bytes = text->bytes;
    while (at && !is_blank(bytes[at - 1]) && !is_break(bytes[at - 1]))
        at--;
    while (at && is_blank(bytes[at - 1]))
        at--;
    return !at || is_break(bytes[at - 1]);
}

/* At the end of the text the library is after the last line: go back to its end. */
static size_t step_back_from_end(const struct rcn_text *text, size_t at)
{
    if (at < text->len || find_line_start(text, at) != at)
        return at;
    while (at && (is_blank(text->bytes[at - 1]) || is_break(text->bytes[at - 1])))
        at--;
    return at;
}

/* `\ud83d`: the library stops after `\u`. */
static size_t find_escape(const struct rcn_text *text, size_t at)
{
    size_t offset = at;
    while (offset && text->bytes[offset] != '\\' && at - offset < 12)
        offset--;
    return text->bytes[offset] == '\\' ? offset : at;
}

/* A character that may be inside a value, not at its start. */
static struct problem explain_first(size_t at, char first)
{
    if (first == '\t')
        return (struct problem){at, "a tab cannot indent", "use spaces", NULL};
    return (struct problem){at,
                            first == '%'   ? "a value cannot start with '%'"
                            : first == '@' ? "a value cannot start with '@'"
                            : first == '`' ? "a value cannot start with '`'"
                                           : "a value cannot start with this character",
                            "quote the value", NULL};
}

/* What the text explains better than the library's words; message NULL: nothing. */
static struct problem explain_text(const char *context, const char *problem,
                                   const struct rcn_text *text, size_t at, size_t context_at)
{
    const char *bytes = text->bytes;
    size_t odd_space = find_odd_space(text, at, strstr(problem, "expected ':'"));
    size_t braces = find_braces(text, at);
    size_t before = at;
    while (before && is_blank(bytes[before - 1]))
        before--;
    char last = '\0';
    char next = '\0';
    if (before)
        last = bytes[before - 1];
    if (at < text->len)
        next = bytes[at];
    if (odd_space != SIZE_MAX)
        return (struct problem){
            odd_space,
            memcmp(bytes + odd_space, "\xc2\xa0", 2) == 0
                ? "this is U+00A0, a no-break space, where YAML needs a plain space"
                : "this is a space of another kind, where YAML needs a plain space",
            "use plain spaces", NULL};
    if (braces != SIZE_MAX)
        return (struct problem){braces, "'{{' begins a mapping here, not a variable",
                                "variables are written '${NAME}'; quote a value with braces", NULL};
    if (context && (strstr(context, "anchor") || strstr(context, "alias")) &&
        context_at + 1 < text->len && !is_blank(bytes[context_at + 1]) &&
        !is_break(bytes[context_at + 1]))
        return (struct problem){context_at,
                                "this name of an anchor cannot be read: only ASCII letters, "
                                "digits, '-' and '_' are supported",
                                "rename the anchor and its aliases", NULL};
    if (last == '$' && next == '{')
        return (struct problem){at, "'{' cannot be here",
                                "quote a value with '${' where it is inside [] or {}", NULL};
    if (strstr(problem, "did not find expected key") && (last == '"' || last == '\''))
        return (struct problem){at, "nothing may follow the closing quote here",
                                "quote the whole value", NULL};
    if (strstr(problem, "mapping values are not allowed") && is_first_word(text, before))
        return (struct problem){at, "a key cannot be here",
                                "check the indentation, and that the line above has its own ':'",
                                NULL};
    return strstr(problem, "cannot start any token") ? explain_first(at, next)
                                                     : (struct problem){0};
}

void rcn_yaml_report_problem(struct rcn_diags *diags, const struct rcn_text *text,
                             const char *context, const char *problem, size_t at, size_t context_at)
{
    struct problem is = explain_text(context, problem, text, at, context_at);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !is.message; i++) {
        if ((rows[i].context && !(context && strstr(context, rows[i].context))) ||
            !strstr(problem, rows[i].problem))
            continue;
        is = (struct problem){context_at, rows[i].message, rows[i].hint, rows[i].note};
        if (rows[i].at == AT_PROBLEM)
            is.offset = step_back_from_end(text, at);
        else if (rows[i].at == AT_ESCAPE)
            is.offset = find_escape(text, at);
    }
    if (!is.message)
        is = (struct problem){step_back_from_end(text, at), problem, NULL, NULL};
    struct rcn_diag *diag =
        rcn_diags_error(diags, "syntax", rcn_text_get_span(text, is.offset), "%s", is.message);
    if (is.hint)
        rcn_diag_set_hint(diags, diag, "%s", is.hint);
    if (is.note)
        rcn_diag_set_note(diags, diag, rcn_text_get_span(text, context_at), "%s", is.note);
}
