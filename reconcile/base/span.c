#include "base/span.h"

const char *rcn_span_entry_make_label(struct rcn_arena *arena, const struct rcn_pair *pairs,
                                      size_t count)
{
    const char *label = "";
    for (size_t i = 0; i < count; i++)
        if (pairs[i].value)
            label = rcn_arena_printf(arena, "%s%s%s=%s", label, label[0] ? ", " : "", pairs[i].key,
                                     pairs[i].value);
    return label;
}
