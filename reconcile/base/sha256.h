/*
 * sha256.h: SHA-256 through OpenSSL's EVP. Used for integrity (plan digest) and for names (journal,
 * cache), never for authentication.
 */
#ifndef RCN_BASE_SHA256_H
#define RCN_BASE_SHA256_H

#include <stddef.h>

enum { RCN_SHA256_HEX_SIZE = 65 }; /* 64 digits and the NUL */
enum { RCN_SHA256_BASE64_SIZE = 45 };

struct rcn_sha256;

/* NULL when out of memory. */
struct rcn_sha256 *rcn_sha256_new(void);
void rcn_sha256_free(struct rcn_sha256 *sha);
void rcn_sha256_add(struct rcn_sha256 *sha, const void *bytes, size_t len);
/* Lower-case hexadecimal. Returns -1 when the library failed at any step. */
int rcn_sha256_finish(struct rcn_sha256 *sha, char ret_hex[RCN_SHA256_HEX_SIZE]);

/* All of it in one call. */
int rcn_sha256_hex(const void *bytes, size_t len, char ret_hex[RCN_SHA256_HEX_SIZE]);
int rcn_sha256_base64(const void *bytes, size_t len, char ret_base64[RCN_SHA256_BASE64_SIZE]);

#endif
