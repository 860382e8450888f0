#include "system/error.h"

#include "system/redaction.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Redacted before it is cut: a message may quote text from outside. */
__attribute__((format(printf, 2, 0))) static void set_cut(struct error *error, const char *format,
                                                          int length, va_list arguments)
{
    scoped_arena arena = ARENA_INIT;
    char *whole = arena_allocate(&arena, (size_t)length + 1);
    vsnprintf(whole, (size_t)length + 1, format, arguments);
    const char *shown = redact_cut(&arena, whole, sizeof(error->message) - 1);
    memcpy(error->message, shown, strlen(shown) + 1);
}

int error_set(struct error *error, const char *format, ...)
{
    struct error anew;
    va_list arguments;
    va_list again;
    if (error == NULL)
        return -1;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(anew.message, sizeof(anew.message), format, arguments);
    if (length >= (int)sizeof(anew.message))
        set_cut(&anew, format, length, again);
    va_end(again);
    va_end(arguments);
    *error = anew;
    return -1;
}
