/*
 * log.h: every request in the order of arrival, with what was done about it.
 *
 * An entry is there from the moment the request is complete, so that one that is held, or whose
 * client has gone, can be seen too. No key is ever kept.
 *
 * Limits: SBX_LOG_MAX entries; later ones are counted only. Threading: any thread.
 */
#ifndef SBX_SANDBOX_LOG_H
#define SBX_SANDBOX_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer.h"

enum { SBX_LOG_MAX = 200000 };

/* Strings are copied. */
struct sbx_log_request {
    const char *method;
    const char *path;
    const char *http_version;
    const char *headers; /* a JSON object */
    unsigned long connection;
};

struct sbx_log;
struct sbx_log *sbx_log_new(void);
void sbx_log_free(struct sbx_log *log);

/* Returns the number of the entry, from 1, for the other calls; 0 when it was only counted. */
size_t sbx_log_begin(struct sbx_log *log, const struct sbx_log_request *request);
/* The answer is about to go out; fault_text (borrowed, outlives the log) NULL: no fault. */
void sbx_log_end(struct sbx_log *log, size_t number, const struct sbx_answer *answer,
                 const char *fault_text);
/* A request that was answered before it was handled has been handled now. */
void sbx_log_commit_late(struct sbx_log *log, size_t number, const struct sbx_answer *answer);

/* Appends the whole log as a JSON document. */
void sbx_log_render(struct sbx_log *log, struct rcn_buf *out);

#endif
