#include "plan/dockerfile.h"

#include "unit.h"

static const struct path_row {
    const char *name;
    const char *context;
    const char *file;
    const char *path;
} PATHS[] = {
    {"the workspace", ".", NULL, "Dockerfile"},
    {"the Git context", NULL, NULL, "Dockerfile"},
    {"a folder", "app", NULL, "app/Dockerfile"},
    {"a folder from here", "./app", NULL, "app/Dockerfile"},
    {"a folder with a slash at its end", "./app/", NULL, "app/Dockerfile"},
    {"a folder with slashes at its end", "app//", NULL, "app/Dockerfile"},
    {"the whole Git context", "{{defaultContext}}", NULL, "Dockerfile"},
    {"a file of the whole Git context", "{{defaultContext}}", "a/Dockerfile", "a/Dockerfile"},
    {"a folder of the Git context", "{{defaultContext}}:app", NULL, "app/Dockerfile"},
    {"a file in a folder of the Git context", "{{ defaultContext }}:app", "a/Dockerfile",
     "app/a/Dockerfile"},
    {"another repository", "https://example.com/a.git", NULL, "Dockerfile"},
    {"a file", ".", "docker/Dockerfile", "docker/Dockerfile"},
    {"a file from here", "app", "./app/docker/Dockerfile", "app/docker/Dockerfile"},
    {"a file of another name", "app", "other", "Dockerfile"},
};

TEST(knows_the_dockerfile_s_path)
{
    const struct path_row *row = *state;
    const struct inputs inputs = {.context = row->context, .file = row->file};
    assert_text(dockerfile_path(&arena, &inputs, "Dockerfile"), row->path);
}

int main(void)
{
    UNIT_ROWS(knows_the_dockerfile_s_path, PATHS);
    return unit_run("plan/dockerfile");
}
