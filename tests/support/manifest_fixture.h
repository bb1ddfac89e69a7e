/*
 * manifest_fixture.h: a text in memory becomes a set and a list of what is wrong with it.
 *
 * The list is a line for each diagnostic in order of place, `4:16 bad-frequency`, a warning with a
 * `?` in front, and `> 2:3` behind it when a note points somewhere.
 */
#ifndef RCN_TESTS_MANIFEST_FIXTURE_H
#define RCN_TESTS_MANIFEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

#include "base/buf.h"
#include "manifest/manifest.h"

/* What most texts begin with; the first item is on line 4. */
#define HEAD                                                                                       \
    "apiVersion: audiencectl/v1\n"                                                                 \
    "defaults: {adAccountId: act_1}\n"                                                             \
    "audienceSyncs:\n"

struct fixture {
    struct rcn_diags diags;
    struct rcn_text text;
    bool named;
    struct rcn_desired_set *set;
    struct rcn_buf told;
};

/* Most texts have one segment, and most variables are used by one of them. */
static bool fixture_shows_all;

static inline bool fixture_hides(const struct rcn_diag *diag)
{
    return !fixture_shows_all &&
           (strcmp(diag->rule, "same-segment") == 0 || strcmp(diag->rule, "unused-variable") == 0);
}

static inline void fixture_list(struct fixture *fixture)
{
    rcn_buf_clear(&fixture->told);
    rcn_diags_sort(&fixture->diags);
    for (size_t i = 0; i < fixture->diags.count; i++) {
        const struct rcn_diag *diag = fixture->diags.items[i];
        if (fixture_hides(diag))
            continue;
        rcn_buf_printf(&fixture->told, "%s%u:%u %s",
                       diag->severity == RCN_SEVERITY_WARNING ? "?" : "", diag->span.line,
                       diag->span.column, diag->rule);
        if (diag->note)
            rcn_buf_printf(&fixture->told, " > %u:%u", diag->note_span.line,
                           diag->note_span.column);
        rcn_buf_add_char(&fixture->told, '\n');
    }
}

/* Loads the bytes as a file found in a directory, or (named) as one that was asked for. */
static inline void fixture_load_bytes(struct fixture *fixture, const char *bytes, size_t len,
                                      bool named, struct rcn_variables *variables)
{
    *fixture = (struct fixture){.named = named};
    fixture->text = (struct rcn_text){.path = "a.yaml", .bytes = bytes, .len = len};
    const struct rcn_texts texts = {
        .items = &fixture->text, .count = 1, .named = &fixture->named, .name = "a.yaml"};
    rcn_buf_init(&fixture->told, 1 << 20);
    rcn_diags_init(&fixture->diags);
    fixture->set = rcn_manifest_load(&texts, variables, &fixture->diags);
    fixture_list(fixture);
}

static inline void fixture_load(struct fixture *fixture, const char *text)
{
    fixture_load_bytes(fixture, text, strlen(text), true, NULL);
}

static inline void fixture_release(struct fixture *fixture)
{
    rcn_desired_set_free(fixture->set);
    rcn_diags_release(&fixture->diags);
    rcn_buf_release(&fixture->told);
}

/* A row of a table: a text, and all that is to be told of it. */
struct told_row {
    const char *name;
    const char *text;
    const char *told;
};

static inline void check_told_rows(const struct told_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fixture fixture;
        fixture_load(&fixture, rows[i].text);
        if (strcmp(rcn_buf_get_str(&fixture.told), rows[i].told) != 0)
            fail_msg("%s: told\n%sexpected\n%s", rows[i].name, rcn_buf_get_str(&fixture.told),
                     rows[i].told);
        fixture_release(&fixture);
    }
}

#define CHECK_TOLD(rows) check_told_rows(rows, sizeof(rows) / sizeof *(rows))

#endif
