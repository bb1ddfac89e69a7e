#include "apply/outcome.h"
