/*
 * sha256.h: SHA-256 through OpenSSL's EVP, for digests and names (journal, cache), never for
 * authentication.
 */
#ifndef RCN_BASE_SHA256_H
#define RCN_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { RCN_SHA256_HEX_SIZE = 65 }; /* 64 digits and the NUL */
enum { RCN_SHA256_BASE64_SIZE = 45 };

struct rcn_sha256;

struct rcn_sha256 *rcn_sha256_new(void);
void rcn_sha256_add(struct rcn_sha256 *sha, const void *bytes, size_t len);
/* Lower-case hexadecimal. Frees sha. */
void rcn_sha256_finish(struct rcn_sha256 *sha, char ret_hex[RCN_SHA256_HEX_SIZE]);

/* All of it in one call. */
void rcn_sha256_hex(const void *bytes, size_t len, char ret_hex[RCN_SHA256_HEX_SIZE]);
void rcn_sha256_base64(const void *bytes, size_t len, char ret_base64[RCN_SHA256_BASE64_SIZE]);

/*
 * The end of a JSON document that shows whether it was edited: `"digest": "sha256:..."}` and a line
 * feed, over every byte from `start` on, the comma before it included.
 */
void rcn_sha256_seal(struct rcn_buf *out, size_t start);
bool rcn_sha256_is_sealed(const char *bytes, size_t len);

#endif
