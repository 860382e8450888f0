#include "plan/capabilities.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool capabilities_are_plain(const struct capabilities *capabilities)
{
    static const char *const able[] = {"docker-container", "kubernetes", "remote", "cloud"};
    if (!capabilities->known || capabilities->driver == NULL)
        return false;
    if (strcmp(capabilities->driver, "docker") == 0)
        return !capabilities->containerd_store;
    for (size_t i = 0; i < sizeof(able) / sizeof(able[0]); i++)
        if (strcmp(capabilities->driver, able[i]) == 0)
            return false;
    return !capabilities->able;
}

bool version_reaches(const char *version, int major, int minor)
{
    if (version == NULL)
        return true;
    version += *version == 'v';
    if (!isdigit((unsigned char)*version))
        return true;
    char *rest;
    long found_major = strtol(version, &rest, 10);
    long found_minor = *rest == '.' ? strtol(rest + 1, NULL, 10) : 0;
    /* A build without a version reports 0.0.0. */
    if (found_major == 0 && found_minor == 0)
        return true;
    return found_major != major ? found_major > major : found_minor >= minor;
}

/* containerd: platforms, Normalize. */
static const char *normal_platform(struct arena *arena, const char *platform)
{
    static const char *const names[][2] = {
        {"linux/x86_64", "linux/amd64"},  {"linux/amd64/v1", "linux/amd64"},
        {"linux/aarch64", "linux/arm64"}, {"linux/arm64/v8", "linux/arm64"},
        {"linux/arm64/8", "linux/arm64"}, {"linux/arm", "linux/arm/v7"},
        {"linux/armhf", "linux/arm/v7"},  {"linux/arm/7", "linux/arm/v7"},
        {"linux/armel", "linux/arm/v6"},  {"linux/arm/6", "linux/arm/v6"},
        {"linux/i386", "linux/386"},
    };
    char *name = strchr(platform, '/') != NULL ? arena_copy(arena, platform)
                                               : arena_format(arena, "linux/%s", platform);
    for (char *byte = name; *byte != '\0'; byte++)
        *byte = (char)tolower((unsigned char)*byte);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i][0]) == 0)
            return names[i][1];
    return name;
}

bool platform_runs(struct arena *arena, const struct string_list *platforms, const char *platform)
{
    const char *wanted = normal_platform(arena, platform);
    if (strcmp(wanted, "linux/local") == 0)
        return true;
    for (size_t i = 0; i < platforms->count; i++)
        if (strcmp(wanted, normal_platform(arena, platforms->items[i])) == 0)
            return true;
    return false;
}
