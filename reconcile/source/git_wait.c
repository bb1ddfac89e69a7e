#include "source/git_wait.h"

#include "base/clock.h"
#include "base/time.h"

int rcn_git_wait_check(const struct rcn_git_options *options, struct rcn_error *err)
{
    if (options->interrupted && options->interrupted(options->interrupted_context))
        return rcn_error_set(err, RCN_ERROR_INTERRUPTED, "interrupted while reading Git");
    if (options->deadline_ms && rcn_clock_steady_ms() >= options->deadline_ms)
        return rcn_error_set(err, RCN_ERROR_FAILED, "the deadline is over");
    return 0;
}

int rcn_git_wait_check_idle(const struct rcn_git_options *options, int64_t since_ms,
                            const char *what, struct rcn_error *err)
{
    if (rcn_git_wait_check(options, err))
        return -1;
    if (options->timeout_ms <= 0 || rcn_clock_steady_ms() - since_ms < options->timeout_ms)
        return 0;
    char time[RCN_TIME_SIZE];
    rcn_duration_format(options->timeout_ms, time);
    rcn_error_set(err, RCN_ERROR_FAILED, "%s for %s", what, time);
    return rcn_error_set_hint(err, "a longer time can be given with --timeout");
}
