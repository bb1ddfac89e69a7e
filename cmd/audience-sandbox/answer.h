/*
 * answer.h: one request as the rest of the program sees it, and the answer to it.
 *
 * Error bodies take one of the shapes of api-contract 5. Each place names the shape that the
 * evidence gives it; `--set error-shape=` replaces all of them, so that a client meets every one.
 * Error codes that no vendor source names begin with SANDBOX_.
 */
#ifndef SBX_SANDBOX_ANSWER_H
#define SBX_SANDBOX_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "switches.h"

/* All borrowed, NULL when the request has none. */
struct sbx_request {
    const char *method;
    const char *path; /* as sent: percent-encoded, without the query */
    const char *authorization;
    const char *company_id; /* x-company-id */
    const char *limit;      /* query parameters, for --set pagination=offset */
    const char *offset;
    const char *body;
    size_t body_len;
    bool body_too_large;
};

/* How the bytes reach the client. */
enum sbx_delivery {
    SBX_DELIVERY_WHOLE,
    SBX_DELIVERY_RESET,   /* a TCP reset, nothing sent */
    SBX_DELIVERY_NEVER,   /* the connection is held, nothing sent */
    SBX_DELIVERY_CUT,     /* half of the body, then the end of the connection */
    SBX_DELIVERY_ENDLESS, /* the body, then more and more */
    SBX_DELIVERY_DRIP,    /* byte by byte */
};

enum { SBX_ANSWER_MAX = 1 << 30, SBX_ANSWER_ID_SIZE = 128, SBX_ANSWER_HEADER_SIZE = 128 };

struct sbx_answer {
    unsigned status;
    struct rcn_buf body;
    const char *content_type;                 /* static */
    char retry_after[SBX_ANSWER_HEADER_SIZE]; /* "": no such header; the same below */
    char allow[SBX_ANSWER_HEADER_SIZE];
    enum sbx_delivery delivery;
    int64_t drip_ms; /* a byte */

    /* what the request did, for the log */
    bool committed;
    char sync_id[SBX_ANSWER_ID_SIZE];
    char company_id[SBX_ANSWER_ID_SIZE];
};

void sbx_answer_init(struct sbx_answer *answer);
void sbx_answer_release(struct sbx_answer *answer);

/* The shapes of api-contract 5; SBX_SHAPE_DOCUMENTED is {success:false, error:"text"}. */
enum sbx_shape {
    SBX_SHAPE_DOCUMENTED,
    SBX_SHAPE_BARE,     /* {error} */
    SBX_SHAPE_CODED,    /* {success, error, code, retryable} */
    SBX_SHAPE_FRIENDLY, /* AgentFriendlyError */
    SBX_SHAPE_NESTED,   /* {success, error: {code, message}} */
    SBX_SHAPE_ISSUES,   /* {error, issues: [{path, message}]} */
    SBX_SHAPE_STRING,   /* a JSON string */
    SBX_SHAPE_TEXT,     /* text/plain */
    SBX_SHAPE_HTML,
    SBX_SHAPE_EMPTY,
};

struct sbx_problem {
    unsigned status;
    enum sbx_shape shape;
    const char *code; /* NULL: one made from the status */
    const char *text;
    const char *resolution; /* for SBX_SHAPE_FRIENDLY; NULL: none */
    const char *path;       /* for SBX_SHAPE_ISSUES: the field; NULL: the body as a whole */
};

/* Empties the body and writes the problem. Nothing counts as committed. */
void sbx_answer_problem(struct sbx_answer *answer, const struct sbx_switches *switches,
                        const struct sbx_problem *problem);
/* The same for a status and a text in the documented shape. */
void sbx_answer_error(struct sbx_answer *answer, const struct sbx_switches *switches,
                      unsigned status, const char *text);

/* Begins `{"success": true` in an emptied body; the caller adds members and ends the object. */
void sbx_answer_begin(struct sbx_answer *answer, unsigned status, struct rcn_json_writer *writer);

/* What servers usually say for a status: `Service temporarily unavailable`. */
const char *sbx_status_text(unsigned status);

#endif
