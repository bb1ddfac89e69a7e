#include "service.h"

static void handle_now_or_late(const struct sbx_service *service, const struct sbx_request *request,
                               const struct sbx_fault *fault, size_t log_number,
                               struct sbx_answer *ret)
{
    if (sbx_fault_commits(fault))
        sbx_routes_answer(service, request, fault, ret);
    else if (fault->kind == SBX_FAULT_COMMIT_LATE)
        sbx_late_add(service->late, service, request, log_number, fault->number);
}

void sbx_service_handle(const struct sbx_service *service, const struct sbx_request *request,
                        const struct sbx_log_request *logged, struct sbx_answer *ret)
{
    if (sbx_own_is(request->path)) {
        sbx_own_answer(service, request, ret);
        return;
    }
    size_t log_number = sbx_log_begin(service->log, logged);
    const char *path = sbx_route_strip(request->path);
    struct sbx_fault fault = {0};
    if (path)
        fault = sbx_fault_rules_pick(service->fault_rules, request->method, path);
    /* Half of the latency lies before the effect, half behind it, as on a long line. */
    sbx_stop_wait(service->stop, service->latency_ms / 2, -1);
    handle_now_or_late(service, request, &fault, log_number, ret);
    sbx_fault_spoil(&fault, service->switches, ret);
    sbx_stop_wait(service->stop, service->latency_ms - service->latency_ms / 2, -1);
    sbx_log_end(service->log, log_number, ret, fault.text);
}
