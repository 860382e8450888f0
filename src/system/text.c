#include "system/text.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

void text_quote(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);
    for (size_t i = 0; i < length; i++)
        to[i] = isprint((unsigned char)from[i]) ? from[i] : '?';
    to[length] = '\0';
}

void text_moment(char to[TEXT_MOMENT_SIZE], long long seconds)
{
    struct tm parts;
    const time_t moment = (time_t)seconds;
    strftime(to, TEXT_MOMENT_SIZE, "%Y-%m-%d %H:%M UTC", gmtime_r(&moment, &parts));
}
