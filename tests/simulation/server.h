/*
 * server.h: what http.c asks of the server.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "sim.h"

/* Lists show the sync at the latest after most_ms from now on. */
void sim_sync_lag(struct sim_sync *sync, int64_t most_ms);

/* Bodies. */
void sim_write_sync(struct rcn_buf *out, const struct sim_sync *sync, int64_t at_ms);
/* True when it is the last page. */
bool sim_write_list(struct rcn_buf *out, int company, long offset, int64_t at_ms);
void sim_write_account(struct rcn_buf *out);

#endif
