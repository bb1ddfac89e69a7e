/*
 * scratch.h: a folder for targets whose code reads and writes files. It is made once for a process,
 * and removed at its end.
 */
#ifndef TESTS_FUZZ_SCRATCH_H
#define TESTS_FUZZ_SCRATCH_H

#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"

static char scratch_folder[512];
static char scratch_file[sizeof scratch_folder + 128];

static void scratch_remove(void)
{
    unlink(scratch_file);
    rmdir(scratch_folder);
}

/* The path of a file in it. */
static inline const char *scratch_path(const char *name)
{
    if (!scratch_file[0]) {
        const char *above = getenv("TMPDIR");
        snprintf(scratch_folder, sizeof scratch_folder, "%s/audiencectl-fuzz.XXXXXX",
                 above ? above : "/tmp");
        FUZZ_CHECK(mkdtemp(scratch_folder));
        atexit(scratch_remove);
    }
    snprintf(scratch_file, sizeof scratch_file, "%s/%s", scratch_folder, name);
    return scratch_file;
}

static inline void scratch_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    FUZZ_CHECK(file && fwrite(bytes, 1, len, file) == len);
    FUZZ_CHECK(fclose(file) == 0);
}

/* The caller releases ret. */
static inline void scratch_read(const char *path, struct rcn_buf *ret)
{
    struct rcn_error err = RCN_ERROR_INIT;
    rcn_buf_init(ret, (size_t)64 << 20);
    FUZZ_CHECK(rcn_file_read(path, ret, &err) == 0);
}

#endif
