/*
 * git_source_probe: reads a Git source and prints all that is known of it, one fact a line. The
 * tests of tests/cli/git*.bats drive it, so that the source is tested apart from the commands.
 *
 *   git_source_probe [--ref REF] [--path PATH]... [--token TOKEN] [--ssh-key FILE] [--ca-file FILE]
 *                    [--cache DIR] [--timeout MS] [--deadline MS] URL
 *
 * Exit code: 0, 1 on an error, 2 when there are diagnostics of severity error, 130 when
 * interrupted.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "source/source.h"

enum { MAX_PATHS = 64 };

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    signalled = number;
}

static bool is_interrupted(void *context)
{
    (void)context;
    return signalled != 0;
}

static void on_progress(void *context, const char *phase, unsigned done, unsigned total)
{
    (void)context;
    fprintf(stderr, "progress: %s %u/%u\n", phase, done, total);
}

static void print(const char *key, const char *text)
{
    struct rcn_buf out;
    rcn_buf_init(&out, 1 << 20);
    rcn_escape_visible(&out, text ? text : "(none)");
    printf("%s: %s\n", key, rcn_buf_get_str(&out));
    rcn_buf_release(&out);
}

static void print_source(struct rcn_source *source)
{
    rcn_source_set_digest(source);
    print("name", source->name);
    print("ref", source->ref);
    print("commit", source->commit);
    print("digest", source->digest);
    for (size_t i = 0; i < source->count; i++) {
        bool named = source->named && source->named[i];
        printf("%s %zu ", named ? "named" : "text", source->texts[i].len);
        print("path", source->texts[i].path);
    }
    for (size_t i = 0; i < source->skipped_count; i++)
        print("skipped", source->skipped[i].path);
    for (size_t i = 0; i < source->warning_count; i++)
        print("warning", source->warnings[i]);
    for (size_t i = 0; i < source->note_count; i++)
        print("note", source->notes[i]);
}

static void print_diags(struct rcn_diags *diags)
{
    rcn_diags_sort(diags);
    for (size_t i = 0; i < diags->count; i++) {
        const struct rcn_diag *diag = diags->items[i];
        printf("diag [%s] ", diag->rule);
        print(diag->span.text ? diag->span.text->path : "nowhere", diag->message);
    }
}

static int fail(const struct rcn_error *err)
{
    print("error", err->message);
    if (err->hint[0])
        print("hint", err->hint);
    return err->kind == RCN_ERROR_INTERRUPTED ? 130 : 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int read_source(const struct rcn_git_options *options)
{
    struct rcn_diags diags;
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_diags_init(&diags);
    struct rcn_source *source = rcn_source_new_from_git(options, &diags, &err);
    int code = source ? 0 : fail(&err);
    if (source)
        print_source(source);
    print_diags(&diags);
    if (code == 0 && diags.errors)
        code = 2;
    rcn_diags_release(&diags);
    rcn_source_free(source);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option known[] = {{"ref", required_argument, NULL, 'r'},
                                          {"path", required_argument, NULL, 'p'},
                                          {"token", required_argument, NULL, 't'},
                                          {"ssh-key", required_argument, NULL, 'k'},
                                          {"ca-file", required_argument, NULL, 'a'},
                                          {"cache", required_argument, NULL, 'c'},
                                          {"timeout", required_argument, NULL, 'o'},
                                          {"deadline", required_argument, NULL, 'd'},
                                          {NULL, 0, NULL, 0}};
    const char *paths[MAX_PATHS];
    struct rcn_secret token = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_git_options options = {
        .paths = paths,
        .access = {.timeout_ms = 10000, .token = &token, .interrupted = is_interrupted}};
    for (int found; (found = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (found == 'r')
            options.ref = optarg;
        else if (found == 'p' && options.path_count < MAX_PATHS)
            paths[options.path_count++] = optarg;
        else if (found == 't' && rcn_secret_init(&token, optarg, "--token", &err))
            return fail(&err);
        else if (found == 'k')
            options.access.ssh_key_file = optarg;
        else if (found == 'a')
            options.access.ca_file = optarg;
        else if (found == 'c')
            options.cache_dir = optarg;
        else if (found == 'o')
            options.access.timeout_ms = atoi(optarg);
        else if (found == 'd')
            options.access.deadline_ms = rcn_clock_steady_ms() + atoi(optarg);
        else if (found == '?')
            return 64;
    }
    if (optind + 1 != argc)
        return 64;
    options.url = argv[optind];
    options.access.progress = on_progress;
    catch_signals();
    int code = read_source(&options);
    rcn_secret_release(&token);
    return code;
}
