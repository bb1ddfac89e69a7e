#include "service.h"

static void handle_now_or_late(const struct rcn_service *service, const struct rcn_request *request,
                               const struct rcn_fault *fault, size_t log_number,
                               struct rcn_answer *ret)
{
    if (rcn_fault_commits(fault))
        rcn_routes_answer(service, request, fault, ret);
    else if (fault->kind == RCN_FAULT_COMMIT_LATE)
        rcn_late_add(service->late, service, request, log_number, fault->number);
}

void rcn_service_handle(const struct rcn_service *service, const struct rcn_request *request,
                        const struct rcn_log_request *logged, struct rcn_answer *ret)
{
    if (rcn_own_is(request->path)) {
        rcn_own_answer(service, request, ret);
        return;
    }
    size_t log_number = rcn_log_begin(service->log, logged);
    const char *path = rcn_route_strip(request->path);
    struct rcn_fault fault = {0};
    if (path)
        fault = rcn_faults_pick(service->faults, request->method, path);
    /* Half of the latency lies before the effect, half behind it, as on a long line. */
    rcn_stop_wait(service->stop, service->latency_ms / 2, -1);
    handle_now_or_late(service, request, &fault, log_number, ret);
    rcn_fault_spoil(&fault, service->switches, ret);
    rcn_stop_wait(service->stop, service->latency_ms - service->latency_ms / 2, -1);
    rcn_log_end(service->log, log_number, ret, fault.text);
}
