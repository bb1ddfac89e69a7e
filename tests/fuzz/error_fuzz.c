/*
 * Any bytes as the body of an error answer; the first is for the status and the room there is. What
 * is told must be one line that a terminal can show.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "live/answer.h"

static void check(const char *text, size_t size)
{
    FUZZ_CHECK(strlen(text) < size && fuzz_is_visible(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const long statuses[] = {200, 307, 400, 401, 403, 404, 409, 503};
    struct rcn_error json = {.message = "not JSON"};
    char text[512];
    size_t room = size ? 1 + (size_t)data[0] * 2 : sizeof text;
    size_t len = size ? size - 1 : 0;
    char *body = malloc(len + 1);
    if (!body)
        abort();
    if (len)
        memcpy(body, data + 1, len);
    body[len] = '\0';
    const struct rcn_http_answer answer = {
        .status = statuses[size ? data[0] % 8 : 0], .body = body, .body_len = len};
    rcn_answer_explain(&answer, "GET /segments", text, room);
    check(text, room);
    rcn_answer_explain_unreadable(body, &json);
    check(json.message, sizeof json.message);
    free(body);
    return 0;
}
