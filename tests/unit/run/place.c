#include "run/place.h"

#include "unit.h"

#define DOCKER_BLOCK "Dockerfile:3\n--------------------\n   3 | >>> RUN b\n--------------------\n"
#define FAILED "#2 [2/2] RUN b\n#2 ERROR: process \"/bin/sh -c b\": exit code: 1\n"
#define PARSE_ERROR "failed to solve: dockerfile parse error on line 3: unknown instruction: RUM\n"
#define TEXT "# a\nFROM a\nRUN b\n"

static const struct place_row {
    const char *name;
    const char *path; /* where TEXT, or `text`, is written, from the workspace */
    const char *context;
    const char *file;
    const char *build_arg;
    const char *text;
    const char *log;
    const char *link; /* a link in the workspace, to `path` */
    const char *expected_file;
    const char *expected_name;
    int line;
} PLACES[] = {
    {"docker's block", "Dockerfile", ".", .log = DOCKER_BLOCK, .expected_file = "Dockerfile",
     .expected_name = "Dockerfile", .line = 3},
    {"a step's position", "Dockerfile", ".", .log = FAILED, .expected_file = "Dockerfile",
     .expected_name = "Dockerfile", .line = 3},
    {"a parse error", "Dockerfile", ".", .log = PARSE_ERROR, .expected_file = "Dockerfile",
     .expected_name = "Dockerfile", .line = 3},
    {"a folder", "app/Dockerfile", "app", .log = DOCKER_BLOCK, .expected_file = "app/Dockerfile",
     .expected_name = "app/Dockerfile", .line = 3},
    {"a file of another name", "app/x", ".", "app/x", .log = FAILED, .expected_file = "app/x",
     .expected_name = "app/x", .line = 3},
    {"a link in the workspace", "real", ".", .log = DOCKER_BLOCK, .link = "Dockerfile",
     .expected_file = "real", .expected_name = "Dockerfile", .line = 3},
    {"a path out of it", "../outside/Dockerfile", "../outside", .log = FAILED,
     .expected_name = "../outside/Dockerfile", .line = 3},
    {"a link out of it", "../outside/Dockerfile", ".", .log = DOCKER_BLOCK, .link = "Dockerfile",
     .expected_name = "Dockerfile", .line = 3},

    /* What docker shows is not what is in the file. */
    {"a file that was changed", "Dockerfile", ".", .text = "FROM a\n\nRUN c\n", .log = DOCKER_BLOCK,
     .expected_name = "Dockerfile", .line = 3},
    {"a line that was moved", "Dockerfile", ".", .text = "# a\n" TEXT, .log = DOCKER_BLOCK,
     .expected_name = "Dockerfile", .line = 3},
    {"a block of another file", "app/x", ".", "app/x", .log = DOCKER_BLOCK,
     .expected_name = "Dockerfile", .line = 3},
    {"a step of another file", "Dockerfile", ".", .text = "FROM a\nRUN c\n", .log = FAILED,
     .expected_name = "Dockerfile"},

    /* What was built is not on this machine. */
    {"another repository", "Dockerfile", "https://example.com/a.git", .log = DOCKER_BLOCK,
     .expected_name = "Dockerfile", .line = 3},
    {"a step of another repository", "Dockerfile", "https://example.com/a.git", .log = FAILED,
     .expected_name = "Dockerfile"},
    {"a file that is not there", "other", ".", .log = DOCKER_BLOCK, .expected_name = "Dockerfile",
     .line = 3},
    {"a context of standard input", "Dockerfile", "-", .log = FAILED,
     .expected_name = "Dockerfile"},
    {"a file of another host", "Dockerfile", ".", "https://example.com/Dockerfile",
     .log = DOCKER_BLOCK, .expected_name = "Dockerfile", .line = 3},
    {"the default context without a checkout", "Dockerfile", NULL, .log = DOCKER_BLOCK,
     .expected_name = "Dockerfile", .line = 3},

    /* Another frontend may count the lines of something else. */
    {"another frontend by an argument", "Dockerfile", ".", .build_arg = "BUILDKIT_SYNTAX=a/b",
     .log = FAILED, .expected_name = "Dockerfile"},
    {"another frontend by a directive", "Dockerfile", ".", .text = "# syntax=a/b\nFROM a\nRUN b\n",
     .log = FAILED, .expected_name = "Dockerfile"},
    {"another frontend's parse error", "Dockerfile", ".", .text = "# syntax=a/b\nFROM a\nRUN b\n",
     .log = PARSE_ERROR, .expected_name = "Dockerfile"},
    {"another frontend's block", "Dockerfile", ".", .build_arg = "BUILDKIT_SYNTAX=a/b",
     .log = DOCKER_BLOCK, .expected_name = "Dockerfile", .line = 3},
    {"a parse error beyond the end", "Dockerfile", ".", .text = "FROM a\n", .log = PARSE_ERROR,
     .expected_name = "Dockerfile"},
    {"the warnings of a check", "Dockerfile", ".",
     .log = "Check complete, 1 warning has been found!\n" DOCKER_BLOCK},
    {"no failure", "Dockerfile", ".", .log = "#1 [1/1] RUN a\n#1 DONE 0.1s\n"},
};

static void write_workspace(const struct place_row *row, const char *workspace)
{
    mkdir(workspace, 0700);
    mkdir(arena_format(&arena, "%s/app", workspace), 0700);
    mkdir(arena_format(&arena, "%s/../outside", workspace), 0700);
    unit_write(arena_format(&arena, "%s/%s", workspace, row->path),
               row->text != NULL ? row->text : TEXT);
    if (row->link != NULL)
        assert_int_equal(symlink(row->path, arena_format(&arena, "%s/%s", workspace, row->link)),
                         0);
    assert_int_equal(chdir(workspace), 0);
}

TEST(finds)
{
    const struct place_row *row = *state;
    const int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const char *workspace = unit_path("workspace");
    struct step step = {
        .arena = ARENA_INIT,
        .inputs = {.context = row->context, .file = row->file},
        .environment = STRINGS(arena_format(&arena, "GITHUB_WORKSPACE=%s", workspace)),
    };
    if (row->build_arg != NULL)
        string_list_add(&arena, &step.inputs.build_args, row->build_arg);
    const struct attempt attempt = {.progress = progress_new(&arena)};
    progress_feed(attempt.progress, row->log, strlen(row->log));
    progress_end(attempt.progress);
    write_workspace(row, workspace);
    const struct place place = find_place(&step, &attempt);
    assert_text(place.file, row->expected_file);
    assert_int_equal(place.line, row->line);
    if (row->line > 0)
        assert_text(place.name, row->expected_name);
    arena_free(&step.arena);
    assert_int_equal(fchdir(before), 0);
    close(before);
}

int main(void)
{
    UNIT_ROWS(finds, PLACES);
    return unit_run("run/place");
}
