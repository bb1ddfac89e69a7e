#include "base/redact.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"

/* A shorter password or key would mask parts of ordinary words. */
enum { LEAST_PASSWORD = 4, LEAST_SECRET = 6, MAX_SECRETS = 16, MASK = 3 };

/* Kept until the process ends: reports are written after their owners have released them. */
static char *secrets[MAX_SECRETS];
static size_t secret_count;

void rcn_redact_add_secret(const char *secret)
{
    for (size_t i = 0; i < secret_count; i++)
        if (strcmp(secrets[i], secret) == 0)
            return;
    if (strlen(secret) >= LEAST_SECRET && secret_count < MAX_SECRETS)
        secrets[secret_count++] = rcn_strdup(secret);
}

void rcn_redact_add_login(const char *user, const char *password)
{
    char *login = rcn_printf("%s:%s", user, password);
    size_t len = strlen(login);
    unsigned char *encoded = rcn_malloc((len + 2) / 3 * 4 + 1);
    EVP_EncodeBlock(encoded, (const unsigned char *)login, (int)len);
    rcn_redact_add_secret((const char *)encoded);
    OPENSSL_cleanse(login, len);
    free(login);
    free(encoded);
}

/* Puts at most three stars in place of the bytes. Returns where the text goes on. */
static char *mask(char *begin, char *end)
{
    size_t len = (size_t)(end - begin);
    size_t stars = len < MASK ? len : MASK;
    memset(begin, '*', stars);
    memmove(begin + stars, end, strlen(end) + 1);
    return begin + stars;
}

static void mask_each(char *text, const char *secret)
{
    size_t len = strlen(secret);
    for (char *hit = text; len > 0 && (hit = strstr(hit, secret));)
        hit = mask(hit, hit + len);
}

/* Where the user-info of a URL would begin: after `scheme:` and any number of slashes. */
static const char *skip_scheme(const char *text)
{
    const char *end = text;
    while (isalnum((unsigned char)*end) || strchr("+-.", *end))
        if (*end++ == '\0')
            return text;
    if (*end == ':' && end[1] == '/')
        text = end + 1;
    return text + strspn(text, "/");
}

/* --- the environment's proxies --- */

/* `user:password`, as it is and decoded, and the password alone. */
static void mask_proxy(char *text, const char *proxy)
{
    const char *begin = skip_scheme(proxy);
    const char *end = strrchr(begin, '@');
    if (!end) {
        /* Without its `@host`, a password is where a port would be. */
        const char *colon = strchr(begin, ':');
        if (!colon || isdigit((unsigned char)colon[1]) || begin[0] == '[')
            return;
        end = begin + strlen(begin);
    }
    char *credentials = rcn_strndup(begin, (size_t)(end - begin));
    for (int i = 0; i < 2; i++) {
        const char *colon = strchr(credentials, ':');
        mask_each(text, credentials);
        if (colon && strlen(colon + 1) >= LEAST_PASSWORD)
            mask_each(text, colon + 1);
        rcn_unescape_percent(credentials);
    }
    free(credentials);
}

/* --- anything that looks like a URL --- */

static bool is_secret(const char *word, const char *begin, const char *at)
{
    const char *colon = memchr(begin, ':', (size_t)(at - begin));
    const char *slash = memchr(begin, '/', (size_t)(at - begin));
    bool has_slashes = begin > word && begin[-1] == '/';
    bool is_git_user = (at - begin == 3 && strncmp(begin, "git", 3) == 0) ||
                       strncmp(word, "ssh:", 4) == 0 || strncmp(word, "git+ssh:", 8) == 0;
    return colon || (has_slashes && !slash && !is_git_user);
}

void rcn_redact_secrets(char *text)
{
    for (size_t i = 0; i < secret_count; i++)
        mask_each(text, secrets[i]);
}

void rcn_redact(char *text)
{
    static const char *const proxies[] = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY",
                                          "all_proxy",   "HTTP_PROXY",  "http_proxy"};
    static const char separators[] = " \t\r\n'\"`<>()[]{},;|";
    rcn_redact_secrets(text);
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) {
        const char *proxy = getenv(proxies[i]);
        if (proxy)
            mask_proxy(text, proxy);
    }
    for (char *word = text; *word;) {
        word += strspn(word, separators);
        char *end = word + strcspn(word, separators);
        char *begin = word + (skip_scheme(word) - word);
        char *at = end;
        while (at > begin && *at != '@')
            at--;
        /* `@` right at the beginning: nothing is before it. */
        if (at > begin && at < end && is_secret(word, begin, at))
            end += mask(begin, at) - at;
        word = end;
    }
}
