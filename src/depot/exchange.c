#include "depot/exchange.h"

#include "system/environment.h"
#include "system/http.h"
#include "system/json.h"
#include "system/text.h"

static char *exchange_url(struct arena *vault, char *const *environment)
{
    const char *base = environment_get_nonempty(environment, "DEPOT_AUTH_URL");
    return arena_format(vault, "%s/auth/oidc/github-actions",
                        base != NULL ? base : "https://github.depot.dev");
}

void depot_exchange_connect(struct http *http, struct arena *vault, char *const *environment)
{
    http_connect(http, exchange_url(vault, environment));
}

static char *request_body(struct arena *vault, const char *oidc_token)
{
    scoped_json root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "token", oidc_token);
    return json_print(vault, root);
}

char *exchange_read(struct arena *vault, const char *body, size_t length, long status,
                    struct error *error)
{
    scoped_json root = json_parse(body, length);
    const char *token = json_text(root, "token");
    const char *refusal = json_text(root, "error");
    if (cJSON_IsTrue(json_member(root, "ok")) && token != NULL)
        return arena_copy(vault, token);
    if (refusal != NULL) {
        char words[256];
        text_quote(words, sizeof(words), refusal);
        error_set(error,
                  "Depot refused the job's OIDC token (status %ld: %s): give the Depot project a "
                  "trust relationship that matches the claims shown in the log",
                  status, words);
    } else {
        error_set(error, "Depot answered the job's OIDC token with status %ld and no Depot token",
                  status);
    }
    return NULL;
}

char *depot_exchange(struct http *http, struct arena *vault, char *const *environment,
                     const char *oidc_token, struct error *error)
{
    const struct http_request request = {
        .method = "POST",
        .url = exchange_url(vault, environment),
        .json_body = request_body(vault, oidc_token),
    };
    struct http_response response;
    if (http_send(http, vault, &request, &response, error) != 0) {
        error_set(error, "the job's OIDC token could not be exchanged: %s", error->message);
        return NULL;
    }
    return exchange_read(vault, response.body, response.length, response.status, error);
}
