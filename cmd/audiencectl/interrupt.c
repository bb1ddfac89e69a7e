#include "interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "base/clock.h"

/* How long git may go on after the first and the second signal, for the last push to the ledger:
 * runners kill after ten seconds, and the reports are still to be written. */
static const int64_t git_patience_ms[2] = {9000, 2000};

static volatile sig_atomic_t first_signal;
static volatile sig_atomic_t signal_count;
static volatile sig_atomic_t signals_to_ask = 1;
static _Atomic int64_t signal_at_ms[2]; /* steady clock */

static void on_signal(int signal_number)
{
    /* The system and the shell both report one terminal that is gone. */
    if (signal_number == SIGHUP && signal_count)
        return;
    if (signal_count >= signals_to_ask) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    signal_at_ms[signal_count++] = rcn_clock_steady_ms();
    if (!first_signal)
        first_signal = signal_number;
}

void interrupt_install(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction before;
    /* What `nohup`, or a shell that runs us in the background, ignores stays ignored. */
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

void interrupt_set_patient(bool is_patient)
{
    signals_to_ask = is_patient ? 2 : 1;
}

bool interrupt_wait_for_input(void)
{
    enum { SLICE_MS = 100 }; /* for a signal that comes between the check and the wait */
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!first_signal) {
        int ready = poll(&input, 1, SLICE_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return ready > 0;
    }
    return false;
}

int interrupt_get_signal(void *context)
{
    (void)context;
    return first_signal;
}

bool interrupt_is_pending(void *context)
{
    (void)context;
    return signal_count >= signals_to_ask;
}

bool interrupt_ends_git(void *context)
{
    if (signals_to_ask == 1)
        return interrupt_is_pending(context);
    for (int i = 0; i < 2 && i < signal_count; i++)
        if (rcn_clock_steady_ms() - signal_at_ms[i] >= git_patience_ms[i])
            return true;
    return false;
}

bool interrupt_is_urgent(void *context)
{
    (void)context;
    return signal_count >= 2;
}
