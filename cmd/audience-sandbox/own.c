#include <string.h>

#include "base/clock.h"
#include "service.h"

static const char prefix[] = "/__sandbox/";

bool sbx_own_is(const char *path)
{
    return strncmp(path, prefix, strlen(prefix)) == 0;
}

static int answer_log(const struct sbx_service *service, const struct sbx_request *request,
                      struct sbx_answer *answer, struct rcn_error *err)
{
    (void)request;
    (void)err;
    sbx_log_render(service->log, &answer->body);
    return 0;
}

static int list_truth(const struct sbx_service *service, struct sbx_answer *answer,
                      struct rcn_error *err)
{
    struct rcn_json_writer writer;
    sbx_answer_begin(answer, 200, &writer);
    rcn_json_key(&writer, "audienceSyncs");
    rcn_json_begin_array(&writer);
    if (sbx_store_finish_runs(service->store, rcn_clock_wall_ms(), err) ||
        sbx_store_list_truth(service->store, &answer->body, err))
        return -1;
    rcn_json_end_array(&writer);
    rcn_json_end_object(&writer);
    rcn_buf_add_char(&answer->body, '\n');
    return 0;
}

static int answer_truth(const struct sbx_service *service, const struct sbx_request *request,
                        struct sbx_answer *answer, struct rcn_error *err)
{
    (void)request;
    if (sbx_store_begin(service->store, err))
        return -1;
    int result = list_truth(service, answer, err);
    struct rcn_error ignored = RCN_ERROR_INIT;
    sbx_store_end(service->store, false, &ignored);
    return result;
}

static int set_meta(const struct sbx_service *service, const struct sbx_request *request,
                    bool connected, struct sbx_answer *answer, struct rcn_error *err)
{
    bool deactivate = sbx_switches_is(service->switches, SBX_SWITCH_DISCONNECTED, "deactivate");
    struct rcn_json_writer writer;
    if (sbx_store_begin(service->store, err))
        return -1;
    if (sbx_store_set_meta(service->store, request->company_id, connected, deactivate, err)) {
        struct rcn_error ignored = RCN_ERROR_INIT;
        sbx_store_end(service->store, false, &ignored);
        return -1;
    }
    sbx_answer_begin(answer, 200, &writer);
    rcn_json_end_object(&writer);
    return sbx_store_end(service->store, true, err);
}

static int answer_connect(const struct sbx_service *service, const struct sbx_request *request,
                          struct sbx_answer *answer, struct rcn_error *err)
{
    return set_meta(service, request, true, answer, err);
}

static int answer_disconnect(const struct sbx_service *service, const struct sbx_request *request,
                             struct sbx_answer *answer, struct rcn_error *err)
{
    return set_meta(service, request, false, answer, err);
}

void sbx_own_answer(const struct sbx_service *service, const struct sbx_request *request,
                    struct sbx_answer *ret)
{
    static const struct {
        const char *method;
        const char *name;
        int (*answer)(const struct sbx_service *service, const struct sbx_request *request,
                      struct sbx_answer *answer, struct rcn_error *err);
    } endpoints[] = {
        {"GET", "log", answer_log},
        {"GET", "syncs", answer_truth},
        {"POST", "connect", answer_connect},
        {"POST", "disconnect", answer_disconnect},
    };
    struct rcn_error error = RCN_ERROR_INIT;
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        if (strcmp(endpoints[i].name, request->path + strlen(prefix)) != 0 ||
            strcmp(endpoints[i].method, request->method) != 0)
            continue;
        if (endpoints[i].answer(service, request, ret, &error))
            sbx_answer_error(ret, service->switches, 500, error.message);
        else if (ret->body.failed)
            sbx_answer_error(ret, service->switches, 500, "out of memory");
        return;
    }
    sbx_answer_error(ret, service->switches, 404, "Not found");
}
