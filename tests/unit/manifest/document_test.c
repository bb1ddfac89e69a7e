/* Which documents are manifests, and what their own keys say. */
#include "manifest_fixture.h"

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

static const struct {
    const char *name;
    const char *text;
    const char *told_named; /* when the user named the file */
    const char *told_found; /* when it was found in a directory */
} rows[] = {
    {"manifest", HEAD, "3:15 wrong-type\n", "3:15 wrong-type\n"},
    {"empty list", "apiVersion: audiencectl/v1\naudienceSyncs: []\n", "", ""},
    {"ignore alone", "apiVersion: audiencectl/v1\nignore: []\n", "", ""},
    {"neither", "apiVersion: audiencectl/v1\n", "1:1 missing-field\n", "1:1 missing-field\n"},
    {"null list", "apiVersion: audiencectl/v1\naudienceSyncs:\n", "2:15 wrong-type\n",
     "2:15 wrong-type\n"},
    {"another version is not judged", "apiVersion: audiencectl/v2\naudienceSyncs: 1\nfoo: 1\n",
     "1:13 api-version\n", "1:13 api-version\n"},
    {"capitals", "apiVersion: audiencectl/V1\naudienceSyncs: []\n", "1:13 api-version\n",
     "1:13 api-version\n"},
    {"somebody's version", "apiVersion: v1\naudienceSyncs: []\n", "1:13 api-version\n",
     "1:13 api-version\n"},
    {"no version, judged all the same", "audienceSyncs:\n- {segmentId: s, adAccountId: act_1}\n",
     "1:1 api-version\n2:3 missing-field\n", "1:1 api-version\n2:3 missing-field\n"},
    {"version of another type", "apiVersion: 1\naudienceSyncs: []\n", "1:13 wrong-type\n",
     "1:13 wrong-type\n"},
    {"null version", "apiVersion:\naudienceSyncs: []\n", "1:12 wrong-type\n", "1:12 wrong-type\n"},
    {"misspelled version key", "apiversion: audiencectl/v1\naudienceSyncs: []\n",
     "1:1 unknown-key\n", "1:1 unknown-key\n"},
    {"misspelled list", "apiVersion: audiencectl/v1\naudiencesyncs: []\n", "2:1 unknown-key\n",
     "2:1 unknown-key\n"},
    {"both misspelled", "api_version: audiencectl/v1\naudience_syncs: []\n",
     "1:1 unknown-key\n2:1 unknown-key\n", "1:1 unknown-key\n2:1 unknown-key\n"},
    {"somebody else's", "apiVersion: apps/v1\nkind: Deployment\nkind: Pod\n", "1:13 api-version\n",
     "0:0 no-manifest\n"},
    {"no version at all", "kind: Deployment\n", "1:1 api-version\n", "0:0 no-manifest\n"},
    {"a list", "- a\n", "1:1 wrong-type\n", "0:0 no-manifest\n"},
    {"a string", "audiencectl/v1\n", "1:1 wrong-type\n", "0:0 no-manifest\n"},
    {"nothing", "", "1:1 no-manifest\n", "0:0 no-manifest\n"},
    {"comments", "# audiencectl/v1\n---\n...\n", "1:1 no-manifest\n", "0:0 no-manifest\n"},
    {"empty documents beside one", "---\n---\n" HEAD "- {audienceName: a, segmentId: s}\n---\n~\n",
     "", ""},
    {"foreign documents beside one",
     "kind: {a: 1, a: 2, b: '${NO}'}\nx: !Ref a\n---\n" HEAD "- {audienceName: a, segmentId: s}\n",
     "", ""},
    {"JSON",
     "{\"apiVersion\": \"audiencectl/v1\", \"audienceSyncs\": [\n"
     "\t{\"audienceName\": \"a\\/\\u00e9\", \"adAccountId\": \"act_1\", \"segmentId\": \"s\",\n"
     "\t \"isActive\": true}]}\n",
     "", ""},
    {"keys merged at the top",
     "x-a: &a {apiVersion: audiencectl/v1, defaults: {adAccountId: act_1}}\n<<: *a\n"
     "audienceSyncs:\n- {audienceName: a, segmentId: s}\n",
     "", ""},
    {"company", "apiVersion: audiencectl/v1\ncompanyId: 'a b'\naudienceSyncs: []\n",
     "2:12 bad-id\n", "2:12 bad-id\n"},
    {"company not in ASCII", "apiVersion: audiencectl/v1\ncompanyId: \xc3\xa9\nignore: []\n",
     "2:12 bad-id\n", "2:12 bad-id\n"},
    {"empty company", "apiVersion: audiencectl/v1\ncompanyId: ''\nignore: []\n", "2:12 bad-id\n",
     "2:12 bad-id\n"},
    {"company with a line feed", "apiVersion: audiencectl/v1\ncompanyId: \"a\\nb\"\nignore: []\n",
     "2:12 bad-id\n", "2:12 bad-id\n"},
    {"defaults that nothing uses",
     "apiVersion: audiencectl/v1\ndefaults: {adAccountId: x, frequency: y, isActive: z}\n"
     "audienceSyncs: []\n",
     "2:25 bad-ad-account\n2:39 bad-frequency\n2:52 wrong-type\n",
     "2:25 bad-ad-account\n2:39 bad-frequency\n2:52 wrong-type\n"},
    {"bad defaults are told once",
     "apiVersion: audiencectl/v1\ndefaults: {adAccountId: x}\naudienceSyncs:\n"
     "- {audienceName: a, segmentId: s}\n- {audienceName: b, segmentId: s}\n",
     "2:25 bad-ad-account\n", "2:25 bad-ad-account\n"},
    {"defaults of another type",
     "apiVersion: audiencectl/v1\ndefaults: [a]\naudienceSyncs:\n"
     "- {audienceName: a, segmentId: s}\n",
     "2:11 wrong-type\n", "2:11 wrong-type\n"},
    {"UTF-16",
     "\xff\xfe"
     "a",
     "1:1 encoding\n", "1:1 encoding\n"},
    {"a bad byte, and what is before it",
     "apiVersion: audiencectl/v1\naudienceSyncs: 1\n---\naudienceSyncs: 1\nx: a\xff\n---\n[\n",
     "2:16 wrong-type\n5:5 encoding\n", "2:16 wrong-type\n5:5 encoding\n"},
    {"a control character", "# \x1b\n", "1:3 encoding\n", "1:3 encoding\n"},
    {"a control character behind many others", "# " X100 X100 X100 "\xc3\xbc\x1b\n",
     "1:304 encoding\n", "1:304 encoding\n"},
    {"a control character of two bytes", "# \xc2\x80\n", "1:3 encoding\n", "1:3 encoding\n"},
    {"no character", "# \xef\xbf\xbf\n", "1:3 encoding\n", "1:3 encoding\n"},
};

static void check(size_t row, bool named)
{
    struct fixture fixture;
    const char *expected = named ? rows[row].told_named : rows[row].told_found;
    fixture_load_bytes(&fixture, rows[row].text, strlen(rows[row].text), named, NULL);
    if (strcmp(rcn_buf_get_str(&fixture.told), expected) != 0)
        fail_msg("%s (%s): told\n%sexpected\n%s", rows[row].name, named ? "named" : "found",
                 rcn_buf_get_str(&fixture.told), expected);
    fixture_release(&fixture);
}

static void knows_manifests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(i, true);
        check(i, false);
    }
}

static void tells_a_nul_byte(void **state)
{
    (void)state;
    static const char text[] = "apiVersion: audiencectl/v1\naudienceSyncs: [\0]\n";
    struct fixture fixture;
    fixture_load_bytes(&fixture, text, sizeof text - 1, true, NULL);
    assert_string_equal(rcn_buf_get_str(&fixture.told), "2:17 encoding\n");
    fixture_release(&fixture);
}

static void counts_texts(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_load(&fixture, "ignore: []\n---\napiVersion: audiencectl/v1\naudienceSyncs: []\n");
    assert_int_equal(fixture.set->text_count, 1);
    fixture_release(&fixture);
    fixture_load_bytes(&fixture, "a: b", 4, false, NULL);
    assert_int_equal(fixture.set->text_count, 0);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_manifests),
        cmocka_unit_test(tells_a_nul_byte),
        cmocka_unit_test(counts_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
