#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/json.h"
#include "live/api_private.h"

/* Of a body that is no error document, no more than this is looked at. */
enum {
    MAX_ERROR_BODY = 64 * 1024,
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

static bool is_known_text(const char *text)
{
    return text && *text;
}

/* The vendor's own client looks in this order (api-contract 5). */
static const char *find_message(const struct rcn_json *root)
{
    const struct rcn_json *error = rcn_json_get(root, "error");
    const char *const candidates[] = {
        rcn_json_get_string(root),
        rcn_json_get_string(error),
        rcn_json_get_member_string(error, "message"),
        rcn_json_get_member_string(root, "message"),
        rcn_json_get_member_string(root, "title"),
        rcn_json_get_member_string(root, "description"),
    };
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (is_known_text(candidates[i]))
            return candidates[i];
    return NULL;
}

/* A member of the document, or of its `error` object. */
static const char *find_member(const struct rcn_json *root, const char *key)
{
    const char *text = rcn_json_get_member_string(root, key);
    return is_known_text(text) ? text
                               : rcn_json_get_member_string(rcn_json_get(root, "error"), key);
}

/* `API key is missing required scope: X` (api-contract 1.34). */
static bool add_missing_scope(struct rcn_buf *out, const char *message)
{
    const char *hit = find_ignoring_case(message, "missing required scope");
    if (!hit)
        return false;
    hit += strlen("missing required scope");
    bool is_plural = *hit == 's' || *hit == 'S';
    hit += is_plural;
    if (*hit != ':')
        return false;
    hit++;
    hit += strspn(hit, " \t");
    if (!*hit)
        return false;
    rcn_buf_add_str(out, is_plural ? "this key lacks the scopes " : "this key lacks the scope ");
    add_text(out, hit, MESSAGE_BYTES);
    return true;
}

static void add_message(struct rcn_buf *out, const char *message)
{
    if (!add_missing_scope(out, message))
        add_text(out, message, MESSAGE_BYTES);
}

/* One entry of `issues`: a string, or an object with a path and a message. */
static void add_issue(struct rcn_buf *out, const struct rcn_json *issue)
{
    const char *text = rcn_json_get_string(issue);
    if (text) {
        add_text(out, text, ISSUE_BYTES);
        return;
    }
    const struct rcn_json *path = rcn_json_get(issue, "path");
    const char *name = rcn_json_get_string(path);
    if (!name && rcn_json_get_count(path) > 0)
        name = rcn_json_get_string(rcn_json_get_at(path, rcn_json_get_count(path) - 1));
    const char *message = rcn_json_get_member_string(issue, "message");
    if (name)
        add_text(out, name, ISSUE_BYTES);
    if (name && message)
        rcn_buf_add_str(out, ": ");
    if (message)
        add_text(out, message, ISSUE_BYTES);
    if (!name && !message) {
        struct rcn_buf raw;
        struct rcn_json_writer writer;
        rcn_buf_init(&raw, MAX_TEXT);
        rcn_json_writer_init(&writer, &raw);
        rcn_json_copy(&writer, issue);
        add_text(out, rcn_buf_get_str(&raw), ISSUE_BYTES);
        rcn_buf_release(&raw);
    }
}

static void add_issues(struct rcn_buf *out, const struct rcn_json *root)
{
    const struct rcn_json *issues = rcn_json_get(root, "issues");
    if (rcn_json_get_type(issues) == RCN_JSON_ABSENT)
        issues = rcn_json_get(rcn_json_get(root, "error"), "issues");
    if (rcn_json_get_type(issues) != RCN_JSON_ARRAY || rcn_json_get_count(issues) == 0)
        return;
    rcn_buf_add_str(out, " (");
    size_t count = rcn_json_get_count(issues);
    for (size_t i = 0; i < count && i < ISSUES_SHOWN; i++) {
        if (i > 0)
            rcn_buf_add_str(out, "; ");
        add_issue(out, rcn_json_get_at(issues, i));
    }
    if (count > ISSUES_SHOWN)
        rcn_buf_printf(out, "; %zu more", count - ISSUES_SHOWN);
    rcn_buf_add_char(out, ')');
}

static void add_part(struct rcn_buf *out, const char *before, const char *text, size_t most,
                     const char *message)
{
    if (!is_known_text(text) || (message && strcmp(text, message) == 0))
        return;
    rcn_buf_add_str(out, before);
    add_text(out, text, most);
}

/* False when the document says nothing that we know how to read. */
static bool add_document(struct rcn_buf *out, const struct rcn_json *root)
{
    const char *message = find_message(root);
    if (!message)
        return false;
    add_message(out, message);
    const char *code = find_member(root, "code");
    if (is_known_text(code)) {
        rcn_buf_add_str(out, " [");
        add_text(out, code, ISSUE_BYTES);
        rcn_buf_add_char(out, ']');
    }
    add_issues(out, root);
    const char *advice = find_member(root, "howToFix");
    if (!is_known_text(advice))
        advice = find_member(root, "resolution");
    add_part(out, "; ", advice, ADVICE_BYTES, message);
    add_part(out, "; ", find_member(root, "description"), DESCRIPTION_BYTES, message);
    add_part(out, "; see ", find_member(root, "docsUrl"), DESCRIPTION_BYTES, NULL);
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
    rcn_buf_add_str(out, " instead of an answer of the API; check the API URL");
}

/* What the API's text alone does not tell. */
static void add_remedy(struct rcn_buf *out, long status)
{
    if (status == 401)
        rcn_buf_add_str(out, "; check the key (SEQUENZY_API_KEY, --api-key-file)");
    else if (status >= 300 && status < 400)
        rcn_buf_add_str(out, "; redirects are not followed: check the API URL");
    else if (status == 403 && find_ignoring_case(rcn_buf_get_str(out), "no company"))
        rcn_buf_add_str(out, "; name a company with --company");
}

static void add_body(struct rcn_buf *out, const char *text, size_t len)
{
    if (text[strspn(text, " \t\r\n")] == '\0') {
        rcn_buf_add_str(out, "an empty answer");
        return;
    }
    if (is_html(text)) {
        add_html(out, text);
        return;
    }
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = rcn_json_parse(text, len, &ignored);
    if (!root || !add_document(out, root))
        add_text(out, text, MESSAGE_BYTES);
    rcn_json_free(root);
}

void rcn_api_describe_error(long status, const char *body, size_t body_len, char *ret, size_t size)
{
    struct rcn_buf out;
    rcn_buf_init(&out, MAX_TEXT);
    size_t len = body_len < MAX_ERROR_BODY ? body_len : MAX_ERROR_BODY;
    char *text = malloc(len + 1);
    if (text) {
        memcpy(text, body, len);
        text[len] = '\0';
        add_body(&out, text, len);
        add_remedy(&out, status);
    }
    free(text);
    bool is_known = out.data && !out.failed && out.len > 0;
    rcn_escape_visible_into(ret, size, is_known ? out.data : "an answer that cannot be shown");
    rcn_buf_release(&out);
}

void rcn_api_describe_unreadable(const char *body, size_t body_len, const struct rcn_error *json,
                                 char *ret, size_t size)
{
    bool is_empty = body[strspn(body, " \t\r\n")] == '\0';
    if (is_empty || is_html(body))
        rcn_api_describe_error(200, body, body_len, ret, size);
    else
        rcn_escape_visible_into(ret, size, json->message);
}

void rcn_api_redact(const struct rcn_api *api, char *message)
{
    rcn_secret_redact(api->options.http.key, message);
}

void rcn_api_describe_answer(const struct rcn_api *api, const char *request,
                             struct rcn_http_answer *answer, char *ret, size_t size)
{
    char raw[RCN_API_PATH_SIZE + MAX_TEXT];
    int len = snprintf(raw, sizeof raw, "%.*s: ", RCN_API_PATH_SIZE / 2, request);
    char *rest = raw + len;
    size_t rest_size = sizeof raw - (size_t)len;
    if (answer->transfer != RCN_HTTP_ANSWERED) {
        snprintf(rest, rest_size, "%s", answer->error);
    } else {
        int used = snprintf(rest, rest_size, "%ld: ", answer->status);
        rcn_api_redact(api, answer->body);
        rcn_api_describe_error(answer->status, answer->body, answer->body_len, rest + used,
                               rest_size - (size_t)used);
    }
    rcn_api_redact(api, raw);
    rcn_escape_visible_into(ret, size, raw);
}
