#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "service.h"

/* A request is at most as large as the server takes; this bounds the copies of them. */
enum { LATE_MAX = 256, JOB_ARENA_MAX = 4 << 20 };

struct sbx_late {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t under_way;
};

struct job {
    struct sbx_late *late;
    const struct sbx_service *service;
    struct rcn_arena *arena; /* holds the job too */
    struct sbx_request request;
    size_t log_number;
    int64_t wait_ms;
};

struct sbx_late *sbx_late_new(void)
{
    struct sbx_late *late = calloc(1, sizeof *late);
    if (!late)
        return NULL;
    pthread_mutex_init(&late->lock, NULL);
    pthread_cond_init(&late->changed, NULL);
    return late;
}

void sbx_late_free(struct sbx_late *late)
{
    if (!late)
        return;
    pthread_mutex_lock(&late->lock);
    while (late->under_way)
        pthread_cond_wait(&late->changed, &late->lock);
    pthread_mutex_unlock(&late->lock);
    pthread_cond_destroy(&late->changed);
    pthread_mutex_destroy(&late->lock);
    free(late);
}

static bool enter(struct sbx_late *late)
{
    pthread_mutex_lock(&late->lock);
    bool free_place = late->under_way < LATE_MAX;
    if (free_place)
        late->under_way++;
    pthread_mutex_unlock(&late->lock);
    return free_place;
}

static void leave(struct sbx_late *late)
{
    pthread_mutex_lock(&late->lock);
    late->under_way--;
    pthread_cond_broadcast(&late->changed);
    pthread_mutex_unlock(&late->lock);
}

static void *run_job(void *context)
{
    struct job *job = context;
    struct sbx_late *late = job->late;
    struct sbx_fault none = {0};
    struct sbx_answer answer;
    sbx_answer_init(&answer);
    if (sbx_stop_wait(job->service->stop, job->wait_ms, -1)) {
        sbx_routes_answer(job->service, &job->request, &none, &answer);
        sbx_log_commit_late(job->service->log, job->log_number, &answer);
    }
    sbx_answer_release(&answer);
    rcn_arena_free(job->arena);
    leave(late);
    return NULL;
}

/* False when out of memory; NULL stays NULL. */
static bool copy_text(struct rcn_arena *arena, const char *text, const char **ret)
{
    *ret = text ? rcn_arena_strdup(arena, text) : NULL;
    return !text || *ret;
}

static struct job *job_new(const struct sbx_request *request)
{
    struct rcn_arena *arena = rcn_arena_new(JOB_ARENA_MAX);
    struct job *job = arena ? rcn_arena_alloc(arena, sizeof *job) : NULL;
    if (job) {
        const char *body = request->body ? request->body : "";
        job->arena = arena;
        job->request = (struct sbx_request){.body_len = request->body_len,
                                            .body_too_large = request->body_too_large};
        job->request.body = rcn_arena_strndup(arena, body, request->body_len);
        if (job->request.body && copy_text(arena, request->method, &job->request.method) &&
            copy_text(arena, request->path, &job->request.path) &&
            copy_text(arena, request->authorization, &job->request.authorization) &&
            copy_text(arena, request->company_id, &job->request.company_id))
            return job;
    }
    rcn_arena_free(arena);
    return NULL;
}

static bool start(struct job *job)
{
    pthread_t thread;
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &detached, run_job, job) == 0;
    pthread_attr_destroy(&detached);
    return started;
}

void sbx_late_add(struct sbx_late *late, const struct sbx_service *service,
                  const struct sbx_request *request, size_t log_number, int64_t wait_ms)
{
    struct job *job = job_new(request);
    if (!job)
        return;
    job->late = late;
    job->service = service;
    job->log_number = log_number;
    job->wait_ms = wait_ms;
    if (!enter(late)) {
        rcn_arena_free(job->arena);
        return;
    }
    if (start(job))
        return;
    rcn_arena_free(job->arena);
    leave(late);
}
