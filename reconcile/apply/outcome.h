#include "apply/apply.h" /* rcn_outcome_of_answer */
