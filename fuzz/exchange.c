#include "fuzz.h"

#include "depot/exchange.h"
#include "system/json.h"

/* Either the token is a text from the answer, or there is an error. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct error error = ERROR_INIT;
    const char *token = exchange_read(arena, text, length, 200, &error);
    fuzz_assert(token != NULL || fuzz_tells(&error));
    cJSON *root = json_parse(text, length);
    fuzz_assert(token == NULL || (cJSON_IsTrue(json_member(root, "ok")) &&
                                  strcmp(token, json_text(root, "token")) == 0));
    cJSON_Delete(root);
}
