/* Syntax, tags, anchors and limits: where the library's events become our tree. */
#include "manifest_fixture.h"

#include <stdlib.h>

static const struct told_row syntax[] = {
    {"colon in a value", HEAD "- audienceName: Foo: bar\n", "4:20 syntax\n"},
    {"key in the column of a list", HEAD "- audienceName: a\nfoo\n", "5:1 syntax\n"},
    {"list item missing", HEAD "  - audienceName: a\n   segmentId: s\n", "5:4 syntax > 4:3\n"},
    {"tab as indentation", HEAD "- audienceName: a\n\tsegmentId: s\n", "5:1 syntax\n"},
    {"open quote", HEAD "- audienceName: \"a\n  segmentId: s\n", "4:17 syntax\n"},
    {"open flow mapping", HEAD "- {audienceName: a\n", "4:19 syntax > 4:3\n"},
    {"text behind a quote", HEAD "- audienceName: 'a' b\n", "4:21 syntax\n"},
    {"value that begins with @", HEAD "- audienceName: @a\n", "4:17 syntax\n"},
    {"surrogate pair", HEAD "- audienceName: \"x\\ud83d\\ude00\"\n", "4:19 syntax\n"},
    {"escape", HEAD "- audienceName: \"x\\q\"\n", "4:19 syntax\n"},
    {"no colon", HEAD "- audienceName: a\nfoo\nbar: 1\n", "5:1 syntax\n"},
    {"undefined alias alone", HEAD "- {audienceName: *a, segmentId: s}\n", "4:18 syntax\n"},
    {"undefined alias merged", HEAD "- {<<: *a}\n", "4:8 syntax\n"},
    {"undefined alias as an item", HEAD "- *a\n", "4:3 syntax\n"},
    {"alias inside its anchor", "x-a: &a [*a]\napiVersion: audiencectl/v1\naudienceSyncs: []\n",
     "1:10 syntax\n"},
    {"a bad document ends the text",
     HEAD "- {audienceNam: a, segmentId: s}\n---\n[\n---\n" HEAD "- 1\n",
     "4:4 unknown-key\n7:1 syntax\n"},
};

static void tells_syntax_once(void **state)
{
    (void)state;
    CHECK_TOLD(syntax);
}

static const struct told_row tags[] = {
    {"str", HEAD "- {audienceName: !!str 2024, segmentId: !!str true}\n", ""},
    {"non-specific", HEAD "- {audienceName: ! 2024, segmentId: s}\n", ""},
    {"verbatim", HEAD "- {audienceName: !<tag:yaml.org,2002:str> 1, segmentId: s}\n", ""},
    {"bool in quotes", HEAD "- {audienceName: a, segmentId: s, isActive: !!bool \"true\"}\n", ""},
    {"int", HEAD "- {audienceName: !!int 12, segmentId: s}\n", "4:24 wrong-type\n"},
    {"int that is none", HEAD "- {audienceName: !!int a, segmentId: s}\n", "4:24 wrong-type\n"},
    {"local", HEAD "- {audienceName: !mine a, segmentId: s}\n", "4:18 wrong-type\n"},
    {"local behind an anchor", HEAD "- {audienceName: &x !mine a, segmentId: s}\n",
     "4:21 wrong-type\n"},
    {"local on a mapping", HEAD "- !mine {audienceName: a, segmentId: s}\n", "4:3 wrong-type\n"},
    {"seq", HEAD "- !!map {audienceName: a, segmentId: s}\n", ""},
};

static void knows_tags(void **state)
{
    (void)state;
    CHECK_TOLD(tags);
}

static const struct told_row places[] = {
    {"behind an anchor", HEAD "- {audienceName: &n 1, segmentId: s}\n", "4:21 wrong-type\n"},
    {"behind an anchor on another line",
     HEAD "- audienceName: &n # a comment\n    1\n  segmentId: s\n", "5:5 wrong-type\n"},
    {"nothing", HEAD "- audienceName:\n  segmentId: s\n", "4:16 wrong-type\n"},
    {"nothing but an anchor", HEAD "- audienceName: &a\n  segmentId: s\n", "4:17 wrong-type\n"},
    {"behind wide and combining characters",
     HEAD "- {audienceName: \"\xe6\x97\xa5\xe6\x9c\xac e\xcc\x81\", segmentId: 1}\n",
     "4:38 wrong-type\n"},
    {"byte order mark", "\xef\xbb\xbf" HEAD "- {audienceName: 1, segmentId: s}\n",
     "4:18 wrong-type\n"},
    {"byte order mark on the line", "\xef\xbb\xbf{apiVersion: 1, audienceSyncs: []}\n",
     "1:14 wrong-type\n"},
    {"CR LF", "apiVersion: audiencectl/v1\r\naudienceSyncs:\r\n  1\r\n", "3:3 wrong-type\n"},
    {"CR", "apiVersion: audiencectl/v1\raudienceSyncs:\r  1\r", "3:3 wrong-type\n"},
    /* U+2028, U+2029 and U+0085 end a line in YAML 1.1 only: a key could hide behind a comment. */
    {"line separator", HEAD "# \xe2\x80\xa8\n- {audienceName: 1, segmentId: s}\n",
     "4:3 encoding\n"},
    {"paragraph separator", HEAD "- audienceName: a # \xe2\x80\xa9  isActive: false\n",
     "4:21 encoding\n"},
    {"next line", HEAD "- audienceName: a # \xc2\x85  isActive: false\n", "4:21 encoding\n"},
    {"as escapes", HEAD "- {audienceName: \"\\L\", segmentId: 1}\n",
     "4:18 bad-name\n4:35 wrong-type\n"},
    {"byte order mark behind the first line", HEAD "\xef\xbb\xbf- {audienceName: 1}\n",
     "4:1 encoding\n"},
};

static void finds_places(void **state)
{
    (void)state;
    CHECK_TOLD(places);
}

/* head, then count times unit. */
static void check_flood(const char *head, const char *unit, size_t count, const char *told)
{
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 64 << 20);
    rcn_buf_add_str(&text, head);
    for (size_t i = 0; i < count; i++)
        rcn_buf_add_str(&text, unit);
    fixture_load_bytes(&fixture, rcn_buf_get_str(&text), text.len, true, NULL);
    assert_string_equal(rcn_buf_get_str(&fixture.told), told);
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

static void limits_depth(void **state)
{
    (void)state;
    check_flood("", "[", 200000, "1:65 limit\n");
    check_flood("", "- ", 100000, "1:129 limit\n");
    check_flood("x: ", "{a: ", 100000, "1:256 limit\n");
    check_flood("", "? ", 100000, "1:129 limit\n");
}

/* 62 lists in a list in a mapping are 64 levels. */
static void allows_64_levels(void **state)
{
    (void)state;
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 20);
    rcn_buf_add_str(&text, "apiVersion: audiencectl/v1\naudienceSyncs: []\nx-a: ");
    rcn_buf_add_repeat(&text, '[', 63);
    rcn_buf_add_repeat(&text, ']', 63);
    fixture_load(&fixture, rcn_buf_get_str(&text));
    assert_string_equal(rcn_buf_get_str(&fixture.told), "");
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

static void limits_documents(void **state)
{
    (void)state;
    check_flood("", "---\n", 200001, "200001:1 limit\n");
}

static void limits_directives(void **state)
{
    (void)state;
    check_flood("", "%TAG !a! tag:x,2000:\n", 100, "2:1 syntax\n65:1 limit\n");
}

static void limits_expansion(void **state)
{
    (void)state;
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 20);
    rcn_buf_add_str(&text, HEAD "x-0: &a0 [l,l,l,l,l,l,l,l,l,l]\n");
    for (int i = 1; i < 20; i++) {
        rcn_buf_printf(&text, "x-%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++)
            rcn_buf_printf(&text, "*a%d,", i - 1);
        rcn_buf_add_str(&text, "]\n");
    }
    fixture_load(&fixture, rcn_buf_get_str(&text));
    assert_string_equal(rcn_buf_get_str(&fixture.told), "11:11 limit\n");
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_syntax_once), cmocka_unit_test(knows_tags),
        cmocka_unit_test(finds_places),      cmocka_unit_test(limits_depth),
        cmocka_unit_test(allows_64_levels),  cmocka_unit_test(limits_documents),
        cmocka_unit_test(limits_directives), cmocka_unit_test(limits_expansion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
