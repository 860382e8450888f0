#include "fuzz.h"

#include "github/oidc.h"
#include "system/json.h"

/* Either the token is a text from the answer, or there is an error. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct error error = ERROR_INIT;
    const char *token = oidc_read(arena, text, length, 200, &error);
    fuzz_assert(token != NULL || fuzz_tells(&error));
    cJSON *root = json_parse(text, length);
    fuzz_assert(token == NULL || strcmp(token, json_text(root, "value")) == 0);
    cJSON_Delete(root);
    fuzz_assert(oidc_read(arena, text, length, 403, &error) == NULL);
}
