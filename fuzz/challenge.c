#include "fuzz.h"

#include "depot/challenge.h"

/* The code must be one word, because it is printed to the log unchanged. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    static const char asked[] = "https://service.example/claim";
    struct http_response response = {
        .status = 200, .body = arena_copy_bytes(arena, text, length), .length = length};
    if (challenge_read(arena, asked, &response, &claim, &error) != 0) {
        fuzz_assert(fuzz_tells(&error));
        return;
    }
    const size_t size = strlen(claim.code);
    fuzz_assert(size > 0 && size <= 256 && claim.exchange_url != NULL);
    for (size_t i = 0; i < size; i++)
        fuzz_assert(claim.code[i] > ' ' && claim.code[i] <= '~' && claim.code[i] != ':');
    response.status = 403;
    fuzz_assert(challenge_read(arena, asked, &response, &claim, &error) != 0);
}
