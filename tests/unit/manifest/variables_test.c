#include "manifest_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "manifest/decoder.h"

static int add(struct rcn_variables *variables, const char *assignment)
{
    struct rcn_error err = RCN_ERROR_INIT;
    int result = rcn_variables_add_assignment(variables, assignment, &err);
    if (result)
        assert_int_equal(err.kind, RCN_ERROR_USAGE);
    return result;
}

/* Writes a file of variables, adds it, and lists what was told of it. */
static void add_file(struct rcn_variables *variables, const char *content, size_t len,
                     struct fixture *told)
{
    char path[] = "/tmp/variables_test.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, len), len);
    close(fd);
    *told = (struct fixture){0};
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_buf_init(&told->told, 1 << 16);
    rcn_diags_init(&told->diags);
    assert_int_equal(rcn_variables_add_file(variables, path, &told->diags, &err), 0);
    unlink(path);
    fixture_list(told);
}

static void check_file(struct rcn_variables *variables, const char *content, const char *expected)
{
    struct fixture told;
    add_file(variables, content, strlen(content), &told);
    assert_string_equal(rcn_buf_get_str(&told.told), expected);
    fixture_release(&told);
}

static const char *get(const struct rcn_variables *variables, const char *name)
{
    const struct rcn_variable *variable = rcn_variables_find(variables, name);
    return variable ? variable->value : NULL;
}

static void reads_assignments(void **state)
{
    (void)state;
    struct rcn_variables *variables = rcn_variables_new();
    assert_int_equal(add(variables, "A=1"), 0);
    assert_int_equal(add(variables, "_b2==x=y"), 0);
    assert_int_equal(add(variables, "E="), 0);
    assert_int_equal(add(variables, "A=2"), 0);
    assert_string_equal(get(variables, "A"), "2");
    assert_string_equal(get(variables, "_b2"), "=x=y");
    assert_string_equal(get(variables, "E"), "");
    assert_null(get(variables, "a"));
    static const char *const bad[] = {"", "=", "=x", "A", "1A=x", "A B=x", "A-B=x", "\xc3\xa9=x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(add(variables, bad[i]), -1);
    rcn_variables_free(variables);
}

static void reads_files(void **state)
{
    (void)state;
    struct rcn_variables *variables = rcn_variables_new();
    check_file(variables, "# none\n", "");
    check_file(variables,
               "A: text\nB: 0x1F\nC: 1.50\nD: yes\nE: TRUE\nF: ''\nG: |\n  two\n  lines\n"
               "H: &h shared\nI: *h\nJ: '${A}'\n",
               "");
    static const char *const expected[][2] = {
        {"A", "text"}, {"B", "0x1F"},   {"C", "1.50"},         {"D", "yes"},    {"E", "TRUE"},
        {"F", ""},     {"H", "shared"}, {"G", "two\nlines\n"}, {"I", "shared"}, {"J", "${A}"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_string_equal(get(variables, expected[i][0]), expected[i][1]);
    check_file(variables, "{\"A\": \"later\"}", "");
    assert_string_equal(get(variables, "A"), "later");
    rcn_variables_free(variables);
}

static void tells_what_is_wrong_in_files(void **state)
{
    (void)state;
    struct rcn_variables *variables = rcn_variables_new();
    check_file(variables, "- A\n", "1:1 wrong-type\n");
    check_file(variables, "A\n", "1:1 wrong-type\n");
    check_file(variables, "A: ~\nB:\nC: [x]\nD: {x: y}\nE: !odd x\nF: \"\\0\"\n",
               "1:4 wrong-type\n2:3 wrong-type\n3:4 wrong-type\n4:4 wrong-type\n5:4 wrong-type\n"
               "6:4 bad-text\n");
    check_file(variables, "1A: x\n'': x\na-b: x\n<<: {}\n[A]: x\n",
               "1:1 bad-variable\n2:1 bad-variable\n3:1 bad-variable\n4:1 bad-variable\n"
               "5:1 bad-variable\n");
    check_file(variables, "A: x\nB: y\nA: z\n", "3:1 duplicate-key > 1:1\n");
    assert_string_equal(get(variables, "A"), "x");
    check_file(variables, "A: [\n", "1:5 syntax\n");
    check_file(variables, "A: \xff\n", "1:4 encoding\n");
    rcn_variables_free(variables);
}

/* What a document with this name in it says when the name has no value. */
static void check_use(struct rcn_variables *variables, const char *name, const char *expected)
{
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 16);
    rcn_buf_printf(&text, HEAD "- {segmentId: s, audienceName: '${%s}'}\n", name);
    fixture_load_bytes(&fixture, rcn_buf_get_str(&text), text.len, true, variables);
    assert_string_equal(rcn_buf_get_str(&fixture.told), expected);
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

/* A fault in a file is one mistake: no use of the variable is told after it. */
static void knows_what_was_told(void **state)
{
    (void)state;
    setenv("AUDIENCECTL_VAR_A", "environment", 1);
    struct rcn_variables *variables = rcn_variables_new();
    unsetenv("AUDIENCECTL_VAR_A");
    check_file(variables, "A: ~\nB: x\n", "1:4 wrong-type\n");
    check_use(variables, "A", "");
    check_use(variables, "C", "4:33 undefined-variable\n");
    assert_int_equal(add(variables, "A=option"), 0);
    assert_string_equal(get(variables, "A"), "option");
    check_file(variables, "- C\n", "1:1 wrong-type\n");
    check_use(variables, "C", "4:33 undefined-variable\n");
    check_file(variables, "C: [\n", "1:5 syntax\n");
    check_use(variables, "C", "");
    rcn_variables_free(variables);
}

static void needs_a_readable_file(void **state)
{
    (void)state;
    struct rcn_variables *variables = rcn_variables_new();
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_diags diags;
    rcn_diags_init(&diags);
    assert_int_equal(rcn_variables_add_file(variables, "/nonexistent", &diags, &err), -1);
    assert_non_null(strstr(err.message, "/nonexistent"));
    assert_int_equal(diags.errors, 0);
    rcn_diags_release(&diags);
    rcn_variables_free(variables);
}

static void knows_precedence(void **state)
{
    (void)state;
    setenv("AUDIENCECTL_VAR_TIER", "environment", 1);
    struct rcn_variables *variables = rcn_variables_new();
    unsetenv("AUDIENCECTL_VAR_TIER");
    assert_string_equal(get(variables, "TIER"), "environment");
    check_file(variables, "TIER: file\n", "");
    assert_string_equal(get(variables, "TIER"), "file");
    assert_int_equal(add(variables, "TIER=option"), 0);
    check_file(variables, "TIER: later file\n", "");
    assert_string_equal(get(variables, "TIER"), "option");
    rcn_variables_free(variables);
}

static void check_hint(struct rcn_variables *variables, const char *name, const char *expected)
{
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 16);
    rcn_buf_printf(&text, HEAD "- {segmentId: s, audienceName: '${%s}'}\n", name);
    fixture_load_bytes(&fixture, rcn_buf_get_str(&text), text.len, true, variables);
    const char *hint = "";
    for (size_t i = 0; i < fixture.diags.count; i++)
        if (strcmp(fixture.diags.items[i]->rule, "undefined-variable") == 0)
            hint = fixture.diags.items[i]->hint;
    assert_non_null(strstr(hint, expected));
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

static void suggests_defined_names(void **state)
{
    (void)state;
    setenv("AUDIENCECTL_VAR_SEGMENT_VIP", "x", 1);
    struct rcn_variables *variables = rcn_variables_new();
    unsetenv("AUDIENCECTL_VAR_SEGMENT_VIP");
    assert_int_equal(add(variables, "ACCOUNT=act_1"), 0);
    check_file(variables, "COMPANY: c\n", "");
    check_hint(variables, "ACOUNT", "did you mean 'ACCOUNT'?");
    check_hint(variables, "company", "did you mean 'COMPANY'?");
    check_hint(variables, "SEGMENT_VIPS", "did you mean 'SEGMENT_VIP'?");
    check_hint(variables, "other", "define it with --var");
    check_hint(NULL, "other", "define it with --var");
    rcn_variables_free(variables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_assignments),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(tells_what_is_wrong_in_files),
        cmocka_unit_test(knows_what_was_told),
        cmocka_unit_test(needs_a_readable_file),
        cmocka_unit_test(knows_precedence),
        cmocka_unit_test(suggests_defined_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
