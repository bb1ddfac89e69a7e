/* characters.h: see base/unicode.h. */
#ifndef RCN_BASE_CHARACTERS_H
#define RCN_BASE_CHARACTERS_H

#include "base/unicode.h"

#endif
