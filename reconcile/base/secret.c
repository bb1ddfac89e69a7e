#include "base/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
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

int rcn_secret_init(struct rcn_secret *secret, const char *text, const char *what,
                    struct rcn_error *err)
{
    static const char space[] = " \t\r\n";
    *secret = (struct rcn_secret){0};
    text += strspn(text, space);
    size_t len = strlen(text);
    while (len && strchr(space, text[len - 1]))
        len--;
    if (len == 0)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s is empty", what);
    if (len > RCN_SECRET_MAX)
        return rcn_error_set(err, RCN_ERROR_FAILED, "%s is longer than %d bytes", what,
                             RCN_SECRET_MAX);
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x21 || text[i] > 0x7e)
            return rcn_error_set(err, RCN_ERROR_FAILED,
                                 "%s has a space, a control or a non-ASCII character in it", what);
    *secret = (struct rcn_secret){.text = rcn_strndup(text, len), .len = len};
    rcn_redact_add_secret(secret->text);
    return 0;
}

static int init_from_file(struct rcn_secret *secret, const char *path, struct rcn_error *err)
{
    enum { MAX_BYTES = 2 * RCN_SECRET_MAX }; /* room for white space */
    struct rcn_buf bytes;
    *secret = (struct rcn_secret){0};
    /* The key itself may have been given in place of a file: what looks like one is not shown. */
    if (!strpbrk(path, "/.") && strlen(path) >= LEAST_KEY && access(path, F_OK))
        return rcn_error_set(err, RCN_ERROR_FAILED,
                             "the file that should hold the key does not exist (its name is not "
                             "shown: it may be the key itself)");
    rcn_buf_init(&bytes, MAX_BYTES);
    int result = rcn_file_read(path, &bytes, err);
    if (result == 0 && memchr(rcn_buf_get_str(&bytes), '\0', bytes.len))
        result = rcn_error_set(err, RCN_ERROR_FAILED, "%s has a NUL byte in it", path);
    if (result == 0)
        result = rcn_secret_init(secret, rcn_buf_get_str(&bytes), path, err);
    if (bytes.data)
        OPENSSL_cleanse(bytes.data, bytes.capacity);
    rcn_buf_release(&bytes);
    return result;
}

void rcn_secret_release(struct rcn_secret *secret)
{
    if (secret->text)
        OPENSSL_cleanse(secret->text, secret->len);
    free(secret->text);
    *secret = (struct rcn_secret){0};
}

int rcn_secret_take(const char *variable, bool is_wanted, const char *file, bool file_wins,
                    struct rcn_secret *ret, struct rcn_error *err)
{
    char *value = getenv(variable);
    int result = 0;
    if (is_wanted && file && (file_wins || !value || !*value))
        result = init_from_file(ret, file, err);
    else if (is_wanted && value && *value)
        result = rcn_secret_init(ret, value, variable, err);
    if (value)
        memset(value, 0, strlen(value));
    unsetenv(variable);
    return result;
}
