/*
 * Header values: Retry-After and Date in two lines, and the first line as Link and as totals.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "live/http.h"
#include "live/paging.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t now_ms = INT64_C(1795377600000);
    char *value = malloc(size + 1);
    if (!value)
        abort();
    if (size)
        memcpy(value, data, size);
    value[size] = '\0';
    char *date = strchr(value, '\n');
    if (date)
        *date++ = '\0';
    int64_t wait_ms = rcn_http_parse_retry_after(value, date, now_ms);
    if (wait_ms < -1 || wait_ms > RCN_HTTP_DELAY_MOST_MS)
        abort();
    rcn_paging_header_says_more("Link", value);
    rcn_paging_header_says_more("X-Next-Page", value);
    if (rcn_paging_header_get_total("Content-Range", value) < -1 ||
        rcn_paging_header_get_total("X-Total-Count", value) < -1)
        abort();
    free(value);
    return 0;
}
