/*
 * options.h: the command line, read from one table that --help prints too.
 */
#ifndef SBX_SANDBOX_OPTIONS_H
#define SBX_SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limiter.h"
#include "store.h"
#include "switches.h"

/* Rules and keys beyond these are a mistake in a script. */
enum { SBX_OPTIONS_KEYS_MAX = 64, SBX_OPTIONS_FAULTS_MAX = 1000 };

/* Strings are those of argv. */
struct sbx_options {
    const char *listen;
    const char *db;        /* NULL: in memory */
    const char *seed;      /* NULL: the built-in one */
    const char *port_file; /* NULL: none */
    const char *keys[SBX_OPTIONS_KEYS_MAX];
    size_t key_count;
    const char *faults[SBX_OPTIONS_FAULTS_MAX];
    size_t fault_count;
    struct sbx_rate rate;
    int64_t latency_ms;
    int64_t list_lag_ms;
    int64_t list_flicker_ms;
    struct sbx_upload upload;
    uint64_t random_seed;
    struct sbx_switches switches;
    bool help;
    bool version;
};

/* The keys that are there when neither an option nor the seed names one. */
#define SBX_OPTIONS_DEFAULT_KEY "seq_sandbox_key"
#define SBX_OPTIONS_DEFAULT_PERSONAL_KEY "seq_user_sandbox"

/* RCN_ERROR_USAGE for anything that it does not know. */
int sbx_options_read(int argc, char **argv, struct sbx_options *ret, struct rcn_error *err);

/* The whole of --help. */
void sbx_options_describe(struct rcn_buf *out);

/* What --help is made of, without the sentences that introduce it: for the manual. */
enum sbx_help_part {
    SBX_HELP_OPTIONS,
    SBX_HELP_ENDPOINTS,
    SBX_HELP_OWN_ENDPOINTS, /* of the sandbox itself */
    SBX_HELP_FAULTS,
    SBX_HELP_SWITCHES,
    SBX_HELP_SEED,
    SBX_HELP_SEED_NOTES,
};
void sbx_options_describe_part(enum sbx_help_part part, struct rcn_buf *out);

#endif
