#include "live/paging_word.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { FOLDED_SIZE = 32 };

/* `next_cursor`, `nextCursor` and `Next-Cursor` are one word. */
static void fold(const char *key, char ret[FOLDED_SIZE])
{
    size_t len = 0;
    for (; *key && len + 1 < FOLDED_SIZE; key++)
        if (!strchr("_-$@. ", *key))
            ret[len++] = (char)tolower((unsigned char)*key);
    ret[len] = '\0';
}

enum rcn_paging_word rcn_paging_word_find(const char *key)
{
    static const char *const starts[] = {"next", "hasmore", "hasnext", "odatanext", "continuation"};
    static const struct {
        const char *name;
        enum rcn_paging_word word;
    } words[] = {
        {"paging", RCN_PAGING_MORE},       {"cursor", RCN_PAGING_MORE},
        {"pagetoken", RCN_PAGING_MORE},    {"truncated", RCN_PAGING_MORE},
        {"istruncated", RCN_PAGING_MORE},  {"pagination", RCN_PAGING_MORE},
        {"limit", RCN_PAGING_LIMIT},       {"perpage", RCN_PAGING_LIMIT},
        {"pagesize", RCN_PAGING_LIMIT},    {"offset", RCN_PAGING_START},
        {"skip", RCN_PAGING_START},        {"page", RCN_PAGING_PAGES},
        {"currentpage", RCN_PAGING_PAGES}, {"totalpages", RCN_PAGING_PAGES},
        {"pagecount", RCN_PAGING_PAGES},   {"lastpage", RCN_PAGING_PAGES},
        {"total", RCN_PAGING_TOTAL},       {"totalcount", RCN_PAGING_TOTAL},
        {"totalitems", RCN_PAGING_TOTAL},  {"count", RCN_PAGING_TOTAL},
        {"last", RCN_PAGING_END},          {"islast", RCN_PAGING_END},
        {"islastpage", RCN_PAGING_END},    {"done", RCN_PAGING_END},
    };
    char folded[FOLDED_SIZE];
    fold(key, folded);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(folded, starts[i], strlen(starts[i])) == 0)
            return RCN_PAGING_MORE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(folded, words[i].name) == 0)
            return words[i].word;
    return RCN_PAGING_NONE;
}
