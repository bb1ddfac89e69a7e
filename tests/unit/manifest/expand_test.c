/* Variables inside values. */
#include "manifest_fixture.h"

#include <stdlib.h>

static struct rcn_variables *make_variables(void)
{
    static const char *const assignments[] = {"YEAR=2024",
                                              "EMPTY=",
                                              "DAILY=daily",
                                              "NO=false",
                                              "ODD=a: b # *c ${YEAR}\n- d",
                                              "PAD= x",
                                              "ACCOUNT=act_7",
                                              "LATIN=\xe9",
                                              "BIG=0123456789012345678901234567890123456789"};
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_variables *variables = rcn_variables_new();
    for (size_t i = 0; i < sizeof assignments / sizeof *assignments; i++)
        assert_int_equal(rcn_variables_add_assignment(variables, assignments[i], &err), 0);
    return variables;
}

static const struct {
    const char *text;
    const char *name;
} replaced[] = {
    {"'${YEAR}'", "2024"},
    {"${YEAR}", "2024"},
    {"a ${YEAR}-${YEAR} b", "a 2024-2024 b"},
    {"\"${EMPTY:-none} ${NOT:-none} ${YEAR:-none}\"", "none none 2024"},
    {"'${NOT:-}x'", "x"},
    {"\"${NOT:-a: b, {c\"", NULL},
    {"'${NOT:-a: b, {c}'", "a: b, {c"},
    {"$${YEAR}", "${YEAR}"},
    {"$$${YEAR}", "$${YEAR}"},
    {"$YEAR $$ $ {YEAR}", "$YEAR $$ $ {YEAR}"},
    {"|-\n    ${YEAR}\n    b", NULL},
    {">-\n    ${YEAR}\n    b", "2024 b"},
    {"\"${DAI\\\n    LY}\"", "daily"},
    {"'${ODD}'", NULL},
    {"'${PAD}'", NULL},
    {"'${EMPTY}'", NULL},
};

static void replaces_variables(void **state)
{
    (void)state;
    struct rcn_variables *variables = make_variables();
    for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) {
        struct rcn_buf text;
        struct fixture fixture;
        rcn_buf_init(&text, 1 << 16);
        rcn_buf_printf(&text, HEAD "- segmentId: s\n  audienceName: %s\n", replaced[i].text);
        fixture_load_bytes(&fixture, rcn_buf_get_str(&text), text.len, true, variables);
        if (replaced[i].name && fixture.set->count != 1)
            fail_msg("%s: %s", replaced[i].text, rcn_buf_get_str(&fixture.told));
        if (replaced[i].name)
            assert_string_equal(fixture.set->syncs[0].sync.audience_name, replaced[i].name);
        else
            assert_int_equal(fixture.set->count, 0);
        fixture_release(&fixture);
        rcn_buf_release(&text);
    }
    rcn_variables_free(variables);
}

static const struct told_row rows[] = {
    {"undefined", HEAD "- {segmentId: s, audienceName: 'a ${NOPE} b ${GONE}'}\n",
     "4:35 undefined-variable\n4:45 undefined-variable\n"},
    {"behind what is wrong",
     HEAD "- {segmentId: s, audienceName: '${a-b} ${X:-${Y}} ${NOPE} ${'}\n",
     "4:33 bad-variable\n4:40 bad-variable\n4:51 undefined-variable\n4:59 bad-variable\n"},
    {"behind wide characters", HEAD "- {segmentId: s, audienceName: '\xe6\x97\xa5 ${NOPE}'}\n",
     "4:35 undefined-variable\n"},
    {"behind escapes", HEAD "- {segmentId: s, audienceName: \"\\u00e9\\\" $${A} ${NOPE}\"}\n",
     "4:48 undefined-variable\n"},
    {"in a block scalar",
     HEAD "- segmentId: s\n  audienceName: >- # ${A} no\n    a\n    b ${NOPE}\n",
     "7:7 undefined-variable\n"},
    {"on a later line", HEAD "- segmentId: s\n  audienceName: 'a\n    ${YEAR} ${NOPE}'\n",
     "6:13 undefined-variable\n"},
    {"from an escape", HEAD "- {segmentId: s, audienceName: \"a \\x24{NOPE}\"}\n",
     "4:32 undefined-variable\n"},
    {"no end", HEAD "- {segmentId: s, audienceName: 'a ${NOPE'}\n", "4:35 bad-variable\n"},
    {"bad name", HEAD "- {segmentId: s, audienceName: 'a ${1}'}\n", "4:35 bad-variable\n"},
    {"no name", HEAD "- {segmentId: s, audienceName: 'a ${}'}\n", "4:35 bad-variable\n"},
    {"shell's other forms", HEAD "- {segmentId: s, audienceName: '${A-b}'}\n",
     "4:33 bad-variable\n"},
    {"a variable as default", HEAD "- {segmentId: s, audienceName: '${A:-${B}}'}\n",
     "4:33 bad-variable\n"},
    {"told once through aliases",
     "x-n: &n '${NOPE}'\n" HEAD "- {segmentId: s, audienceName: *n}\n"
     "- {segmentId: *n, audienceName: *n}\n",
     "1:10 undefined-variable > 5:32\n"},
    {"not UTF-8", HEAD "- {segmentId: s, audienceName: 'a ${LATIN}'}\n", "4:35 encoding\n"},
    {"a bad value is told at the scalar",
     HEAD "- {segmentId: s, audienceName: a, "
          "frequency: '${YEAR}'}\n",
     "4:46 bad-frequency\n"},
    {"a good value",
     HEAD "- {segmentId: '${YEAR}', audienceName: a, frequency: '${DAILY}', "
          "adAccountId: '${ACCOUNT}'}\n",
     ""},
    {"activity, plain",
     HEAD "- {segmentId: s, audienceName: a, isActive: $"
          "{NO}}\n",
     "4:46 syntax\n"},
    {"activity", HEAD "- segmentId: s\n  audienceName: a\n  isActive: ${NO}\n", ""},
    {"activity, quoted", HEAD "- {segmentId: s, audienceName: a, isActive: '${NO}'}\n",
     "4:45 wrong-type\n"},
    {"activity, not a boolean", HEAD "- segmentId: s\n  audienceName: a\n  isActive: ${YEAR}\n",
     "6:13 wrong-type\n"},
    {"activity, empty", HEAD "- segmentId: s\n  audienceName: a\n  isActive: ${EMPTY}\n",
     "6:13 wrong-type\n"},
    {"not in keys", HEAD "- {segmentId: s, '${YEAR}': a, audienceName: a}\n", "4:18 unknown-key\n"},
    {"not in what is free", "x-a: '${NOPE}'\n" HEAD "- {segmentId: s, audienceName: a}\n", ""},
    {"in every field of a document",
     "apiVersion: ${V:-audiencectl/v1}\ncompanyId: ${YEAR}\naudienceSyncs: []\n"
     "ignore:\n- adAccountId: ${ACCOUNT}\n  until: ${YEAR}-12-31\n  reason: ${ODD}\n",
     ""},
};

static void tells_what_is_wrong(void **state)
{
    (void)state;
    struct rcn_variables *variables = make_variables();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture fixture;
        fixture_load_bytes(&fixture, rows[i].text, strlen(rows[i].text), true, variables);
        if (strcmp(rcn_buf_get_str(&fixture.told), rows[i].told) != 0)
            fail_msg("%s: told\n%sexpected\n%s", rows[i].name, rcn_buf_get_str(&fixture.told),
                     rows[i].told);
        fixture_release(&fixture);
    }
    rcn_variables_free(variables);
}

static void limits_what_is_made(void **state)
{
    (void)state;
    struct rcn_variables *variables = make_variables();
    struct rcn_buf text;
    struct fixture fixture;
    rcn_buf_init(&text, 1 << 20);
    rcn_buf_add_str(&text, HEAD "- segmentId: s\n  audienceName: ");
    for (size_t i = 0; i < 2000; i++)
        rcn_buf_add_str(&text, "${BIG}");
    fixture_load_bytes(&fixture, rcn_buf_get_str(&text), text.len, true, variables);
    assert_string_equal(rcn_buf_get_str(&fixture.told), "5:17 limit\n");
    fixture_release(&fixture);
    rcn_buf_release(&text);
    rcn_variables_free(variables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_variables),
        cmocka_unit_test(tells_what_is_wrong),
        cmocka_unit_test(limits_what_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
