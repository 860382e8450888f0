#include "fuzz.h"

#include "system/roots.h"

/*
 * The first byte is the length of the name that follows it. The rest is a file of certificates, and
 * is also read as certificates in DER.
 */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    if (length == 0)
        return;
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t name_length = bytes[0] < length ? bytes[0] : length - 1;
    const struct bytes name = {bytes + 1, name_length};
    const struct bytes rest = {bytes + 1 + name_length, length - 1 - name_length};
    struct roots roots = {0};
    roots_add_file(arena, &roots, rest);
    roots_add_certificates(arena, &roots, rest);
    struct bytes found;
    size_t number = 0;
    size_t last = 0;
    while (roots_find(&roots, name, &number, &found)) {
        fuzz_assert(number > last && number <= roots.count && found.length > 0);
        last = number;
    }
    fuzz_assert(number == roots.count);
}
