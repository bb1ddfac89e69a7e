/* paging_word.h: see live/paging.h. */
#ifndef RCN_LIVE_PAGING_WORD_H
#define RCN_LIVE_PAGING_WORD_H

#include "live/paging.h"

#endif
