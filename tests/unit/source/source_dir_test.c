#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST "apiVersion: audiencectl/v1\naudienceSyncs: []\n"

/* A directory of its own, which is the working directory while a test runs. */
struct place {
    char directory[64];
    int before;
    struct rcn_diags diags;
    struct rcn_source *source;
    char list[4096];
};

static int enter(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->directory, "/tmp/source_dir_test.XXXXXX");
    place->before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!mkdtemp(place->directory) || chdir(place->directory))
        return -1;
    rcn_diags_init(&place->diags);
    *state = place;
    return 0;
}

static int leave(void **state)
{
    struct place *place = *state;
    char command[256];
    rcn_source_free(place->source);
    rcn_diags_release(&place->diags);
    snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -rf %s", place->directory,
             place->directory);
    int failed = fchdir(place->before) || system(command);
    close(place->before);
    free(place);
    return failed;
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add(struct place *place, const char *text)
{
    size_t used = strlen(place->list);
    snprintf(place->list + used, sizeof place->list - used, "%s\n", text);
}

/*
 * Loads the paths and lists what came out: texts (`!` in front: named), skipped paths (`-`), and
 * diagnostics (`path rule`).
 */
static const char *load(struct place *place, const char *const *paths, size_t count)
{
    char line[512];
    rcn_source_free(place->source);
    rcn_diags_release(&place->diags);
    rcn_diags_init(&place->diags);
    place->list[0] = '\0';
    place->source = rcn_source_new_from_paths(paths, count, &place->diags);
    assert_non_null(place->source);
    for (size_t i = 0; i < place->source->count; i++) {
        snprintf(line, sizeof line, "%s%s", place->source->named[i] ? "!" : "",
                 place->source->texts[i].path);
        add(place, line);
    }
    for (size_t i = 0; i < place->source->skipped_count; i++) {
        snprintf(line, sizeof line, "- %s", place->source->skipped[i].path);
        add(place, line);
    }
    rcn_diags_sort(&place->diags);
    for (size_t i = 0; i < place->diags.count; i++) {
        const struct rcn_diag *diag = place->diags.items[i];
        snprintf(line, sizeof line, "%s %s", diag->span.text ? diag->span.text->path : "",
                 diag->rule);
        add(place, line);
    }
    return place->list;
}

#define LOAD(place, ...)                                                                           \
    load(place, (const char *const[]){__VA_ARGS__},                                                \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void walks_in_order_of_bytes(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    mkdir("m/a", 0700);
    mkdir("m/a-b", 0700);
    mkdir("m/.hidden", 0700);
    write_file("m/a/x.yaml", MANIFEST);
    write_file("m/a-b/x.yml", MANIFEST);
    write_file("m/a.yaml", MANIFEST);
    write_file("m/B.yaml", MANIFEST);
    write_file("m/.x.yaml", MANIFEST);
    write_file("m/.hidden/x.yaml", MANIFEST);
    write_file("m/x.YAML", MANIFEST);
    write_file("m/x.json", MANIFEST);
    write_file("m/yaml", MANIFEST);
    write_file("m/other.yaml", "kind: Deployment\n");
    const char *expected = "m/B.yaml\nm/a-b/x.yml\nm/a.yaml\nm/a/x.yaml\n- m/other.yaml\n";
    assert_string_equal(LOAD(place, "m"), expected);
    assert_string_equal(LOAD(place, "m///"), expected);
    assert_string_equal(place->source->name, "m");
    assert_int_equal(chdir("m"), 0);
    expected = "B.yaml\na-b/x.yml\na.yaml\na/x.yaml\n- other.yaml\n";
    assert_string_equal(load(place, NULL, 0), expected);
    assert_string_equal(place->source->name, ".");
    assert_string_equal(LOAD(place, "."), expected);
    assert_string_equal(place->source->texts[0].bytes, MANIFEST);
    assert_int_equal(place->source->texts[0].len, strlen(MANIFEST));
}

static void takes_named_files_as_they_are(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    write_file("m/a.txt", "anything");
    write_file("m/b.yaml", MANIFEST);
    write_file("m/c.yaml", "anything");
    assert_string_equal(LOAD(place, "m/a.txt"), "!m/a.txt\n");
    assert_string_equal(place->source->kind, "files");
    assert_string_equal(LOAD(place, "m/c.yaml", "m"), "!m/c.yaml\nm/b.yaml\n");
    assert_string_equal(LOAD(place, "m", "m/c.yaml"), "m/b.yaml\n!m/c.yaml\n");
    assert_string_equal(LOAD(place, "m/b.yaml", "m/../m/b.yaml"), "!m/b.yaml\n");
    assert_string_equal(place->source->name, "m/b.yaml and 1 more");
}

static void follows_symlinks_inside_only(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    mkdir("m/..data-1", 0700);
    mkdir("m/sub", 0700);
    write_file("m/..data-1/a.yaml", MANIFEST);
    write_file("m/sub/b.yaml", MANIFEST);
    write_file("outside.yaml", MANIFEST);
    assert_int_equal(symlink("..data-1", "m/..data"), 0);
    assert_int_equal(symlink("..data/a.yaml", "m/a.yaml"), 0);
    assert_int_equal(symlink("sub/b.yaml", "m/z.yaml"), 0);
    assert_int_equal(symlink("sub", "m/loop-dir"), 0);
    assert_int_equal(symlink("..", "m/up"), 0);
    assert_int_equal(symlink("../outside.yaml", "m/outside.yaml"), 0);
    assert_int_equal(symlink("nowhere", "m/gone.yaml"), 0);
    assert_int_equal(symlink("self.yaml", "m/self.yaml"), 0);
    assert_string_equal(LOAD(place, "m"),
                        "m/a.yaml\nm/sub/b.yaml\n- m/gone.yaml\n- m/outside.yaml\n- m/self.yaml\n");
    assert_string_equal(LOAD(place, "m/outside.yaml"), "!m/outside.yaml\n");
    assert_int_equal(symlink("m", "linked"), 0);
    assert_string_equal(LOAD(place, "linked/sub", "linked"), "linked/sub/b.yaml\nlinked/a.yaml\n"
                                                             "- linked/gone.yaml\n"
                                                             "- linked/outside.yaml\n"
                                                             "- linked/self.yaml\n");
}

static void tells_what_cannot_be_read(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    write_file("m/a.yaml", MANIFEST);
    assert_int_equal(mkfifo("m/pipe.yaml", 0600), 0);
    assert_string_equal(LOAD(place, "gone.yaml"), "gone.yaml unreadable\n");
    assert_string_equal(LOAD(place, ""), " unreadable\n");
    assert_string_equal(LOAD(place, "m/pipe.yaml", "/dev/null", "gone", "m/a.yaml"),
                        "!m/pipe.yaml\n!m/a.yaml\n/dev/null unreadable\ngone unreadable\n");
    assert_string_equal(LOAD(place, "m"), "m/a.yaml\nm/pipe.yaml unreadable\n");
    if (geteuid() == 0)
        return; /* who may read everything */
    assert_int_equal(chmod("m/a.yaml", 0), 0);
    assert_string_equal(LOAD(place, "m/a.yaml"), "m/a.yaml unreadable\n");
}

static void tells_when_nothing_is_found(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    assert_string_equal(LOAD(place, "m"), " no-manifest\n");
    write_file("m/a.yaml", "kind: Deployment\n");
    assert_string_equal(LOAD(place, "m"), "- m/a.yaml\n no-manifest\n");
}

static void limits_sizes(void **state)
{
    struct place *place = *state;
    write_file("a.yaml", MANIFEST);
    assert_int_equal(truncate("a.yaml", (off_t)1 << 30), 0);
    assert_string_equal(LOAD(place, "a.yaml"), "a.yaml limit\n");
    assert_int_equal(truncate("a.yaml", RCN_SOURCE_MAX_FILE_BYTES + 1), 0);
    assert_string_equal(LOAD(place, "a.yaml"), "a.yaml limit\n");
}

static void limits_depth(void **state)
{
    struct place *place = *state;
    char path[512] = "d";
    mkdir(path, 0700);
    for (size_t i = 1; i < RCN_SOURCE_MAX_DEPTH; i++) {
        strcat(path, "/d");
        mkdir(path, 0700);
    }
    char file[600];
    snprintf(file, sizeof file, "%s/a.yaml", path);
    write_file(file, MANIFEST);
    load(place, (const char *const[]){"d"}, 1);
    assert_int_equal(place->source->count, 1);
    assert_int_equal(place->diags.count, 0);
    strcat(path, "/d");
    mkdir(path, 0700);
    load(place, (const char *const[]){"d"}, 1);
    assert_int_equal(place->source->count, 1);
    assert_int_equal(place->diags.count, 1);
    assert_string_equal(place->diags.items[0]->rule, "limit");
}

/* Puts a file in the place of standard input while loading. */
static void reads_standard_input(void **state)
{
    struct place *place = *state;
    write_file("in", "anything");
    int before = dup(STDIN_FILENO);
    int fd = open("in", O_RDONLY | O_CLOEXEC);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    const char *list = LOAD(place, "-");
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_string_equal(list, "!<stdin>\n");
    assert_string_equal(place->source->kind, "stdin");
    assert_string_equal(place->source->name, "<stdin>");
    assert_string_equal(place->source->texts[0].bytes, "anything");
    assert_string_equal(LOAD(place, "-", "in", "-"), "!<stdin>\n!in\n<stdin> unreadable\n");
    assert_string_equal(place->source->kind, "files");
    dup2(before, STDIN_FILENO);
    close(before);
    close(fd);
}

/* Long texts are kept where they were read, short ones together: each keeps its own bytes. */
static void keeps_long_texts(void **state)
{
    struct place *place = *state;
    enum { LONG = 200000 };
    static char text[LONG + 1];
    memset(text, 'x', LONG);
    memcpy(text, "# audiencectl/\n", 15);
    write_file("a.yaml", MANIFEST);
    write_file("b.yaml", text);
    text[LONG - 1] = 'y';
    write_file("c.yaml", text);
    write_file("d.yaml", MANIFEST);
    LOAD(place, ".");
    const struct rcn_text *texts = place->source->texts;
    assert_int_equal(place->source->count, 4);
    assert_string_equal(texts[0].bytes, MANIFEST);
    assert_string_equal(texts[2].bytes, text);
    assert_string_equal(texts[3].bytes, MANIFEST);
    assert_int_equal(texts[1].len, LONG);
    assert_memory_equal(texts[1].bytes, text, LONG - 1);
    assert_int_equal(texts[1].bytes[LONG - 1], 'x');
    assert_int_equal(texts[1].bytes[LONG], '\0');
}

static void writes_paths_as_a_reader_does(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    mkdir("m/a", 0700);
    write_file("m/a/x.yaml", MANIFEST);
    static const char *const rows[] = {"./m",       "m//a",      "m/a/..",     "./m/./a/",
                                       "m/../m//a", "././m/a/.", "m/a/../../m"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(load(place, &rows[i], 1), "m/a/x.yaml\n");
        assert_null(strstr(place->source->name, "."));
    }
    assert_string_equal(LOAD(place, "./m//a/x.yaml"), "!m/a/x.yaml\n");
    assert_string_equal(LOAD(place, "m/.."), "m/a/x.yaml\n");
    assert_string_equal(place->source->name, ".");
    assert_string_equal(LOAD(place, "./gone//x"), "gone/x unreadable\n");
    assert_int_equal(chdir("m/a"), 0);
    assert_string_equal(LOAD(place, ".././a/../a"), "../a/x.yaml\n");
    assert_string_equal(LOAD(place, "../../m"), "../../m/a/x.yaml\n");
    assert_string_equal(LOAD(place, "https:/u:sesame@h"), "https:/***@h unreadable\n");
}

static void warns_of_pointers(void **state)
{
    struct place *place = *state;
    mkdir("m", 0700);
    write_file("m/a.yaml", MANIFEST);
    write_file("m/big.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
    FILE *file = fopen("m/crypt.yaml", "w");
    assert_non_null(file);
    assert_int_equal(fwrite("\0GITCRYPT\0\1\2", 1, 12, file), 12);
    fclose(file);
    assert_string_equal(LOAD(place, "m"), "m/a.yaml\n- m/big.yaml\n- m/crypt.yaml\n");
    assert_int_equal(place->source->warning_count, 2);
    assert_non_null(strstr(place->source->warnings[0], "'m/big.yaml'"));
    assert_non_null(strstr(place->source->warnings[1], "'m/crypt.yaml'"));
    assert_string_equal(LOAD(place, "m/big.yaml", "m/crypt.yaml"),
                        "m/big.yaml unreadable\nm/crypt.yaml unreadable\n");
}

static void digests_paths_and_bytes(void **state)
{
    struct place *place = *state;
    char first[128];
    write_file("a.yaml", MANIFEST);
    LOAD(place, "a.yaml");
    assert_null(place->source->digest);
    rcn_source_set_digest(place->source);
    /* printf 'a.yaml\0' '45\0' and the bytes, through sha256sum */
    assert_string_equal(place->source->digest,
                        "sha256:"
                        "1ee9e6bce39eab12cd10a912aaf253b3d50ec406b2f3dfa1b8e7436b66b3a682");
    snprintf(first, sizeof first, "%s", place->source->digest);
    LOAD(place, "a.yaml");
    rcn_source_set_digest(place->source);
    assert_string_equal(place->source->digest, first);
    assert_int_equal(rename("a.yaml", "b.yaml"), 0);
    LOAD(place, "b.yaml");
    rcn_source_set_digest(place->source);
    assert_string_not_equal(place->source->digest, first);
}

static void knows_manifests_by_their_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        bool is;
    } rows[] = {
        {"", 0, false},
        {"audiencectl/", 12, true},
        {"audiencectl", 11, false},
        {"audiencectl/", 11, false},
        {"x audienceSyncs: []", 19, true},
        {"audiencesyncs", 13, false},
        {"aaudaudienceSyncs", 17, true},
        {"\0audiencectl/", 13, true},
        {"\xff\xfe"
         "a\0u\0d\0i\0e\0n\0c\0e\0S\0y\0n\0c\0s\0",
         28, true},
        {"\xfe\xff"
         "\0a\0u\0d\0i\0e\0n\0c\0e\0S\0y\0n\0c\0s",
         28, true},
        {"\xff\xfe"
         "a\0u\0d\0i\0o\0",
         12, false},
        {"a\0u\0d\0i\0e\0n\0c\0e\0S\0y\0n\0c\0s\0", 26, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rcn_source_looks_like_manifest(rows[i].bytes, rows[i].len) != rows[i].is)
            fail_msg("row %zu", i);
    assert_true(rcn_source_is_yaml_name("a.yaml"));
    assert_true(rcn_source_is_yaml_name("a.b.yml"));
    assert_false(rcn_source_is_yaml_name("a.yaml.bak"));
    assert_false(rcn_source_is_yaml_name("yaml"));
    assert_false(rcn_source_is_yaml_name("a.YML"));
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(walks_in_order_of_bytes),
        IN_PLACE(takes_named_files_as_they_are),
        IN_PLACE(follows_symlinks_inside_only),
        IN_PLACE(tells_what_cannot_be_read),
        IN_PLACE(tells_when_nothing_is_found),
        IN_PLACE(limits_sizes),
        IN_PLACE(limits_depth),
        IN_PLACE(reads_standard_input),
        IN_PLACE(keeps_long_texts),
        IN_PLACE(writes_paths_as_a_reader_does),
        IN_PLACE(warns_of_pointers),
        IN_PLACE(digests_paths_and_bytes),
        cmocka_unit_test(knows_manifests_by_their_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
