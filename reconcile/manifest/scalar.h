/*
 * scalar.h: what a plain scalar is, by the core schema of YAML 1.2 (10.3.2).
 *
 * `yes`, `no`, `on`, `off`, dates and sexagesimals are strings there; `2024`, `0x1F`, `1e3`,
 * `.inf`, `true`, `null`, `~` and nothing at all are not.
 */
#ifndef RCN_MANIFEST_SCALAR_H
#define RCN_MANIFEST_SCALAR_H

#include <stddef.h>

enum rcn_scalar_type {
    RCN_SCALAR_STRING,
    RCN_SCALAR_NULL,
    RCN_SCALAR_TRUE,
    RCN_SCALAR_FALSE,
    RCN_SCALAR_INTEGER,
    RCN_SCALAR_FLOAT,
};

enum rcn_scalar_type rcn_scalar_get_type(const char *text, size_t len);

#endif
