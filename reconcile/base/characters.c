#include "base/characters.h"
