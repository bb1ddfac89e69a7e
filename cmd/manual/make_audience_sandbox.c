/*
 * Makes audience-sandbox(1) from what its --help prints: entries, whose names begin in the third
 * column, and whose text begins in the seventh, or after the name on the same line.
 */
#include <string.h>

#include "options.h"
#include "page.h"

static void add_head(struct rcn_buf *out, const char *head, size_t len)
{
    size_t name_len = strcspn(head, " ");
    bool is_option = strncmp(head, "--", 2) == 0;
    if (name_len > len)
        name_len = len;
    rcn_buf_add_str(out, is_option ? ".It Fl \\-" : ".It Cm ");
    rcn_buf_add(out, head + (is_option ? 2 : 0), name_len - (is_option ? 2 : 0));
    head += name_len;
    len -= name_len;
    head += len > 0;
    len -= len > 0;
    if (is_option && len)
        rcn_buf_add_str(out, " Ar ");
    else if (len)
        rcn_buf_add_str(out, " No ");
    rcn_buf_add(out, head, len);
    rcn_buf_add_char(out, '\n');
}

static void add_entry_line(struct rcn_buf *out, const char *line, size_t len)
{
    char copy[1024];
    if (len >= sizeof copy) {
        out->failed = true;
        return;
    }
    memcpy(copy, line, len);
    copy[len] = '\0';
    char *text = copy + 2;
    if (*text != ' ') {
        char *gap = strstr(text, "  ");
        size_t head_len = gap ? (size_t)(gap - text) : strlen(text);
        add_head(out, text, head_len);
        text += head_len;
    }
    text += strspn(text, " ");
    if (!*text)
        return;
    page_add_text(out, text);
}

static void add_entries(struct rcn_buf *out, const char *text)
{
    rcn_buf_add_str(out, ".Bl -tag -width Ds\n");
    for (size_t len; *text; text += len + 1) {
        len = strcspn(text, "\n");
        add_entry_line(out, text, len);
    }
    rcn_buf_add_str(out, ".El\n");
}

static bool fill(const char *name, struct rcn_buf *out)
{
    static const struct {
        const char *name;
        enum sbx_help_part part;
        void (*add)(struct rcn_buf *out, const char *text);
    } parts[] = {{"OPTIONS", SBX_HELP_OPTIONS, add_entries},
                 {"ENDPOINTS", SBX_HELP_ENDPOINTS, page_add_literal},
                 {"OWN_ENDPOINTS", SBX_HELP_OWN_ENDPOINTS, page_add_literal},
                 {"FAULTS", SBX_HELP_FAULTS, add_entries},
                 {"SWITCHES", SBX_HELP_SWITCHES, add_entries},
                 {"SEED", SBX_HELP_SEED, page_add_literal},
                 {"SEED_NOTES", SBX_HELP_SEED_NOTES, page_add_text}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].name, name) != 0)
            continue;
        struct rcn_buf text;
        rcn_buf_init(&text, PAGE_MAX_BYTES);
        sbx_options_describe_part(parts[i].part, &text);
        parts[i].add(out, rcn_buf_get_str(&text));
        rcn_buf_release(&text);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    return page_main(argc, argv, fill);
}
