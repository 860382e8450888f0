#include "plan/source.h"

#include "system/string_list.h"

#include <string.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t ending = strlen(suffix);
    return length >= ending && strcmp(text + length - ending, suffix) == 0;
}

static const char *full_ref(struct arena *arena, const char *ref)
{
    return starts_with(ref, "refs/") ? ref : arena_format(arena, "refs/heads/%s", ref);
}

static const char *pull_request_head(struct arena *arena, const struct facts *facts)
{
    static const char merge[] = "/merge";
    if (facts->head_sha != NULL)
        return facts->head_sha;
    if (!ends_with(facts->ref, merge))
        return facts->ref;
    int length = (int)(strlen(facts->ref) - strlen(merge));
    return arena_format(arena, "%.*s/head", length, facts->ref);
}

static const char *revision(struct arena *arena, const struct facts *facts)
{
    if (facts->pull_request_head && facts->ref != NULL && starts_with(facts->ref, "refs/pull/"))
        return pull_request_head(arena, facts);
    if (facts->sha != NULL)
        return facts->sha;
    return facts->ref != NULL ? full_ref(arena, facts->ref) : NULL;
}

char *source_git_context(struct arena *arena, const struct facts *facts)
{
    if (facts->server_url == NULL || facts->repository == NULL)
        return NULL;
    const char *at = revision(arena, facts);
    return arena_format(arena, "%s/%s.git%s%s", facts->server_url, facts->repository,
                        at != NULL ? "#" : "", at != NULL ? at : "");
}

/* The length of `{{defaultContext}}` at `text`; 0 if something else is there. */
static size_t placeholder(const char *text)
{
    static const char name[] = "defaultContext";
    const char *cursor = text;
    if (!starts_with(cursor, "{{"))
        return 0;
    cursor += 2;
    cursor += strspn(cursor, " \t");
    if (!starts_with(cursor, name))
        return 0;
    cursor += strlen(name);
    cursor += strspn(cursor, " \t");
    return starts_with(cursor, "}}") ? (size_t)(cursor + 2 - text) : 0;
}

bool source_is_default(const char *context)
{
    const size_t length = context != NULL ? placeholder(context) : 0;
    return context == NULL || (length > 0 && (context[length] == '\0' || context[length] == ':'));
}

bool source_is_remote(const char *context)
{
    return strstr(context, "://") != NULL || starts_with(context, "git@") ||
           starts_with(context, "github.com/");
}

char *source_expand(struct arena *arena, const char *text, const char *git_context)
{
    struct string_list parts = {0};
    const char *at = text;
    while (git_context != NULL && (at = strstr(at, "{{")) != NULL) {
        const size_t length = placeholder(at);
        if (length > 0) {
            string_list_add(arena, &parts, arena_copy_bytes(arena, text, (size_t)(at - text)));
            string_list_add(arena, &parts, git_context);
            text = at + length;
        }
        at += length > 0 ? length : 2;
    }
    string_list_add(arena, &parts, text);
    return string_list_join(arena, &parts, "");
}

char *source_host(struct arena *arena, const char *url)
{
    const char *host = strstr(url, "://");
    if (host == NULL)
        return arena_copy(arena, "");
    host += 3;
    size_t length = strcspn(host, "/?#");
    const char *user = memchr(host, '@', length);
    if (user != NULL) {
        length -= (size_t)(user + 1 - host);
        host = user + 1;
    }
    return arena_copy_bytes(arena, host, length);
}
