#include "github/claims.h"

#include "system/json.h"
#include "system/string_list.h"

#include <sodium.h>
#include <string.h>

static const char *const MATCHED[] = {
    "sub", "repository", "ref", "job_workflow_ref", "event_name", "environment",
};

/* The middle part of three, base64url without padding (RFC 7515, compact serialization). */
static char *payload_of(struct arena *arena, const char *token, size_t *length)
{
    const char *start = strchr(token, '.');
    const char *end = start != NULL ? strchr(start + 1, '.') : NULL;
    if (end == NULL)
        return NULL;
    start++;
    size_t encoded = (size_t)(end - start);
    char *payload = arena_allocate(arena, encoded + 1);
    if (sodium_base642bin((unsigned char *)payload, encoded, start, encoded, NULL, length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    payload[*length] = '\0';
    return payload;
}

static char *printable(struct arena *arena, const char *text)
{
    char *shown = arena_copy(arena, text);
    for (char *byte = shown; *byte != '\0'; byte++)
        if ((unsigned char)*byte < ' ' || *byte == 0x7f)
            *byte = '?';
    return shown;
}

/* The claims; NULL if the token is not a JWT. The caller frees them. */
static cJSON *claims_of(struct arena *arena, const char *token)
{
    size_t length = 0;
    const char *payload = payload_of(arena, token, &length);
    cJSON *claims = payload != NULL ? json_parse(payload, length) : NULL;
    if (cJSON_IsObject(claims))
        return claims;
    cJSON_Delete(claims);
    return NULL;
}

char *claims_describe(struct arena *arena, const char *token)
{
    scoped_json claims = claims_of(arena, token);
    if (claims == NULL)
        return NULL;
    struct string_list lines = {0};
    for (size_t i = 0; i < sizeof(MATCHED) / sizeof(MATCHED[0]); i++) {
        const char *value = json_text(claims, MATCHED[i]);
        if (value != NULL)
            string_list_add(arena, &lines,
                            arena_format(arena, "%s: %s\n", MATCHED[i], printable(arena, value)));
    }
    return string_list_join(arena, &lines, "");
}

long long claims_moment(struct arena *arena, const char *token, const char *name)
{
    static const double year_9999 = 253402300799.0;
    scoped_json claims = claims_of(arena, token);
    double moment = cJSON_GetNumberValue(json_member(claims, name));
    return moment >= 0 && moment <= year_9999 ? (long long)moment : -1;
}
