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

/* What is wrong with an URL, or NULL when ret is its origin. One API has one name, or what one run
 * wrote down the next would not find: lower case, without the dot that ends a name in the DNS, and
 * without the scheme's own port. */
static const char *normalise(const char *url, char *ret, size_t size)
{
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *path = NULL;
    const char *flaw = NULL;
    CURLU *handle = curl_url();
    CURLUcode code = curl_url_set(handle, CURLUPART_URL, url, 0);
    if (code || curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) ||
        curl_url_get(handle, CURLUPART_HOST, &host, 0) ||
        curl_url_get(handle, CURLUPART_PATH, &path, 0)) {
        flaw = code == CURLUE_BAD_PORT_NUMBER ? "has an invalid port" : "is not an https URL";
    } else {
        size_t len = strlen(host);
        for (size_t i = 0; i < len; i++)
            host[i] = (char)tolower((unsigned char)host[i]);
        if (len > 1 && host[len - 1] == '.')
            host[len - 1] = '\0';
        curl_url_get(handle, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
        int used =
            snprintf(ret, size, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
        if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
            flaw = "is not an https URL";
        else if (strcmp(scheme, "http") == 0 && !is_loopback(host))
            flaw = "would send the key unencrypted: http is for loopback only";
        else if (port && strcmp(port, "0") == 0)
            flaw = "names the port 0";
        else if (!is_base_path(path))
            flaw = "has a path other than /api/v1";
        else if (used < 0 || (size_t)used >= size)
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
    if (strchr(url, '@')) {
        /* What is before the @ may be a password: not shown. */
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a user or a password in it");
        return rcn_error_set_hint(err, "the key goes into SEQUENZY_API_KEY or --api-key-file");
    }
    /* A query may hold a key: not shown. Decoding '%' can make another address of a host. */
    const char *flaw = strchr(url, '%') ? "has a '%' in it" : NULL;
    if (strpbrk(url, "?#"))
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL has a query or a fragment");
    else if (flaw || (flaw = normalise(url, ret, size)))
        rcn_error_set(err, RCN_ERROR_USAGE, "the API URL '%.200s' %s", url, flaw);
    else
        return 0;
    return rcn_error_set_hint(err, "write the origin alone, for example https://api.sequenzy.com");
}
