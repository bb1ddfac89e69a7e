#include "manifest/yaml_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

/* YAML 1.2.2, 10.3.2, and what 1.1 took for something else. */
static const struct {
    const char *text;
    enum rcn_yaml_type type;
} rows[] = {
    {"", RCN_YAML_IS_NULL},
    {"~", RCN_YAML_IS_NULL},
    {"null", RCN_YAML_IS_NULL},
    {"Null", RCN_YAML_IS_NULL},
    {"NULL", RCN_YAML_IS_NULL},
    {"nULL", RCN_YAML_IS_STRING},
    {"~~", RCN_YAML_IS_STRING},
    {"true", RCN_YAML_IS_TRUE},
    {"True", RCN_YAML_IS_TRUE},
    {"TRUE", RCN_YAML_IS_TRUE},
    {"tRUE", RCN_YAML_IS_STRING},
    {"false", RCN_YAML_IS_FALSE},
    {"False", RCN_YAML_IS_FALSE},
    {"FALSE", RCN_YAML_IS_FALSE},
    {"yes", RCN_YAML_IS_STRING},
    {"no", RCN_YAML_IS_STRING},
    {"on", RCN_YAML_IS_STRING},
    {"off", RCN_YAML_IS_STRING},
    {"n", RCN_YAML_IS_STRING},
    {"0", RCN_YAML_IS_INTEGER},
    {"2024", RCN_YAML_IS_INTEGER},
    {"-12", RCN_YAML_IS_INTEGER},
    {"+12", RCN_YAML_IS_INTEGER},
    {"007", RCN_YAML_IS_INTEGER},
    {"0o17", RCN_YAML_IS_INTEGER},
    {"0o18", RCN_YAML_IS_STRING},
    {"0x1F", RCN_YAML_IS_INTEGER},
    {"0x", RCN_YAML_IS_STRING},
    {"-0x1F", RCN_YAML_IS_STRING},
    {"0b1", RCN_YAML_IS_STRING},
    {"1_000", RCN_YAML_IS_STRING},
    {"190:20:30", RCN_YAML_IS_STRING},
    {"2026-12-31", RCN_YAML_IS_STRING},
    {"1.5", RCN_YAML_IS_FLOAT},
    {"1.", RCN_YAML_IS_FLOAT},
    {".5", RCN_YAML_IS_FLOAT},
    {".", RCN_YAML_IS_STRING},
    {"-.5", RCN_YAML_IS_FLOAT},
    {"1e3", RCN_YAML_IS_FLOAT},
    {"1E+3", RCN_YAML_IS_FLOAT},
    {"1e-3", RCN_YAML_IS_FLOAT},
    {"1e", RCN_YAML_IS_STRING},
    {"1e+", RCN_YAML_IS_STRING},
    {"e3", RCN_YAML_IS_STRING},
    {".e3", RCN_YAML_IS_STRING},
    {"1.5.2", RCN_YAML_IS_STRING},
    {".inf", RCN_YAML_IS_FLOAT},
    {"-.INF", RCN_YAML_IS_FLOAT},
    {"+.Inf", RCN_YAML_IS_FLOAT},
    {".nan", RCN_YAML_IS_FLOAT},
    {".NaN", RCN_YAML_IS_FLOAT},
    {"-.nan", RCN_YAML_IS_STRING},
    {"-", RCN_YAML_IS_STRING},
    {"+", RCN_YAML_IS_STRING},
    {"1 2", RCN_YAML_IS_STRING},
    {"12a", RCN_YAML_IS_STRING},
    {"act_1", RCN_YAML_IS_STRING},
    {"${X}", RCN_YAML_IS_STRING},
    {"nothing", RCN_YAML_IS_STRING},
};

static void knows_the_core_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rcn_yaml_get_scalar_type(rows[i].text, strlen(rows[i].text)) != rows[i].type)
            fail_msg("'%s' is %d", rows[i].text,
                     (int)rcn_yaml_get_scalar_type(rows[i].text, strlen(rows[i].text)));
}

/* Texts of scalars are not NUL-terminated, and may hold NUL. */
static void looks_at_len_bytes(void **state)
{
    (void)state;
    assert_int_equal(rcn_yaml_get_scalar_type("12ab", 2), RCN_YAML_IS_INTEGER);
    assert_int_equal(rcn_yaml_get_scalar_type("nullable", 4), RCN_YAML_IS_NULL);
    assert_int_equal(rcn_yaml_get_scalar_type("1\0", 2), RCN_YAML_IS_STRING);
    assert_int_equal(rcn_yaml_get_scalar_type("\0", 1), RCN_YAML_IS_STRING);
    assert_int_equal(rcn_yaml_get_scalar_type("0x1\0", 4), RCN_YAML_IS_STRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_core_schema),
        cmocka_unit_test(looks_at_len_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
