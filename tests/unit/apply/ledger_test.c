/* The ledger against a remote that this file plays: a branch in memory that others push to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apply/ledger.h"
#include "base/clock.h"

/* --- the remote --- */

enum { MAX_FILES = 16 };

struct file {
    char *path;
    char *bytes;
};

struct branch {
    struct file files[MAX_FILES];
    size_t count;
    int tip; /* 0: the branch does not exist */
};

/* The server's branch, shared by every remote. */
static struct branch server;
static struct rcn_arena *memory;

struct rcn_ledger_remote {
    struct branch fetched;
    int64_t reached;
    enum rcn_ledger_push next; /* what the next push comes to */
    bool takes_effect;         /* of a push whose outcome is unknown */
    bool is_dead;              /* every push is like that, and has no effect */
    unsigned pushes;
    unsigned fetches;
};

static void set_file(struct branch *branch, const char *path, const char *bytes)
{
    for (size_t i = 0; i < branch->count; i++)
        if (strcmp(branch->files[i].path, path) == 0) {
            branch->files[i].bytes = rcn_arena_strdup(memory, bytes);
            return;
        }
    assert_true(branch->count < MAX_FILES);
    branch->files[branch->count++] = (struct file){.path = rcn_arena_strdup(memory, path),
                                                   .bytes = rcn_arena_strdup(memory, bytes)};
}

static const char *get_file(const struct branch *branch, const char *path)
{
    for (size_t i = 0; i < branch->count; i++)
        if (strcmp(branch->files[i].path, path) == 0)
            return branch->files[i].bytes;
    return NULL;
}

int rcn_ledger_remote_fetch(struct rcn_ledger_remote *remote, struct rcn_error *err)
{
    (void)err;
    remote->fetched = server;
    remote->fetches++;
    return 0;
}

const char *rcn_ledger_remote_get_tip(const struct rcn_ledger_remote *remote)
{
    return remote->fetched.tip ? "tip" : NULL;
}

int64_t rcn_ledger_remote_get_reached(const struct rcn_ledger_remote *remote)
{
    return remote->reached;
}

void rcn_ledger_remote_set_reached(struct rcn_ledger_remote *remote, int64_t reached)
{
    remote->reached = reached;
}

int rcn_ledger_remote_read(struct rcn_ledger_remote *remote, const char *path, const char **ret,
                           struct rcn_error *err)
{
    (void)err;
    *ret = get_file(&remote->fetched, path);
    return 0;
}

size_t rcn_ledger_remote_list(const struct rcn_ledger_remote *remote, const char *folder,
                              struct rcn_arena *arena, const char *const **ret)
{
    const char **paths = rcn_arena_calloc(arena, MAX_FILES, sizeof *paths);
    size_t count = 0;
    for (size_t i = 0; i < remote->fetched.count; i++)
        if (strncmp(remote->fetched.files[i].path, folder, strlen(folder)) == 0)
            paths[count++] = remote->fetched.files[i].path;
    *ret = paths;
    return count;
}

enum rcn_ledger_push rcn_ledger_remote_push(struct rcn_ledger_remote *remote,
                                            const struct rcn_ledger_file *files, size_t count,
                                            const char *message, struct rcn_error *err)
{
    enum rcn_ledger_push result = remote->is_dead ? RCN_LEDGER_UNKNOWN : remote->next;
    assert_non_null(strstr(message, "run: "));
    remote->pushes++;
    remote->next = RCN_LEDGER_PUSHED;
    if (result == RCN_LEDGER_REFUSED || result == RCN_LEDGER_UNKNOWN)
        rcn_error_set(err, RCN_ERROR_FAILED, "played");
    if (result == RCN_LEDGER_REFUSED || (result == RCN_LEDGER_UNKNOWN && !remote->takes_effect))
        return result;
    if (remote->fetched.tip != server.tip)
        return result == RCN_LEDGER_UNKNOWN ? result : RCN_LEDGER_MOVED;
    for (size_t i = 0; i < count; i++)
        set_file(&server, files[i].path, files[i].text);
    server.tip++;
    if (result == RCN_LEDGER_PUSHED)
        remote->fetched = server;
    return result;
}

void rcn_ledger_remote_free(struct rcn_ledger_remote *remote)
{
    (void)remote;
}

/* --- the runs --- */

static const char *const companies[] = {"comp_1"};
#define FOLDER "api.example.com/comp_1/"

struct machine {
    struct rcn_ledger_remote remote;
    struct rcn_ledger *ledger;
    struct rcn_intent *own; /* announced last */
    struct rcn_error err;
};

static int read_ledger(struct machine *machine, const char *const *company)
{
    return rcn_ledger_fetch(machine->ledger, &machine->err) ||
                   rcn_ledger_load(machine->ledger, company, 1, &machine->err)
               ? -1
               : 0;
}

static void begin(struct machine *machine, const char *run)
{
    *machine = (struct machine){.err = RCN_ERROR_INIT};
    const struct rcn_ledger_run what = {.run = run, .where = "host"};
    machine->ledger = rcn_ledger_new(&machine->remote, "https://api.example.com", &what);
    assert_int_equal(read_ledger(machine, companies), 0);
}

static void end(struct machine *machine)
{
    rcn_ledger_free(machine->ledger);
}

static struct rcn_audience_sync make(const char *name, const char *id)
{
    return (struct rcn_audience_sync){.company_id = "comp_1",
                                      .ad_account_id = "act_1",
                                      .audience_name = name,
                                      .segment_id = "seg_1",
                                      .id = id};
}

static enum rcn_ledger_push announce(struct machine *machine, const char *name)
{
    struct rcn_intent *intent = rcn_arena_alloc(memory, sizeof *intent);
    *intent =
        (struct rcn_intent){.sync = make(name, NULL), .timeout_ms = 30000, .settle_ms = 15000};
    enum rcn_ledger_push push = rcn_ledger_announce(machine->ledger, intent, 1, &machine->err);
    if (push == RCN_LEDGER_PUSHED)
        machine->own = intent;
    return push;
}

/* The end of a run that has seen the sync as live, and tried to create it unless outcome is NULL.
 */
static int finish(struct machine *machine, const struct rcn_audience_sync *sync, int64_t seen_at_ms,
                  const char *outcome)
{
    const struct rcn_ledger_record record = {.sync = sync,
                                             .live = sync->id ? sync : NULL,
                                             .seen_at_ms = seen_at_ms,
                                             .outcome = outcome,
                                             .id = sync->id};
    if (machine->own)
        machine->own->is_known = sync->id != NULL;
    return rcn_ledger_finish(machine->ledger, &record, 1, &machine->err);
}

static int reset(void **state)
{
    (void)state;
    server = (struct branch){0};
    return 0;
}

static void announces_then_closes(void **state)
{
    struct machine a;
    struct machine b;
    struct rcn_audience_sync sync = make("VIPs", "sync_1");
    (void)state;
    begin(&a, "run-a");
    assert_false(rcn_ledger_exists(a.ledger));
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    assert_non_null(strstr(get_file(&server, FOLDER "open.jsonl"), "\"audienceName\": \"VIPs\""));
    assert_non_null(get_file(&server, "README.md"));
    /* Another run sees it, and for how long. */
    begin(&b, "run-b");
    const struct rcn_intent *other = rcn_ledger_get_other(b.ledger, 0);
    assert_non_null(other);
    int64_t left_ms = other->over_ms - rcn_clock_wall_ms();
    assert_true(left_ms > RCN_LEDGER_GOOD_MS + RCN_LEDGER_GOOD_EACH_MS + 45000 +
                              RCN_LEDGER_CLOCK_SKEW_MS - 5000);
    assert_int_equal(rcn_ledger_get_known(b.ledger)->intent_count, 1);
    /* Its own line is nobody's else. */
    assert_null(rcn_ledger_get_other(a.ledger, 0));
    assert_int_equal(finish(&a, &sync, 1700000000000, "created"), 0);
    assert_int_equal(a.remote.pushes, 2);
    assert_string_equal(get_file(&server, FOLDER "open.jsonl"), "");
    assert_int_equal(read_ledger(&b, companies), 0);
    assert_null(rcn_ledger_get_other(b.ledger, 0));
    assert_string_equal(rcn_ledger_find_known(b.ledger, &sync)->sync.id, "sync_1");
    end(&a);
    end(&b);
}

static void loses_to_who_pushed_before(void **state)
{
    struct machine a;
    struct machine b;
    (void)state;
    begin(&a, "run-a");
    begin(&b, "run-b");
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    assert_int_equal(announce(&b, "VIPs"), RCN_LEDGER_MOVED);
    assert_int_equal(read_ledger(&b, companies), 0);
    assert_string_equal(rcn_ledger_get_other(b.ledger, 0)->run, "run-a");
    /* The lines of others stay when something else is announced. */
    assert_int_equal(announce(&b, "Lapsed"), RCN_LEDGER_PUSHED);
    assert_non_null(strstr(get_file(&server, FOLDER "open.jsonl"), "run-a"));
    /* A line that is not over is not closed by another run. */
    rcn_ledger_get_other(b.ledger, 0)->is_open = false;
    assert_int_equal(rcn_ledger_finish(b.ledger, NULL, 0, &b.err), 0);
    assert_non_null(strstr(get_file(&server, FOLDER "open.jsonl"), "run-a"));
    end(&a);
    end(&b);
}

static void reads_back_a_push_without_an_answer(void **state)
{
    (void)state;
    for (int takes_effect = 0; takes_effect < 2; takes_effect++) {
        struct machine a;
        struct rcn_audience_sync sync = make("VIPs", "sync_1");
        reset(NULL);
        begin(&a, "run-a");
        a.remote.next = RCN_LEDGER_UNKNOWN;
        a.remote.takes_effect = takes_effect;
        assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
        assert_int_equal(a.remote.pushes, takes_effect ? 1 : 2);
        /* The end push: its line is in the log once. */
        a.remote.next = RCN_LEDGER_UNKNOWN;
        assert_int_equal(finish(&a, &sync, 1, "created"), 0);
        const char *path = NULL;
        for (size_t i = 0; i < server.count; i++)
            if (strncmp(server.files[i].path, FOLDER "log/20", strlen(FOLDER "log/20")) == 0)
                path = server.files[i].path;
        assert_non_null(path);
        const char *text = get_file(&server, path);
        const char *first = strstr(text, "run-a");
        assert_non_null(first);
        assert_null(strstr(first + 1, "run-a"));
        assert_string_equal(get_file(&server, FOLDER "open.jsonl"), "");
        end(&a);
    }
}

/* A line of a dead run that is over is closed; the same create is announced again, and its answer
 * gets lost: our own line stays open. */
static void closes_the_line_of_one_run_only(void **state)
{
    static const char dead[] =
        "{\"adAccountId\": \"act_1\", \"audienceName\": \"VIPs\", \"at\": "
        "\"2020-01-01T00:00:00Z\", \"until\": \"2020-01-01T00:03:00Z\", \"timeoutMs\": 1, "
        "\"settleMs\": 1, \"run\": \"run-dead\"}\n";
    struct machine a;
    struct rcn_audience_sync sync = make("VIPs", NULL);
    (void)state;
    begin(&a, "run-a");
    assert_int_equal(announce(&a, "Lapsed"), RCN_LEDGER_PUSHED);
    end(&a);
    set_file(&server, FOLDER "open.jsonl", dead);
    server.tip++;
    begin(&a, "run-b");
    rcn_ledger_get_other(a.ledger, 0)->is_open = false;
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    /* What became of it is known with the end push alone: we may die before it. */
    assert_non_null(strstr(get_file(&server, FOLDER "open.jsonl"), "run-dead"));
    assert_int_equal(finish(&a, &sync, 0, "unknown"), 0);
    assert_null(strstr(get_file(&server, FOLDER "open.jsonl"), "run-dead"));
    assert_non_null(strstr(get_file(&server, FOLDER "open.jsonl"), "run-b"));
    end(&a);
}

/* Nothing comes through: nothing is announced, and the branch is as it was. */
static void gives_up_when_no_push_has_an_answer(void **state)
{
    struct machine a;
    (void)state;
    begin(&a, "run-a");
    a.remote.is_dead = true;
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_REFUSED);
    assert_string_equal(a.err.message, "played");
    assert_int_equal(server.tip, 0);
    end(&a);
}

static void merges_the_end_of_two_runs(void **state)
{
    struct machine a;
    struct machine b;
    struct rcn_audience_sync first = make("VIPs", "sync_1");
    struct rcn_audience_sync second = make("Lapsed", "sync_2");
    (void)state;
    begin(&a, "run-a");
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    begin(&b, "run-b");
    assert_int_equal(announce(&b, "Lapsed"), RCN_LEDGER_PUSHED);
    assert_int_equal(finish(&b, &second, 1, "created"), 0);
    assert_int_equal(finish(&a, &first, 1, "created"), 0);
    assert_string_equal(get_file(&server, FOLDER "open.jsonl"), "");
    const char *known = get_file(&server, FOLDER "known.jsonl");
    assert_non_null(strstr(known, "sync_1"));
    assert_non_null(strstr(known, "sync_2"));
    end(&a);
    end(&b);
}

/* A person has deleted and replaced it since our list: the later one is remembered. */
static void keeps_what_was_seen_last(void **state)
{
    struct machine a;
    struct machine b;
    struct rcn_audience_sync old = make("VIPs", "sync_1");
    struct rcn_audience_sync new = make("VIPs", "sync_2");
    (void)state;
    begin(&a, "run-a");
    begin(&b, "run-b");
    assert_int_equal(finish(&b, &new, 2000, NULL), 0);
    assert_int_equal(finish(&a, &old, 1000, NULL), 0);
    assert_int_equal(read_ledger(&b, companies), 0);
    assert_string_equal(rcn_ledger_find_known(b.ledger, &old)->sync.id, "sync_2");
    /* What this run created is the newest, by whichever clock. */
    assert_int_equal(finish(&a, &old, 1000, "created"), 0);
    assert_int_equal(read_ledger(&b, companies), 0);
    assert_string_equal(rcn_ledger_find_known(b.ledger, &old)->sync.id, "sync_1");
    end(&a);
    end(&b);
}

/* A run that could not know its company has announced for one without a name. */
static void reads_what_may_be_the_same_company(void **state)
{
    static const char *const unnamed[] = {NULL};
    struct machine a;
    struct machine b;
    struct rcn_intent line = {.sync = make("VIPs", NULL)};
    (void)state;
    line.sync.company_id = NULL;
    begin(&a, "run-a");
    begin(&b, "run-b");
    assert_int_equal(read_ledger(&a, unnamed), 0);
    assert_int_equal(rcn_ledger_announce(a.ledger, &line, 1, &a.err), RCN_LEDGER_PUSHED);
    assert_int_equal(read_ledger(&b, companies), 0);
    assert_string_equal(rcn_ledger_get_other(b.ledger, 0)->run, "run-a");
    assert_int_equal(announce(&b, "Lapsed"), RCN_LEDGER_PUSHED);
    assert_int_equal(read_ledger(&a, unnamed), 0);
    assert_string_equal(rcn_ledger_get_other(a.ledger, 0)->sync.company_id, "comp_1");
    assert_non_null(strstr(get_file(&server, "api.example.com/_/open.jsonl"), "run-a"));
    /* What was live, too: the list may hide it for a while. */
    struct rcn_audience_sync live = make("Live", "sync_1");
    struct rcn_audience_sync other = make("Other", "sync_2");
    assert_int_equal(finish(&b, &live, 1000, "created"), 0);
    assert_int_equal(read_ledger(&a, unnamed), 0);
    live.company_id = other.company_id = NULL;
    assert_string_equal(rcn_ledger_find_known(a.ledger, &live)->sync.id, "sync_1");
    assert_int_equal(finish(&a, &other, 1000, "created"), 0);
    assert_int_equal(read_ledger(&b, companies), 0);
    other.company_id = "comp_1";
    assert_string_equal(rcn_ledger_find_known(b.ledger, &other)->sync.id, "sync_2");
    end(&a);
    end(&b);
}

static void refuses_a_branch_that_went_back(void **state)
{
    struct machine a;
    (void)state;
    begin(&a, "run-a");
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    struct branch old = server;
    assert_int_equal(announce(&a, "Lapsed"), RCN_LEDGER_PUSHED);
    server = old;
    assert_int_equal(read_ledger(&a, companies), -1);
    assert_int_equal(a.err.kind, RCN_ERROR_REFUSED);
    assert_non_null(strstr(a.err.message, "went back"));
    end(&a);
    /* Deleted. */
    reset(NULL);
    begin(&a, "run-a");
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    server = (struct branch){0};
    assert_int_equal(read_ledger(&a, companies), -1);
    assert_non_null(strstr(a.err.message, "does not exist"));
    end(&a);
}

static void refuses_what_it_did_not_write(void **state)
{
    static const struct {
        const char *path;
        const char *bytes;
        const char *message;
    } rows[] = {
        {"ledger.json", "{}", "not a ledger"},
        {"ledger.json", "{\"formatVersion\": 2, \"sequence\": 9}", "newer audiencectl (format 2)"},
        {FOLDER "open.jsonl", "{}\n", "line 1 of " FOLDER "open.jsonl in"},
        {FOLDER "known.jsonl", "nonsense\n", "line 1 of " FOLDER "known.jsonl in"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct machine a;
        reset(NULL);
        begin(&a, "run-a");
        assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
        set_file(&server, rows[i].path, rows[i].bytes);
        server.tip++;
        assert_int_equal(read_ledger(&a, companies), -1);
        assert_int_equal(a.err.kind, RCN_ERROR_REFUSED);
        assert_non_null(strstr(a.err.message, rows[i].message));
        end(&a);
    }
}

static void names_folders_that_any_disk_takes(void **state)
{
    static const struct {
        const char *api_url;
        const char *company_id;
        const char *path;
    } rows[] = {
        {"https://api.sequenzy.com", "comp_123", "api.sequenzy.com/comp_123/open.jsonl"},
        {"http://127.0.0.1:8080", "../a/b", "127.0.0.1%3A8080/%2E.%2Fa%2Fb/open.jsonl"},
        {"http://[::1]:80", NULL, "%5B%3A%3A1%5D%3A80/_/open.jsonl"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct rcn_ledger_run what = {.run = "run-a", .where = "host"};
        struct machine a = {.err = RCN_ERROR_INIT};
        struct rcn_intent intent = {.sync = make("VIPs", NULL)};
        reset(NULL);
        a.ledger = rcn_ledger_new(&a.remote, rows[i].api_url, &what);
        intent.sync.company_id = rows[i].company_id;
        assert_int_equal(read_ledger(&a, &rows[i].company_id), 0);
        assert_int_equal(rcn_ledger_announce(a.ledger, &intent, 1, &a.err), RCN_LEDGER_PUSHED);
        assert_non_null(get_file(&server, rows[i].path));
        /* One that is read for all companies is that one again. */
        const char *const any = NULL;
        struct machine b = {.err = RCN_ERROR_INIT};
        const struct rcn_ledger_run other = {.run = "run-b", .where = "host"};
        b.ledger = rcn_ledger_new(&b.remote, rows[i].api_url, &other);
        assert_int_equal(read_ledger(&b, &any), 0);
        const char *company_id = rcn_ledger_get_other(b.ledger, 0)->sync.company_id;
        assert_true(rcn_text_is_same(company_id, rows[i].company_id));
        end(&a);
        end(&b);
    }
}

/* The branch moved, and what it has then cannot be read: nothing is written over it. */
static void writes_over_nothing_that_it_has_not_read(void **state)
{
    struct machine a;
    struct rcn_audience_sync sync = make("VIPs", "sync_1");
    (void)state;
    begin(&a, "run-a");
    assert_int_equal(announce(&a, "VIPs"), RCN_LEDGER_PUSHED);
    set_file(&server, FOLDER "open.jsonl", "{\"later\": 1}\n");
    server.tip++;
    assert_int_equal(announce(&a, "Lapsed"), RCN_LEDGER_MOVED);
    assert_int_equal(rcn_ledger_read_again(a.ledger, &a.err), -1);
    assert_int_equal(finish(&a, &sync, 1, "created"), -1);
    assert_string_equal(get_file(&server, FOLDER "open.jsonl"), "{\"later\": 1}\n");
    end(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(announces_then_closes, reset),
        cmocka_unit_test_setup(loses_to_who_pushed_before, reset),
        cmocka_unit_test_setup(reads_back_a_push_without_an_answer, reset),
        cmocka_unit_test_setup(closes_the_line_of_one_run_only, reset),
        cmocka_unit_test_setup(writes_over_nothing_that_it_has_not_read, reset),
        cmocka_unit_test_setup(gives_up_when_no_push_has_an_answer, reset),
        cmocka_unit_test_setup(merges_the_end_of_two_runs, reset),
        cmocka_unit_test_setup(keeps_what_was_seen_last, reset),
        cmocka_unit_test_setup(reads_what_may_be_the_same_company, reset),
        cmocka_unit_test_setup(refuses_a_branch_that_went_back, reset),
        cmocka_unit_test_setup(refuses_what_it_did_not_write, reset),
        cmocka_unit_test(names_folders_that_any_disk_takes),
    };
    memory = rcn_arena_new(SIZE_MAX);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rcn_arena_free(memory);
    return failed;
}
