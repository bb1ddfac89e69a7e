#include "live/paging_word.h"
