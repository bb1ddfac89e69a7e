/*
 * answer.h: one request as the rest of the program sees it, and the answer to it.
 *
 * Error bodies take one of the shapes of api-contract 5. Each place names the shape that the
 * evidence gives it; `--set error-shape=` replaces all of them, so that a client meets every one.
 * Error codes that no vendor source names begin with SANDBOX_.
 */
#ifndef RCN_SANDBOX_ANSWER_H
#define RCN_SANDBOX_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "switches.h"

/* All borrowed, NULL when the request has none. */
struct rcn_request {
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
enum rcn_delivery {
    RCN_DELIVERY_WHOLE,
    RCN_DELIVERY_RESET,   /* a TCP reset, nothing sent */
    RCN_DELIVERY_NEVER,   /* the connection is held, nothing sent */
    RCN_DELIVERY_CUT,     /* half of the body, then the end of the connection */
    RCN_DELIVERY_ENDLESS, /* the body, then more and more */
    RCN_DELIVERY_DRIP,    /* byte by byte */
};

enum { RCN_ANSWER_MAX = 1 << 30, RCN_ANSWER_ID_SIZE = 128, RCN_ANSWER_HEADER_SIZE = 128 };

struct rcn_answer {
    unsigned status;
    struct rcn_buf body;
    const char *content_type;                 /* static */
    char retry_after[RCN_ANSWER_HEADER_SIZE]; /* "": no such header; the same below */
    char allow[RCN_ANSWER_HEADER_SIZE];
    enum rcn_delivery delivery;
    int64_t drip_ms; /* a byte */

    /* what the request did, for the log */
    bool committed;
    char sync_id[RCN_ANSWER_ID_SIZE];
    char company_id[RCN_ANSWER_ID_SIZE];
};

void rcn_answer_init(struct rcn_answer *answer);
void rcn_answer_release(struct rcn_answer *answer);

/* The shapes of api-contract 5; RCN_SHAPE_DOCUMENTED is {success:false, error:"text"}. */
enum rcn_shape {
    RCN_SHAPE_DOCUMENTED,
    RCN_SHAPE_BARE,     /* {error} */
    RCN_SHAPE_CODED,    /* {success, error, code, retryable} */
    RCN_SHAPE_FRIENDLY, /* AgentFriendlyError */
    RCN_SHAPE_NESTED,   /* {success, error: {code, message}} */
    RCN_SHAPE_ISSUES,   /* {error, issues: [{path, message}]} */
    RCN_SHAPE_STRING,   /* a JSON string */
    RCN_SHAPE_TEXT,     /* text/plain */
    RCN_SHAPE_HTML,
    RCN_SHAPE_EMPTY,
};

struct rcn_problem {
    unsigned status;
    enum rcn_shape shape;
    const char *code; /* NULL: one made from the status */
    const char *text;
    const char *resolution; /* for RCN_SHAPE_FRIENDLY; NULL: none */
    const char *path;       /* for RCN_SHAPE_ISSUES: the field; NULL: the body as a whole */
};

/* Empties the body and writes the problem. Nothing counts as committed. */
void rcn_answer_problem(struct rcn_answer *answer, const struct rcn_switches *switches,
                        const struct rcn_problem *problem);
/* The same for a status and a text in the documented shape. */
void rcn_answer_error(struct rcn_answer *answer, const struct rcn_switches *switches,
                      unsigned status, const char *text);

/* Begins `{"success": true` in an emptied body; the caller adds members and ends the object. */
void rcn_answer_begin(struct rcn_answer *answer, unsigned status, struct rcn_json_writer *writer);

/* What servers usually say for a status: `Service temporarily unavailable`. */
const char *rcn_status_text(unsigned status);

#endif
