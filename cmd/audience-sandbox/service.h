/*
 * service.h: one request from arrival to answer: fault, latency, endpoint, log.
 *
 * Knows nothing of HTTP connections; server.c does, and knows nothing of the API.
 *
 * Threading: any number of threads at once. What is pointed to outlives every request.
 */
#ifndef RCN_SANDBOX_SERVICE_H
#define RCN_SANDBOX_SERVICE_H

#include "answer.h"
#include "faults.h"
#include "limiter.h"
#include "log.h"
#include "stop.h"
#include "store.h"
#include "switches.h"

struct rcn_late;

struct rcn_service {
    struct rcn_store *store;
    const struct rcn_switches *switches;
    struct rcn_faults *faults;
    struct rcn_limiter *limiter;
    struct rcn_log *log;
    struct rcn_late *late;
    const struct rcn_stop *stop;
    int64_t latency_ms;
    int64_t list_lag_ms;
};

/* Never fails: what goes wrong becomes a 500. logged is for the log; it describes the request. */
void rcn_service_handle(const struct rcn_service *service, const struct rcn_request *request,
                        const struct rcn_log_request *logged, struct rcn_answer *ret);

/* --- routes.c: the endpoints of the API --- */

/* The path behind `/api/v1` or `/v1`; NULL when it has neither. */
const char *rcn_route_strip(const char *path);
void rcn_routes_answer(const struct rcn_service *service, const struct rcn_request *request,
                       const struct rcn_fault *fault, struct rcn_answer *ret);

/* --- own.c: the endpoints of the sandbox itself, `/__sandbox/...`, without key and rate --- */

bool rcn_own_is(const char *path);
void rcn_own_answer(const struct rcn_service *service, const struct rcn_request *request,
                    struct rcn_answer *ret);

/* --- late.c: requests that are handled after they were answered (commit-late) --- */

struct rcn_late *rcn_late_new(void);
/* Waits for those under way; after a stop they end at once, unhandled. */
void rcn_late_free(struct rcn_late *late);
/* Copies the request; handles it wait_ms from now. Lack of memory drops it. */
void rcn_late_add(struct rcn_late *late, const struct rcn_service *service,
                  const struct rcn_request *request, size_t log_number, int64_t wait_ms);

#endif
