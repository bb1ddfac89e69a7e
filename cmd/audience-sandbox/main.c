#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/memory.h"
#include "listen.h"
#include "options.h"
#include "seed.h"
#include "server.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 64, HELP_MAX = 65536 };

/* --- the data --- */

static int add_option_key(struct sbx_store *store, const char *text, struct rcn_error *err)
{
    static const char personal_prefix[] = "seq_user_";
    struct sbx_key key = {.key = text, .name = "Sandbox key"};
    key.personal = strncmp(text, personal_prefix, strlen(personal_prefix)) == 0;
    return sbx_store_add_key(store, &key, true, err);
}

static int add_keys(struct sbx_store *store, const struct sbx_options *options,
                    struct rcn_error *err)
{
    int64_t count;
    if (sbx_store_drop_option_keys(store, err))
        return -1;
    for (size_t i = 0; i < options->key_count; i++)
        if (add_option_key(store, options->keys[i], err))
            return -1;
    if (sbx_store_count_keys(store, &count, err))
        return -1;
    if (!count && (add_option_key(store, SBX_OPTIONS_DEFAULT_KEY, err) ||
                   add_option_key(store, SBX_OPTIONS_DEFAULT_PERSONAL_KEY, err)))
        return -1;
    return sbx_store_complete_reach(store, err);
}

static int apply_seed(struct sbx_store *store, const struct sbx_options *options,
                      struct rcn_error *err)
{
    const char *path = options->seed;
    struct rcn_buf text;
    rcn_buf_init(&text, SBX_SEED_MAX);
    int result = path ? rcn_file_read(path, &text, err) : 0;
    if (!result)
        result = sbx_seed_apply(store, path ? rcn_buf_get_str(&text) : NULL, text.len,
                                rcn_clock_wall_ms(),
                                sbx_switches_is(&options->switches, SBX_SWITCH_IDS, "bare"), err);
    if (result && path)
        rcn_error_wrap(err, "seed '%s'", path);
    rcn_buf_release(&text);
    return result;
}

static int fill_store(struct sbx_store *store, const struct sbx_options *options,
                      struct rcn_error *err)
{
    struct rcn_error ignored = RCN_ERROR_INIT;
    if (sbx_store_begin(store, err))
        return -1;
    int result = sbx_store_is_seeded(store) ? 0 : apply_seed(store, options, err);
    if (!result)
        result = add_keys(store, options, err);
    return sbx_store_end(store, !result, result ? &ignored : err) ? -1 : result;
}

/* --- running --- */

static int write_port_file(const char *path, unsigned port, struct rcn_error *err)
{
    char text[16];
    int len = snprintf(text, sizeof text, "%u\n", port);
    struct rcn_file_writer *writer = rcn_file_writer_new(path, false, err);
    int result = writer ? rcn_file_writer_commit(writer, text, (size_t)len, NULL, err) : -1;
    rcn_file_writer_free(writer);
    return result;
}

static int announce(const struct sbx_listen *listen, const struct sbx_options *options,
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

static int serve(const struct sbx_options *options, struct sbx_service *service,
                 struct sbx_stop *stop, struct rcn_error *err)
{
    struct sbx_listen listen;
    sigset_t signals;
    int received;
    if (sbx_listen_open(options->listen, &listen, err))
        return -1;
    /* Before the first thread, so that they all leave the signals to this one. */
    block_signals(&signals);
    struct sbx_server *server = sbx_server_new(listen.fd, service, err);
    int result = server ? announce(&listen, options, err) : -1;
    if (!result)
        sigwait(&signals, &received);
    sbx_stop_now(stop);
    sbx_server_free(server);
    return result;
}

static enum sbx_reading chosen_reading(const struct sbx_switches *switches)
{
    if (sbx_switches_is(switches, SBX_SWITCH_RATE_LIMIT, "fixed"))
        return SBX_READING_FIXED;
    if (sbx_switches_is(switches, SBX_SWITCH_RATE_LIMIT, "bucket-20"))
        return SBX_READING_ONE_BUCKET;
    return sbx_switches_is(switches, SBX_SWITCH_RATE_LIMIT, "bucket-100") ? SBX_READING_MANY_BUCKETS
                                                                          : SBX_READING_SLIDING;
}

static int make_faults(const struct sbx_options *options, struct sbx_fault_rules **ret,
                       struct rcn_error *err)
{
    *ret = sbx_fault_rules_new(options->random_seed);
    for (size_t i = 0; i < options->fault_count; i++)
        if (sbx_fault_rules_add(*ret, options->faults[i], err))
            return -1;
    return 0;
}

static int run(const struct sbx_options *options, struct rcn_error *err)
{
    struct sbx_stop stop;
    struct sbx_flicker flicker = {.max_ms = options->list_flicker_ms, .seed = options->random_seed};
    struct sbx_service service = {.switches = &options->switches,
                                  .stop = &stop,
                                  .latency_ms = options->latency_ms,
                                  .list_lag_ms = options->list_lag_ms,
                                  .flicker = &flicker,
                                  .upload = options->upload};
    if (sbx_stop_init(&stop, err))
        return -1;
    int result = make_faults(options, &service.fault_rules, err);
    service.limiter = sbx_limiter_new(&options->rate, chosen_reading(&options->switches));
    service.log = sbx_log_new();
    service.late = sbx_late_new();
    if (!result && (!service.limiter || !service.log || !service.late))
        rcn_memory_exhausted();
    if (!result) {
        service.store = sbx_store_new(options->db, err);
        result = service.store ? fill_store(service.store, options, err) : -1;
    }
    if (!result)
        result = serve(options, &service, &stop, err);
    sbx_stop_now(&stop);
    sbx_late_free(service.late);
    sbx_store_free(service.store);
    sbx_log_free(service.log);
    sbx_limiter_free(service.limiter);
    sbx_fault_rules_free(service.fault_rules);
    sbx_stop_release(&stop);
    return result;
}

static int print_help(struct rcn_error *err)
{
    struct rcn_buf out;
    rcn_buf_init(&out, HELP_MAX);
    sbx_options_describe(&out);
    int result = out.failed ? rcn_error_set(err, RCN_ERROR_FAILED, "too long or not UTF-8") : 0;
    fputs(rcn_buf_get_str(&out), stdout);
    rcn_buf_release(&out);
    return result;
}

static int start(int argc, char **argv, struct rcn_error *err)
{
    static struct sbx_options options;
    if (sbx_options_read(argc, argv, &options, err))
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
