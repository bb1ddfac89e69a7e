/*
 * live_probe.c: drives the room live/ from a shell, to try it against a server by hand.
 *
 *     SEQUENZY_API_KEY=... live_probe URL fetch [COMPANY]...
 *     SEQUENZY_API_KEY=... live_probe URL create COUNT AD_ACCOUNT SEGMENT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "live/api.h"
#include "live/live_state.h"

enum { IN_FLIGHT_MOST = 8 };

static void print_line(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "%s\n", line);
}

static void print_waiting(void *context, int64_t until_ms, const char *why)
{
    (void)context;
    fprintf(stderr, "waiting %" PRId64 " ms: %s\n", until_ms - rcn_clock_steady_ms(), why);
}

static int print_error(const struct rcn_error *err)
{
    fprintf(stderr, "error %d: %s\n", (int)err->kind, err->message);
    if (err->hint[0])
        fprintf(stderr, "hint: %s\n", err->hint);
    return 1;
}

static int fetch(struct rcn_api *api, char **companies, int count)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_live_request request = {.company_ids = (const char *const *)companies,
                                       .company_count = (size_t)count,
                                       .needs_unnamed = count == 0,
                                       .wants_syncs = true,
                                       .wants_ad_accounts = true,
                                       .wants_segments = true};
    struct rcn_live_state *state = rcn_live_state_fetch(api, &request, &err);
    if (!state)
        return print_error(&err);
    for (size_t i = 0; i < state->company_count; i++) {
        const struct rcn_live_company *company = &state->companies[i];
        printf("%s (%s): %zu syncs, %zu ad accounts (%d %s), %zu segments (%d %s)\n",
               company->company_id ? company->company_id : "?", company->name ? company->name : "?",
               company->sync_count, company->ad_account_count, (int)company->ad_accounts_status,
               company->ad_accounts_problem ? company->ad_accounts_problem : "",
               company->segment_count, (int)company->segments_status,
               company->segments_problem ? company->segments_problem : "");
    }
    printf("%s\n", state->digest);
    rcn_live_state_free(state);
    return 0;
}

static void print_creates(struct rcn_api *api)
{
    struct rcn_create_answer answer;
    while (rcn_api_next_create(api, &answer)) {
        printf("%s %ld %s %s\n", answer.is_success ? "created" : "not created", answer.status,
               answer.id ? answer.id : "-", answer.problem);
        rcn_create_answer_release(&answer);
    }
}

static int create(struct rcn_api *api, size_t count, const char *ad_account, const char *segment)
{
    struct rcn_error err = RCN_ERROR_INIT;
    int64_t begin_ms = rcn_clock_steady_ms();
    for (size_t i = 0; i < count || rcn_api_get_creates_in_flight(api) > 0;) {
        int64_t wait_ms = rcn_api_get_wait_ms(api);
        bool is_full = rcn_api_get_creates_in_flight(api) >= IN_FLIGHT_MOST;
        if (i < count && wait_ms == 0 && !is_full) {
            char name[64];
            snprintf(name, sizeof name, "probe %zu", i++);
            struct rcn_audience_sync sync = {.ad_account_id = ad_account,
                                             .audience_name = name,
                                             .segment_id = segment,
                                             .frequency = "daily"};
            if (rcn_api_start_create(api, &sync, false, NULL, &err))
                return print_error(&err);
            wait_ms = 0;
        } else if (i == count || is_full) {
            wait_ms = 1000;
        }
        if (rcn_api_poll(api, wait_ms, &err))
            return print_error(&err);
        print_creates(api);
    }
    fprintf(stderr, "%zu creates in %" PRId64 " ms\n", count, rcn_clock_steady_ms() - begin_ms);
    return 0;
}

static void print_usage_of_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr, "%ld MB at most\n", usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_secret key;
    const char *text = getenv("SEQUENZY_API_KEY");
    if (argc < 3 || rcn_secret_init(&key, text ? text : "", "SEQUENZY_API_KEY", &err))
        return argc < 3 ? 64 : print_error(&err);
    struct rcn_api_options options = {
        .http = {.origin = argv[1],
                 .key = &key,
                 .ca_file = getenv("PROBE_CA_FILE"),
                 .timeout_ms = 30000,
                 .log = print_line},
        .rate = getenv("PROBE_RATE"),
        .waiting = print_waiting,
    };
    struct rcn_api *api = rcn_api_new(&options, &err);
    int code = 64;
    if (!api)
        code = print_error(&err);
    else if (strcmp(argv[2], "fetch") == 0)
        code = fetch(api, argv + 3, argc - 3);
    else if (strcmp(argv[2], "create") == 0 && argc == 6)
        code = create(api, strtoul(argv[3], NULL, 10), argv[4], argv[5]);
    rcn_api_free(api);
    rcn_secret_release(&key);
    print_usage_of_memory();
    return code;
}
