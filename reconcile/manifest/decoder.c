#include "manifest/decoder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const rcn_field_names[RCN_FIELD_COUNT] = {
    [RCN_FIELD_API_VERSION] = "apiVersion",
    [RCN_FIELD_COMPANY_ID] = "companyId",
    [RCN_FIELD_FOR_EACH] = "forEach",
    [RCN_FIELD_DEFAULTS] = "defaults",
    [RCN_FIELD_AUDIENCE_SYNCS] = "audienceSyncs",
    [RCN_FIELD_IGNORE] = "ignore",
    [RCN_FIELD_AUDIENCE_NAME] = "audienceName",
    [RCN_FIELD_SEGMENT_ID] = "segmentId",
    [RCN_FIELD_PREDEFINED_SEGMENT_ID] = "predefinedSegmentId",
    [RCN_FIELD_SEGMENT] = "segment",
    [RCN_FIELD_AD_ACCOUNT_ID] = "adAccountId",
    [RCN_FIELD_AD_ACCOUNT] = "adAccount",
    [RCN_FIELD_FREQUENCY] = "frequency",
    [RCN_FIELD_IS_ACTIVE] = "isActive",
    [RCN_FIELD_LABELS] = "labels",
    [RCN_FIELD_ID] = "id",
    [RCN_FIELD_REPLACES] = "replaces",
    [RCN_FIELD_REASON] = "reason",
    [RCN_FIELD_UNTIL] = "until",
};

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
    struct rcn_span span = rcn_yaml_get_span(node, self->text);
    span.entry = self->entry ? &self->entry->shown : NULL;
    return span;
}

struct rcn_span rcn_decoder_get_value_span(const struct rcn_decoder *self,
                                           const struct rcn_slot *slot)
{
    return self->of == slot->value ? rcn_yaml_get_span(self->blamed, self->text)
                                   : rcn_decoder_get_span(self, slot->value);
}

void rcn_decoder_note_use(struct rcn_decoder *self, struct rcn_diag *diag,
                          const struct rcn_yaml_node *use)
{
    if (use)
        rcn_diag_set_note(self->diags, diag, rcn_yaml_get_span(use, self->text), "used here");
}

struct rcn_diag *rcn_decoder_fault(struct rcn_decoder *self, const struct rcn_slot *slot,
                                   unsigned bit, const char *rule, const char *format, ...)
{
    bool is_entry = self->of == slot->value;
    struct rcn_yaml_node *node = is_entry ? self->blamed : slot->value;
    const struct rcn_yaml_node *use = is_entry ? slot->value : slot->use;
    if (!rcn_node_report(node, bit))
        return NULL;
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct rcn_span span = rcn_yaml_get_span(node, self->text);
    /* A constant is wrong whatever the entry; a text with variables may be wrong for this one. */
    if (!is_entry && node->kind == RCN_YAML_SCALAR && self->entry && rcn_has_variable(node))
        span.entry = &self->entry->shown;
    struct rcn_diag *diag = rcn_diags_error(self->diags, rule, span, "%s", message);
    rcn_decoder_note_use(self, diag, use);
    return diag;
}

const char *rcn_quote(char ret[RCN_QUOTE_SIZE], const char *text, size_t len)
{
    const size_t most = RCN_QUOTE_SIZE - 4;
    size_t cut = len;
    if (len > most) {
        cut = most;
        while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
            cut--;
    }
    memcpy(ret, text, cut);
    memcpy(ret + cut, "...", 4);
    if (cut == len)
        ret[cut] = '\0';
    return ret;
}

const char *rcn_quote_node(char ret[RCN_QUOTE_SIZE], const struct rcn_yaml_node *node)
{
    bool is_scalar = node->kind == RCN_YAML_SCALAR;
    return rcn_quote(ret, is_scalar ? node->text : "", is_scalar ? node->len : 0);
}

const char *rcn_decoder_intern(struct rcn_decoder *self, const char *text, size_t len)
{
    const char *known = rcn_strmap_get(self->interned, text, len);
    if (known)
        return known;
    char *copy = rcn_arena_strndup(self->set->arena, text, len);
    *rcn_strmap_put(self->interned, copy, len) = copy;
    return copy;
}
