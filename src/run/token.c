#include "run/token.h"

#include "depot/exchange.h"
#include "github/commands.h"
#include "github/oidc.h"
#include "system/http.h"

char *token_exchange(struct arena *vault, char *const *environment, struct error *error)
{
    struct http http = HTTP_INIT;
    char *token = NULL;
    const char *identity = oidc_token(&http, vault, environment, DEPOT_AUDIENCE, error);
    if (identity != NULL) {
        command_mask(identity);
        token = depot_exchange(&http, vault, environment, identity, error);
    }
    http_close(&http);
    return token;
}
