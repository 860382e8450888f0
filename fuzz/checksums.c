#include "fuzz.h"

#include "depot/release.h"

static const char FILE_NAME[] = "depot_1.2.3_linux_amd64.tar.gz";

enum { DIGITS = 2 * DIGEST_SIZE };

static int digit(char character)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = character != '\0' ? strchr(digits, character) : NULL;
    return found != NULL ? (int)(found - digits) % 16 : -1;
}

static bool is_digest(const char *text, unsigned char digest[DIGEST_SIZE])
{
    for (size_t i = 0; i < DIGITS; i += 2) {
        if (digit(text[i]) < 0 || digit(text[i + 1]) < 0)
            return false;
        digest[i / 2] = (unsigned char)(digit(text[i]) * 16 + digit(text[i + 1]));
    }
    return true;
}

/* `DIGEST  FILE`, with a blank and then any blanks and stars between the two. */
static bool is_line_of_file(const char *line, unsigned char digest[DIGEST_SIZE])
{
    const size_t length = strlen(line);
    const size_t name = sizeof(FILE_NAME) - 1;
    if (length < DIGITS + 1 + name || strcmp(line + length - name, FILE_NAME) != 0)
        return false;
    const size_t between = length - name - DIGITS;
    return (line[DIGITS] == ' ' || line[DIGITS] == '\t') &&
           strspn(line + DIGITS, " \t*") >= between && is_digest(line, digest);
}

/* Line by line, as a person would look it up. */
static int look_up(struct arena *arena, const char *text, unsigned char found[DIGEST_SIZE])
{
    int outcome = -1;
    char *rest = arena_copy(arena, text);
    for (char *line = strtok_r(rest, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        unsigned char digest[DIGEST_SIZE];
        if (!is_line_of_file(line, digest))
            continue;
        if (outcome == 0 && memcmp(digest, found, sizeof(digest)) != 0)
            return -1;
        memcpy(found, digest, sizeof(digest));
        outcome = 0;
    }
    return outcome;
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    unsigned char found[DIGEST_SIZE];
    unsigned char expected[DIGEST_SIZE];
    (void)length;
    const int outcome = release_find_checksum(text, FILE_NAME, found);
    fuzz_assert(outcome == look_up(arena, text, expected));
    fuzz_assert(outcome != 0 || memcmp(found, expected, sizeof(found)) == 0);
}
