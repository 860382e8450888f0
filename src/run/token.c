#include "run/token.h"

#include "depot/exchange.h"
#include "github/claims.h"
#include "github/commands.h"
#include "github/oidc.h"
#include "system/http.h"
#include "system/process.h"

static void show_claims(struct arena *arena, const char *identity)
{
    const char *claims = claims_describe(arena, identity);
    if (claims != NULL)
        command_group("Claims of the job's OIDC token", claims);
}

char *token_exchange(struct arena *vault, char *const *environment, struct error *error)
{
    struct http http = HTTP_INIT;
    char *token = NULL;
    const char *identity = oidc_token(&http, vault, environment, DEPOT_AUDIENCE, error);
    if (identity != NULL) {
        command_mask(identity);
        token = depot_exchange(&http, vault, environment, identity, error);
        if (token == NULL && signals_received() == 0)
            show_claims(vault, identity);
    }
    http_close(&http);
    return token;
}
