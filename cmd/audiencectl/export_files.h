/*
 * export_files.h: the manifests that `export` has made, as one text for standard output or as the
 * files of a folder, written whole or not at all.
 */
#ifndef AUDIENCECTL_EXPORT_FILES_H
#define AUDIENCECTL_EXPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "source/source.h"

/*
 * `DIR/comp_123-act_1.yaml`, `DIR/act_1.yaml` without a company; every other character than
 * letters, digits, `_` and `-` is written `%XX`, so that no name leaves the folder or is hidden.
 * NULL when out of memory.
 */
const char *export_file_name(struct rcn_arena *arena, const char *dir, const char *company_id,
                             const char *ad_account_id);

/*
 * Writes every text of the source to its path: all, or none. Each is prepared before the first is
 * put in place; where putting in place fails half-way, what was put is taken back and what was
 * replaced comes back. A file that is there is RCN_ERROR_REFUSED unless is_forced, also one that
 * appears meanwhile. Makes the folder (its parents must be there), but not for no texts.
 */
int export_files_write(const char *dir, const struct rcn_source *source, bool is_forced,
                       struct rcn_error *err);

#endif
