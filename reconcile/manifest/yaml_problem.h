/*
 * yaml_problem.h: what the YAML library says, in words that help the person who wrote the text.
 */
#ifndef RCN_MANIFEST_YAML_PROBLEM_H
#define RCN_MANIFEST_YAML_PROBLEM_H

#include <stddef.h>

#include "base/span.h"

struct rcn_yaml_problem {
    const char *message;
    const char *hint; /* NULL: none */
    const char *note; /* said of the place where the context begins; NULL: none */
    size_t offset;    /* where it is reported, in bytes */
};

/*
 * context and problem are the library's words (context may be NULL), at and context_at where it
 * stopped and where what it was reading began. Unknown words are passed on as they are.
 */
struct rcn_yaml_problem rcn_yaml_problem_explain(const char *context, const char *problem,
                                                 const struct rcn_text *text, size_t at,
                                                 size_t context_at);

#endif
