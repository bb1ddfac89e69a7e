#include "print.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "term.h"

int print_failure(const struct options *options, const struct rcn_error *err)
{
    struct term term;
    term_init(&term, STDERR_FILENO, (enum color_choice)options->color);
    term_print_error(&term, err);
    return err->kind == RCN_ERROR_USAGE ? EXIT_USAGE : EXIT_ERROR;
}

int print_result(const struct options *options, const char *bytes, size_t len)
{
    struct term out;
    struct rcn_error err = RCN_ERROR_INIT;
    term_init(&out, STDOUT_FILENO, COLOR_NEVER);
    if (term_write(&out, bytes, len) == 0)
        return EXIT_DONE;
    rcn_error_set(&err, RCN_ERROR_FAILED, "cannot write to standard output: %s", strerror(errno));
    return print_failure(options, &err);
}

int print_buf(const struct options *options, struct rcn_buf *text)
{
    int code = print_result(options, rcn_buf_get_str(text), text->len);
    rcn_buf_release(text);
    return code;
}
