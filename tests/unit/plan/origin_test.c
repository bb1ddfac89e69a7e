#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/origin.h"
#include "plan_fixture.h"

enum { MAX = 4 };

/* What the manifests ask for at the base and now, and what is live; each ends with a NULL name. */
struct entry {
    const char *name;
    const char *id; /* desired: the pin */
    const char *frequency;
    const char *label; /* of the key `owner` */
};

struct origin_case {
    const char *title;
    struct entry base[MAX];
    struct entry now[MAX];
    struct entry live[MAX];
    const char *expected; /* `name origin` of rows, then unmanaged ones, then counts */
};

static const struct origin_case cases[] = {
    {"the same, at another place and in another order",
     {{.name = "A"}, {.name = "B"}},
     {{.name = "B"}, {.name = "A"}},
     {{.name = "A", .id = "s1"}},
     "B base, A base; 0 new, 0 changed, 0 removed, 0 not live, 1 pending"},
    {"new, and removed with and without a live sync",
     {{.name = "Gone"}, {.name = "Never"}},
     {{.name = "New"}},
     {{.name = "Gone", .id = "s1"}, {.name = "Other", .id = "s2"}},
     "New new, Gone removed, Other base; 1 new, 0 changed, 1 removed, 1 not live, 0 pending"},
    {"another frequency, and a pin",
     {{.name = "A"}, {.name = "B"}},
     {{.name = "A", .frequency = "weekly"}, {.name = "B", .id = "s2"}},
     {{.name = "A", .id = "s1"}, {.name = "B", .id = "s2"}},
     "A changed (this change: frequency was daily), B changed (this change: id was absent); "
     "0 new, 2 changed, 0 removed, 0 not live, 0 pending"},
    {"another label",
     {{.name = "A", .label = "crm"}, {.name = "B", .label = "crm"}},
     {{.name = "A", .label = "ads"}, {.name = "B", .label = "crm"}},
     {{.name = "A", .id = "s1"}, {.name = "B", .id = "s2"}},
     "A changed (this change: labels differ), B base; "
     "0 new, 1 changed, 0 removed, 0 not live, 0 pending"},
    {"one of two with the same name, told apart by their pins",
     {{.name = "A", .id = "s1"}, {.name = "A", .id = "s2", .frequency = "weekly"}},
     {{.name = "A", .id = "s1"}},
     {{.name = "A", .id = "s1"}, {.name = "A", .id = "s2"}},
     "A base, A removed; 0 new, 0 changed, 1 removed, 0 not live, 0 pending"},
    {"unmanaged beside a pinned one, then as now",
     {{.name = "A", .id = "s1"}},
     {{.name = "A", .id = "s1"}},
     {{.name = "A", .id = "s1"}, {.name = "A", .id = "s2"}},
     "A base, A base; 0 new, 0 changed, 0 removed, 0 not live, 0 pending"},
};

static const char *const origins[] = {"none", "base", "new", "changed", "removed"};

static size_t fill(struct fixture *fixture, const struct entry *entries,
                   struct rcn_desired_sync *ret, struct rcn_pair *labels)
{
    size_t count = 0;
    for (; count < MAX && entries[count].name; count++) {
        ret[count] = fixture_desired(fixture, entries[count].name, (uint32_t)(10 + count));
        ret[count].sync.id = entries[count].id;
        if (entries[count].frequency)
            ret[count].sync.frequency = entries[count].frequency;
        labels[count] = (struct rcn_pair){"owner", entries[count].label};
        ret[count].labels = &labels[count];
        ret[count].label_count = entries[count].label != NULL;
    }
    return count;
}

static void add_row(struct rcn_buf *out, const struct rcn_plan_row *row)
{
    const char *name =
        row->desired ? row->desired->sync.audience_name : row->live[0]->sync.audience_name;
    rcn_buf_printf(out, "%s%s %s", out->len ? ", " : "", name, origins[row->origin]);
    if (row->origin == RCN_ORIGIN_CHANGED)
        rcn_buf_printf(out, " (%s)", row->notes[row->note_count - 1]);
}

static void run(const struct origin_case *each)
{
    struct fixture fixture = {.text.path = "m.yaml"};
    struct rcn_desired_sync base[MAX];
    struct rcn_desired_sync now[MAX];
    struct rcn_live_sync live[MAX];
    struct rcn_pair labels[2][MAX];
    struct rcn_plan_options options = {0};
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf text;
    size_t live_count = 0;
    for (; live_count < MAX && each->live[live_count].name; live_count++)
        live[live_count] = fixture_live(each->live[live_count].id, each->live[live_count].name);
    struct rcn_desired_set base_set = {.syncs = base};
    base_set.count = fill(&fixture, each->base, base, labels[0]);
    size_t count = fill(&fixture, each->now, now, labels[1]);
    fixture_init(&fixture, now, count, live, live_count);
    struct rcn_plan *plan =
        rcn_plan_new(&fixture.desired, &fixture.live, &options, &fixture.diags, &err);
    assert_non_null(plan);
    rcn_origin_mark(plan, &fixture.desired, &base_set, "main", "0123");
    rcn_buf_init(&text, 1 << 16);
    for (size_t i = 0; i < plan->row_count; i++)
        add_row(&text, &plan->rows[i]);
    for (size_t i = 0; i < plan->unmanaged_count; i++)
        add_row(&text, &plan->unmanaged[i]);
    const struct rcn_base_facts *facts = plan->base;
    rcn_buf_printf(&text, "; %zu new, %zu changed, %zu removed, %zu not live, %zu pending",
                   facts->added, facts->changed, facts->removed, facts->removed_not_live,
                   facts->pending);
    if (strcmp(rcn_buf_get_str(&text), each->expected) != 0)
        fail_msg("%s: %s", each->title, rcn_buf_get_str(&text));
    rcn_buf_release(&text);
    rcn_plan_free(plan);
    rcn_diags_release(&fixture.diags);
}

static void test_origins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_origins)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
