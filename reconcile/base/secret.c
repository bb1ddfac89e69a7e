#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/redact.h"

/* A file name without a dot or a slash that is as long as a key may be one. */
enum { LEAST_KEY = 12 };

void rcn_secret_forbid_core_dumps(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit))
        return;
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_CORE, &limit);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int check(const char *text, size_t len, const char *what, struct rcn_error *err)
{
    if (len == 0)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s is empty", what);
    if (len > RCN_SECRET_MAX)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s is longer than %d bytes", what,
                             RCN_SECRET_MAX);
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x21 || text[i] > 0x7e)
            return rcn_error_set(err, RCN_ERROR_FAILED,
                                 "%s has a space, a control or a non-ASCII character in it", what);
    return 0;
}

static int take_trimmed(struct rcn_secret *secret, const char *text, size_t len, const char *what,
                        struct rcn_error *err)
{
    while (len && is_space(text[len - 1]))
        len--;
    while (len && is_space(text[0])) {
        text++;
        len--;
    }
    if (check(text, len, what, err))
        return -1;
    char *copy = malloc(len + 1);
    if (!copy)
        return rcn_error_no_memory(err);
    memcpy(copy, text, len);
    copy[len] = '\0';
    *secret = (struct rcn_secret){.text = copy, .len = len};
    rcn_redact_add_secret(copy);
    return 0;
}

int rcn_secret_init(struct rcn_secret *secret, const char *text, const char *what,
                    struct rcn_error *err)
{
    *secret = (struct rcn_secret){0};
    return take_trimmed(secret, text, strlen(text), what, err);
}

/* Only a handler of ours can interrupt: going on would ignore Ctrl-C while a pipe gives nothing. */
static int fail(const char *verb, const char *path, struct rcn_error *err)
{
    enum rcn_error_kind kind = errno == EINTR ? RCN_ERROR_INTERRUPTED : RCN_ERROR_FAILED;
    return rcn_error_set(err, kind, "cannot %s '%s': %s", verb, path, strerror(errno));
}

/* Up to size bytes of the file; -1 with errno. A pipe is fine: process substitution hands one over.
 */
static ssize_t read_up_to(int fd, char *buffer, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, buffer + len, size - len);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

int rcn_secret_init_from_file(struct rcn_secret *secret, const char *path, struct rcn_error *err)
{
    *secret = (struct rcn_secret){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    /* The key itself may have been given in place of a file: what looks like one is not shown. */
    if (fd < 0 && errno == ENOENT && !strpbrk(path, "/.") && strlen(path) >= LEAST_KEY)
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the file that should hold the key does not exist (its name is not "
                             "shown: it may be the key itself)");
    if (fd < 0)
        return fail("open", path, err);
    char buffer[RCN_SECRET_MAX + 64]; /* room for white space, and to see that it is too long */
    ssize_t len = read_up_to(fd, buffer, sizeof buffer);
    int result =
        len < 0 ? fail("read", path, err) : take_trimmed(secret, buffer, (size_t)len, path, err);
    OPENSSL_cleanse(buffer, sizeof buffer);
    close(fd);
    return result;
}

void rcn_secret_release(struct rcn_secret *secret)
{
    if (secret->text)
        OPENSSL_cleanse(secret->text, secret->len);
    free(secret->text);
    *secret = (struct rcn_secret){0};
}

void rcn_secret_redact(const struct rcn_secret *secret, char *text)
{
    if (!secret || !secret->text)
        return;
    for (char *hit = text; (hit = strstr(hit, secret->text)); hit += secret->len)
        memset(hit, '*', secret->len);
}
