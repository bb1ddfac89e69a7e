#include "page.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"

enum { LINE_WIDTH = 72 }; /* before escapes */

static void add_escaped(struct rcn_buf *out, const char *text, size_t len)
{
    for (const char *end = text + len; text < end; text++) {
        bool is_line_start = !out->len || out->data[out->len - 1] == '\n';
        if (is_line_start && (*text == '.' || *text == '\''))
            rcn_buf_add_str(out, "\\&");
        if (*text == '\\')
            rcn_buf_add_str(out, "\\e");
        else if (*text == '-')
            rcn_buf_add_str(out, "\\-"); /* a minus to copy, not a hyphen */
        else
            rcn_buf_add_char(out, *text);
    }
}

/* A sentence ends with its line: roff adds the space after it. */
void page_add_text(struct rcn_buf *out, const char *text)
{
    size_t column = 0;
    for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
        size_t len = strcspn(text, " \n");
        if (column && column + 1 + len > LINE_WIDTH) {
            rcn_buf_add_char(out, '\n');
            column = 0;
        } else if (column) {
            rcn_buf_add_char(out, ' ');
        }
        add_escaped(out, text, len);
        column = text[len - 1] == '.' ? LINE_WIDTH : column + len + 1;
        text += len;
    }
    rcn_buf_add_char(out, '\n');
}

void page_add_literal(struct rcn_buf *out, const char *text)
{
    rcn_buf_add_str(out, ".Bd -literal\n");
    add_escaped(out, text, strlen(text));
    rcn_buf_add_str(out, ".Ed\n");
}

/* The NAME of a line `@NAME@`, or false. */
static bool read_name(const char *line, size_t len, char *ret, size_t size)
{
    if (len < 3 || len - 2 >= size || line[0] != '@' || line[len - 1] != '@')
        return false;
    memcpy(ret, line + 1, len - 2);
    ret[len - 2] = '\0';
    return true;
}

static int fill_in(const char *template, page_fill *fill, struct rcn_buf *out,
                   struct rcn_error *err)
{
    while (*template) {
        char name[64];
        size_t len = strcspn(template, "\n");
        if (!read_name(template, len, name, sizeof name)) {
            rcn_buf_add(out, template, len);
            rcn_buf_add_char(out, '\n');
        } else if (!fill(name, out)) {
            return rcn_error_set(err, RCN_ERROR_FAILED, "nothing is known as '@%s@'", name);
        }
        template += len + (template[len] != '\0');
    }
    return out->failed ? rcn_error_set(err, RCN_ERROR_FAILED, "too long or not UTF-8") : 0;
}

static int make(const char *template_path, const char *path, page_fill *fill, struct rcn_error *err)
{
    struct rcn_buf template;
    struct rcn_buf page;
    struct rcn_file_writer *writer = NULL;
    int result = -1;
    rcn_buf_init(&template, PAGE_MAX_BYTES);
    rcn_buf_init(&page, PAGE_MAX_BYTES);
    if (rcn_file_read(template_path, &template, err) ||
        fill_in(rcn_buf_get_str(&template), fill, &page, err))
        goto out;
    writer = rcn_file_writer_new(path, false, err);
    if (writer)
        result = rcn_file_writer_commit(writer, page.data, page.len, NULL, err);
out:
    rcn_file_writer_free(writer);
    rcn_buf_release(&template);
    rcn_buf_release(&page);
    return result;
}

int page_main(int argc, char **argv, page_fill *fill)
{
    struct rcn_error err = RCN_ERROR_INIT;
    if (argc != 3) {
        fprintf(stderr, "usage: %s TEMPLATE PAGE\n", argv[0]);
        return 64;
    }
    if (make(argv[1], argv[2], fill, &err) == 0)
        return 0;
    fprintf(stderr, "%s: %s\n", argv[1], err.message);
    return 1;
}
