/* Time, processes and the story. This file stands in for base/clock.c. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "base/clock.h"

enum {
    STACK_BYTES = 512 << 10,
    PROCESSES_MAX = 2, /* at the same time */
    EVENTS_MAX = 512,
    CALLS_MAX = 1000000, /* a run that makes more does not end */
    RUN_MAX_MS = 12 * 3600 * 1000,
};

struct sim_world sim;

struct stack {
    ucontext_t context;
    char *bytes;
    struct sim_process *process;
};
static struct stack stacks[PROCESSES_MAX];
static ucontext_t main_context;
static size_t alive_count;

struct event {
    int64_t time_ms;
    void (*happen)(void *context);
    void *context;
};
static struct event events[EVENTS_MAX];
static size_t event_count;

void sim_world_init(struct sim_tape *tape, bool tells)
{
    sim = (struct sim_world){.tape = tape, .tells = tells, .now_ms = 10000};
    event_count = 0;
    alive_count = 0;
}

/* --- story --- */

void sim_tell_line(const char *format, ...)
{
    va_list args;
    char who[32] = "";
    if (sim.current)
        snprintf(who, sizeof who, "%s%u", sim.current->place, sim.current->number);
    printf("%10.3f  %-4s ", (double)sim.now_ms / 1000, who);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

/* --- time --- */

void sim_at(int64_t time_ms, void (*happen)(void *context), void *context)
{
    if (event_count == EVENTS_MAX) {
        sim_fail("the simulator has too many events");
        return;
    }
    events[event_count++] = (struct event){time_ms, happen, context};
}

/* Events of the same moment happen in the order in which they were made. */
static void advance(int64_t time_ms)
{
    for (;;) {
        size_t next = event_count;
        for (size_t i = 0; i < event_count; i++)
            if (events[i].time_ms <= time_ms &&
                (next == event_count || events[i].time_ms < events[next].time_ms))
                next = i;
        if (next == event_count)
            break;
        struct event event = events[next];
        memmove(&events[next], &events[next + 1], (--event_count - next) * sizeof *events);
        if (event.time_ms > sim.now_ms)
            sim.now_ms = event.time_ms;
        event.happen(event.context);
    }
    if (time_ms > sim.now_ms)
        sim.now_ms = time_ms;
}

static void leave(struct sim_process *process, enum sim_end end)
{
    process->end = end;
    process->ended_ms = sim.now_ms;
    alive_count--;
    setcontext(&main_context);
}

void sim_fail(const char *format, ...)
{
    va_list args;
    if (!sim.failure[0]) {
        va_start(args, format);
        vsnprintf(sim.failure, sizeof sim.failure, format, args);
        va_end(args);
        sim_tell("BROKEN: %s", sim.failure);
    }
    if (sim.current)
        leave(sim.current, SIM_KILLED);
}

void sim_sleep_until(int64_t time_ms)
{
    struct sim_process *self = sim.current;
    if (!self || alive_count == 1) {
        /* An event is nobody's doing. */
        sim.current = NULL;
        advance(time_ms);
        sim.current = self;
    } else {
        self->wake_ms = time_ms;
        swapcontext(&((struct stack *)self->stack)->context, &main_context);
    }
    if (self && sim.failure[0])
        leave(self, SIM_KILLED);
    if (self && sim.now_ms - self->started_ms > RUN_MAX_MS)
        sim_fail("an apply takes longer than %d hours", RUN_MAX_MS / 3600000);
}

static void die(struct sim_process *self)
{
    if (self->is_power_loss) {
        sim_tell("the machine loses power");
        sim_disk_lose_power(self->machine);
        sim.machines[self->machine].boots++;
        sim.machines[self->machine].boot_ms = sim.now_ms + 20000;
    } else {
        sim_tell("is killed");
    }
    sim_http_drop_process(self);
    sim_disk_drop_process(self);
    leave(self, SIM_KILLED);
}

void sim_touch(bool is_effect)
{
    struct sim_process *self = sim.current;
    if (!self)
        return;
    if (++self->calls > CALLS_MAX)
        sim_fail("an apply does not end");
    if (self->calls == self->pause_at_call) {
        sim_tell("is stopped for %.1f s", (double)self->pause_ms / 1000);
        self->paused_ms += self->pause_ms;
        sim.was_paused = true;
        sim_sleep_until(sim.now_ms + self->pause_ms);
    }
    if (is_effect && self->sends >= self->kill_at_send && ++self->effects == self->kill_at_effect)
        die(self);
}

/* --- processes --- */

static void enter(void)
{
    struct sim_process *self = sim.current;
    self->run(self);
    sim_http_drop_process(self);
    sim_disk_drop_process(self);
    leave(self, SIM_RETURNED);
}

static void prepare(struct stack *stack, struct sim_process *process)
{
    if (!stack->bytes)
        stack->bytes = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    getcontext(&stack->context);
    stack->context.uc_stack.ss_sp = stack->bytes;
    stack->context.uc_stack.ss_size = STACK_BYTES;
    stack->process = process;
    process->stack = stack;
    process->end = SIM_RUNS;
    makecontext(&stack->context, enter, 0);
}

static struct sim_process *find_next(struct sim_process *const *processes, size_t count)
{
    struct sim_process *next = NULL;
    for (size_t i = 0; i < count; i++)
        if (processes[i]->end == SIM_RUNS && (!next || processes[i]->wake_ms < next->wake_ms))
            next = processes[i];
    return next;
}

void sim_run(struct sim_process *const *processes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        prepare(&stacks[i], processes[i]);
    alive_count = count;
    for (struct sim_process *next; !sim.failure[0] && (next = find_next(processes, count));) {
        sim.current = NULL;
        advance(next->wake_ms);
        sim.current = next;
        if (!sim.failure[0])
            swapcontext(&main_context, &((struct stack *)next->stack)->context);
        sim.current = NULL;
    }
}

/* --- base/clock.h --- */

static const struct sim_machine *get_machine(void)
{
    return &sim.machines[sim.current ? sim.current->machine : 0];
}

int64_t rcn_clock_wall_ms(void)
{
    int64_t now_ms = SIM_EPOCH_MS + sim.now_ms + get_machine()->wall_offset_ms;
    sim_touch(false);
    return now_ms;
}

int64_t rcn_clock_steady_ms(void)
{
    int64_t now_ms = sim.now_ms - get_machine()->boot_ms;
    sim_touch(false);
    return now_ms;
}
