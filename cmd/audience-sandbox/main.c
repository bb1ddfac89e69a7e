#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "listen.h"
#include "options.h"
#include "seed.h"
#include "server.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 64, HELP_MAX = 65536 };

/* --- the data --- */

static int add_option_key(struct rcn_store *store, const char *text, struct rcn_error *err)
{
    static const char personal_prefix[] = "seq_user_";
    struct rcn_key key = {.key = text, .name = "Sandbox key"};
    key.personal = strncmp(text, personal_prefix, strlen(personal_prefix)) == 0;
    return rcn_store_add_key(store, &key, true, err);
}

static int add_keys(struct rcn_store *store, const struct rcn_options *options,
                    struct rcn_error *err)
{
    int64_t count;
    if (rcn_store_drop_option_keys(store, err))
        return -1;
    for (size_t i = 0; i < options->key_count; i++)
        if (add_option_key(store, options->keys[i], err))
            return -1;
    if (rcn_store_count_keys(store, &count, err))
        return -1;
    if (!count && (add_option_key(store, RCN_OPTIONS_DEFAULT_KEY, err) ||
                   add_option_key(store, RCN_OPTIONS_DEFAULT_PERSONAL_KEY, err)))
        return -1;
    return rcn_store_complete_reach(store, err);
}

static int apply_seed(struct rcn_store *store, const char *path, struct rcn_error *err)
{
    struct rcn_buf text;
    rcn_buf_init(&text, RCN_SEED_MAX);
    int result = path ? rcn_file_read(path, &text, err) : 0;
    if (!result)
        result = rcn_seed_apply(store, path ? rcn_buf_get_str(&text) : NULL, text.len,
                                rcn_clock_wall_ms(), err);
    if (result && path)
        rcn_error_wrap(err, "seed '%s'", path);
    rcn_buf_release(&text);
    return result;
}

static int fill_store(struct rcn_store *store, const struct rcn_options *options,
                      struct rcn_error *err)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (rcn_store_begin(store, err))
        return -1;
    int result = rcn_store_is_seeded(store) ? 0 : apply_seed(store, options->seed, err);
    if (!result)
        result = add_keys(store, options, err);
    return rcn_store_end(store, !result, result ? &ignored : err) ? -1 : result;
}

/* --- running --- */

static int write_port_file(const char *path, unsigned port, struct rcn_error *err)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%u\n", port);
    struct rcn_file_writer *writer = rcn_file_writer_new(path, err);
    int result = writer ? rcn_file_writer_commit(writer, text, (size_t)len, err) : -1;
    rcn_file_writer_free(writer);
    return result;
}

static int announce(const struct rcn_listen *listen, const struct rcn_options *options,
                    struct rcn_error *err)
{
    if (options->port_file && write_port_file(options->port_file, listen->port, err))
        return -1;
    printf("listening on %s\n", listen->url);
    fflush(stdout);
    return 0;
}

static void block_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGTERM);
    pthread_sigmask(SIG_BLOCK, ret, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int serve(const struct rcn_options *options, struct rcn_service *service,
                 struct rcn_stop *stop, struct rcn_error *err)
{
    struct rcn_listen listen;
    sigset_t signals;
    int received;
    if (rcn_listen_open(options->listen, &listen, err))
        return -1;
    /* Before the first thread, so that they all leave the signals to this one. */
    block_signals(&signals);
    struct rcn_server *server = rcn_server_new(listen.fd, service, err);
    int result = server ? announce(&listen, options, err) : -1;
    if (!result)
        sigwait(&signals, &received);
    rcn_stop_now(stop);
    rcn_server_free(server);
    return result;
}

static enum rcn_reading chosen_reading(const struct rcn_switches *switches)
{
    if (rcn_switches_is(switches, RCN_SWITCH_RATE_LIMIT, "fixed"))
        return RCN_READING_FIXED;
    if (rcn_switches_is(switches, RCN_SWITCH_RATE_LIMIT, "bucket-20"))
        return RCN_READING_ONE_BUCKET;
    return rcn_switches_is(switches, RCN_SWITCH_RATE_LIMIT, "bucket-100") ? RCN_READING_MANY_BUCKETS
                                                                          : RCN_READING_SLIDING;
}

static int make_faults(const struct rcn_options *options, struct rcn_faults **ret,
                       struct rcn_error *err)
{
    *ret = rcn_faults_new(options->random_seed);
    if (!*ret)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < options->fault_count; i++)
        if (rcn_faults_add(*ret, options->faults[i], err))
            return -1;
    return 0;
}

static int run(const struct rcn_options *options, struct rcn_error *err)
{
    struct rcn_stop stop;
    struct rcn_service service = {.switches = &options->switches,
                                  .stop = &stop,
                                  .latency_ms = options->latency_ms,
                                  .list_lag_ms = options->list_lag_ms};
    if (rcn_stop_init(&stop, err))
        return -1;
    int result = make_faults(options, &service.faults, err);
    service.limiter = rcn_limiter_new(&options->rate, chosen_reading(&options->switches));
    service.log = rcn_log_new();
    service.late = rcn_late_new();
    if (!result && (!service.limiter || !service.log || !service.late))
        result = rcn_error_no_memory(err);
    if (!result) {
        service.store = rcn_store_new(options->db, err);
        result = service.store ? fill_store(service.store, options, err) : -1;
    }
    if (!result)
        result = serve(options, &service, &stop, err);
    rcn_stop_now(&stop);
    rcn_late_free(service.late);
    rcn_store_free(service.store);
    rcn_log_free(service.log);
    rcn_limiter_free(service.limiter);
    rcn_faults_free(service.faults);
    rcn_stop_release(&stop);
    return result;
}

static int print_help(struct rcn_error *err)
{
    struct rcn_buf out;
    rcn_buf_init(&out, HELP_MAX);
    rcn_options_describe(&out);
    int result = out.failed ? rcn_error_no_memory(err) : 0;
    fputs(rcn_buf_get_str(&out), stdout);
    rcn_buf_release(&out);
    return result;
}

static int start(int argc, char **argv, struct rcn_error *err)
{
    static struct rcn_options options;
    if (rcn_options_read(argc, argv, &options, err))
        return -1;
    if (options.help)
        return print_help(err);
    if (!options.version)
        return run(&options, err);
    puts("audience-sandbox " AUDIENCECTL_VERSION);
    return 0;
}

int main(int argc, char **argv)
{
    struct rcn_error error = RCN_ERROR_INIT;
    char visible[2 * sizeof error.message];
    if (start(argc, argv, &error) == 0)
        return 0;
    rcn_escape_visible_into(visible, sizeof visible, error.message);
    fprintf(stderr, "audience-sandbox: %s\n", visible);
    return error.kind == RCN_ERROR_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
