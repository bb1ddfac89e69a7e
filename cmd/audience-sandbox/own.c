#include <string.h>

#include "base/clock.h"
#include "service.h"

static const char prefix[] = "/__sandbox/";

bool rcn_own_is(const char *path)
{
    return strncmp(path, prefix, strlen(prefix)) == 0;
}

static int answer_log(const struct rcn_service *service, const struct rcn_request *request,
                      struct rcn_answer *answer, struct rcn_error *err)
{
    (void)request;
    (void)err;
    rcn_log_render(service->log, &answer->body);
    return 0;
}

static int list_truth(const struct rcn_service *service, struct rcn_answer *answer,
                      struct rcn_error *err)
{
    struct rcn_json_writer writer;
    rcn_answer_begin(answer, 200, &writer);
    rcn_json_key(&writer, "audienceSyncs");
    rcn_json_begin_array(&writer);
    if (rcn_store_finish_runs(service->store, rcn_clock_wall_ms(), err) ||
        rcn_store_list_truth(service->store, &answer->body, err))
        return -1;
    rcn_json_end_array(&writer);
    rcn_json_end_object(&writer);
    rcn_buf_add_char(&answer->body, '\n');
    return 0;
}

static int answer_truth(const struct rcn_service *service, const struct rcn_request *request,
                        struct rcn_answer *answer, struct rcn_error *err)
{
    (void)request;
    if (rcn_store_begin(service->store, err))
        return -1;
    int result = list_truth(service, answer, err);
    struct rcn_error ignored = RCN_ERROR_INIT;
    rcn_store_end(service->store, false, &ignored);
    return result;
}

static int set_meta(const struct rcn_service *service, const struct rcn_request *request,
                    bool connected, struct rcn_answer *answer, struct rcn_error *err)
{
    bool deactivate = rcn_switches_is(service->switches, RCN_SWITCH_DISCONNECTED, "deactivate");
    struct rcn_json_writer writer;
    if (rcn_store_begin(service->store, err))
        return -1;
    if (rcn_store_set_meta(service->store, request->company_id, connected, deactivate, err)) {
        struct rcn_error ignored = RCN_ERROR_INIT;
        rcn_store_end(service->store, false, &ignored);
        return -1;
    }
    rcn_answer_begin(answer, 200, &writer);
    rcn_json_end_object(&writer);
    return rcn_store_end(service->store, true, err);
}

static int answer_connect(const struct rcn_service *service, const struct rcn_request *request,
                          struct rcn_answer *answer, struct rcn_error *err)
{
    return set_meta(service, request, true, answer, err);
}

static int answer_disconnect(const struct rcn_service *service, const struct rcn_request *request,
                             struct rcn_answer *answer, struct rcn_error *err)
{
    return set_meta(service, request, false, answer, err);
}

void rcn_own_answer(const struct rcn_service *service, const struct rcn_request *request,
                    struct rcn_answer *ret)
{
    static const struct {
        const char *method;
        const char *name;
        int (*answer)(const struct rcn_service *service, const struct rcn_request *request,
                      struct rcn_answer *answer, struct rcn_error *err);
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
            rcn_answer_error(ret, service->switches, 500, error.message);
        else if (ret->body.failed)
            rcn_answer_error(ret, service->switches, 500, "out of memory");
        return;
    }
    rcn_answer_error(ret, service->switches, 404, "Not found");
}
