#include "source/source.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/redact.h"
#include "base/sha256.h"
#include "base/strmap.h"

bool rcn_source_is_yaml_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

char *rcn_source_simplify_path(struct rcn_arena *arena, const char *path)
{
    size_t len = 0;
    char *out = rcn_arena_alloc(arena, strlen(path) + 2);
    size_t top = *path == '/' ? 1 : 0;
    size_t floor = top; /* what `..` cannot take out: the top, and leading `..` */
    if (top)
        out[len++] = '/';
    for (const char *at = path; *at;) {
        at += strspn(at, "/");
        size_t name = strcspn(at, "/");
        bool is_up = name == 2 && memcmp(at, "..", 2) == 0;
        if (is_up && len > floor) {
            while (len > floor && out[len - 1] != '/')
                len--;
            if (len > floor)
                len--;
        } else if (name && !(name == 1 && *at == '.')) {
            if (len > top)
                out[len++] = '/';
            memcpy(out + len, at, name);
            len += name;
            floor = is_up ? len : floor;
        }
        at += name;
    }
    if (len == 0 && *path)
        out[len++] = '.';
    out[len] = '\0';
    return out;
}

bool rcn_source_looks_like_manifest(const char *bytes, size_t len)
{
    /* In UTF-16, in either byte order, there is one zero byte between the letters. */
    static const char *const words[] = {"audiencectl/", "audienceSyncs"};
    bool is_wide =
        len >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0);
    for (size_t i = 0; i < 2; i++) {
        char wide[64] = {0};
        size_t word_len = strlen(words[i]);
        for (size_t j = 0; j < word_len; j++)
            wide[2 * j] = words[i][j];
        if (memmem(bytes, len, words[i], word_len) ||
            (is_wide && memmem(bytes, len, wide, 2 * word_len - 1)))
            return true;
    }
    return false;
}

static const char lfs_pointer[] = "this is a Git LFS pointer, not the file";
static const char crypt_pointer[] = "this is encrypted by git-crypt";

/* What is kept instead of a file by Git LFS or git-crypt; NULL: this is the file. */
static const char *find_pointer(const char *bytes, size_t len)
{
    static const char lfs[] = "version https://git-lfs.github.com/spec/";
    static const char crypt[] = "\0GITCRYPT";
    enum { LARGEST_LFS_POINTER = 1024 }; /* the format's own limit */
    if (len < LARGEST_LFS_POINTER && len >= sizeof lfs && memcmp(bytes, lfs, sizeof lfs - 1) == 0)
        return lfs_pointer;
    return len >= sizeof crypt && memcmp(bytes, crypt, sizeof crypt) == 0 ? crypt_pointer : NULL;
}

void rcn_source_set_digest(struct rcn_source *source)
{
    char hex[RCN_SHA256_HEX_SIZE];
    struct rcn_sha256 *sha = rcn_sha256_new();
    for (size_t i = 0; i < source->count; i++) {
        const struct rcn_text *text = &source->texts[i];
        char len[32];
        int len_size = snprintf(len, sizeof len, "%zu", text->len);
        rcn_sha256_add(sha, text->path, strlen(text->path) + 1);
        rcn_sha256_add(sha, len, (size_t)len_size + 1);
        rcn_sha256_add(sha, text->bytes, text->len);
    }
    rcn_sha256_finish(sha, hex);
    source->digest = rcn_arena_printf(source->arena, "sha256:%s", hex);
}

/* --- filling one in --- */

struct rcn_source *rcn_source_new(const char *kind, size_t max_bytes, struct rcn_diags *diags)
{
    struct rcn_source *source = rcn_calloc(1, sizeof *source);
    source->arena = rcn_arena_new(max_bytes);
    source->kind = kind;
    source->diags = diags;
    return source;
}

void rcn_source_free(struct rcn_source *source)
{
    if (!source)
        return;
    rcn_arena_free(source->arena);
    free(source->files);
    free(source);
}

void rcn_source_list(struct rcn_source *source, struct rcn_source_file file)
{
    if (source->file_count == RCN_SOURCE_MAX_FILES) {
        source->is_cut = true;
        rcn_source_add_problem(source, "limit", file.shown, "more than 100000 files");
        return;
    }
    source->files = rcn_grow(source->files, source->file_count, sizeof file);
    source->files[source->file_count++] = file;
}

static int compare_files(const void *left, const void *right)
{
    const struct rcn_source_file *a = left;
    const struct rcn_source_file *b = right;
    return strcmp(a->shown, b->shown);
}

void rcn_source_sort_files(struct rcn_source *source, size_t first)
{
    if (source->file_count > first)
        qsort(source->files + first, source->file_count - first, sizeof *source->files,
              compare_files);
}

void rcn_source_end_files(struct rcn_source *source)
{
    struct rcn_strmap *seen = rcn_strmap_new(source->file_count);
    size_t kept = 0;
    for (size_t i = 0; i < source->file_count; i++) {
        struct rcn_source_file *file = &source->files[kept];
        *file = source->files[i];
        void **place = file->key ? rcn_strmap_put(seen, file->key, strlen(file->key)) : NULL;
        if (place && *place) {
            ((struct rcn_source_file *)*place)->is_named |= file->is_named;
            continue;
        }
        if (place)
            *place = file;
        kept++;
    }
    source->file_count = kept;
    rcn_strmap_free(seen);
    source->texts = rcn_arena_calloc(source->arena, kept + 1, sizeof *source->texts);
    source->named = rcn_arena_calloc(source->arena, kept + 1, sizeof *source->named);
    source->skipped = rcn_arena_calloc(source->arena, kept + 1, sizeof *source->skipped);
}

void rcn_source_add_problem(struct rcn_source *source, const char *rule, const char *path,
                            const char *format, ...)
{
    va_list args;
    struct rcn_text *text = rcn_arena_alloc(source->arena, sizeof *text);
    char *shown = rcn_arena_strdup(source->arena, path);
    rcn_redact(shown);
    text->path = shown;
    source->had_problem = true;
    va_start(args, format);
    struct rcn_diag *diag = rcn_diags_error(source->diags, rule, (struct rcn_span){.text = text},
                                            "%s", rcn_arena_vprintf(source->arena, format, args));
    va_end(args);
    if (source->is_cut)
        rcn_diag_set_hint(source->diags, diag, "name the files or a smaller directory");
}

void rcn_source_add_skipped(struct rcn_source *source, const char *path, const char *reason)
{
    source->skipped[source->skipped_count++] = (struct rcn_skipped){path, reason};
}

void rcn_source_add(struct rcn_source *source, const char *path, const char *bytes, size_t len,
                    bool is_named)
{
    const char *pointer = find_pointer(bytes, len);
    if (pointer && is_named) {
        rcn_source_add_problem(source, "unreadable", path, "%s", pointer);
    } else if (pointer) {
        rcn_source_add_skipped(source, path, pointer);
    } else if (!is_named && !rcn_source_looks_like_manifest(bytes, len)) {
        rcn_source_add_skipped(source, path, "not a manifest");
    } else if (len > RCN_SOURCE_MAX_BYTES - source->total_bytes) {
        source->is_cut = true;
        rcn_source_add_problem(source, "limit", path, "all files together are larger than 512 MiB");
    } else {
        source->total_bytes += len;
        bytes = rcn_arena_strndup(source->arena, bytes, len);
        source->named[source->count] = is_named;
        source->texts[source->count++] =
            (struct rcn_text){.path = path, .bytes = bytes, .len = len};
    }
}

void rcn_source_finish(struct rcn_source *source, const char *where, const char *hint)
{
    struct rcn_source_names lfs = {0};
    struct rcn_source_names crypt = {0};
    for (size_t i = 0; i < source->skipped_count; i++) {
        const struct rcn_skipped *skipped = &source->skipped[i];
        if (skipped->reason == lfs_pointer)
            rcn_source_names_add(&lfs, skipped->path);
        else if (skipped->reason == crypt_pointer)
            rcn_source_names_add(&crypt, skipped->path);
    }
    rcn_source_warn_names(source, &lfs, "skipped, because Git LFS pointers are not fetched");
    rcn_source_warn_names(source, &crypt, "skipped, because they are encrypted by git-crypt");
    if (source->count || source->had_problem)
        return;
    struct rcn_diag *diag = rcn_diags_error(source->diags, "no-manifest", (struct rcn_span){0},
                                            "no manifest found in %s", where);
    if (source->skipped_count)
        rcn_diag_set_hint(source->diags, diag,
                          "YAML files there: %zu, but none holds 'apiVersion: audiencectl/v1'",
                          source->skipped_count);
    else
        rcn_diag_set_hint(source->diags, diag, "%s", hint);
}

void rcn_source_add_note(struct rcn_source *source, const char *text)
{
    assert(source->note_count < RCN_SOURCE_MAX_WARNINGS);
    source->notes[source->note_count++] = text;
}

void rcn_source_names_add(struct rcn_source_names *names, const char *name)
{
    if (names->count < RCN_SOURCE_MAX_NAMES)
        names->first[names->count] = name;
    names->count++;
}

const char *rcn_source_names_format(struct rcn_source *source, const struct rcn_source_names *names,
                                    const char *what)
{
    enum { MAX_NAME = 200 };
    struct rcn_buf list;
    if (names->count == 0)
        return NULL;
    rcn_buf_init(&list, RCN_SOURCE_MAX_NAMES * (MAX_NAME + 16) + 1024);
    rcn_buf_printf(&list, "%s: ", what);
    for (size_t i = 0; i < names->count && i < RCN_SOURCE_MAX_NAMES; i++)
        rcn_buf_printf(&list, "%s'%.*s'", i ? ", " : "", MAX_NAME, names->first[i]);
    if (names->count > RCN_SOURCE_MAX_NAMES)
        rcn_buf_printf(&list, " and %zu more", names->count - RCN_SOURCE_MAX_NAMES);
    const char *text = rcn_arena_strdup(source->arena, rcn_buf_get_str(&list));
    rcn_buf_release(&list);
    return text;
}

void rcn_source_warn_names(struct rcn_source *source, const struct rcn_source_names *names,
                           const char *what)
{
    const char *text = rcn_source_names_format(source, names, what);
    assert(source->warning_count < RCN_SOURCE_MAX_WARNINGS);
    if (text)
        source->warnings[source->warning_count++] = text;
}
