#include "manifest/scalar.h"

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
    enum rcn_scalar_type type;
} rows[] = {
    {"", RCN_SCALAR_NULL},
    {"~", RCN_SCALAR_NULL},
    {"null", RCN_SCALAR_NULL},
    {"Null", RCN_SCALAR_NULL},
    {"NULL", RCN_SCALAR_NULL},
    {"nULL", RCN_SCALAR_STRING},
    {"~~", RCN_SCALAR_STRING},
    {"true", RCN_SCALAR_TRUE},
    {"True", RCN_SCALAR_TRUE},
    {"TRUE", RCN_SCALAR_TRUE},
    {"tRUE", RCN_SCALAR_STRING},
    {"false", RCN_SCALAR_FALSE},
    {"False", RCN_SCALAR_FALSE},
    {"FALSE", RCN_SCALAR_FALSE},
    {"yes", RCN_SCALAR_STRING},
    {"no", RCN_SCALAR_STRING},
    {"on", RCN_SCALAR_STRING},
    {"off", RCN_SCALAR_STRING},
    {"n", RCN_SCALAR_STRING},
    {"0", RCN_SCALAR_INTEGER},
    {"2024", RCN_SCALAR_INTEGER},
    {"-12", RCN_SCALAR_INTEGER},
    {"+12", RCN_SCALAR_INTEGER},
    {"007", RCN_SCALAR_INTEGER},
    {"0o17", RCN_SCALAR_INTEGER},
    {"0o18", RCN_SCALAR_STRING},
    {"0x1F", RCN_SCALAR_INTEGER},
    {"0x", RCN_SCALAR_STRING},
    {"-0x1F", RCN_SCALAR_STRING},
    {"0b1", RCN_SCALAR_STRING},
    {"1_000", RCN_SCALAR_STRING},
    {"190:20:30", RCN_SCALAR_STRING},
    {"2026-12-31", RCN_SCALAR_STRING},
    {"1.5", RCN_SCALAR_FLOAT},
    {"1.", RCN_SCALAR_FLOAT},
    {".5", RCN_SCALAR_FLOAT},
    {".", RCN_SCALAR_STRING},
    {"-.5", RCN_SCALAR_FLOAT},
    {"1e3", RCN_SCALAR_FLOAT},
    {"1E+3", RCN_SCALAR_FLOAT},
    {"1e-3", RCN_SCALAR_FLOAT},
    {"1e", RCN_SCALAR_STRING},
    {"1e+", RCN_SCALAR_STRING},
    {"e3", RCN_SCALAR_STRING},
    {".e3", RCN_SCALAR_STRING},
    {"1.5.2", RCN_SCALAR_STRING},
    {".inf", RCN_SCALAR_FLOAT},
    {"-.INF", RCN_SCALAR_FLOAT},
    {"+.Inf", RCN_SCALAR_FLOAT},
    {".nan", RCN_SCALAR_FLOAT},
    {".NaN", RCN_SCALAR_FLOAT},
    {"-.nan", RCN_SCALAR_STRING},
    {"-", RCN_SCALAR_STRING},
    {"+", RCN_SCALAR_STRING},
    {"1 2", RCN_SCALAR_STRING},
    {"12a", RCN_SCALAR_STRING},
    {"act_1", RCN_SCALAR_STRING},
    {"${X}", RCN_SCALAR_STRING},
    {"nothing", RCN_SCALAR_STRING},
};

static void knows_the_core_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rcn_scalar_get_type(rows[i].text, strlen(rows[i].text)) != rows[i].type)
            fail_msg("'%s' is %d", rows[i].text,
                     (int)rcn_scalar_get_type(rows[i].text, strlen(rows[i].text)));
}

/* Texts of scalars are not NUL-terminated, and may hold NUL. */
static void looks_at_len_bytes(void **state)
{
    (void)state;
    assert_int_equal(rcn_scalar_get_type("12ab", 2), RCN_SCALAR_INTEGER);
    assert_int_equal(rcn_scalar_get_type("nullable", 4), RCN_SCALAR_NULL);
    assert_int_equal(rcn_scalar_get_type("1\0", 2), RCN_SCALAR_STRING);
    assert_int_equal(rcn_scalar_get_type("\0", 1), RCN_SCALAR_STRING);
    assert_int_equal(rcn_scalar_get_type("0x1\0", 4), RCN_SCALAR_STRING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_core_schema),
        cmocka_unit_test(looks_at_len_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
