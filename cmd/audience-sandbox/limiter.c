#include "limiter.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* A key takes at most SBX_RATE_LIMITS_MAX windows of SBX_RATE_COUNT_MAX times: 3 MB. */
enum { ARENA_MAX = 256 << 20 };

/* What one limit remembers of one key; which fields are used depends on the reading. */
struct counter {
    int64_t *accepted_ms; /* sliding: the last `count` accepted, a ring */
    size_t next;          /* sliding: the oldest of the ring, overwritten next */
    size_t used;          /* sliding: filled places; fixed: accepted in this window */
    int64_t window;       /* fixed: number of the window */
    double tokens;        /* buckets */
    int64_t filled_ms;    /* buckets: when tokens was right */
};

struct account {
    struct account *next;
    const char *key;
    struct counter counters[SBX_RATE_LIMITS_MAX];
};

struct sbx_limiter {
    struct sbx_rate rate;
    enum sbx_reading reading;
    pthread_mutex_t lock;
    struct rcn_arena *arena;  /* holds the accounts */
    struct account *accounts; /* only keys that exist come here: a handful */
};

static int64_t unit_ms(const char *unit, size_t len)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"s", 1000}, {"min", 60000}, {"h", 3600000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == len && strncmp(units[i].name, unit, len) == 0)
            return units[i].ms;
    return 0;
}

int sbx_rate_parse(const char *text, struct sbx_rate *ret, struct rcn_error *err)
{
    *ret = (struct sbx_rate){0};
    if (strcmp(text, "off") == 0)
        return 0;
    for (const char *item = text; ret->count < SBX_RATE_LIMITS_MAX;) {
        size_t digits = strspn(item, "0123456789");
        unsigned long count = digits && digits < 7 ? strtoul(item, NULL, 10) : 0;
        size_t len = strcspn(item, ",");
        int64_t window_ms = item[digits] == '/' ? unit_ms(item + digits + 1, len - digits - 1) : 0;
        if (!count || count > SBX_RATE_COUNT_MAX || !window_ms)
            break;
        ret->limits[ret->count].count = (unsigned)count;
        ret->limits[ret->count++].window_ms = window_ms;
        if (!item[len])
            return 0;
        item += len + 1;
    }
    return rcn_error_set(err, RCN_ERROR_USAGE, "'--rate %s' is not 'off' or like '100/min,20/s'",
                         text);
}

/* The one bucket of SBX_READING_ONE_BUCKET, in terms of the buckets of the other reading. */
static void merge_limits(struct sbx_rate *rate)
{
    size_t shortest = 0;
    size_t longest = 0;
    for (size_t i = 1; i < rate->count; i++) {
        if (rate->limits[i].window_ms < rate->limits[shortest].window_ms)
            shortest = i;
        if (rate->limits[i].window_ms > rate->limits[longest].window_ms)
            longest = i;
    }
    unsigned size = rate->limits[shortest].count;
    int64_t window_ms = rate->limits[longest].window_ms * size / rate->limits[longest].count;
    rate->limits[0].count = size;
    rate->limits[0].window_ms = window_ms > 0 ? window_ms : 1;
    rate->count = 1;
}

struct sbx_limiter *sbx_limiter_new(const struct sbx_rate *rate, enum sbx_reading reading)
{
    struct sbx_limiter *limiter = calloc(1, sizeof *limiter);
    if (!limiter)
        return NULL;
    limiter->arena = rcn_arena_new(ARENA_MAX);
    if (!limiter->arena) {
        free(limiter);
        return NULL;
    }
    limiter->rate = *rate;
    limiter->reading = reading;
    if (reading == SBX_READING_ONE_BUCKET && rate->count)
        merge_limits(&limiter->rate);
    pthread_mutex_init(&limiter->lock, NULL);
    return limiter;
}

void sbx_limiter_free(struct sbx_limiter *limiter)
{
    if (!limiter)
        return;
    rcn_arena_free(limiter->arena);
    pthread_mutex_destroy(&limiter->lock);
    free(limiter);
}

/* NULL when out of memory. */
static struct account *account_new(const struct sbx_limiter *limiter, const char *key,
                                   int64_t now_ms)
{
    struct account *account = rcn_arena_alloc(limiter->arena, sizeof *account);
    if (!account)
        return NULL;
    account->key = rcn_arena_strdup(limiter->arena, key);
    if (!account->key)
        return NULL;
    for (size_t i = 0; i < limiter->rate.count; i++) {
        struct counter *counter = &account->counters[i];
        unsigned count = limiter->rate.limits[i].count;
        counter->tokens = count;
        counter->filled_ms = now_ms;
        counter->accepted_ms = rcn_arena_calloc(limiter->arena, count, sizeof(int64_t));
        if (!counter->accepted_ms)
            return NULL;
    }
    return account;
}

static struct account *get_account(struct sbx_limiter *limiter, const char *key, int64_t now_ms)
{
    for (struct account *account = limiter->accounts; account; account = account->next)
        if (strcmp(account->key, key) == 0)
            return account;
    struct account *account = account_new(limiter, key, now_ms);
    if (!account)
        return NULL;
    account->next = limiter->accounts;
    limiter->accounts = account;
    return account;
}

static int64_t sliding_wait_ms(struct counter *counter, unsigned count, int64_t window_ms,
                               int64_t now_ms)
{
    if (counter->used < count)
        return 0;
    int64_t free_ms = counter->accepted_ms[counter->next] + window_ms;
    return free_ms > now_ms ? free_ms - now_ms : 0;
}

static int64_t fixed_wait_ms(struct counter *counter, unsigned count, int64_t window_ms,
                             int64_t now_ms)
{
    if (counter->window != now_ms / window_ms) {
        counter->window = now_ms / window_ms;
        counter->used = 0;
    }
    return counter->used < count ? 0 : window_ms - now_ms % window_ms;
}

static int64_t bucket_wait_ms(struct counter *counter, unsigned count, int64_t window_ms,
                              int64_t now_ms)
{
    double per_ms = (double)count / (double)window_ms;
    counter->tokens += (double)(now_ms - counter->filled_ms) * per_ms;
    counter->filled_ms = now_ms;
    if (counter->tokens > count)
        counter->tokens = count;
    return counter->tokens >= 1 ? 0 : (int64_t)ceil((1 - counter->tokens) / per_ms);
}

static int64_t wait_ms(const struct sbx_limiter *limiter, struct account *account, size_t index,
                       int64_t now_ms)
{
    struct counter *counter = &account->counters[index];
    unsigned count = limiter->rate.limits[index].count;
    int64_t window_ms = limiter->rate.limits[index].window_ms;
    if (limiter->reading == SBX_READING_SLIDING)
        return sliding_wait_ms(counter, count, window_ms, now_ms);
    if (limiter->reading == SBX_READING_FIXED)
        return fixed_wait_ms(counter, count, window_ms, now_ms);
    return bucket_wait_ms(counter, count, window_ms, now_ms);
}

static void count_accepted(const struct sbx_limiter *limiter, struct account *account, size_t index,
                           int64_t now_ms)
{
    struct counter *counter = &account->counters[index];
    unsigned count = limiter->rate.limits[index].count;
    counter->tokens -= 1;
    counter->accepted_ms[counter->next] = now_ms;
    counter->next = (counter->next + 1) % count;
    if (counter->used < count)
        counter->used++;
}

static int take(struct sbx_limiter *limiter, const char *key, int64_t now_ms, int64_t *ret_wait_ms)
{
    struct account *account = get_account(limiter, key, now_ms);
    if (!account)
        return -1;
    int64_t longest_ms = 0;
    for (size_t i = 0; i < limiter->rate.count; i++) {
        int64_t one_ms = wait_ms(limiter, account, i, now_ms);
        if (one_ms > longest_ms)
            longest_ms = one_ms;
    }
    *ret_wait_ms = longest_ms;
    if (longest_ms)
        return 0;
    for (size_t i = 0; i < limiter->rate.count; i++)
        count_accepted(limiter, account, i, now_ms);
    return 1;
}

int sbx_limiter_take(struct sbx_limiter *limiter, const char *key, int64_t now_ms,
                     int64_t *ret_wait_ms)
{
    pthread_mutex_lock(&limiter->lock);
    int result = take(limiter, key, now_ms, ret_wait_ms);
    pthread_mutex_unlock(&limiter->lock);
    return result;
}
