#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "live/http.h"

struct parts {
    char *scheme;
    char *host;
    char *port; /* NULL: the scheme's own */
    char *path;
};

static void release_parts(struct parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->path);
}

static int set_usage(struct rcn_error *err, const char *url, const char *what)
{
    rcn_error_set(err, RCN_ERROR_USAGE, "the API URL '%.200s' %s", url, what);
    return rcn_error_set_hint(err, "write the origin alone, for example https://api.sequenzy.com");
}

/* A part that is not there stays NULL: only a port may be left out. */
static CURLUcode read_parts(CURLU *handle, const char *url, struct parts *ret)
{
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, 0);
    if (!code)
        code = curl_url_get(handle, CURLUPART_SCHEME, &ret->scheme, 0);
    if (!code)
        code = curl_url_get(handle, CURLUPART_HOST, &ret->host, 0);
    if (!code)
        code = curl_url_get(handle, CURLUPART_PATH, &ret->path, 0);
    if (code)
        return code;
    code = curl_url_get(handle, CURLUPART_PORT, &ret->port, CURLU_NO_DEFAULT_PORT);
    return code == CURLUE_NO_PORT ? CURLUE_OK : code;
}

static int split(const char *url, struct parts *ret, struct rcn_error *err)
{
    CURLU *handle = curl_url();
    CURLUcode code = handle ? read_parts(handle, url, ret) : CURLUE_OUT_OF_MEMORY;
    curl_url_cleanup(handle);
    if (code == CURLUE_OUT_OF_MEMORY)
        rcn_error_no_memory(err);
    else if (code == CURLUE_BAD_PORT_NUMBER)
        set_usage(err, url, "names a port that cannot be");
    else if (code)
        set_usage(err, url, "is not an https URL");
    return code ? -1 : 0;
}

/* One API has one name, or what one run wrote down the next would not find: lower case, and without
 * the dot that ends a name in the DNS. */
static void normalise_host(char *host)
{
    size_t len = strlen(host);
    for (size_t i = 0; i < len; i++)
        host[i] = (char)tolower((unsigned char)host[i]);
    if (len > 1 && host[len - 1] == '.')
        host[len - 1] = '\0';
}

/* Names that never leave the machine (RFC 6761), and the addresses of the loopback interface. */
static bool is_loopback(const char *host)
{
    size_t len = strlen(host);
    const char suffix[] = ".localhost";
    size_t suffix_len = sizeof suffix - 1;
    struct in_addr address;
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    if (len > suffix_len && strcasecmp(host + len - suffix_len, suffix) == 0)
        return true;
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool is_base_path(const char *path)
{
    static const char *const bases[] = {"", "/", "/api/v1", "/api/v1/", "/v1", "/v1/"};
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        if (strcmp(path, bases[i]) == 0)
            return true;
    return false;
}

static int check(const struct parts *parts, const char *url, struct rcn_error *err)
{
    bool is_http = strcmp(parts->scheme, "http") == 0;
    if (!is_http && strcmp(parts->scheme, "https") != 0)
        return set_usage(err, url, "is not an https URL");
    if (is_http && !is_loopback(parts->host))
        return set_usage(err, url, "would send the key unencrypted: http is for loopback only");
    if (parts->port && strcmp(parts->port, "0") == 0)
        return set_usage(err, url, "names the port 0");
    if (!is_base_path(parts->path))
        return set_usage(err, url, "has a path other than /api/v1");
    return 0;
}

int rcn_http_normalise_origin(const char *url, char *ret, size_t size, struct rcn_error *err)
{
    if (strchr(url, '@')) {
        /* What stands before the @ may be a password: not shown. */
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a user or a password in it");
        return rcn_error_set_hint(err, "the key goes into SEQUENZY_API_KEY or --api-key-file");
    }
    if (strpbrk(url, "?#"))
        return set_usage(err, url, "has a query or a fragment");
    /* Decoding can make another address of a host; no API needs it. */
    if (strchr(url, '%'))
        return set_usage(err, url, "has a '%' in it");
    struct parts parts = {0};
    int result = split(url, &parts, err);
    if (result == 0) {
        normalise_host(parts.host);
        result = check(&parts, url, err);
    }
    if (result == 0) {
        int len = snprintf(ret, size, "%s://%s%s%s", parts.scheme, parts.host,
                           parts.port ? ":" : "", parts.port ? parts.port : "");
        if (len < 0 || (size_t)len >= size)
            result = set_usage(err, url, "is too long");
    }
    release_parts(&parts);
    return result;
}
