#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "live/http.h"

/* Names that never leave the machine (RFC 6761), and the addresses of the loopback interface. */
static bool is_loopback(const char *host)
{
    static const char suffix[] = ".localhost";
    size_t len = strlen(host);
    struct in_addr address;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    if (len >= sizeof suffix && strcmp(host + len - (sizeof suffix - 1), suffix) == 0)
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

/* NULL when the parts are an origin, otherwise what is wrong with it. port: NULL for the scheme's.
 */
static const char *find_flaw(const char *scheme, const char *host, const char *port,
                             const char *path)
{
    if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
        return "is not an https URL";
    if (strcmp(scheme, "http") == 0 && !is_loopback(host))
        return "would send the key unencrypted: http is for loopback only";
    if (port && strcmp(port, "0") == 0)
        return "names the port 0";
    return is_base_path(path) ? NULL : "has a path other than /api/v1";
}

static const char *normalise(const char *url, char *ret, size_t size)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *path = NULL;
    const char *flaw;
    CURLU *handle = curl_url();
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, 0);
    if (code || curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) ||
        curl_url_get(handle, CURLUPART_HOST, &host, 0) ||
        curl_url_get(handle, CURLUPART_PATH, &path, 0)) {
        flaw = code == CURLUE_BAD_PORT_NUMBER ? "has an invalid port" : "is not an https URL";
    } else {
        curl_url_get(handle, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
        normalise_host(host);
        flaw = find_flaw(scheme, host, port, path);
        int len =
            snprintf(ret, size, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
        if (!flaw && (len < 0 || (size_t)len >= size))
            flaw = "is too long";
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(path);
    curl_url_cleanup(handle);
    return flaw;
}

int rcn_http_normalise_origin(const char *url, char *ret, size_t size, struct rcn_error *err)
{
    const char *flaw;
    if (strchr(url, '@')) {
        /* What is before the @ may be a password: not shown. */
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a user or a password in it");
        return rcn_error_set_hint(err, "the key goes into SEQUENZY_API_KEY or --api-key-file");
    }
    if (strpbrk(url, "?#")) {
        /* Nor is a query, where a key may be. */
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a query or a fragment");
        return rcn_error_set_hint(err,
                                  "write the origin alone, for example https://api.sequenzy.com");
    }
    if (strchr(url, '%')) /* decoding can make another address of a host */
        flaw = "has a '%' in it";
    else
        flaw = normalise(url, ret, size);
    if (!flaw)
        return 0;
    rcn_error_set(err, RCN_ERROR_USAGE, "the API URL '%.200s' %s", url, flaw);
    return rcn_error_set_hint(err, "write the origin alone, for example https://api.sequenzy.com");
}
