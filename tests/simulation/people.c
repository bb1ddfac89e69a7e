/* People: they write the manifests, work in the dashboard at any moment, and give the key away. */
#include <stdio.h>
#include <string.h>

#include "runs.h"
#include "server.h"

/* --- manifests --- */

static const char *const names[SIM_NAMES] = {"Alpha", "Beta", "Gamma", "Delta"};

static const char *choose_template(void)
{
    /* Of the first the display name is known (api-contract 4.3), of the other it is not. */
    return sim_chance(sim_allows("template") ? 150 : 0)
               ? (const char *const[]){"recent-buyers", "engaged"}[sim_choose(2)]
               : NULL;
}

void people_write_manifest(struct manifest *manifest)
{
    static const char *const segments[SIM_NAMES] = {"seg_a", "seg_b", "seg_c", "seg_d"};
    unsigned count = 1 + sim_choose(SIM_NAMES);
    manifest->is_named = !sim_chance(250);
    sim_server.reaches_all = manifest->is_named && !sim_chance(200);
    sim_server.is_account_forbidden = !sim_server.reaches_all && sim_chance(300);
    bool shares_segments = sim_chance(150);
    for (unsigned i = 0; i < SIM_NAMES; i++)
        manifest->wants[i] = (struct sim_want){.is_asked = i < count,
                                               .company = sim_server.reaches_all && sim_chance(100),
                                               .name = names[i],
                                               .segment = segments[shares_segments ? 0 : i],
                                               .template = choose_template()};
}

/* Does a person have a reason to name it in the row: was it, or could it be, what the row asks
 * for? */
static bool is_about(const struct sim_sync *sync, const struct sim_want *want)
{
    return strcmp(sync->asked, want->name) == 0 || strcmp(sync->name, want->name) == 0 ||
           strcmp(sync->asked_segment, want->segment) == 0;
}

/* An id that lists have shown; NULL: none is about the row. */
static const char *choose_id(const struct sim_want *want)
{
    const char *ids[SIM_SYNCS_MAX];
    unsigned count = 0;
    for (int i = 0; i < sim_server.count; i++)
        if (is_about(&sim_server.syncs[i], want) && sim_server.syncs[i].shown_ms <= sim.now_ms)
            ids[count++] = sim_server.syncs[i].id;
    return count ? ids[sim_choose(count)] : NULL;
}

/* `id:` for the row, right or wrong, or taken out again. */
static void change_pin(struct sim_want *want)
{
    const char *id = sim_chance(150) ? "sync_999" : choose_id(want);
    if (id && !want->pin[0])
        sim_count(SIM_PINS);
    snprintf(want->pin, sizeof want->pin, "%s", id && !want->pin[0] ? id : "");
    sim_tell("the manifest pins '%s' to '%s'", want->name, want->pin);
}

static void change_replaces(struct sim_want *want)
{
    const char *id = want->pin[0] && sim_chance(500) ? want->pin : choose_id(want);
    if (!id)
        return;
    sim_count(SIM_REPLACES);
    snprintf(want->replaces, sizeof want->replaces, "%s", id);
    sim_tell("in the manifest '%s' replaces %s", want->name, want->replaces);
}

void people_change_manifest(struct manifest *manifest)
{
    if (!sim_server.reaches_all && sim_chance(300))
        manifest->is_named = !manifest->is_named;
    for (int i = 0; i < SIM_NAMES; i++) {
        struct sim_want *want = &manifest->wants[i];
        if (sim_chance(120))
            want->is_asked = !want->is_asked;
        if (sim_chance(sim_allows("pin") ? want->pin[0] ? 300 : 40 : 0))
            change_pin(want);
        if (sim_chance(sim_allows("replaces") ? 80 : 0))
            change_replaces(want);
    }
}

/* --- the dashboard --- */

enum deed { CREATE, DELETE, RENAME, PAUSE, GIVE_NAME };

static struct hand {
    enum deed deed;
    int company;
    const char *name;
    const char *segment;
} hands[4 * SIM_RUNS_MAX];
static unsigned hand_count;

static struct sim_sync *find_live(int company, const char *name)
{
    struct sim_sync *found = NULL;
    for (int i = 0; i < sim_server.count; i++) {
        struct sim_sync *live = &sim_server.syncs[i];
        if (live->company == company && sim_sync_is_live(live) && strcmp(live->name, name) == 0)
            found = live;
    }
    return found;
}

static void move(void *context)
{
    const struct hand *hand = context;
    if (sim_server.is_healed)
        return;
    struct sim_sync *sync = find_live(hand->company, hand->deed == GIVE_NAME ? "Old" : hand->name);
    if (hand->deed == CREATE) {
        sync = sim_server_add(hand->company, "act_1", hand->name, hand->segment, SIM_BY_PERSON);
        sim_sync_lag(sync, sim_server.bound_ms);
        sim_tell("a person creates %s '%s'", sync->id, sync->name);
    }
    if (!sync)
        return;
    sim_count(SIM_HANDS);
    switch (hand->deed) {
    case CREATE:
        break;
    case DELETE:
        sync->deleted_ms = sim.now_ms;
        sim_tell("a person deletes %s '%s'", sync->id, sync->name);
        break;
    case RENAME:
        strncat(sync->name, " old", sizeof sync->name - strlen(sync->name) - 1);
        sync->touched_ms = sim.now_ms;
        sim_tell("a person renames %s to '%s'", sync->id, sync->name);
        break;
    case PAUSE:
        sync->is_active = false;
        sim_tell("a person pauses %s '%s'", sync->id, sync->name);
        break;
    case GIVE_NAME:
        snprintf(sync->name, sizeof sync->name, "%s", hand->name);
        sync->named_ms = sim.now_ms;
        sim_tell("a person gives %s the name '%s'", sync->id, sync->name);
        break;
    }
}

static void plan_hand(int64_t at_ms, const struct hand *hand)
{
    if (hand_count == sizeof hands / sizeof *hands)
        return;
    hands[hand_count] = *hand;
    sim_at(at_ms, move, &hands[hand_count++]);
}

/* The key is given to another company. */
static void move_key(void *context)
{
    (void)context;
    if (sim_server.is_healed)
        return;
    sim_server.current_company = 1 - sim_server.current_company;
    sim_tell("the key goes to %s", sim_company_id(sim_server.current_company));
}

void people_init(void)
{
    hand_count = 0;
    if (sim_chance(sim_allows("person") ? 150 : 0))
        sim_server_add(0, "act_1", "Old", "seg_old", SIM_BY_PERSON);
}

void people_choose_hands(const struct manifest *manifest)
{
    bool may_move = !sim_server.reaches_all && !sim_server.is_account_forbidden;
    if (may_move && sim_chance(sim_allows("company") ? 60 : 0))
        sim_at(sim.now_ms + 1 + 50 * (int64_t)sim_choose_moment(), move_key, NULL);
    if (!sim_chance(sim_allows("person") ? 120 : 0))
        return;
    const enum deed deed = (enum deed)sim_choose(5);
    const struct sim_want *want = &manifest->wants[sim_choose(SIM_NAMES)];
    const struct hand hand = {deed, want->company, want->name, want->segment};
    plan_hand(sim.now_ms + 1 + 50 * (int64_t)sim_choose_moment(), &hand);
}

void sim_people_meet(const char *name)
{
    if (!find_live(0, "Old") || !sim_chance(sim_allows("person") ? 100 : 0))
        return;
    struct hand hand = {.deed = GIVE_NAME};
    for (int i = 0; i < SIM_NAMES; i++)
        if (strcmp(names[i], name) == 0)
            hand.name = names[i];
    plan_hand(sim.now_ms + SIM_ONE_OF(10, 500, 5000), &hand);
}

void people_set_right(void)
{
    if (sim_server.current_company)
        move_key(NULL);
    sim_remote_restore();
}
