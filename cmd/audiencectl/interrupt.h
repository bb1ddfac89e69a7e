/*
 * interrupt.h: SIGINT, SIGTERM and SIGHUP (a terminal that is gone), as a flag that is asked.
 *
 * The first signal only sets the flag: whoever waits (no call is restarted, so it ends with EINTR)
 * looks at it and winds up. A second one ends the process at once. While apply runs it is patient:
 * the first asks for an orderly end, the second is urgent and still accounts for what is in flight,
 * and only a third ends the process. SIGHUP counts only as the first.
 */
#ifndef AUDIENCECTL_INTERRUPT_H
#define AUDIENCECTL_INTERRUPT_H

#include <stdbool.h>

/* Installs the handlers. SIGPIPE is ignored from here on: a write to a closed pipe fails. */
void interrupt_install(void);
/* From now on waits and reads end at the second signal, not at the first. */
void interrupt_set_patient(bool is_patient);
/* Waits until standard input has bytes or ends: true. False when a signal has come, before the call
 * or since, or the input cannot be waited for. */
bool interrupt_wait_for_input(void);

/* The form that callbacks of reconcile/ take; context is not used and may be NULL. */

/* The first signal that came, or 0. */
int interrupt_get_signal(void *context);
/* Waits and reads must end now. */
bool interrupt_is_pending(void *context);
/* The same for git, which has a little longer while we are patient: the last push to the ledger
 * says what was created. */
bool interrupt_ends_git(void *context);
/* A second signal came. */
bool interrupt_is_urgent(void *context);

#endif
