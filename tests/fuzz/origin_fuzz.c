/*
 * Any text as --api-url. What is taken is a fixed point, and never sends the key in the clear to
 * another machine.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "live/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_sound(const char *origin)
{
    if (strncmp(origin, "https://", 8) == 0)
        return origin[8] != '\0' && !strpbrk(origin + 8, "/?#@\\ \t\r\n");
    return strncmp(origin, "http://127.", 11) == 0 || strncmp(origin, "http://[::1]", 12) == 0 ||
           (strncmp(origin, "http://", 7) == 0 && strstr(origin, "localhost"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rcn_error err = RCN_ERROR_INIT;
    char origin[512];
    char again[512];
    char *url = malloc(size + 1);
    if (!url)
        abort();
    if (size)
        memcpy(url, data, size);
    url[size] = '\0';
    if (rcn_http_normalise_origin(url, origin, sizeof origin, &err) == 0 &&
        (!is_sound(origin) || rcn_http_normalise_origin(origin, again, sizeof again, &err) != 0 ||
         strcmp(origin, again) != 0))
        abort();
    free(url);
    return 0;
}
