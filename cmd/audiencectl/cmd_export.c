#include "command.h"
#include "print.h"

int cmd_export(const struct options *options)
{
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_error_set(&err, RCN_ERROR_FAILED, "'export' is not there yet");
    return print_failure(options, &err);
}
