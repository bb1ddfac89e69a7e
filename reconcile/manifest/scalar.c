#include "manifest/scalar.h"

#include <stdbool.h>
#include <string.h>

static bool is_one_of(const char *text, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == len && memcmp(text, *words, len) == 0)
            return true;
    return false;
}

static size_t count_digits(const char *text, size_t len, const char *digits)
{
    size_t count = 0;
    while (count < len && text[count] && strchr(digits, text[count]))
        count++;
    return count;
}

static size_t count_decimals(const char *text, size_t len)
{
    return count_digits(text, len, "0123456789");
}

/* 0o17 and 0x1F, which have no sign. */
static bool is_prefixed_integer(const char *text, size_t len)
{
    if (len < 3 || text[0] != '0')
        return false;
    if (text[1] == 'o')
        return count_digits(text + 2, len - 2, "01234567") == len - 2;
    return text[1] == 'x' && count_digits(text + 2, len - 2, "0123456789abcdefABCDEF") == len - 2;
}

/* e10, E-3: all of text. */
static bool is_exponent(const char *text, size_t len)
{
    if (len < 2 || (text[0] != 'e' && text[0] != 'E'))
        return false;
    size_t sign = text[1] == '+' || text[1] == '-';
    size_t digits = len - 1 - sign;
    return digits > 0 && count_decimals(text + 1 + sign, digits) == digits;
}

/* Behind the sign: digits, a fraction, an exponent. */
static enum rcn_scalar_type get_number_type(const char *text, size_t len)
{
    size_t whole = count_decimals(text, len);
    if (whole && whole == len)
        return RCN_SCALAR_INTEGER;
    size_t used = whole;
    if (used < len && text[used] == '.') {
        size_t fraction = count_decimals(text + used + 1, len - used - 1);
        if (!whole && !fraction)
            return RCN_SCALAR_STRING;
        used += 1 + fraction;
    } else if (!whole) {
        return RCN_SCALAR_STRING;
    }
    return used == len || is_exponent(text + used, len - used) ? RCN_SCALAR_FLOAT
                                                               : RCN_SCALAR_STRING;
}

enum rcn_scalar_type rcn_scalar_get_type(const char *text, size_t len)
{
    static const char *const nulls[] = {"~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    if (!len)
        return RCN_SCALAR_NULL;
    if (!text[0] || !strchr("~nNtTfF.0123456789+-", text[0]))
        return RCN_SCALAR_STRING;
    if (is_one_of(text, len, nulls))
        return RCN_SCALAR_NULL;
    if (is_one_of(text, len, trues))
        return RCN_SCALAR_TRUE;
    if (is_one_of(text, len, falses))
        return RCN_SCALAR_FALSE;
    if (is_one_of(text, len, nans))
        return RCN_SCALAR_FLOAT;
    if (is_prefixed_integer(text, len))
        return RCN_SCALAR_INTEGER;
    size_t sign = text[0] == '+' || text[0] == '-';
    if (is_one_of(text + sign, len - sign, infinities))
        return RCN_SCALAR_FLOAT;
    return get_number_type(text + sign, len - sign);
}
