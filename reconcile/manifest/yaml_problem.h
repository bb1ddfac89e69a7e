/*
 * yaml_problem.h: what the YAML library says, in words that help the person who wrote the text.
 */
#ifndef RCN_MANIFEST_YAML_PROBLEM_H
#define RCN_MANIFEST_YAML_PROBLEM_H

#include <stdbool.h>

/* Where a problem is told. */
enum rcn_yaml_anchor_point {
    RCN_YAML_AT_PROBLEM, /* where the library stopped */
    RCN_YAML_AT_CONTEXT, /* where what it was reading began */
    RCN_YAML_AT_ESCAPE,  /* at the backslash two characters before the library stopped */
};

struct rcn_yaml_problem {
    const char *message;
    const char *hint; /* NULL: none */
    const char *note; /* said of the place where the context began; NULL: none */
    enum rcn_yaml_anchor_point at;
};

/*
 * context and problem are the library's words (context may be NULL); next is the character at the
 * place of the problem, before the last one in front of it that is no blank; 0 where there is none.
 * Unknown words are passed on as they are.
 */
struct rcn_yaml_problem rcn_yaml_problem_explain(const char *context, const char *problem,
                                                 char before, char next);

#endif
