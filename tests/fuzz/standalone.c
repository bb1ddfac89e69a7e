/*
 * Runs a fuzz target once over each file named: the corpus as an ordinary test, with any compiler.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(const char *path)
{
    struct rcn_error err = RCN_ERROR_INIT;
    struct rcn_buf buf;
    rcn_buf_init(&buf, (size_t)64 << 20);
    int result = rcn_file_read(path, &buf, &err);
    if (result)
        fprintf(stderr, "%s\n", err.message);
    else
        LLVMFuzzerTestOneInput((const uint8_t *)rcn_buf_get_str(&buf), buf.len);
    rcn_buf_release(&buf);
    return result;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (run(argv[i]))
            return 1;
    printf("%d inputs\n", argc - 1);
    return argc > 1 ? 0 : 1;
}
