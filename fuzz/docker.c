#include "fuzz.h"

#include "docker/inspect.h"

static void check_text(const char *text)
{
    fuzz_assert(text == NULL || text[0] != '\0');
}

static void check_engine(struct arena *arena, const char *text)
{
    struct docker_engine engine;
    docker_engine_read(arena, text, &engine);
    check_text(engine.client_version);
    check_text(engine.buildx_version);
    fuzz_assert(engine.buildx || engine.buildx_version == NULL);
}

/* Names are single words, and no platform is listed twice. */
static void check_builder(struct arena *arena, const char *text)
{
    struct docker_builder builder;
    docker_builder_read(arena, text, &builder);
    check_text(builder.driver);
    fuzz_assert(builder.driver == NULL || strpbrk(builder.driver, " \t\r\n") == NULL);
    for (size_t i = 0; i < builder.platforms.count; i++) {
        const char *platform = builder.platforms.items[i];
        fuzz_assert(platform[0] != '\0' && strpbrk(platform, "*, \t\r\n") == NULL);
        for (size_t j = 0; j < i; j++)
            fuzz_assert(strcmp(platform, builder.platforms.items[j]) != 0);
    }
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    (void)length;
    check_engine(arena, text);
    check_builder(arena, text);
}
