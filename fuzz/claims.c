#include "fuzz.h"

#include "github/claims.h"

#include <sodium.h>

/* Any claims, in a token with fixed other parts. */
static const char HEADER[] = "eyJoZWFkZXIiOiJtYXJrZWQifQ";
static const char SIGNATURE[] = "c2lnbmF0dXJlLW1hcmtlZA";

static char *token_of(struct arena *arena, const char *payload, size_t length)
{
    const size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *encoded = arena_allocate(arena, size);
    sodium_bin2base64(encoded, size, (const unsigned char *)payload, length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return arena_format(arena, "%s.%s.%s", HEADER, encoded, SIGNATURE);
}

/* Lines, each with a claim that is matched. */
static void check_lines(const char *text)
{
    static const char *const names[] = {
        "sub: ", "repository: ", "ref: ", "job_workflow_ref: ", "event_name: ", "environment: "};
    size_t next = 0;
    while (*text != '\0') {
        while (next < sizeof(names) / sizeof(names[0]) &&
               strncmp(text, names[next], strlen(names[next])) != 0)
            next++;
        fuzz_assert(next < sizeof(names) / sizeof(names[0]));
        next++;
        for (; *text != '\n'; text++)
            fuzz_assert((unsigned char)*text >= ' ' && *text != 0x7f);
        text++;
    }
}

static const char *describe(struct arena *arena, const char *token)
{
    static const long long year_9999 = 253402300799;
    const char *claims = claims_describe(arena, token);
    const long long moment = claims_moment(arena, token, "exp");
    fuzz_assert(moment >= -1 && moment <= year_9999 && (moment < 0 || claims != NULL));
    if (claims != NULL)
        check_lines(claims);
    return claims;
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    describe(arena, text);
    const char *claims = describe(arena, token_of(arena, text, length));
    fuzz_assert(claims == NULL || strstr(text, HEADER) != NULL || strstr(claims, HEADER) == NULL);
    fuzz_assert(claims == NULL || strstr(text, SIGNATURE) != NULL ||
                strstr(claims, SIGNATURE) == NULL);
}
