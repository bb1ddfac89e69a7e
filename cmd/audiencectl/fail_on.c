#include "fail_on.h"

#include <string.h>

#define FAIL_ON_DEFAULT "missing,drifted,duplicate,unhealthy"

static int add_name(struct rcn_fail_on *self, const char *name, size_t len, struct rcn_error *err)
{
    char word[16] = "";
    if (len < sizeof word)
        memcpy(word, name, len);
    int status = rcn_status_find(word);
    if (strcmp(word, "unhealthy") == 0)
        self->unhealthy = true;
    else if (status > RCN_STATUS_IN_SYNC)
        self->status[status] = true;
    else
        return rcn_error_set(err, RCN_ERROR_USAGE, "'%.*s' is no difference: it takes none, or %s",
                             len < 40 ? (int)len : 40, name,
                             FAIL_ON_DEFAULT ",withheld,unmanaged joined by commas");
    return 0;
}

int fail_on_parse(const char *list, struct rcn_fail_on *ret, struct rcn_error *err)
{
    memset(ret, 0, sizeof *ret);
    if (!list)
        list = FAIL_ON_DEFAULT;
    if (strcmp(list, "none") == 0)
        return 0;
    for (;;) {
        size_t len = strcspn(list, ",");
        if (add_name(ret, list, len, err))
            return -1;
        if (!list[len])
            return 0;
        list += len + 1;
    }
}

bool fail_on_matches(const struct rcn_fail_on *self, const struct rcn_plan_counts *counts)
{
    for (int status = 0; status < RCN_STATUS_COUNT; status++)
        if (self->status[status] && counts->by_status[status])
            return true;
    return self->unhealthy && counts->unhealthy;
}
