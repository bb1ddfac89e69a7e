/*
 * prefault.h: memory that is about to be filled is made ready by another thread.
 *
 * The first write to each page of new memory waits until the system has found the page and cleared
 * it. Where large trees are built, that is a tenth of the time. A thread of its own asks for the
 * pages instead, a little ahead of the writer. It changes no byte and nobody waits for it: without
 * a second processor, on a system that cannot do it, or when the thread cannot start, the writer
 * meets the pages as ever.
 *
 * Threading: may be called from any thread. The one that helps starts with the first call, takes no
 * signals, and ends when the process exits. A forked process goes without it.
 */
#ifndef RCN_BASE_PREFAULT_H
#define RCN_BASE_PREFAULT_H

#include <stddef.h>

/*
 * The size bytes at memory are going to be written soon, from the front. Worth its while from some
 * hundred pages on. What an earlier call asked for and is not begun yet is forgotten. Memory that
 * has been freed meanwhile does no harm.
 */
void rcn_prefault(void *memory, size_t size);

#endif
