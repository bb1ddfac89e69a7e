#include "answer.h"

#include <stdio.h>
#include <string.h>

void sbx_answer_init(struct sbx_answer *answer)
{
    *answer = (struct sbx_answer){.status = 200, .content_type = "application/json"};
    rcn_buf_init(&answer->body, SBX_ANSWER_MAX);
}

void sbx_answer_release(struct sbx_answer *answer)
{
    rcn_buf_release(&answer->body);
}

void sbx_answer_begin(struct sbx_answer *answer, unsigned status, struct rcn_json_writer *writer)
{
    answer->status = status;
    answer->content_type = "application/json";
    rcn_buf_clear(&answer->body);
    rcn_json_writer_init(writer, &answer->body);
    rcn_json_begin_object(writer);
    rcn_json_key_boolean(writer, "success", true);
}

static enum sbx_shape chosen_shape(const struct sbx_switches *switches, enum sbx_shape natural)
{
    static const struct {
        const char *name;
        enum sbx_shape shape;
    } shapes[] = {
        {"bare", SBX_SHAPE_BARE},     {"coded", SBX_SHAPE_CODED},
        {"nested", SBX_SHAPE_NESTED}, {"friendly", SBX_SHAPE_FRIENDLY},
        {"issues", SBX_SHAPE_ISSUES}, {"string", SBX_SHAPE_STRING},
        {"text", SBX_SHAPE_TEXT},     {"html", SBX_SHAPE_HTML},
        {"empty", SBX_SHAPE_EMPTY},
    };
    const char *name = sbx_switches_get(switches, SBX_SWITCH_ERROR_SHAPE);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].name, name) == 0)
            return shapes[i].shape;
    return natural;
}

static void add_code(struct rcn_json_writer *writer, const struct sbx_problem *problem)
{
    char made[32];
    snprintf(made, sizeof made, "SANDBOX_%u", problem->status);
    rcn_json_key_string(writer, "code", problem->code ? problem->code : made);
}

static void add_friendly(struct rcn_json_writer *writer, const struct sbx_problem *problem)
{
    rcn_json_key_boolean(writer, "success", false);
    add_code(writer, problem);
    rcn_json_key_string(writer, "error", problem->text);
    rcn_json_key_string(writer, "title", sbx_status_text(problem->status));
    rcn_json_key_string(writer, "description", problem->text);
    rcn_json_key_string(writer, "resolution",
                        problem->resolution ? problem->resolution : "Change the request.");
    rcn_json_key_string(writer, "docsUrl", "https://docs.sequenzy.com/api-reference");
}

static void add_issues(struct rcn_json_writer *writer, const struct sbx_problem *problem)
{
    rcn_json_key_string(writer, "error", problem->text);
    rcn_json_key(writer, "issues");
    rcn_json_begin_array(writer);
    rcn_json_begin_object(writer);
    rcn_json_key_string(writer, "path", problem->path ? problem->path : "");
    rcn_json_key_string(writer, "message", problem->text);
    rcn_json_end_object(writer);
    rcn_json_end_array(writer);
}

static void add_nested(struct rcn_json_writer *writer, const struct sbx_problem *problem)
{
    rcn_json_key_boolean(writer, "success", false);
    rcn_json_key(writer, "error");
    rcn_json_begin_object(writer);
    add_code(writer, problem);
    rcn_json_key_string(writer, "message", problem->text);
    rcn_json_end_object(writer);
}

static void add_flat(struct rcn_json_writer *writer, enum sbx_shape shape,
                     const struct sbx_problem *problem)
{
    if (shape != SBX_SHAPE_BARE)
        rcn_json_key_boolean(writer, "success", false);
    rcn_json_key_string(writer, "error", problem->text);
    if (shape != SBX_SHAPE_CODED)
        return;
    add_code(writer, problem);
    rcn_json_key_boolean(writer, "retryable", problem->status == 429 || problem->status >= 500);
}

static void write_object(struct rcn_json_writer *writer, enum sbx_shape shape,
                         const struct sbx_problem *problem)
{
    rcn_json_begin_object(writer);
    if (shape == SBX_SHAPE_FRIENDLY)
        add_friendly(writer, problem);
    else if (shape == SBX_SHAPE_NESTED)
        add_nested(writer, problem);
    else if (shape == SBX_SHAPE_ISSUES)
        add_issues(writer, problem);
    else
        add_flat(writer, shape, problem);
    rcn_json_end_object(writer);
}

void sbx_answer_problem(struct sbx_answer *answer, const struct sbx_switches *switches,
                        const struct sbx_problem *problem)
{
    enum sbx_shape shape = chosen_shape(switches, problem->shape);
    answer->status = problem->status;
    answer->committed = false;
    answer->content_type = shape == SBX_SHAPE_TEXT   ? "text/plain"
                           : shape == SBX_SHAPE_HTML ? "text/html"
                                                     : "application/json";
    rcn_buf_clear(&answer->body);
    struct rcn_json_writer writer;
    rcn_json_writer_init(&writer, &answer->body);
    if (shape == SBX_SHAPE_EMPTY)
        return;
    if (shape == SBX_SHAPE_STRING)
        rcn_json_string(&writer, problem->text);
    else if (shape == SBX_SHAPE_TEXT)
        rcn_buf_add_str(&answer->body, problem->text);
    else if (shape == SBX_SHAPE_HTML)
        rcn_buf_printf(&answer->body, "<html><body><h1>%u</h1></body></html>\n", problem->status);
    else
        write_object(&writer, shape, problem);
}

void sbx_answer_error(struct sbx_answer *answer, const struct sbx_switches *switches,
                      unsigned status, const char *text)
{
    struct sbx_problem problem = {.status = status, .text = text};
    sbx_answer_problem(answer, switches, &problem);
}

const char *sbx_status_text(unsigned status)
{
    switch (status) {
    case 400:
        return "Bad request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not found";
    case 405:
        return "Method not allowed";
    case 408:
        return "Request timeout";
    case 409:
        return "Conflict";
    case 413:
        return "Payload too large";
    case 422:
        return "Validation failed";
    case 429:
        return "Rate limit exceeded";
    case 500:
        return "Internal server error";
    case 502:
        return "Bad gateway";
    case 503:
        return "Service temporarily unavailable";
    case 504:
        return "Gateway timeout";
    default:
        return status >= 500 ? "Server error" : "Request failed";
    }
}
