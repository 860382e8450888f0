#include "buildkit/grammar.h"

#include "system/terminal.h"

#include <string.h>

enum { DIGITS_LIMIT = 9 }; /* a longer one does not count as a number */

static const char DIGITS[] = "0123456789";

bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

size_t printable_length(const char *text, size_t length)
{
    size_t printable = 0;
    while (printable < length &&
           (text[printable] == '\t' || (unsigned char)text[printable] >= ' ') &&
           text[printable] != 0x7f)
        printable++;
    return printable;
}

size_t plain_text(char *to, size_t size, const char *from, size_t length)
{
    size_t kept = length < size - 1 ? length : size - 1;
    for (; kept > 0 && (*from == ' ' || *from == '\t'); kept--)
        from++;
    const size_t printable = printable_length(from, kept);
    memcpy(to, from, kept);
    to[kept] = '\0';
    if (printable == kept)
        return kept;
    terminal_plain(to + printable, kept - printable);
    const size_t blank = strspn(to, " \t");
    const size_t left = strlen(to + blank);
    memmove(to, to + blank, left + 1);
    return left;
}

unsigned number_of(const char *text, size_t digits)
{
    unsigned number = 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (unsigned)(text[i] - '0');
    return number;
}

int positive(const char *digits)
{
    const size_t length = strspn(digits, DIGITS);
    return length > 0 && length <= DIGITS_LIMIT ? (int)number_of(digits, length) : 0;
}

size_t number_length(const char *text, size_t length)
{
    size_t digits = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    return digits <= DIGITS_LIMIT && digits < length && text[digits] == ' ' ? digits : 0;
}

size_t stamp_length(const char *text, size_t length)
{
    size_t whole = 0;
    while (whole < length && text[whole] >= '0' && text[whole] <= '9')
        whole++;
    if (whole == 0 || whole == length || text[whole] != '.')
        return 0;
    size_t all = whole + 1;
    while (all < length && text[all] >= '0' && text[all] <= '9')
        all++;
    if (all == length)
        return all;
    return text[all] == ' ' ? all + 1 : 0;
}

long long milliseconds(const char *seconds)
{
    const size_t whole = strspn(seconds, DIGITS);
    long long time_ms = 1000LL * positive(seconds);
    seconds += whole + (seconds[whole] == '.');
    for (long long unit = 100; unit > 0 && *seconds >= '0' && *seconds <= '9'; unit /= 10)
        time_ms += unit * (*seconds++ - '0');
    return time_ms;
}
