#include "command.h"
#include "term.h"

int cmd_version(const struct options *options)
{
    static const char text[] = "audiencectl " AUDIENCECTL_VERSION "\n";
    (void)options;
    return term_print_result(text, sizeof text - 1);
}
