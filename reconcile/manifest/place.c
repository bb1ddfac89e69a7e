#include "manifest/place.h"

#include <stdbool.h>
#include <string.h>

size_t rcn_text_get_mark_len(const struct rcn_text *text)
{
    return text->len >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct rcn_place rcn_place_get_start(const struct rcn_text *text)
{
    return (struct rcn_place){.offset = rcn_text_get_mark_len(text), .line = 1, .column = 1};
}

static bool ends_line(const struct rcn_text *text, size_t offset)
{
    char c = text->bytes[offset];
    return c == '\n' || (c == '\r' && (offset + 1 == text->len || text->bytes[offset + 1] != '\n'));
}

static bool continues_character(const struct rcn_text *text, size_t offset)
{
    return offset < text->len && ((unsigned char)text->bytes[offset] & 0xc0) == 0x80;
}

static void step(struct rcn_place *place, const struct rcn_text *text)
{
    if (ends_line(text, place->offset)) {
        place->line++;
        place->column = 1;
    } else {
        place->column++;
    }
    place->index++;
    place->offset++;
    while (continues_character(text, place->offset))
        place->offset++;
}

void rcn_place_move_to_index(struct rcn_place *place, const struct rcn_text *text, size_t index)
{
    while (place->index < index && place->offset < text->len)
        step(place, text);
}

void rcn_place_move_to_offset(struct rcn_place *place, const struct rcn_text *text, size_t offset)
{
    while (place->offset < offset && place->offset < text->len)
        step(place, text);
}

struct rcn_span rcn_place_get_span(const struct rcn_place *place, const struct rcn_text *text)
{
    return (struct rcn_span){.text = text, .line = place->line, .column = place->column};
}
