#include "fuzz.h"

#include "depot/challenge.h"

/* The code is one word: the log has it as it is. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    if (challenge_read(arena, text, length, 200, &claim, &error) != 0) {
        fuzz_assert(fuzz_tells(&error));
        return;
    }
    const size_t size = strlen(claim.code);
    fuzz_assert(size > 0 && size <= 256 && claim.exchange_url != NULL);
    for (size_t i = 0; i < size; i++)
        fuzz_assert(claim.code[i] > ' ' && claim.code[i] <= '~' && claim.code[i] != ':');
    fuzz_assert(challenge_read(arena, text, length, 403, &claim, &error) != 0);
}
