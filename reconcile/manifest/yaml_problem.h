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

/* What stands around the place of a problem. */
struct rcn_yaml_surroundings {
    char before;           /* the last character in front of it that is no blank; 0: none */
    char next;             /* the character there; 0: the end of the text */
    bool is_first_of_line; /* only one word stands before it in its line */
};

/*
 * context and problem are the library's words (context may be NULL). Unknown ones are passed on as
 * they are.
 */
struct rcn_yaml_problem rcn_yaml_problem_explain(const char *context, const char *problem,
                                                 struct rcn_yaml_surroundings around);

#endif
