#include "source/git_path.h"
