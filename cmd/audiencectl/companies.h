/*
 * companies.h: which companies have to be read before manifests can be compared.
 *
 * A list that was not read looks exactly like one that is empty, and then everything would be
 * created again: so this asks for every company of every sync, and checks afterwards that each was
 * read.
 */
#ifndef AUDIENCECTL_COMPANIES_H
#define AUDIENCECTL_COMPANIES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "live/live_state.h"
#include "manifest/manifest.h"

/*
 * Fills in company_ids, company_count and needs_unnamed of the request (memory of the arena):
 * the companies that documents name; own (--company, or NULL) for documents that name none, else
 * the key's own.
 */
int companies_request(const struct rcn_desired_set *set, const char *own, struct rcn_arena *arena,
                      struct rcn_live_request *request, struct rcn_error *err);

/* -1 and err when the list of a settled sync's company is not in the live state. */
int companies_check_read(const struct rcn_desired_set *set, const struct rcn_live_state *live,
                         struct rcn_error *err);

#endif
