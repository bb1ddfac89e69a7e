#include "manifest/place.h"

#include <string.h>

size_t rcn_text_get_mark_len(const struct rcn_text *text)
{
    return text->len >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct rcn_place rcn_place_get_start(const struct rcn_text *text)
{
    return (struct rcn_place){.offset = rcn_text_get_mark_len(text), .line = 1, .column = 1};
}

/*
 * Every byte of a text goes through here, so it works on a copy in registers and looks at each byte
 * once: continuation bytes are no characters, and of CR LF only the LF ends the line.
 */
static void move(struct rcn_place *place, const struct rcn_text *text, size_t max_index,
                 size_t max_offset)
{
    struct rcn_place at = *place;
    const char *bytes = text->bytes;
    size_t end = text->len < max_offset ? text->len : max_offset;
    while (at.index < max_index && at.offset < end) {
        unsigned char c = (unsigned char)bytes[at.offset++];
        at.index++;
        at.column++;
        if (c == '\n' || (c == '\r' && (at.offset == text->len || bytes[at.offset] != '\n'))) {
            at.line++;
            at.column = 1;
        } else if (c >= 0xc0) {
            while (at.offset < text->len && ((unsigned char)bytes[at.offset] & 0xc0) == 0x80)
                at.offset++;
        }
    }
    *place = at;
}

void rcn_place_move_to_index(struct rcn_place *place, const struct rcn_text *text, size_t index)
{
    move(place, text, index, SIZE_MAX);
}

void rcn_place_move_to_offset(struct rcn_place *place, const struct rcn_text *text, size_t offset)
{
    move(place, text, SIZE_MAX, offset);
}

struct rcn_span rcn_place_get_span(const struct rcn_place *place, const struct rcn_text *text)
{
    return (struct rcn_span){.text = text, .line = place->line, .column = place->column};
}
