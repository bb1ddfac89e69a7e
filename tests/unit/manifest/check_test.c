/* What crosses syncs: the same identity, the same pin, names that look alike. */
#include "manifest_fixture.h"

#define A "- {audienceName: a, segmentId: s}\n"
#define PINNED(pin) "- {audienceName: a, segmentId: s, id: " pin "}\n"

static const struct told_row rows[] = {
    {"twice", HEAD A A, "5:3 duplicate-sync > 4:3\n"},
    {"three times", HEAD A A A, "5:3 duplicate-sync > 4:3\n6:3 duplicate-sync > 4:3\n"},
    {"each with its pin", HEAD PINNED("i") PINNED("j"), ""},
    {"one with a pin", HEAD A PINNED("i"), "5:3 duplicate-sync > 4:3\n"},
    {"the other with a pin", HEAD PINNED("i") A, "5:3 duplicate-sync > 4:3\n"},
    {"two with pins, one without, is one mistake", HEAD A PINNED("i") PINNED("j"),
     "5:3 duplicate-sync > 4:3\n"},
    {"one pin for both", HEAD PINNED("i") PINNED("i"), "5:39 duplicate-sync > 4:39\n"},
    {"one pin for two names", HEAD PINNED("i") "- {audienceName: b, segmentId: s, id: i}\n",
     "5:39 duplicate-sync > 4:39\n"},
    {"another account", HEAD A "- {audienceName: a, segmentId: s, adAccountId: act_2}\n", ""},
    {"another document", HEAD A "---\n" HEAD A, "9:3 duplicate-sync > 4:3\n"},
    {"another company",
     "companyId: c\n" HEAD PINNED("i") "---\ncompanyId: d\n" HEAD PINNED("i") "---\n" HEAD PINNED(
         "i"),
     ""},
    {"the same item through an alias",
     "x-a: &a {audienceName: a, segmentId: s}\n" HEAD "- *a\n- *a\n", "6:3 duplicate-sync > 5:3\n"},
    {"a bad frequency hides nothing", HEAD A "- {audienceName: a, segmentId: s, frequency: x}\n",
     "5:3 duplicate-sync > 4:3\n5:46 bad-frequency\n"},
    {"a bad pin is the mistake", HEAD A "- {audienceName: a, segmentId: s, id: 1}\n",
     "5:39 wrong-type\n"},
    {"case", HEAD A "- {audienceName: A, segmentId: s}\n", "?5:3 similar-name > 4:3\n"},
    {"normal form",
     HEAD "- {audienceName: \"\\u00e9\", segmentId: s}\n"
          "- {audienceName: \"e\\u0301\", segmentId: s}\n",
     "?5:3 similar-name > 4:3\n"},
    {"sharp s",
     HEAD "- {audienceName: STRASSE, segmentId: s}\n"
          "- {audienceName: \"stra\\u00dfe\", segmentId: s}\n",
     "?5:3 similar-name > 4:3\n"},
    {"three forms",
     HEAD "- {audienceName: ab, segmentId: s}\n- {audienceName: Ab, segmentId: s}\n"
          "- {audienceName: AB, segmentId: s}\n",
     "?5:3 similar-name > 4:3\n?6:3 similar-name > 4:3\n"},
    {"similar and the same",
     HEAD A "- {audienceName: A, segmentId: s}\n- {audienceName: A, segmentId: s}\n" A,
     "?5:3 similar-name > 4:3\n6:3 duplicate-sync > 5:3\n7:3 duplicate-sync > 4:3\n"},
    {"spaces make another name",
     HEAD "- {audienceName: a b, segmentId: s}\n"
          "- {audienceName: ab, segmentId: s}\n",
     ""},
    {"similar in another account", HEAD A "- {audienceName: A, segmentId: s, adAccountId: act_2}\n",
     ""},
};

static void tells_each_pair_once(void **state)
{
    (void)state;
    CHECK_TOLD(rows);
}

#define NONE HEAD
#define COMPANY "companyId: c\n" HEAD

static const struct {
    const char *name;
    const char *text;
    const char *loaded;
    const char *settled; /* with company c, after what loading told */
} settling[] = {
    {"nothing to settle", COMPANY A, "", ""},
    {"one of each", COMPANY A "---\n" NONE A, "", "10:3 duplicate-sync > 5:3\n"},
    {"the other way round", NONE A "---\n" COMPANY A, "", "10:3 duplicate-sync > 4:3\n"},
    {"pins", NONE PINNED("i") "---\n" COMPANY PINNED("i"), "", "10:39 duplicate-sync > 4:39\n"},
    {"each with its pin", NONE PINNED("i") "---\n" COMPANY PINNED("j"), "", ""},
    {"another company", NONE A "---\ncompanyId: d\n" HEAD A, "", ""},
    {"similar", NONE A "---\n" COMPANY "- {audienceName: A, segmentId: s}\n", "",
     "?10:3 similar-name > 4:3\n"},
};

static void settles_companies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof settling / sizeof *settling; i++) {
        struct fixture fixture;
        struct rcn_diags later;
        fixture_load(&fixture, settling[i].text);
        if (strcmp(rcn_buf_get_str(&fixture.told), settling[i].loaded) != 0)
            fail_msg("%s: loading told\n%s", settling[i].name, rcn_buf_get_str(&fixture.told));
        rcn_diags_init(&later);
        rcn_manifest_settle_company(fixture.set, "c", &later);
        rcn_diags_release(&fixture.diags);
        fixture.diags = later;
        fixture_list(&fixture);
        if (strcmp(rcn_buf_get_str(&fixture.told), settling[i].settled) != 0)
            fail_msg("%s: settling told\n%s", settling[i].name, rcn_buf_get_str(&fixture.told));
        for (size_t j = 0; j < fixture.set->count; j++)
            assert_non_null(fixture.set->syncs[j].sync.company_id);
        fixture_release(&fixture);
    }
}

static void settles_nothing_without_a_company(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_load(&fixture, HEAD A "ignore:\n- {audienceName: b}\n");
    rcn_manifest_settle_company(fixture.set, NULL, &fixture.diags);
    assert_null(fixture.set->syncs[0].sync.company_id);
    rcn_manifest_settle_company(fixture.set, "c", &fixture.diags);
    assert_string_equal(fixture.set->syncs[0].sync.company_id, "c");
    assert_string_equal(fixture.set->ignores[0].company_id, "c");
    fixture_release(&fixture);
}

/* Many names with one fold, and many of one identity, cost no more than others. */
static void stands_hostile_names(void **state)
{
    (void)state;
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 16 << 20);
    rcn_buf_add_str(&text, HEAD);
    for (unsigned i = 0; i < 30000; i++) {
        rcn_buf_printf(&text, "- {segmentId: s%u, audienceName: ", i);
        for (unsigned bit = 0; bit < 15; bit++)
            rcn_buf_add_char(&text, i >> bit & 1 ? 'a' : 'A');
        rcn_buf_add_str(&text, "}\n");
    }
    fixture_load(&fixture, rcn_buf_get_str(&text));
    assert_int_equal(fixture.diags.warnings, 29999);
    assert_int_equal(fixture.diags.errors, 0);
    fixture_release(&fixture);
    rcn_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_each_pair_once),
        cmocka_unit_test(settles_companies),
        cmocka_unit_test(settles_nothing_without_a_company),
        cmocka_unit_test(stands_hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
