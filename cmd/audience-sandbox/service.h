/*
 * service.h: one request from arrival to answer: fault, latency, endpoint, log.
 *
 * Knows nothing of HTTP connections; server.c does, and knows nothing of the API.
 *
 * Threading: any number of threads at once. What is pointed to outlives every request.
 */
#ifndef SBX_SANDBOX_SERVICE_H
#define SBX_SANDBOX_SERVICE_H

#include "answer.h"
#include "fault.h"
#include "limiter.h"
#include "log.h"
#include "random.h"
#include "stop.h"
#include "store.h"
#include "switches.h"

struct sbx_late;

struct sbx_service {
    struct sbx_store *store;
    const struct sbx_switches *switches;
    struct sbx_fault_rules *fault_rules;
    struct sbx_limiter *limiter;
    struct sbx_log *log;
    struct sbx_late *late;
    const struct sbx_stop *stop;
    int64_t latency_ms;
    int64_t list_lag_ms;
    struct sbx_flicker *flicker;
    struct sbx_upload upload;
};

/* Never fails: what goes wrong becomes a 500. logged is for the log; it describes the request. */
void sbx_service_handle(const struct sbx_service *service, const struct sbx_request *request,
                        const struct sbx_log_request *logged, struct sbx_answer *ret);

/* --- routes.c: the endpoints of the API --- */

/* The path behind `/api/v1` or `/v1`; NULL when it has neither. */
const char *sbx_route_strip(const char *path);
void sbx_routes_answer(const struct sbx_service *service, const struct sbx_request *request,
                       const struct sbx_fault *fault, struct sbx_answer *ret);

/* --- own.c: the endpoints of the sandbox itself, `/__sandbox/...`, without key and rate --- */

bool sbx_own_is(const char *path);
void sbx_own_answer(const struct sbx_service *service, const struct sbx_request *request,
                    struct sbx_answer *ret);

/* --- late.c: requests that are handled after they were answered (commit-late) --- */

struct sbx_late *sbx_late_new(void);
/* Waits for those under way; after a stop they end at once, unhandled. */
void sbx_late_free(struct sbx_late *late);
/* Copies the request; handles it wait_ms from now. Lack of memory drops it. */
void sbx_late_add(struct sbx_late *late, const struct sbx_service *service,
                  const struct sbx_request *request, size_t log_number, int64_t wait_ms);

#endif
