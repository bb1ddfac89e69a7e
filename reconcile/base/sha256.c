#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rcn_sha256 {
    EVP_MD_CTX *context;
    bool failed;
    size_t pending_len;
    unsigned char pending[4096]; /* a call of the library costs more than a short text */
};

struct rcn_sha256 *rcn_sha256_new(void)
{
    struct rcn_sha256 *sha = calloc(1, sizeof *sha);
    if (!sha)
        return NULL;
    sha->context = EVP_MD_CTX_new();
    if (!sha->context || !EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL)) {
        rcn_sha256_free(sha);
        return NULL;
    }
    return sha;
}

void rcn_sha256_free(struct rcn_sha256 *sha)
{
    if (!sha)
        return;
    EVP_MD_CTX_free(sha->context);
    free(sha);
}

static void update(struct rcn_sha256 *sha, const void *bytes, size_t len)
{
    if (!EVP_DigestUpdate(sha->context, bytes, len))
        sha->failed = true;
}

static void flush(struct rcn_sha256 *sha)
{
    update(sha, sha->pending, sha->pending_len);
    sha->pending_len = 0;
}

void rcn_sha256_add(struct rcn_sha256 *sha, const void *bytes, size_t len)
{
    if (len > sizeof sha->pending - sha->pending_len)
        flush(sha);
    if (len > sizeof sha->pending) {
        update(sha, bytes, len);
    } else if (len) {
        memcpy(sha->pending + sha->pending_len, bytes, len);
        sha->pending_len += len;
    }
}

int rcn_sha256_finish(struct rcn_sha256 *sha, char ret_hex[RCN_SHA256_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    flush(sha);
    if (sha->failed || !EVP_DigestFinal_ex(sha->context, digest, &len) || len != 32)
        return -1;
    for (size_t i = 0; i < len; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

int rcn_sha256_hex(const void *bytes, size_t len, char ret_hex[RCN_SHA256_HEX_SIZE])
{
    struct rcn_sha256 *sha = rcn_sha256_new();
    if (!sha)
        return -1;
    rcn_sha256_add(sha, bytes, len);
    int result = rcn_sha256_finish(sha, ret_hex);
    rcn_sha256_free(sha);
    return result;
}

int rcn_sha256_base64(const void *bytes, size_t len, char ret_base64[RCN_SHA256_BASE64_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    if (!EVP_Digest(bytes, len, digest, &digest_len, EVP_sha256(), NULL) || digest_len != 32)
        return -1;
    return EVP_EncodeBlock((unsigned char *)ret_base64, digest, 32) > 0 ? 0 : -1;
}
