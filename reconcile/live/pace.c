#include "live/pace.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MS_PER_SECOND = 1000, WINDOW_MAX_S = 86400 };

struct window {
    size_t count;
    int64_t length_ms; /* with the margin */
};

struct rcn_pace {
    struct window windows[RCN_PACE_MAX_WINDOWS];
    size_t window_count;
    size_t in_flight;
    int64_t hold_until_ms;
    int64_t distance_ms; /* from start to start; 0: no 429 was seen */
    int64_t next_ms;     /* the latest start and the distance */
    size_t finished;     /* ever */
    /* Requests finish in the order of time, so this ring of ends is sorted by itself. */
    size_t capacity; /* the largest count of a window, or 1 */
    int64_t ends[];
};

/* What comes after one `COUNT/[NUMBER]UNIT`; NULL when text does not begin with one. */
static const char *take_window(const char *text, struct window *ret)
{
    char *end = NULL;
    long long length_s = 1;
    ret->count = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
    if (ret->count < 1 || ret->count > RCN_PACE_MAX_COUNT || *end != '/')
        return NULL;
    text = end + 1;
    if (isdigit((unsigned char)*text)) {
        length_s = strtoll(text, &end, 10);
        text = end;
    }
    int unit_s = *text == 's' ? 1 : *text == 'h' ? 3600 : strncmp(text, "min", 3) == 0 ? 60 : 0;
    if (unit_s == 0 || length_s < 1 || length_s > WINDOW_MAX_S / unit_s)
        return NULL;
    length_s *= unit_s;
    /* Two clocks that are read in whole milliseconds differ by one each, and run apart by at most
     * the 500 ppm that NTP slews. */
    ret->length_ms = length_s * MS_PER_SECOND + 5 + length_s;
    return text + (unit_s == 60 ? 3 : 1);
}

static bool parse(struct rcn_pace *pace, const char *text)
{
    if (strcmp(text, "off") == 0)
        return true;
    while (pace->window_count < RCN_PACE_MAX_WINDOWS) {
        struct window *window = &pace->windows[pace->window_count++];
        text = take_window(text, window);
        if (!text)
            return false;
        pace->capacity = window->count > pace->capacity ? window->count : pace->capacity;
        if (*text++ != ',')
            return text[-1] == '\0';
    }
    return false;
}

static struct rcn_pace *copy(const struct rcn_pace *from)
{
    size_t ends_size = from->capacity * sizeof *from->ends;
    struct rcn_pace *pace = rcn_calloc(1, sizeof *pace + ends_size);
    *pace = *from;
    if (from->finished > 0)
        memcpy(pace->ends, from->ends, ends_size);
    return pace;
}

struct rcn_pace *rcn_pace_new(const char *spec, struct rcn_error *err)
{
    struct rcn_pace pace = {.capacity = 1};
    if (parse(&pace, spec))
        return copy(&pace);
    rcn_error_set(err, RCN_ERROR_USAGE, "'%s' is not a rate", spec);
    rcn_error_set_hint(err, "write for example %s, or off", RCN_PACE_DEFAULT);
    return NULL;
}

void rcn_pace_free(struct rcn_pace *pace)
{
    free(pace);
}

int64_t rcn_pace_get_wait_ms(const struct rcn_pace *pace, int64_t now_ms)
{
    int64_t start_ms = pace->hold_until_ms > now_ms ? pace->hold_until_ms : now_ms;
    if (pace->next_ms > start_ms)
        start_ms = pace->next_ms;
    for (size_t i = 0; i < pace->window_count; i++) {
        const struct window *window = &pace->windows[i];
        int64_t end_ms =
            now_ms; /* of the request `count` places before: not earlier, if in flight */
        if (window->count > pace->in_flight + pace->finished)
            continue;
        if (window->count > pace->in_flight)
            end_ms =
                pace->ends[(pace->finished + pace->in_flight - window->count) % pace->capacity];
        if (end_ms + window->length_ms > start_ms)
            start_ms = end_ms + window->length_ms;
    }
    return start_ms - now_ms;
}

void rcn_pace_start(struct rcn_pace *pace, int64_t now_ms)
{
    pace->in_flight++;
    if (pace->distance_ms)
        pace->next_ms = now_ms + pace->distance_ms;
}

void rcn_pace_finish(struct rcn_pace *pace, int64_t now_ms)
{
    if (pace->in_flight > 0)
        pace->in_flight--;
    pace->ends[pace->finished++ % pace->capacity] = now_ms;
}

void rcn_pace_hold_until(struct rcn_pace *pace, int64_t until_ms)
{
    if (until_ms > pace->hold_until_ms)
        pace->hold_until_ms = until_ms;
}

void rcn_pace_slow_down(struct rcn_pace *pace)
{
    for (size_t i = 0; i < pace->window_count; i++) {
        const struct window *window = &pace->windows[i];
        int64_t count = (int64_t)window->count;
        int64_t one_ms = (window->length_ms + count - 1) / count;
        pace->distance_ms = one_ms > pace->distance_ms ? one_ms : pace->distance_ms;
    }
}

int64_t rcn_pace_estimate_ms(const struct rcn_pace *pace, size_t count, int64_t now_ms)
{
    struct rcn_pace *future = copy(pace);
    int64_t at_ms = now_ms;
    while (future->in_flight > 0)
        rcn_pace_finish(future, now_ms);
    for (size_t i = 0; i < count; i++) {
        at_ms += rcn_pace_get_wait_ms(future, at_ms);
        rcn_pace_start(future, at_ms);
        rcn_pace_finish(future, at_ms);
    }
    free(future);
    return at_ms - now_ms;
}
