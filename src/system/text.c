#include "system/text.h"

#include <ctype.h>
#include <string.h>

void text_quote(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);
    for (size_t i = 0; i < length; i++)
        to[i] = isprint((unsigned char)from[i]) ? from[i] : '?';
    to[length] = '\0';
}
