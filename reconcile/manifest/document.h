/*
 * document.h: one document becomes syncs and ignores of the set.
 */
#ifndef RCN_MANIFEST_DOCUMENT_H
#define RCN_MANIFEST_DOCUMENT_H

#include <stdbool.h>

#include "manifest/decoder.h"

/* The one value of apiVersion that this program reads. */
#define RCN_API_VERSION "audiencectl/v1"

/* True when nothing at all stands in the document. */
bool rcn_document_is_empty(const struct rcn_yaml_node *root);

/*
 * True when the document is a manifest, or was meant as one: its apiVersion begins with
 * `audiencectl/`, or it has `audienceSyncs`, or one of both in another spelling.
 */
bool rcn_document_is_manifest(struct rcn_yaml_node *root);

/* Decodes a document that is a manifest. What is wrong goes to the decoder's diagnostics. */
void rcn_document_decode(struct rcn_decoder *decoder, struct rcn_yaml_node *root);

/* Tells of a document that had to be a manifest and is none. */
void rcn_document_reject(struct rcn_decoder *decoder, struct rcn_yaml_node *root);

#endif
