#include "live/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/memory.h"

/* Of a body that is no error document, no more than this is looked at. */
enum {
    MAX_BODY = 64 * 1024,
    MAX_TEXT = 4096,
    MESSAGE_BYTES = 200,
    ADVICE_BYTES = 160,
    DESCRIPTION_BYTES = 120,
    ISSUE_BYTES = 80,
    ISSUES_SHOWN = 3,
};

/* Appends text made visible, cut to at most `most` bytes of the original at a character. */
static void add_text(struct rcn_buf *out, const char *text, size_t most)
{
    size_t len = strlen(text);
    size_t shown = len;
    if (len > most) {
        shown = most;
        while (shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
            shown--;
    }
    rcn_escape_visible_len(out, text, shown);
    if (shown < len)
        rcn_buf_add_str(out, "...");
}

static const char *find_ignoring_case(const char *text, const char *what)
{
    size_t len = strlen(what);
    for (; *text; text++)
        if (strncasecmp(text, what, len) == 0)
            return text;
    return NULL;
}

/* The first that says something. */
static const char *choose(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i] && *texts[i])
            return texts[i];
    return NULL;
}

/* `API key is missing required scope: X` (api-contract 1.34). */
static void add_message(struct rcn_buf *out, const char *message)
{
    const char *scope = find_ignoring_case(message, "missing required scope");
    if (scope) {
        scope += strlen("missing required scope");
        bool is_plural = *scope == 's' || *scope == 'S';
        scope += is_plural;
        const char *name = scope + (*scope == ':');
        name += strspn(name, " \t");
        if (*scope == ':' && *name) {
            rcn_buf_printf(out, "this key lacks the scope%s ", is_plural ? "s" : "");
            message = name;
        }
    }
    add_text(out, message, MESSAGE_BYTES);
}

/* An issue without a message, as it is: its accepted values have no known name. */
static void add_raw(struct rcn_buf *out, const struct rcn_json *issue)
{
    struct rcn_buf raw;
    struct rcn_json_writer writer;
    rcn_buf_init(&raw, MAX_TEXT);
    rcn_json_writer_init(&writer, &raw);
    rcn_json_copy(&writer, issue);
    const char *text = rcn_json_get_string(issue);
    add_text(out, text ? text : rcn_buf_get_str(&raw), ISSUE_BYTES);
    rcn_buf_release(&raw);
}

/* `issues`: [{path, message}], path a name or the way to it. */
static void add_issues(struct rcn_buf *out, const struct rcn_json *issues)
{
    size_t count = rcn_json_get_type(issues) == RCN_JSON_ARRAY ? rcn_json_get_count(issues) : 0;
    for (size_t i = 0; i < count && i < ISSUES_SHOWN; i++) {
        const struct rcn_json *issue = rcn_json_get_at(issues, i);
        const struct rcn_json *path = rcn_json_get(issue, "path");
        size_t steps = rcn_json_get_type(path) == RCN_JSON_ARRAY ? rcn_json_get_count(path) : 0;
        const char *name = rcn_json_get_string(steps ? rcn_json_get_at(path, steps - 1) : path);
        const char *message = rcn_json_get_member_string(issue, "message");
        rcn_buf_add_str(out, i > 0 ? "; " : " (");
        if (name && message) {
            add_text(out, name, ISSUE_BYTES);
            rcn_buf_add_str(out, ": ");
        }
        if (message)
            add_text(out, message, ISSUE_BYTES);
        else
            add_raw(out, issue);
    }
    if (count > ISSUES_SHOWN)
        rcn_buf_printf(out, "; %zu more", count - ISSUES_SHOWN);
    if (count > 0)
        rcn_buf_add_char(out, ')');
}

static void add_part(struct rcn_buf *out, const char *before, const char *text, size_t most,
                     const char *message)
{
    if (!text || !*text || strcmp(text, message) == 0)
        return;
    rcn_buf_add_str(out, before);
    add_text(out, text, most);
}

/* The vendor's own client looks in this order (api-contract 5). False: it says nothing to us. */
static bool add_document(struct rcn_buf *out, const struct rcn_json *root)
{
    const struct rcn_json *error = rcn_json_get(root, "error");
    const char *const messages[] = {
        rcn_json_get_string(root),
        rcn_json_get_string(error),
        rcn_json_get_member_string(error, "message"),
        rcn_json_get_member_string(root, "message"),
    };
    const char *const codes[] = {rcn_json_get_member_string(root, "code"),
                                 rcn_json_get_member_string(error, "code")};
    const char *const advices[] = {rcn_json_get_member_string(root, "howToFix"),
                                   rcn_json_get_member_string(root, "resolution")};
    const char *message = choose(messages, sizeof messages / sizeof *messages);
    const char *code = choose(codes, 2);
    if (!message)
        return false;
    add_message(out, message);
    if (code) {
        rcn_buf_add_str(out, " [");
        add_text(out, code, ISSUE_BYTES);
        rcn_buf_add_char(out, ']');
    }
    add_issues(out, rcn_json_get(root, "issues"));
    add_part(out, "; ", choose(advices, 2), ADVICE_BYTES, message);
    add_part(out, "; ", rcn_json_get_member_string(root, "description"), DESCRIPTION_BYTES,
             message);
    add_part(out, "; see ", rcn_json_get_member_string(root, "docsUrl"), DESCRIPTION_BYTES, "");
    return true;
}

static bool is_html(const char *text)
{
    text += strspn(text, " \t\r\n");
    return strncasecmp(text, "<!doctype", 9) == 0 || strncasecmp(text, "<html", 5) == 0;
}

static void add_html(struct rcn_buf *out, const char *text)
{
    rcn_buf_add_str(out, "an HTML page");
    const char *title = find_ignoring_case(text, "<title>");
    if (title) {
        title += strlen("<title>");
        title += strspn(title, " \t\r\n");
        char shown[ISSUE_BYTES];
        snprintf(shown, sizeof shown, "%.*s", (int)strcspn(title, "<\r\n"), title);
        rcn_buf_add_str(out, " ('");
        add_text(out, shown, sizeof shown);
        rcn_buf_add_str(out, "')");
    }
    rcn_buf_add_str(out, " instead of an answer of the API; check the API URL, and proxies and "
                         "firewalls on the way");
}

static void add_body(struct rcn_buf *out, const char *text, size_t len)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = NULL;
    if (text[strspn(text, " \t\r\n")] == '\0')
        rcn_buf_add_str(out, "an empty answer");
    else if (is_html(text))
        add_html(out, text);
    else if (!(root = rcn_json_parse(text, len, &ignored)) || !add_document(out, root))
        add_text(out, text, MESSAGE_BYTES);
    rcn_json_free(root);
}

void rcn_answer_describe(long status, const char *body, size_t len, char *ret, size_t size)
{
    struct rcn_buf out;
    rcn_buf_init(&out, MAX_TEXT);
    char *text = rcn_strndup(body, len < MAX_BODY ? len : MAX_BODY);
    add_body(&out, text, strlen(text));
    free(text);
    if (status == 401)
        rcn_buf_add_str(&out, "; check the key (SEQUENZY_API_KEY, --api-key-file)");
    else if (status >= 300 && status < 400)
        rcn_buf_add_str(&out, "; redirects are not followed: check the API URL");
    else if (status == 403 && find_ignoring_case(rcn_buf_get_str(&out), "no company"))
        rcn_buf_add_str(&out, "; name a company with --company");
    rcn_escape_visible_into(ret, size, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
}

void rcn_answer_describe_unreadable(const char *body, size_t len, const struct rcn_error *json,
                                    char *ret, size_t size)
{
    if (body[strspn(body, " \t\r\n")] == '\0' || is_html(body))
        rcn_answer_describe(200, body, len, ret, size);
    else
        rcn_escape_visible_into(ret, size, json->message);
}

bool rcn_answer_is_of_api(const char *body, size_t len)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(body, len, &ignored);
    bool is_json = root != NULL;
    rcn_json_free(root);
    return is_json;
}

int rcn_answer_judge(const struct rcn_json *root, struct rcn_error *err)
{
    enum rcn_json_type type = rcn_json_get_type(root);
    if (type != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the answer is %s, not an object",
                             rcn_json_type_name(type));
    const struct rcn_json *success = rcn_json_get(root, "success");
    type = rcn_json_get_type(success);
    if (type == RCN_JSON_ABSENT || type == RCN_JSON_NULL || rcn_json_is_true(success))
        return 0;
    return rcn_answer_set_flaw(root, "the answer's 'success' is not true", err);
}

int rcn_answer_set_flaw(const struct rcn_json *root, const char *flaw, struct rcn_error *err)
{
    struct rcn_buf words;
    rcn_buf_init(&words, MAX_TEXT);
    bool has_words = add_document(&words, root);
    rcn_error_set(err, RCN_ERROR_FAILED, "%s%s%s", flaw, has_words ? ": " : "",
                  rcn_buf_get_str(&words));
    rcn_buf_release(&words);
    return -1;
}

void rcn_answer_explain(struct rcn_http_answer *answer, const char *request,
                        const struct rcn_secret *key, char *ret, size_t size)
{
    enum { MAX_REQUEST = 256 };
    char raw[2 * MAX_REQUEST + MAX_TEXT];
    if (answer->transfer == RCN_HTTP_ANSWERED) {
        char text[MAX_TEXT];
        rcn_secret_redact(key, answer->body);
        rcn_answer_describe(answer->status, answer->body, answer->body_len, text, sizeof text);
        snprintf(raw, sizeof raw, "%.*s: %ld: %s", MAX_REQUEST, request, answer->status, text);
    } else {
        snprintf(raw, sizeof raw, "%.*s: %s", MAX_REQUEST, request, answer->error);
    }
    rcn_secret_redact(key, raw);
    rcn_escape_visible_into(ret, size, raw);
}
