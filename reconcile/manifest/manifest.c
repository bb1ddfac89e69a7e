#include "manifest/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/decoder.h"
#include "manifest/document.h"
#include "manifest/encoding.h"
#include "manifest/validate.h"

/* The strings of a million syncs, and what 512 MiB of manifests can say at most. */
#define MAX_SET_BYTES ((size_t)2 << 30)

static struct rcn_desired_set *new_set(struct rcn_error *err)
{
    struct rcn_desired_set *set = calloc(1, sizeof *set);
    if (set)
        set->arena = rcn_arena_new(MAX_SET_BYTES);
    if (set && set->arena)
        return set;
    free(set);
    rcn_error_no_memory(err);
    return NULL;
}

static void report_no_document(struct rcn_decoder *decoder)
{
    struct rcn_span span = {.text = decoder->text, .line = 1, .column = 1};
    struct rcn_diag *diag =
        rcn_diags_error(decoder->diags, "no-manifest", span, "this is empty, and no manifest");
    rcn_diag_set_hint(decoder->diags, diag,
                      "a manifest begins with 'apiVersion: " RCN_API_VERSION "'");
}

/* Decodes the manifests of a text, and counts them. */
static int read_documents(struct rcn_decoder *decoder, struct rcn_yaml_reader *reader,
                          size_t *ret_manifests, struct rcn_error *err)
{
    struct rcn_yaml_node *root;
    int result;
    while ((result = rcn_yaml_reader_next(reader, &root, err)) > 0) {
        if (!rcn_document_is_manifest(root))
            continue;
        ++*ret_manifests;
        rcn_document_decode(decoder, root);
        if (decoder->no_memory)
            return rcn_error_no_memory(err);
    }
    return result;
}

/* Reads a text that had to be a manifest again, to say what it is instead. */
static int reject_first_document(struct rcn_decoder *decoder, struct rcn_yaml_reader *reader,
                                 struct rcn_error *err)
{
    struct rcn_yaml_node *root;
    int result;
    while ((result = rcn_yaml_reader_next(reader, &root, err)) > 0)
        if (!rcn_document_is_empty(root)) {
            rcn_document_reject(decoder, root);
            return 0;
        }
    if (!result)
        report_no_document(decoder);
    return result;
}

static int load_text(struct rcn_decoder *decoder, const struct rcn_text *text, bool is_named,
                     struct rcn_error *err)
{
    size_t errors_before = decoder->diags->errors;
    size_t manifests = 0;
    decoder->text = text;
    size_t usable = rcn_encoding_check(text, decoder->diags);
    struct rcn_yaml_reader *reader = rcn_yaml_reader_new(text, usable, decoder->diags, err);
    int result = reader ? read_documents(decoder, reader, &manifests, err) : -1;
    rcn_yaml_reader_free(reader);
    decoder->set->text_count += manifests > 0;
    if (result || !is_named || manifests || decoder->diags->errors > errors_before)
        return result;
    reader = rcn_yaml_reader_new(text, usable, decoder->diags, err);
    result = reader ? reject_first_document(decoder, reader, err) : -1;
    rcn_yaml_reader_free(reader);
    return result;
}

static int load_texts(struct rcn_decoder *decoder, const struct rcn_source *source,
                      struct rcn_error *err)
{
    size_t errors_before = decoder->diags->errors;
    for (size_t i = 0; i < source->count; i++)
        if (load_text(decoder, &source->texts[i], source->named && source->named[i], err))
            return -1;
    if (source->count && !decoder->set->text_count && decoder->diags->errors == errors_before) {
        struct rcn_diag *diag =
            rcn_diags_error(decoder->diags, "no-manifest", (struct rcn_span){0},
                            "no manifest found in '%.200s'", source->name ? source->name : "");
        rcn_diag_set_hint(decoder->diags, diag,
                          "a manifest begins with 'apiVersion: " RCN_API_VERSION "'");
    }
    return rcn_desired_set_validate(decoder->set, NULL, decoder->diags, err);
}

struct rcn_desired_set *rcn_manifest_load(const struct rcn_source *source,
                                          const struct rcn_variables *variables,
                                          struct rcn_diags *diags, struct rcn_error *err)
{
    struct rcn_desired_set *set = new_set(err);
    if (!set)
        return NULL;
    struct rcn_decoder decoder = {.set = set, .variables = variables, .diags = diags};
    rcn_buf_init(&decoder.scratch, (size_t)2 * RCN_VALUE_MAX);
    decoder.interned = rcn_strmap_new(64);
    int result = decoder.interned ? load_texts(&decoder, source, err) : rcn_error_no_memory(err);
    rcn_strmap_free(decoder.interned);
    rcn_buf_release(&decoder.scratch);
    if (!result)
        return set;
    rcn_desired_set_free(set);
    return NULL;
}

int rcn_desired_settle_company(struct rcn_desired_set *set, const char *company_id,
                               struct rcn_diags *diags, struct rcn_error *err)
{
    if (!company_id)
        return 0;
    bool *settled = calloc(set->count + 1, sizeof *settled);
    if (!settled)
        return rcn_error_no_memory(err);
    for (size_t i = 0; i < set->count; i++) {
        settled[i] = !set->syncs[i].sync.company_id;
        if (settled[i])
            set->syncs[i].sync.company_id = company_id;
    }
    for (size_t i = 0; i < set->ignore_count; i++)
        if (!set->ignores[i].company_id)
            set->ignores[i].company_id = company_id;
    int result = rcn_desired_set_validate(set, settled, diags, err);
    free(settled);
    return result;
}
