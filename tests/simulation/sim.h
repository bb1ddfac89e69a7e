/*
 * sim.h: the simulated world: one header for the files of this folder. README.md is the tour.
 *
 * One schedule is one world: a server, two machines with disks, and processes, each of which is one
 * apply. Everything in it follows from a tape of choices. Time is virtual and moves only while
 * every process waits.
 *
 * Memory: a schedule leaks what its killed processes held; a worker is a forked process that lives
 * for some thousand schedules.
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/audience_sync.h"
#include "model/plan.h"
#include "model/report.h"

enum {
    SIM_NAMES = 4, /* audiences that manifests may ask for, in each company */
    SIM_COMPANIES = 2,
    SIM_MACHINES = 2,
    SIM_SYNCS_MAX = 96, /* live ones, deleted ones included */
    SIM_FILES_MAX = 8,  /* of one machine */
    SIM_RUNS_MAX = 16,  /* of one schedule */
};

/* One row of the manifests. */
struct sim_want {
    bool is_asked; /* false: not in the manifests now */
    int company;
    const char *name;
    const char *segment;
    const char *template; /* in place of a segment; NULL: none */
    char pin[24];         /* `id:`, or "" */
    char replaces[24];    /* one id, or "" */
};

/* --- tape.c: the choices --- */

/*
 * A choice is a number below its bound, and 0 is always the harmless one: shrinking makes choices
 * smaller, and a tape that has ended goes on with zeros.
 */
struct sim_tape {
    uint32_t *values;
    size_t count; /* recorded, or given */
    size_t capacity;
    size_t position;
    bool is_given; /* replay: values come from the tape, not from chance */
    uint64_t random;
};
void sim_tape_seed(struct sim_tape *tape, uint64_t seed);
void sim_tape_rewind(struct sim_tape *tape); /* to replay what was recorded */
void sim_tape_release(struct sim_tape *tape);

unsigned sim_choose(unsigned bound);
/* From 1 on; small numbers are as likely as large ones. */
unsigned sim_choose_moment(void);
/* False for a kind of trouble that --without names. */
bool sim_allows(const char *trouble);
extern const char *sim_without;
/* True in permille of 1000; false is 0. */
bool sim_chance(unsigned permille);
/* One of the numbers; the first is the harmless one. */
#define SIM_ONE_OF(...)                                                                            \
    ((const int64_t[]){__VA_ARGS__})[sim_choose(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t))]

/* --- world.c: time, processes, story --- */

enum { SIM_NAMED = -1, SIM_UNREADABLE = -2 };

enum sim_end { SIM_RUNS, SIM_RETURNED, SIM_KILLED };

/* What a run has said about its creates when it returned. */
enum sim_word {
    SIM_SAID_NOTHING,
    SIM_SAID_UNSENT, /* no create was sent */
    SIM_SAID_OPEN,   /* the list has not had the last word: not verified */
    SIM_SAID_ALL,    /* it has: nothing comes later */
};

/* One apply: a coroutine that gives up control only where it waits. */
struct sim_process {
    unsigned number; /* from 1, in the order of starts */
    int machine;
    const char *place; /* for the story: `A`, `B`; with `*` no journal is kept */
    void (*run)(struct sim_process *self);
    void *context;
    enum sim_end end;
    int64_t started_ms;
    int64_t ended_ms;
    int64_t wake_ms;
    /* What happens to it, counted in calls across the seams; 0: never. */
    unsigned calls;
    unsigned effects; /* the calls that change something outside, and what returns from waiting */
    unsigned kill_at_effect;
    unsigned kill_at_send; /* the create that it dies after, kill_at_effect effects later */
    unsigned sends;
    bool is_power_loss; /* the machine goes down with it */
    unsigned pause_at_call;
    int64_t pause_ms;
    int64_t paused_ms;                /* so far, in all */
    int64_t seen_ms[SIM_COMPANIES];   /* its latest whole list of the company shows what was then */
    int64_t page_ms[SIM_COMPANIES];   /* a list in pages: the first of them */
    int64_t listed_ms[SIM_COMPANIES]; /* the end of its latest read of the company's list */
    unsigned listed_call[SIM_COMPANIES];
    /* The key's own company: as the run settled it, as /account said it last, and when. */
    int own_company; /* or SIM_NAMED, SIM_UNREADABLE */
    int account_company;
    int64_t account_ms;
    int64_t approved_ms;
    bool is_excused;              /* the key went to another company meanwhile: nothing is judged */
    const struct sim_want *wants; /* what it is asked for */
    unsigned may_create;          /* bits of them */
    int64_t wait_ms;              /* for uploads; 0: not at all */
    bool saw_rewind;              /* it has fetched a branch that went back */
    int64_t uploads_ms;           /* since when it waits for them; 0: not yet */
    enum sim_word word;
    int64_t signal_ms; /* 0: none */
    int64_t urgent_ms; /* a second signal; 0: none */
    void *stack;       /* world.c's */
    struct rcn_http *http;
};

struct sim_machine {
    int64_t boot_ms;        /* the steady clock is the time since then */
    int64_t wall_offset_ms; /* how wrong its wall clock is */
    unsigned boots;
};

struct sim_world {
    struct sim_tape *tape;
    int64_t now_ms; /* the truth */
    struct sim_machine machines[SIM_MACHINES];
    struct sim_process *current; /* NULL: between runs */
    bool tells;                  /* the story is printed */
    bool was_paused;             /* some process of the schedule */
    char failure[512];           /* the first invariant that did not hold; "": none */
};
extern struct sim_world sim;

void sim_world_init(struct sim_tape *tape, bool tells);

/* A line of the story: time, process, event. */
#define sim_tell(...)                                                                              \
    do {                                                                                           \
        if (sim.tells)                                                                             \
            sim_tell_line(__VA_ARGS__);                                                            \
    } while (0)
void sim_tell_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* 2026-06-20T00:00:00Z: the wall clock's beginning. */
#define SIM_EPOCH_MS INT64_C(1781913600000)

/* An invariant does not hold: the schedule ends. From a process it does not return. */
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Something that happens to the world at that time, whoever is alive then. */
void sim_at(int64_t time_ms, void (*happen)(void *context), void *context);
/* Runs the processes until each has returned or is dead. */
void sim_run(struct sim_process *const *processes, size_t count);
/* The current process waits; the world goes on. Between runs: only the world does. */
void sim_sleep_until(int64_t time_ms);
/*
 * Every call across a seam comes by here: the process may be paused or killed (then this does not
 * return). is_effect: the call changes something outside, or has waited.
 */
void sim_touch(bool is_effect);

/* --- server.c: the API, and the truth --- */

enum { SIM_BY_PERSON = -1, SIM_PEOPLE = 42 /* in every upload */ };

struct sim_sync {
    char id[24];
    int company;
    char account[24];
    char name[64];
    char segment[24];
    char frequency[12];
    bool is_active;
    /* the truth behind it */
    char asked[64]; /* the name that was asked for; differs where the server renames */
    char asked_segment[24];
    int by;            /* number of the process that asked; SIM_BY_PERSON */
    const char *place; /* of that process; NULL: it took the sync for one of another company */
    bool is_second;    /* a proxy sent the request again */
    int64_t committed_ms;
    int64_t named_ms;   /* since when it has its name */
    int64_t shown_ms;   /* from then on every list shows it */
    bool flickers;      /* until then lists may show it and hide it again */
    int64_t listed_ms;  /* the time of the latest list, or page of one, that it was in */
    int64_t deleted_ms; /* INT64_MAX: never */
    int64_t touched_ms; /* a person gave it another name; 0: no one did */
    int64_t upload_ms;  /* its first upload ends; INT64_MAX: never */
    unsigned upload;    /* how: 0 well, 1 with an error, 2 Meta is disconnected */
};

/* What the schedule decides about the server, once. */
struct sim_server {
    int64_t
        bound_ms; /* a list that is read this long after the end of a request shows what it did */
    unsigned fault_permille; /* of creates; reads: a third of it */
    bool is_lagging;
    bool is_flickering;
    bool is_renaming;
    bool is_doubling; /* a proxy may send a create twice */
    bool has_ledger;  /* all runs use it */
    bool has_uploads; /* they take time and fail, and runs wait for them */
    bool is_healed;   /* no faults any more: lists show the truth */
    int page_size;    /* 0: no pages */
    bool newest_first;
    bool is_account_forbidden;
    int current_company; /* of the key */
    bool reaches_all;    /* else the current company alone */
    struct sim_sync syncs[SIM_SYNCS_MAX];
    int count;
};
extern struct sim_server sim_server;
void sim_server_init(void);
/* After the faults: from now on it does what it should, at once. */
void sim_server_heal(void);

const char *sim_company_id(int company);
struct sim_sync *sim_server_add(int company, const char *account, const char *name,
                                const char *segment, int by);
bool sim_sync_is_live(const struct sim_sync *sync);
struct sim_sync *sim_server_find(const char *id);
/* The segment that the server makes of a template. */
const char *sim_server_get_segment(const char *template);

void sim_http_init(void);
/* http.c: connections of a process that is dead end, and what was on its way may still arrive. */
void sim_http_drop_process(const struct sim_process *process);

/* --- disk.c: the files of each machine --- */

void sim_disk_init(void);
void sim_disk_drop_process(const struct sim_process *process); /* its locks */
void sim_disk_lose_power(int machine);
bool sim_disk_has_files(int machine);
void sim_disk_damage(int machine);
/* What the schedule decides: how often an operation fails, and what a person does to a file. */
extern unsigned sim_disk_fault_permille;

/* --- remote.c: the branch that all machines share --- */

void sim_remote_init(void);
struct rcn_ledger_remote *sim_remote_new(void);
extern unsigned sim_remote_fault_permille;
/* An announced create that the branch has, read by the rules of SPEC 5. Times are wall clock. */
struct sim_line {
    int company; /* -1: the key's own, which its run did not know */
    unsigned by;
    char name[64];
    char id[24];      /* what an answer named, or "" */
    int64_t until_ms; /* may be sent */
    int64_t over_ms;  /* from then on nothing can come of it */
};
enum { SIM_LINES_MAX = 64 };
size_t sim_remote_list_lines(struct sim_line ret[SIM_LINES_MAX]);
/* A person forces the branch back, and pushes it again as it was. */
void sim_remote_rewind(void);
void sim_remote_restore(void);
/* The machine that has seen what the branch has lost; -1: it has lost nothing. */
int sim_remote_find_witness(void);

/* --- oracle.c: what must hold --- */

/* When a create was sent, and what its process knew then of the key's company. */
struct sim_asked {
    int64_t at_ms;
    int64_t account_ms;
    int account_company;
};
void sim_oracle_commit(const struct sim_sync *sync, struct sim_process *process,
                       const struct sim_asked *asked);
/* is_named: the request names its company. */
void sim_oracle_send(const struct sim_process *process, const char *name, int company,
                     bool is_named);
/* A push of the process was taken: the open lines before and after it. */
void sim_oracle_push(const struct sim_process *process, const struct sim_line *before,
                     size_t before_count, const struct sim_line *after, size_t after_count);
/* A plan of the healed world: every status is the truth. */
void sim_oracle_plan(const struct sim_process *process, const struct rcn_plan *plan);
/* Is the sync of that id a reason for not creating what is asked for? */
bool sim_oracle_is_reason(const struct rcn_audience_sync *asked, const char *id);
/* results: NULL when the run has ended without. */
void sim_oracle_results(struct sim_process *process, const struct rcn_plan *plan,
                        const struct rcn_results *results);

/* --- people.c --- */

/* A create of that name is sent: just then a person may give the name to another sync. */
void sim_people_meet(const char *name);

/* --- schedule.c --- */

/* Where the process of that number ran. */
const char *sim_get_place(unsigned number);
/* One whole schedule from the tape. The failure is in sim.failure. */
void sim_schedule(struct sim_tape *tape, bool tells);
/* Counters over all schedules of this worker, for the summary; sim_tally_names says what each is.
 */
enum sim_count {
    SIM_SCHEDULES,
    SIM_APPLIES,
    SIM_KILLS,
    SIM_REFUSALS,
    SIM_COMPLETE,
    SIM_CREATES,
    SIM_TEMPLATES,
    SIM_PINS,
    SIM_REPLACES,
    SIM_REPLACED,
    SIM_UPLOADS,
    SIM_OPEN_ENDS,
    SIM_JUDGED,
    SIM_TOUCHED,
    SIM_UNKNOWABLE,
    SIM_STOPPED,
    SIM_EXCUSED,
    SIM_HANDS,
    SIM_REWINDS,
    SIM_COUNTS,
};
extern const char *const sim_tally_names[SIM_COUNTS];
struct sim_tally {
    uint64_t counts[SIM_COUNTS];
};
extern struct sim_tally sim_tally;
static inline void sim_count(enum sim_count what)
{
    sim_tally.counts[what]++;
}

#endif
