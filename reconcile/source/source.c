#include "source/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"

bool rcn_source_is_yaml_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static bool has_bytes(const char *bytes, size_t len, const char *word, size_t word_len)
{
    const char *end = bytes + len;
    for (const char *at = bytes; (size_t)(end - at) >= word_len; at++) {
        at = memchr(at, word[0], (size_t)(end - at) - word_len + 1);
        if (!at)
            return false;
        if (memcmp(at, word, word_len) == 0)
            return true;
    }
    return false;
}

/* In either byte order the letters of an ASCII word stand one zero byte apart. */
static bool has_utf16(const char *bytes, size_t len, const char *word)
{
    char wide[64] = {0};
    size_t wide_len = 2 * strlen(word) - 1;
    for (size_t i = 0; i < wide_len && i < sizeof wide; i += 2)
        wide[i] = word[i / 2];
    return has_bytes(bytes, len, wide, wide_len);
}

static bool begins_with_utf16_mark(const char *bytes, size_t len)
{
    return len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
}

bool rcn_source_looks_like_manifest(const char *bytes, size_t len)
{
    static const char *const words[] = {"audiencectl/", "audienceSyncs"};
    bool utf16 = begins_with_utf16_mark(bytes, len);
    for (size_t i = 0; i < 2; i++)
        if (has_bytes(bytes, len, words[i], strlen(words[i])) ||
            (utf16 && has_utf16(bytes, len, words[i])))
            return true;
    return false;
}

int rcn_source_set_digest(struct rcn_source *source, struct rcn_error *err)
{
    char hex[RCN_SHA256_HEX_SIZE];
    struct rcn_sha256 *sha = rcn_sha256_new();
    if (!sha)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < source->count; i++) {
        const struct rcn_text *text = &source->texts[i];
        char len[32];
        int len_size = snprintf(len, sizeof len, "%zu", text->len);
        rcn_sha256_add(sha, text->path, strlen(text->path) + 1);
        rcn_sha256_add(sha, len, (size_t)len_size + 1);
        rcn_sha256_add(sha, text->bytes, text->len);
    }
    int result = rcn_sha256_finish(sha, hex);
    rcn_sha256_free(sha);
    if (!result)
        source->digest = rcn_arena_printf(source->arena, "sha256:%s", hex);
    return source->digest ? 0 : rcn_error_no_memory(err);
}

struct rcn_source *rcn_source_new(enum rcn_source_kind kind, size_t max_bytes,
                                  struct rcn_diags *diags, struct rcn_error *err)
{
    struct rcn_source *source = calloc(1, sizeof *source);
    if (source)
        source->arena = rcn_arena_new(max_bytes);
    if (!source || !source->arena) {
        rcn_error_no_memory(err);
        rcn_source_free(source);
        return NULL;
    }
    source->kind = kind;
    source->diags = diags;
    return source;
}

void rcn_source_free(struct rcn_source *source)
{
    if (!source)
        return;
    rcn_arena_free(source->arena);
    free(source);
}
