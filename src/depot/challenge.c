#include "depot/challenge.h"

#include "depot/exchange.h"
#include "system/clock.h"
#include "system/environment.h"
#include "system/json.h"
#include "system/text.h"

#include <string.h>

static const char *base_url(char *const *environment)
{
    const char *url = environment_get_nonempty(environment, "DEPOT_PUBLIC_OIDC_URL");
    return url != NULL ? url : "https://actions-public-oidc.depot.dev";
}

static char *claim_body(struct arena *vault, const struct challenge *challenge)
{
    const struct {
        const char *name;
        const char *value;
    } members[] = {
        {"aud", DEPOT_AUDIENCE},
        {"eventName", "pull_request"},
        {"repo", challenge->repository},
        {"runID", challenge->run_id},
        {"attempt", challenge->run_attempt},
    };
    scoped_json root = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        cJSON_AddStringToObject(root, members[i].name,
                                members[i].value != NULL ? members[i].value : "");
    return json_print(vault, root);
}

/* The code goes into the log, so it must be one word of limited length. */
static bool is_code(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-_.~+/=";
    size_t length = strspn(text, allowed);
    return length > 0 && length <= 256 && text[length] == '\0';
}

int challenge_read(struct arena *arena, const char *asked, const struct http_response *response,
                   struct challenge_claim *claim, struct error *error)
{
    scoped_json root = json_parse(response->body, response->length);
    const char *code = json_text(root, "challengeCode");
    const char *url = json_text(root, "exchangeURL");
    const char *refusal = json_text(root, "error");
    char words[256];
    text_quote(words, sizeof(words), refusal != NULL ? refusal : "no reason given");
    if (response->status >= 400)
        return error_set(error, "Depot's service for open source refused this run (status %ld: %s)",
                         response->status, words);
    if (code == NULL || url == NULL || !is_code(code))
        return error_set(
            error, "Depot's service for open source answered with status %ld and no challenge",
            response->status);
    if (!http_may_lead_to(asked, url))
        return error_set(error,
                         "Depot's service for open source names an address that is not https");
    *claim = (struct challenge_claim){.code = arena_copy(arena, code),
                                      .exchange_url = arena_copy(arena, url)};
    return 0;
}

static int send_claim(struct http *http, struct arena *vault, char *const *environment,
                      const struct challenge *challenge, struct challenge_claim *claim,
                      struct error *error)
{
    const struct http_request request = {
        .method = "POST",
        .url = arena_format(vault, "%s/claim", base_url(environment)),
        .json_body = claim_body(vault, challenge),
        .deadline_ms = CHALLENGE_CLAIM_MS,
    };
    struct http_response response;
    if (http_send(http, vault, &request, &response, error) != 0)
        return -1;
    return challenge_read(vault, request.url, &response, claim, error);
}

/* Shows the code again; called by http's waits once a second or more often. */
struct display {
    const struct challenge *challenge;
    const char *code;
    long long due; /* on the monotonic clock, in ms */
};

static void show(void *context)
{
    struct display *display = context;
    if (clock_now_ms() < display->due)
        return;
    display->challenge->show_code(display->code);
    display->due = clock_now_ms() + CHALLENGE_POLL_MS;
}

/* The text without line breaks at its end; NULL if it is empty or contains a NUL. */
static char *only_line(char *text, size_t length)
{
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    text[length] = '\0';
    return length > 0 && strlen(text) == length ? text : NULL;
}

/* The token is the body of a response with status 200; any other response means that there is none
 * yet. The error is set if the service gave no answer. */
static char *ask_once(struct http *http, struct arena *vault, const struct challenge_claim *claim,
                      long deadline_ms, struct error *error)
{
    const struct http_request request = {
        .method = "POST",
        .url = claim->exchange_url,
        .wants_text = true,
        .attempts = 1,
        .deadline_ms = deadline_ms,
    };
    struct http_response response;
    if (http_send(http, vault, &request, &response, error) != 0 || response.status != 200)
        return NULL;
    return only_line(response.body, response.length);
}

static char *exchange(struct http *http, struct arena *vault, const struct challenge_claim *claim,
                      struct error *error)
{
    const long long deadline = clock_now_ms() + CHALLENGE_EXCHANGE_MS;
    for (long long now; (now = clock_now_ms()) < deadline;) {
        const long long next = now + CHALLENGE_POLL_MS;
        error->message[0] = '\0';
        char *token = ask_once(http, vault, claim, (long)(deadline - now), error);
        if (token != NULL)
            return token;
        while (clock_now_ms() < next)
            if (!http_wait(http, (long)(next - clock_now_ms()))) {
                error_set(error, "cancelled while waiting for Depot's service for open source");
                return NULL;
            }
    }
    error_set(error, "Depot's service for open source gave no token in %d s%s%s",
              CHALLENGE_EXCHANGE_MS / 1000, error->message[0] != '\0' ? ": " : "", error->message);
    return NULL;
}

char *depot_challenge(struct http *http, struct arena *vault, char *const *environment,
                      const struct challenge *challenge, struct error *error)
{
    struct challenge_claim claim = {0};
    if (send_claim(http, vault, environment, challenge, &claim, error) != 0)
        return NULL;
    if (challenge->on_accepted != NULL)
        challenge->on_accepted(challenge->context);
    struct display *display = arena_allocate(vault, sizeof(*display));
    *display = (struct display){.challenge = challenge, .code = claim.code};
    http->on_wait = show;
    http->context = display;
    show(display);
    char *token = exchange(http, vault, &claim, error);
    http->on_wait = NULL;
    return token;
}
