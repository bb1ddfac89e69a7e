#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { DIGEST_BYTES = 32, SEAL_SIZE = 96 };

/* The library's own type is never completed for others. */
static EVP_MD_CTX *inner(struct rcn_sha256 *sha)
{
    return (EVP_MD_CTX *)sha;
}

static void check(int is_done)
{
    if (!is_done)
        rcn_memory_exhausted();
}

struct rcn_sha256 *rcn_sha256_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    check(context && EVP_DigestInit_ex(context, EVP_sha256(), NULL));
    return (struct rcn_sha256 *)context;
}

void rcn_sha256_add(struct rcn_sha256 *sha, const void *bytes, size_t len)
{
    check(EVP_DigestUpdate(inner(sha), bytes, len));
}

void rcn_sha256_finish(struct rcn_sha256 *sha, char ret_hex[RCN_SHA256_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    check(EVP_DigestFinal_ex(inner(sha), digest, NULL));
    EVP_MD_CTX_free(inner(sha));
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

void rcn_sha256_hex(const void *bytes, size_t len, char ret_hex[RCN_SHA256_HEX_SIZE])
{
    struct rcn_sha256 *sha = rcn_sha256_new();
    rcn_sha256_add(sha, bytes, len);
    rcn_sha256_finish(sha, ret_hex);
}

void rcn_sha256_base64(const void *bytes, size_t len, char ret_base64[RCN_SHA256_BASE64_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    check(EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL));
    EVP_EncodeBlock((unsigned char *)ret_base64, digest, DIGEST_BYTES);
}

static size_t write_seal(const char *bytes, size_t len, char ret[SEAL_SIZE])
{
    char hex[RCN_SHA256_HEX_SIZE];
    rcn_sha256_hex(bytes, len, hex);
    return (size_t)snprintf(ret, SEAL_SIZE, "\"digest\": \"sha256:%s\"}\n", hex);
}

void rcn_sha256_seal(struct rcn_buf *out, size_t start)
{
    if (out->failed)
        return;
    char seal[SEAL_SIZE];
    rcn_buf_add(out, seal, write_seal(out->data + start, out->len - start, seal));
}

bool rcn_sha256_is_sealed(const char *bytes, size_t len)
{
    const size_t seal_len = strlen("\"digest\": \"sha256:\"}\n") + RCN_SHA256_HEX_SIZE - 1;
    if (len < seal_len)
        return false;
    char seal[SEAL_SIZE];
    write_seal(bytes, len - seal_len, seal);
    return memcmp(bytes + len - seal_len, seal, seal_len) == 0;
}
