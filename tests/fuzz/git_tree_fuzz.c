/*
 * Any objects as a Git repository. The input is cut at the byte 0xff into objects, each with a
 * first byte that says what it is: `b` a blob; `t` a tree whose entries name earlier objects by one
 * byte in place of an id; `T` a tree and `c` a commit byte for byte. The last tree is that of the
 * commit that is read, unless a commit is the last object.
 */
#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/repository.h>

#include "base/buf.h"
#include "fuzz.h"
#include "source/git_repository.h"

enum { MAX_OBJECTS = 64, SEPARATOR = 0xff };

struct objects {
    git_odb *odb;
    git_oid ids[MAX_OBJECTS];
    size_t count;
    git_oid tree;
    git_oid commit;
    bool has_tree;
    bool has_commit;
};

static git_oid write_object(struct objects *self, const void *bytes, size_t len, git_object_t type)
{
    git_oid id;
    FUZZ_CHECK(git_odb_write(&id, self->odb, bytes, len, type) == 0);
    if (self->count < MAX_OBJECTS)
        self->ids[self->count++] = id;
    return id;
}

/* `MODE NAME\0` and a byte that chooses the object; what does not end so is taken as it is. */
static void write_tree(struct objects *self, const uint8_t *data, size_t len)
{
    struct rcn_buf tree;
    rcn_buf_init(&tree, (size_t)1 << 20);
    while (len) {
        const uint8_t *nul = memchr(data, '\0', len);
        size_t named = nul ? (size_t)(nul - data) + 1 : len;
        rcn_buf_add(&tree, data, named);
        data += named;
        len -= named;
        if (!len)
            break;
        if (self->count)
            rcn_buf_add(&tree, self->ids[*data % self->count].id, GIT_OID_RAWSZ);
        data++;
        len--;
    }
    self->tree = write_object(self, rcn_buf_get_str(&tree), tree.len, GIT_OBJECT_TREE);
    self->has_tree = true;
    self->has_commit = false;
    rcn_buf_release(&tree);
}

static void write_commit(struct objects *self)
{
    char id[GIT_OID_HEXSZ + 1];
    char text[256];
    git_oid_tostr(id, sizeof id, &self->tree);
    snprintf(text, sizeof text, "tree %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n",
             id);
    self->commit = write_object(self, text, strlen(text), GIT_OBJECT_COMMIT);
    self->has_commit = true;
}

static void take_object(struct objects *self, const uint8_t *data, size_t len)
{
    switch (len ? data[0] : 0) {
    case 'b':
        write_object(self, data + 1, len - 1, GIT_OBJECT_BLOB);
        break;
    case 't':
        write_tree(self, data + 1, len - 1);
        break;
    case 'T':
        self->tree = write_object(self, data + 1, len - 1, GIT_OBJECT_TREE);
        self->has_tree = true;
        self->has_commit = false;
        break;
    case 'c':
        self->commit = write_object(self, data + 1, len - 1, GIT_OBJECT_COMMIT);
        self->has_commit = true;
        break;
    default:
        break;
    }
}

static void take_objects(struct objects *self, const uint8_t *data, size_t size)
{
    for (size_t objects = 0; size && objects < MAX_OBJECTS / 2; objects++) {
        const uint8_t *end = memchr(data, SEPARATOR, size);
        size_t len = end ? (size_t)(end - data) : size;
        take_object(self, data, len);
        data += len + (end != NULL);
        size -= len + (end != NULL);
    }
    if (!self->has_commit && self->has_tree)
        write_commit(self);
}

/* The path after `3f2c1ab:`. */
static const char *get_path(const char *shown)
{
    return strchr(shown, ':') + 1;
}

/* Nothing hidden, nothing outside; the root is `eu` or the whole tree. */
static void check_path(const char *path, const char *root)
{
    size_t root_len = strlen(root);
    FUZZ_CHECK(rcn_source_is_yaml_name(path));
    FUZZ_CHECK(path[0] != '.' && path[0] != '/' && !strstr(path, "/."));
    FUZZ_CHECK(!root_len || (strncmp(path, root, root_len) == 0 && path[root_len] == '/'));
}

static void check(const struct rcn_source *source, const char *root)
{
    for (size_t i = 0; i < source->count; i++) {
        if (!source->named[i])
            check_path(get_path(source->texts[i].path), root);
        FUZZ_CHECK(i == 0 || strcmp(source->texts[i - 1].path, source->texts[i].path) < 0);
        FUZZ_CHECK(source->texts[i].bytes[source->texts[i].len] == '\0');
        FUZZ_CHECK(source->named[i] ||
                   rcn_source_looks_like_manifest(source->texts[i].bytes, source->texts[i].len));
    }
    FUZZ_CHECK(source->warning_count <= 8);
}

static void load(git_repository *repository, const struct objects *objects, const char *root)
{
    char commit[GIT_OID_HEXSZ + 1];
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_diags diags;
    const struct rcn_git_access access = {0};
    struct rcn_source *source = rcn_source_new("git", (size_t)64 << 20, &diags);
    rcn_diags_init(&diags);
    source->name = source->ref = "fuzz";
    git_oid_tostr(commit, sizeof commit, &objects->commit);
    if (rcn_git_repository_load(repository, commit, &access, &root, 1, source, &err) == RCN_GIT_OK)
        check(source, root);
    else
        FUZZ_CHECK(err.message[0]);
    rcn_diags_release(&diags);
    rcn_source_free(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_started;
    struct rcn_error err = RCN_ERROR_INIT;
    struct objects objects = {0};
    git_odb_backend *memory = NULL;
    git_repository *repository = NULL;
    if (!is_started) {
        FUZZ_CHECK(rcn_git_library_start(&err) == 0);
        atexit(rcn_git_library_stop);
        is_started = true;
    }
    FUZZ_CHECK(git_odb_new(&objects.odb) == 0);
    FUZZ_CHECK(git_mempack_new(&memory) == 0);
    FUZZ_CHECK(git_odb_add_backend(objects.odb, memory, 1) == 0);
    FUZZ_CHECK(git_repository_wrap_odb(&repository, objects.odb) == 0);
    take_objects(&objects, data, size);
    if (objects.has_commit) {
        load(repository, &objects, "");
        load(repository, &objects, "eu");
        load(repository, &objects, "eu/a.yaml");
    }
    git_repository_free(repository);
    git_odb_free(objects.odb);
    return 0;
}
