#include <stdio.h>
#include <string.h>

#include "command.h"
#include "print.h"

int cmd_version(const struct options *options)
{
    static const char text[] = "audiencectl " AUDIENCECTL_VERSION "\n";
    return print_result(options, text, strlen(text));
}
