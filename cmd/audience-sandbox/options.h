/*
 * options.h: the command line, read from one table that --help prints too.
 */
#ifndef RCN_SANDBOX_OPTIONS_H
#define RCN_SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limiter.h"
#include "switches.h"

/* Rules and keys beyond these are a mistake in a script. */
enum { RCN_OPTIONS_KEYS_MAX = 64, RCN_OPTIONS_FAULTS_MAX = 1000 };

/* Strings are those of argv. */
struct rcn_options {
    const char *listen;
    const char *db;        /* NULL: in memory */
    const char *seed;      /* NULL: the built-in one */
    const char *port_file; /* NULL: none */
    const char *keys[RCN_OPTIONS_KEYS_MAX];
    size_t key_count;
    const char *faults[RCN_OPTIONS_FAULTS_MAX];
    size_t fault_count;
    struct rcn_rate rate;
    int64_t latency_ms;
    int64_t list_lag_ms;
    uint64_t random_seed;
    struct rcn_switches switches;
    bool help;
    bool version;
};

/* The keys that are there when neither an option nor the seed names one. */
#define RCN_OPTIONS_DEFAULT_KEY "seq_sandbox_key"
#define RCN_OPTIONS_DEFAULT_PERSONAL_KEY "seq_user_sandbox"

/* RCN_ERROR_USAGE for anything that it does not know. */
int rcn_options_read(int argc, char **argv, struct rcn_options *ret, struct rcn_error *err);

/* The whole of --help. */
void rcn_options_describe(struct rcn_buf *out);

/* What --help is made of, without the sentences that introduce it: for the manual. */
enum rcn_help_part {
    RCN_HELP_OPTIONS,
    RCN_HELP_ENDPOINTS,
    RCN_HELP_OWN_ENDPOINTS, /* of the sandbox itself */
    RCN_HELP_FAULTS,
    RCN_HELP_SWITCHES,
    RCN_HELP_SEED,
    RCN_HELP_SEED_NOTES,
};
void rcn_options_describe_part(enum rcn_help_part part, struct rcn_buf *out);

#endif
