#include "manifest/decoder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/unicode.h"

bool rcn_node_is_reported(const struct rcn_yaml_node *node, unsigned bit)
{
    return node->reported >> bit & 1;
}

bool rcn_node_report(struct rcn_yaml_node *node, unsigned bit)
{
    bool first = !rcn_node_is_reported(node, bit);
    node->reported |= UINT32_C(1) << bit;
    return first;
}

struct rcn_span rcn_decoder_get_span(const struct rcn_decoder *self,
                                     const struct rcn_yaml_node *node)
{
    struct rcn_span span = rcn_place_get_span(&node->place, self->text);
    span.entry = self->entry ? &self->entry->shown : NULL;
    return span;
}

void rcn_decoder_note_use(struct rcn_decoder *self, struct rcn_diag *diag,
                          const struct rcn_yaml_node *use)
{
    if (use)
        rcn_diag_set_note(self->diags, diag, rcn_place_get_span(&use->place, self->text),
                          "used here");
}

struct rcn_diag *rcn_decoder_fault(struct rcn_decoder *self, const struct rcn_slot *slot,
                                   unsigned bit, const char *rule, const char *hint,
                                   const char *format, ...)
{
    bool is_entry = self->of == slot->value;
    struct rcn_yaml_node *node = is_entry ? self->blamed : slot->value;
    if (!rcn_node_report(node, bit))
        return NULL;
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct rcn_span span = rcn_place_get_span(&node->place, self->text);
    /* A constant is wrong whatever the entry; a text with variables may be wrong for this one. */
    if (!is_entry && node->kind == RCN_YAML_SCALAR && self->entry && strstr(node->text, "${"))
        span.entry = &self->entry->shown;
    struct rcn_diag *diag = bit < RCN_REPORTED_TEMPLATE
                                ? rcn_diags_error(self->diags, rule, span, "%s", message)
                                : rcn_diags_warning(self->diags, rule, span, "%s", message);
    rcn_decoder_note_use(self, diag, is_entry ? slot->value : slot->use);
    if (hint)
        rcn_diag_set_hint(self->diags, diag, "%s", hint);
    return diag;
}

const char *rcn_quote(char ret[RCN_QUOTE_SIZE], const char *text)
{
    size_t len = strlen(text);
    bool is_cut = len >= RCN_QUOTE_SIZE - 3;
    snprintf(ret, RCN_QUOTE_SIZE, is_cut ? "%.*s..." : "%.*s",
             (int)(is_cut ? rcn_utf8_cut(text, len, RCN_QUOTE_SIZE - 4) : len), text);
    return ret;
}

void *rcn_decoder_reserve(void *items, size_t count, size_t size)
{
    bool is_full = (count & (count - 1)) == 0; /* at 0 and every power of two */
    return is_full ? rcn_realloc(items, (2 * count + 1) * size) : items;
}
