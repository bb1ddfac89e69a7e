#include "live/answer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/fields.h"
#include "base/memory.h"
#include "base/redact.h"
#include "base/unicode.h"
#include "model/audience_sync.h"

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

/* Appends `before` and the text, cut to at most `most` bytes; nothing when the text is empty. */
static void add_text(struct rcn_buf *out, const char *before, const char *text, size_t most)
{
    if (!text || !*text)
        return;
    char *copy = rcn_strdup(text);
    rcn_redact(copy); /* before it is cut: half a key would no longer be recognised */
    size_t len = strlen(copy);
    size_t shown = rcn_utf8_cut(copy, len, most);
    rcn_buf_add_str(out, before);
    rcn_escape_visible_len(out, copy, shown);
    if (shown < len)
        rcn_buf_add_str(out, "...");
    free(copy);
}

static const char *either(const char *first, const char *second)
{
    return first && *first ? first : second;
}

/* `API key is missing required scope: X` (api-contract 1.34). */
static void add_message(struct rcn_buf *out, const char *message)
{
    static const char phrase[] = "missing required scope";
    const char *scope = strcasestr(message, phrase);
    const char *name = scope ? scope + strlen(phrase) : "";
    bool is_plural = *name == 's' || *name == 'S';
    name += is_plural;
    size_t blanks = *name == ':' ? strspn(name + 1, " \t") : 0;
    if (*name == ':' && name[1 + blanks])
        add_text(out, is_plural ? "this key lacks the scopes " : "this key lacks the scope ",
                 name + 1 + blanks, MESSAGE_BYTES);
    else
        add_text(out, "", message, MESSAGE_BYTES);
}

/* `issues`: [{path, message}], path a name or the way to it. One without a message is shown as it
 * is: its accepted values have no known name. */
static void add_issues(struct rcn_buf *out, const struct rcn_json *issues)
{
    size_t count = rcn_json_get_type(issues) == RCN_JSON_ARRAY ? rcn_json_get_count(issues) : 0;
    for (size_t i = 0; i < count && i < ISSUES_SHOWN; i++) {
        const struct rcn_json *issue = rcn_json_get_at(issues, i);
        const struct rcn_json *path = rcn_json_get(issue, "path");
        size_t steps = rcn_json_get_type(path) == RCN_JSON_ARRAY ? rcn_json_get_count(path) : 0;
        const char *name = rcn_json_get_string(steps ? rcn_json_get_at(path, steps - 1) : path);
        const char *message =
            either(rcn_json_get_member_string(issue, "message"), rcn_json_get_string(issue));
        struct rcn_buf raw;
        struct rcn_json_writer writer;
        rcn_buf_add_str(out, i > 0 ? "; " : " (");
        if (name && message) {
            add_text(out, "", name, ISSUE_BYTES);
            rcn_buf_add_str(out, ": ");
        }
        rcn_buf_init(&raw, MAX_TEXT);
        rcn_json_writer_init(&writer, &raw);
        rcn_json_copy(&writer, issue);
        add_text(out, "", message ? message : rcn_buf_get_str(&raw), ISSUE_BYTES);
        rcn_buf_release(&raw);
    }
    if (count > ISSUES_SHOWN)
        rcn_buf_printf(out, "; %zu more", count - ISSUES_SHOWN);
    if (count > 0)
        rcn_buf_add_char(out, ')');
}

/* The vendor's own client looks in this order (api-contract 5). False: it says nothing to us. */
static bool add_document(struct rcn_buf *out, const struct rcn_json *root)
{
    const struct rcn_json *error = rcn_json_get(root, "error");
    const char *message = either(either(rcn_json_get_string(root), rcn_json_get_string(error)),
                                 either(rcn_json_get_member_string(error, "message"),
                                        rcn_json_get_member_string(root, "message")));
    const char *code =
        either(rcn_json_get_member_string(root, "code"), rcn_json_get_member_string(error, "code"));
    const char *advice = either(rcn_json_get_member_string(root, "howToFix"),
                                rcn_json_get_member_string(root, "resolution"));
    const char *description = rcn_json_get_member_string(root, "description");
    if (!message || !*message)
        return false;
    add_message(out, message);
    add_text(out, " [", code, ISSUE_BYTES);
    if (code && *code)
        rcn_buf_add_char(out, ']');
    add_issues(out, rcn_json_get(root, "issues"));
    if (advice && strcmp(advice, message) != 0)
        add_text(out, "; ", advice, ADVICE_BYTES);
    if (description && strcmp(description, message) != 0)
        add_text(out, "; ", description, DESCRIPTION_BYTES);
    add_text(out, "; see ", rcn_json_get_member_string(root, "docsUrl"), DESCRIPTION_BYTES);
    return true;
}

/* An HTML page, or nothing at all: not what an API answers. False for anything else. */
static bool add_foreign(struct rcn_buf *out, const char *text)
{
    static const char space[] = " \t\r\n";
    text += strspn(text, space);
    if (!*text) {
        rcn_buf_add_str(out, "an empty answer");
        return true;
    }
    if (strncasecmp(text, "<!doctype", 9) != 0 && strncasecmp(text, "<html", 5) != 0)
        return false;
    rcn_buf_add_str(out, "an HTML page");
    const char *title = strcasestr(text, "<title>");
    if (title) {
        title += strlen("<title>");
        title += strspn(title, space);
        char *shown = rcn_strndup(title, strcspn(title, "<\r\n"));
        add_text(out, " ('", shown, ISSUE_BYTES);
        free(shown);
        rcn_buf_add_str(out, "')");
    }
    rcn_buf_add_str(out, " instead of an answer of the API; check the API URL, and proxies and "
                         "firewalls on the way");
    return true;
}

void rcn_answer_explain_unreadable(const char *body, struct rcn_error *err)
{
    struct rcn_buf out;
    rcn_buf_init(&out, MAX_TEXT);
    if (add_foreign(&out, body))
        rcn_error_set(err, RCN_ERROR_FAILED, "%s", rcn_buf_get_str(&out));
    rcn_buf_release(&out);
}

int rcn_answer_judge(const struct rcn_json *root, struct rcn_error *err)
{
    enum rcn_json_type type = rcn_json_get_type(root);
    if (type != RCN_JSON_OBJECT)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the answer is %s, not an object",
                             rcn_json_type_name(type));
    const struct rcn_json *success = rcn_json_get(root, "success");
    if (rcn_json_get_type(success) <= RCN_JSON_NULL || rcn_json_is_true(success))
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

/* False when it is not JSON: from a firewall or a proxy. */
static bool add_words(struct rcn_buf *out, const struct rcn_http_answer *answer)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_json *root = NULL;
    long status = answer->status;
    char *text =
        rcn_strndup(answer->body, answer->body_len < MAX_BODY ? answer->body_len : MAX_BODY);
    if (!add_foreign(out, text)) {
        root = rcn_json_parse(text, strlen(text), &ignored);
        if (!add_document(out, root))
            add_text(out, "", text, MESSAGE_BYTES);
    }
    bool is_of_api = root != NULL;
    rcn_json_free(root);
    free(text);
    if (status == 401)
        rcn_buf_add_str(out, "; check the key (SEQUENZY_API_KEY, --api-key-file)");
    else if (status >= 300 && status < 400)
        rcn_buf_add_str(out, "; redirects are not followed: check the API URL");
    else if (status == 403 && strcasestr(rcn_buf_get_str(out), "no company"))
        rcn_buf_add_str(out, "; name a company with --company");
    return is_of_api;
}

bool rcn_answer_explain(const struct rcn_http_answer *answer, const char *request, char *ret,
                        size_t size)
{
    bool is_of_api = false;
    struct rcn_buf out;
    rcn_buf_init(&out, (size_t)2 * MAX_TEXT);
    rcn_buf_printf(&out, "%.256s: ", request);
    if (answer->transfer == RCN_HTTP_ANSWERED) {
        rcn_buf_printf(&out, "%ld: ", answer->status);
        is_of_api = add_words(&out, answer);
    } else {
        rcn_buf_add_str(&out, answer->error);
    }
    rcn_escape_visible_into(ret, size, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return is_of_api;
}

/* --- creates --- */

void rcn_create_answer_release(struct rcn_create_answer *answer)
{
    rcn_json_free(answer->root);
    answer->root = NULL;
}

void rcn_create_judge(struct rcn_create_answer *ret, const struct rcn_http_answer *answer)
{
    static const char request[] = "POST /audience-syncs";
    struct rcn_error err = RCN_ERROR_INIT;
    ret->transfer = answer->transfer;
    ret->status = answer->status;
    ret->retry_after_ms = answer->retry_after_ms;
    ret->ended_ms = answer->ended_ms;
    if (answer->transfer != RCN_HTTP_ANSWERED || answer->status < 200 || answer->status >= 300) {
        rcn_answer_explain(answer, request, ret->problem, sizeof ret->problem);
        return;
    }
    struct rcn_json *root = rcn_json_parse(answer->body, answer->body_len, &err);
    const struct rcn_json *sync = rcn_json_get(root, "audienceSync");
    const char *id = rcn_json_get_member_string(sync, "id");
    const char *name = rcn_json_get_member_string(sync, "audienceName");
    ret->root = root;
    ret->is_success = root && rcn_answer_judge(root, &err) == 0 && id && *id && name;
    if (ret->is_success) {
        ret->id = id;
        ret->audience_name = name;
        ret->ad_account_id = rcn_json_get_member_string(sync, "adAccountId");
        ret->segment_id = rcn_json_get_member_string(sync, "segmentId");
        return;
    }
    if (!root)
        rcn_answer_explain_unreadable(answer->body, &err);
    else if (!err.message[0])
        rcn_answer_set_flaw(root,
                            rcn_json_get_type(sync) != RCN_JSON_OBJECT
                                ? "the answer has no audienceSync"
                            : !id || !*id ? "the answer has no id"
                                          : "the answer has no audienceName",
                            &err);
    char raw[2 * sizeof err.message];
    snprintf(raw, sizeof raw, "%s: %ld: %s%s", request, ret->status,
             root ? "" : "the answer cannot be read: ", err.message);
    rcn_escape_visible_into(ret->problem, sizeof ret->problem, raw);
}

/* --- the account --- */

static const struct rcn_table company_table = RCN_TABLE(
    rcn_account_company, RCN_FIELD("id", TEXT, REQUIRED, offsetof(struct rcn_account_company, id)),
    RCN_FIELD("name", TEXT, EITHER, offsetof(struct rcn_account_company, name)));
static const struct rcn_table account_table = RCN_TABLE(
    rcn_account,
    RCN_FIELD("companies", LIST, REQUIRED, offsetof(struct rcn_account, companies),
              .count = offsetof(struct rcn_account, company_count), .table = &company_table),
    RCN_FIELD("currentCompanyId", TEXT, EITHER, offsetof(struct rcn_account, current_company_id)));

int rcn_account_judge(struct rcn_arena *arena, const char *body, size_t len,
                      struct rcn_account *ret, struct rcn_error *err)
{
    *ret = (struct rcn_account){0};
    const char *wrong = NULL;
    struct rcn_json *root = rcn_json_parse(body, len, err);
    int result = root ? rcn_answer_judge(root, err) : -1;
    if (!root)
        rcn_answer_explain_unreadable(body, err);
    if (result == 0) {
        const char *type = rcn_json_get_member_string(
            rcn_json_get(rcn_json_get(root, "apiKeyPermissions"), "activeKey"), "type");
        ret->key_type = rcn_arena_strdup(arena, type ? type : "");
        rcn_fields_read(root, &account_table, ret, arena, &wrong);
    }
    for (size_t i = 0; i < ret->company_count && !wrong; i++)
        if (!*ret->companies[i].id)
            wrong = "id";
    if (wrong)
        result = rcn_error_set(err, RCN_ERROR_FAILED, "'%s' is absent or invalid", wrong);
    rcn_json_free(root);
    return result;
}

char *rcn_account_reduce(struct rcn_arena *arena, const char *body)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    struct rcn_account account;
    struct rcn_json_writer writer;
    struct rcn_buf out;
    if (rcn_account_judge(arena, body, strlen(body), &account, &ignored))
        return rcn_arena_strdup(arena, body);
    rcn_buf_init(&out, SIZE_MAX / 2);
    rcn_json_writer_init(&writer, &out);
    rcn_json_begin_object(&writer);
    rcn_fields_write(&writer, &account_table, &account);
    rcn_json_key(&writer, "apiKeyPermissions");
    rcn_json_begin_object(&writer);
    rcn_json_key(&writer, "activeKey");
    rcn_json_begin_object(&writer);
    rcn_json_key_string(&writer, "type", account.key_type);
    rcn_json_end_object(&writer);
    rcn_json_end_object(&writer);
    rcn_json_end_object(&writer);
    char *reduced = rcn_arena_strdup(arena, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
    return reduced;
}

/* `what: it reaches 'comp_1' (Acme), 'comp_2' (Beta)`; -1. */
static int refuse(const struct rcn_account *account, const char *what, struct rcn_error *err)
{
    enum { NAMED = 10, MAX_BYTES = 4096 };
    struct rcn_buf names;
    rcn_buf_init(&names, MAX_BYTES);
    for (size_t i = 0; i < account->company_count && i < NAMED; i++) {
        const struct rcn_account_company *company = &account->companies[i];
        rcn_buf_printf(&names, "%s'%.40s'", i > 0 ? ", " : ": it reaches ", company->id);
        if (company->name)
            rcn_buf_printf(&names, " (%.40s)", company->name);
    }
    if (account->company_count > NAMED)
        rcn_buf_printf(&names, " and %zu more", account->company_count - NAMED);
    rcn_error_set(err, RCN_ERROR_REFUSED, "%s%s", what, rcn_buf_get_str(&names));
    rcn_buf_release(&names);
    return -1;
}

static const struct rcn_account_company *find(const struct rcn_account *account, const char *id)
{
    for (size_t i = 0; i < account->company_count; i++)
        if (rcn_text_is_same(account->companies[i].id, id))
            return &account->companies[i];
    return NULL;
}

const struct rcn_account_company *rcn_account_find(const struct rcn_account *account,
                                                   const char *company_id, struct rcn_error *err)
{
    char what[160];
    const struct rcn_account_company *found = find(account, company_id);
    if (found)
        return found;
    snprintf(what, sizeof what, "this key does not reach the company '%.100s'", company_id);
    refuse(account, what, err);
    rcn_error_set_hint(err, "check companyId in the manifests, --company, and whose key it is");
    return NULL;
}

int rcn_account_find_own(const struct rcn_account *account, const struct rcn_account_company **ret,
                         struct rcn_error *err)
{
    const char *current = account->current_company_id;
    const struct rcn_account_company *found = find(account, current);
    *ret = NULL;
    if (account->company_count == 0)
        return 0;
    if (account->company_count > 1 && !(found && strcmp(account->key_type, "company") == 0)) {
        char what[96];
        snprintf(what, sizeof what, "this key reaches %zu companies and none is named",
                 account->company_count);
        refuse(account, what, err);
        return rcn_error_set_hint(err, "name one with --company or companyId in the manifests");
    }
    if (current && !found)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the current company '%.100s' is not among the key's companies",
                             current);
    *ret = found ? found : &account->companies[0];
    return 0;
}
