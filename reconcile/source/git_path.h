/* git_path.h: see git_tree.h. */
#include "source/git_tree.h"
