#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

void environment_disable_core_dumps(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
}

static void drop(const char *name)
{
    char *value = getenv(name);
    if (value)
        memset(value, 0, strlen(value));
    unsetenv(name);
}

void environment_drop_secrets(void)
{
    drop(ENVIRONMENT_API_KEY);
    drop(ENVIRONMENT_GIT_TOKEN);
}

int environment_take_secret(const char *name, struct rcn_secret *ret, struct rcn_error *err)
{
    const char *value = getenv(name);
    int result = 0;
    if (value && *value) {
        environment_disable_core_dumps();
        result = rcn_secret_init(ret, value, name, err);
    }
    drop(name);
    return result;
}

void environment_add_xdg_dir(struct rcn_buf *path, const char *variable, const char *fallback)
{
    const char *base = getenv(variable);
    if (base && *base == '/') {
        rcn_buf_printf(path, "%s/audiencectl", base);
        return;
    }
    const char *home = getenv("HOME");
    if (home && *home == '/')
        rcn_buf_printf(path, "%s/%s/audiencectl", home, fallback);
}
