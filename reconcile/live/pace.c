#include "live/pace.h"

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
    /* Requests finish in the order of time, so this ring of ends is sorted by itself. */
    int64_t *ends;
    int64_t *simulated; /* scratch of the estimate, as long as ends */
    size_t capacity;    /* the largest count of a window */
    size_t finished;    /* ever */
};

/*
 * Two clocks that are read in whole milliseconds differ by one each, and run apart by at most the
 * 500 ppm that NTP slews.
 */
static int64_t with_margin(int64_t length_ms)
{
    return length_ms + 5 + length_ms / 1000;
}

/* Digits at *text, moved past them; 0 when there are none or the number is over most. */
static size_t take_number(const char **text, size_t most)
{
    size_t number = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        number = number * 10 + (size_t)(**text - '0');
        if (number > most)
            return 0;
    }
    return number;
}

/* One `COUNT/[NUMBER]UNIT`. */
static int take_window(const char **text, struct window *ret)
{
    size_t count = take_number(text, RCN_PACE_MAX_COUNT);
    if (count == 0 || *(*text)++ != '/')
        return -1;
    bool has_number = **text >= '0' && **text <= '9';
    int64_t length_s = has_number ? (int64_t)take_number(text, WINDOW_MAX_S) : 1;
    if (strncmp(*text, "min", 3) == 0) {
        length_s *= 60;
        *text += 3;
    } else if (**text == 's' || **text == 'h') {
        length_s *= **text == 'h' ? 3600 : 1;
        ++*text;
    } else {
        return -1;
    }
    if (length_s == 0 || length_s > WINDOW_MAX_S)
        return -1;
    *ret = (struct window){.count = count, .length_ms = with_margin(length_s * MS_PER_SECOND)};
    return 0;
}

static bool parse(struct rcn_pace *pace, const char *text)
{
    if (strcmp(text, "off") == 0)
        return true;
    for (; pace->window_count < RCN_PACE_MAX_WINDOWS; text++) {
        struct window *window = &pace->windows[pace->window_count++];
        if (take_window(&text, window))
            return false;
        if (window->count > pace->capacity)
            pace->capacity = window->count;
        if (*text != ',')
            return *text == '\0';
    }
    return false;
}

struct rcn_pace *rcn_pace_new(const char *spec, struct rcn_error *err)
{
    struct rcn_pace *pace = rcn_calloc(1, sizeof *pace);
    if (!parse(pace, spec)) {
        rcn_error_set(err, RCN_ERROR_USAGE, "'%s' is not a rate", spec);
        rcn_error_set_hint(err, "write for example %s, or off", RCN_PACE_DEFAULT);
        free(pace);
        return NULL;
    }
    pace->ends = rcn_calloc(pace->capacity, sizeof *pace->ends);
    pace->simulated = rcn_calloc(pace->capacity, sizeof *pace->simulated);
    return pace;
}

void rcn_pace_free(struct rcn_pace *pace)
{
    if (!pace)
        return;
    free(pace->ends);
    free(pace->simulated);
    free(pace);
}

/*
 * When the request that is `back` places before the next one ended. One in flight has not, so
 * `now` is the earliest that it can be. Returns false when there never was such a request.
 */
static bool find_end(const struct rcn_pace *pace, size_t back, int64_t now_ms, int64_t *ret_ms)
{
    if (back <= pace->in_flight) {
        *ret_ms = now_ms;
        return true;
    }
    size_t before = back - pace->in_flight;
    if (before > pace->finished)
        return false;
    *ret_ms = pace->ends[(pace->finished - before) % pace->capacity];
    return true;
}

/* What holds whatever the windows say. */
static int64_t get_earliest_ms(const struct rcn_pace *pace, int64_t now_ms)
{
    int64_t start_ms = pace->hold_until_ms > now_ms ? pace->hold_until_ms : now_ms;
    return pace->next_ms > start_ms ? pace->next_ms : start_ms;
}

int64_t rcn_pace_get_wait_ms(const struct rcn_pace *pace, int64_t now_ms)
{
    int64_t start_ms = get_earliest_ms(pace, now_ms);
    for (size_t i = 0; i < pace->window_count; i++) {
        const struct window *window = &pace->windows[i];
        int64_t end_ms;
        if (find_end(pace, window->count, now_ms, &end_ms) && end_ms + window->length_ms > start_ms)
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
    if (pace->capacity > 0)
        pace->ends[pace->finished % pace->capacity] = now_ms;
    pace->finished++;
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

/* When the index-th further request may start, those before it having taken no time. */
static int64_t simulate_start(const struct rcn_pace *pace, size_t index, int64_t earliest_ms,
                              int64_t now_ms)
{
    int64_t start_ms = earliest_ms;
    for (size_t i = 0; i < pace->window_count; i++) {
        const struct window *window = &pace->windows[i];
        int64_t end_ms;
        if (index >= window->count)
            end_ms = pace->simulated[(index - window->count) % pace->capacity];
        else if (!find_end(pace, window->count - index, now_ms, &end_ms))
            continue;
        if (end_ms + window->length_ms > start_ms)
            start_ms = end_ms + window->length_ms;
    }
    return start_ms;
}

int64_t rcn_pace_estimate_ms(const struct rcn_pace *pace, size_t count, int64_t now_ms)
{
    int64_t start_ms = get_earliest_ms(pace, now_ms);
    if (pace->window_count == 0 || count == 0)
        return count == 0 ? 0 : start_ms - now_ms;
    for (size_t i = 0; i < count; i++) {
        start_ms = simulate_start(pace, i, start_ms + (i ? pace->distance_ms : 0), now_ms);
        pace->simulated[i % pace->capacity] = start_ms;
    }
    return start_ms - now_ms;
}
