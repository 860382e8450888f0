#include "github/oidc.h"

#include "system/environment.h"
#include "system/http.h"
#include "system/json.h"

#include <string.h>

static const char REQUEST_URL[] = "ACTIONS_ID_TOKEN_REQUEST_URL";
static const char REQUEST_TOKEN[] = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

bool oidc_available(char *const *environment)
{
    return environment_get_nonempty(environment, REQUEST_URL) != NULL &&
           environment_get_nonempty(environment, REQUEST_TOKEN) != NULL;
}

char *oidc_read(struct arena *vault, const char *body, size_t length, long status,
                struct error *error)
{
    scoped_json root = status == 200 ? json_parse(body, length) : NULL;
    const char *value = json_text(root, "value");
    char *token = value != NULL ? arena_copy(vault, value) : NULL;
    if (token == NULL)
        error_set(error, "GitHub gave no OIDC token: it answered with status %ld%s", status,
                  status == 200 ? " but no token" : "");
    return token;
}

char *oidc_token(struct http *http, struct arena *vault, char *const *environment,
                 const char *audience, struct error *error)
{
    /* The runner's URL usually has a query already. */
    const char *url = environment_get(environment, REQUEST_URL);
    const struct http_request request = {
        .method = "GET",
        .url = arena_format(vault, "%s%caudience=%s", url, strchr(url, '?') != NULL ? '&' : '?',
                            http_escape(vault, audience)),
        .bearer = environment_get(environment, REQUEST_TOKEN),
    };
    struct http_response response;
    if (http_send(http, vault, &request, &response, error) != 0) {
        error_set(error, "GitHub gave no OIDC token: %s", error->message);
        return NULL;
    }
    return oidc_read(vault, response.body, response.length, response.status, error);
}
