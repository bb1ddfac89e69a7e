/*
 * log.h: every request in the order of arrival, with what was done about it.
 *
 * An entry is there from the moment the request is complete, so that one that is held, or whose
 * client has gone, can be seen too. No key is ever kept.
 *
 * Limits: RCN_LOG_MAX entries; later ones are counted only. Threading: any thread.
 */
#ifndef RCN_SANDBOX_LOG_H
#define RCN_SANDBOX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer.h"

enum { RCN_LOG_MAX = 200000 };

/* Strings are copied. */
struct rcn_log_request {
    const char *method;
    const char *path;
    const char *http_version;
    const char *headers; /* a JSON object */
    unsigned long connection;
};

struct rcn_log;
struct rcn_log *rcn_log_new(void);
void rcn_log_free(struct rcn_log *log);

/* Returns the number of the entry, from 1, for the other calls; 0 when it was only counted. */
size_t rcn_log_begin(struct rcn_log *log, const struct rcn_log_request *request);
/* The answer is about to go out; fault (borrowed, outlives the log) NULL: none. */
void rcn_log_end(struct rcn_log *log, size_t number, const struct rcn_answer *answer,
                 const char *fault);
/* A request that was answered before it was handled has been handled now. */
void rcn_log_commit_late(struct rcn_log *log, size_t number, const struct rcn_answer *answer);

/* Appends the whole log as a JSON document. */
void rcn_log_render(struct rcn_log *log, struct rcn_buf *out);

#endif
