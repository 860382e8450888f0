#include "buildkit/dockerfile.h"

#include "unit.h"

static struct progress *read_log(const char *text)
{
    struct progress *progress = progress_new(&arena);
    progress_feed(progress, text, strlen(text));
    progress_end(progress);
    return progress;
}

#define BASE                                                                                       \
    "FROM scratch AS base\nCOPY busybox /bin/busybox\n"                                            \
    "RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n"

/* What `depot build` printed for these (tests/unit/buildkit/logs), and the line that `docker buildx
 * build` named. */
static const struct recorded_row {
    const char *name;
    const char *dockerfile;
    int line;
} RECORDED[] = {
    {"run", BASE "RUN echo one; echo two >&2; exit 7\n", 4},
    {"continuation",
     BASE "\n# a comment\nENV A=1\nRUN echo a && \\\n    # inside\n\n    exit 3\nRUN true\n", 7},
    {"heredoc", BASE "RUN <<EOF\necho a\nexit 4\nEOF\nRUN true\n", 4},
    {"copy", BASE "RUN true\nCOPY missing /\n", 5},
    {"unnamed", BASE "FROM base\nRUN echo b\nFROM base\nCOPY --from=1 /bin/busybox /x\nRUN false\n",
     8},
    {"named",
     BASE "FROM base AS first\nRUN echo a && false\nFROM base AS second\n"
          "COPY --from=first /bin/busybox /x\n",
     5},
    {"mount", BASE "RUN --mount=type=secret,id=a,required=true cat /run/secrets/a\n", 4},
    {"no-image", "FROM 127.0.0.1:36763/none:1\nRUN false\n", 1},
    {"onbuild", "FROM 127.0.0.1:36763/onbuild:1\nRUN echo own && false\n", 2},
    {"parallel",
     BASE "FROM base AS a\nRUN for i in 1 2 3 4 5 6 7 8; do echo a$i; sleep 0.2; done; false\n"
          "FROM base AS b\nRUN for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo b$i; sleep 0.2; done\n"
          "FROM scratch\nCOPY --from=a /bin/busybox /a\nCOPY --from=b /bin/busybox /b\n",
     5},
};

TEST(finds_the_line_that_docker_names_in_a_recorded_log)
{
    const struct recorded_row *row = *state;
    const struct progress *log =
        read_log(unit_read(arena_format(&arena, "tests/unit/buildkit/logs/depot/%s", row->name)));
    assert_int_equal(dockerfile_step_line(&arena, row->dockerfile, log, progress_failed_step(log)),
                     row->line);
}

TEST(sees_the_line_that_docker_shows_in_a_recorded_log)
{
    const struct recorded_row *row = *state;
    const struct progress *log =
        read_log(unit_read(arena_format(&arena, "tests/unit/buildkit/logs/docker/%s", row->name)));
    const struct build_source source = progress_source(log);
    assert_true(dockerfile_shows(row->dockerfile, &source));
    assert_false(dockerfile_shows(arena_format(&arena, "# more\n%s", row->dockerfile), &source));
}

/* More of them, from two generations of engines and from both CLIs. If both know the line, they
 * agree. */
static const struct both_row {
    const char *name;
    int line;
} BOTH[] = {
    {"failing-base", 1},       {"failing-command-not-found", 4},
    {"failing-copy", 4},       {"failing-copy-from-stage", 5},
    {"failing-one-of-two", 7}, {"failing-run", 6},
    {"failing-secret", 4},     {"heredoc", 4},
};

static const char *recorded(const char *name, const char *file)
{
    return unit_read(arena_format(&arena, "tests/recorded/%s/%s", name, file));
}

TEST(agrees_with_docker_on)
{
    static const char *const generations[] = {"today", "yesterday"};
    const struct both_row *row = *state;
    const char *dockerfile = recorded(row->name, "Dockerfile");
    for (size_t i = 0; i < COUNT(generations); i++) {
        const struct progress *docker =
            read_log(recorded(row->name, arena_format(&arena, "%s-docker.log", generations[i])));
        const struct progress *depot =
            read_log(recorded(row->name, arena_format(&arena, "%s-depot.log", generations[i])));
        const struct build_source source = progress_source(docker);
        assert_int_equal(source.line, row->line);
        assert_true(dockerfile_shows(dockerfile, &source));
        assert_int_equal(
            dockerfile_step_line(&arena, dockerfile, depot, progress_failed_step(depot)),
            row->line);
    }
}

/* The names of steps. The last one is looked up. */
static const struct line_row {
    const char *name;
    const char *dockerfile;
    const char *steps[4];
    int line;
} LINES[] = {
    {"the image", "# a\n\nFROM a\nRUN b\n", {"[1/2] FROM docker.io/library/a@sha256:1"}, 3},
    {"a position after the image", "FROM a\nRUN b\nRUN c\n", {"[3/3] RUN c"}, 3},
    {"a position without an image", "FROM scratch\nCOPY a b\nRUN c\n", {"[2/2] RUN c"}, 3},
    {"an image by a variable", "ARG A=a\nFROM $A\nRUN c\n", {"[2/2] RUN c"}, 3},
    {"scratch by a variable", "ARG A=scratch\nFROM $A\nADD c /\n", {"[1/1] ADD c /"}, 3},
    {"instructions that are no steps",
     "FROM a\nENV b=c\nUSER d\nRUN e\nCMD f\nRUN g\n",
     {"[3/3] RUN g"},
     6},
    {"every kind of step",
     "FROM a\nADD b /\nCOPY b /\nRUN b\nWORKDIR /b\n",
     {"[5/5] WORKDIR /b"},
     5},
    {"lower case", "from a\nrun b\n", {"[2/2] RUN b"}, 2},
    {"blanks before it", "FROM a\n \t RUN b\n", {"[2/2] RUN b"}, 2},
    {"blanks within", "FROM a\nRUN b    \tc\n", {"[2/2] RUN b     c"}, 2},
    {"a tab within", "FROM a\nRUN b\tc\n", {"[2/2] RUN b\tc"}, 2},
    {"CRLF", "FROM a\r\n\r\nRUN b \\\r\n c\r\nRUN d\r\n", {"[3/3] RUN d"}, 5},
    {"a byte order mark",
     "\xef\xbb\xbf# escape=`\nFROM a\nRUN b `\n c\nRUN d\n",
     {"[3/3] RUN d"},
     5},
    {"no line feed at the end", "FROM a\nRUN b", {"[2/2] RUN b"}, 2},
    {"a continuation", "FROM a\nRUN b \\\n  c\nRUN d\n", {"[3/3] RUN d"}, 4},
    {"a continuation with blanks after it",
     "FROM a\nRUN b \\ \t\n  c\nRUN d\n",
     {"[3/3] RUN d"},
     4},
    {"a continuation with comments and empty lines",
     "FROM a\nRUN b \\\n# c \\\n\n  # d\n  e\nRUN f\n",
     {"[3/3] RUN f"},
     7},
    {"the start of a continuation", "FROM a\nRUN b \\\n  c\n", {"[2/2] RUN b   c"}, 2},
    {"an escape that is escaped", "FROM a\nRUN b \\\\\nRUN c\n", {"[3/3] RUN c"}, 3},
    {"the other escape", "# escape=`\nFROM a\nRUN b `\n c\nRUN d \\\nRUN e\n", {"[4/4] RUN e"}, 6},
    {"the other escape, in capitals",
     "#ESCAPE = `\nFROM a\nRUN b `\n c\nRUN d\n",
     {"[3/3] RUN d"},
     5},
    {"the other escape, too late", "# a\n# escape=`\nFROM a\nRUN b `\nRUN c\n", {"[3/3] RUN c"}, 5},
    {"the other escape, after an empty line",
     "\n# escape=`\nFROM a\nRUN b `\nRUN c\n",
     {"[3/3] RUN c"},
     5},
    {"the other escape, after another directive",
     "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN b `\n c\nRUN d\n",
     {"[3/3] RUN d"},
     6},
    {"a heredoc", "FROM a\nRUN <<EOF\nRUN x\nEOF\nRUN b\n", {"[3/3] RUN b"}, 5},
    {"a heredoc's own line", "FROM a\nRUN <<EOF\nRUN x\nEOF\n", {"[2/2] RUN <<EOF (RUN x)"}, 2},
    {"a heredoc with quotes", "FROM a\nRUN cat <<'E F' \nRUN x\nE F\nRUN b\n", {"[3/3] RUN b"}, 5},
    {"a heredoc with double quotes",
     "FROM a\nRUN cat <<\"E\"\nRUN x\nE\nRUN b\n",
     {"[3/3] RUN b"},
     5},
    {"a heredoc with tabs", "FROM a\nCOPY <<-E /b\n\tRUN x\n\tE\nRUN b\n", {"[3/3] RUN b"}, 5},
    {"a heredoc without tabs", "FROM a\nCOPY <<E /b\n\tE\nE\nRUN b\n", {"[3/3] RUN b"}, 5},
    {"a heredoc with a backslash",
     "FROM a\nRUN cat <<\\E && \\\n true\nRUN x\nE\nRUN b\n",
     {"[3/3] RUN b"},
     6},
    {"two heredocs", "FROM a\nCOPY <<A <<B /b/\nB\nA\nA\nB\nRUN b\n", {"[3/3] RUN b"}, 7},
    {"a heredoc with a number", "FROM a\nRUN b 3<<E\nRUN x\nE\nRUN b\n", {"[3/3] RUN b"}, 5},
    {"a heredoc of CRLF", "FROM a\r\nRUN <<E\r\nRUN x\r\nE\r\nRUN b\r\n", {"[3/3] RUN b"}, 5},
    {"a heredoc after a continuation",
     "FROM a\nRUN b && \\\n <<E\nRUN x\nE\nRUN b\n",
     {"[3/3] RUN b"},
     6},
    {"a heredoc of ONBUILD", "FROM a\nONBUILD RUN <<E\nRUN x\nE\nRUN b\n", {"[2/2] RUN b"}, 5},
    {"what is no heredoc",
     "FROM a\nRUN b <<<EOF\nRUN '<<EOF'\nRUN b<<EOF\nENV <<EOF\nRUN c\n",
     {"[5/5] RUN c"},
     6},
    {"a heredoc in quotes", "FROM a\nRUN echo \"a <<EOF b\"\nRUN c\n", {"[3/3] RUN c"}, 3},
    {"a stage by name", "FROM a AS b\nRUN c\nFROM a as D\nRUN e\n", {"[d 2/2] RUN e"}, 4},
    {"a stage by number", "FROM a\nRUN c\nFROM a\nRUN e\n", {"[stage-1 2/2] RUN e"}, 4},
    {"a stage that is made of another",
     "FROM a AS b\nRUN c\nFROM b\nRUN e\n",
     {"[stage-1 1/1] RUN e"},
     4},
    {"a stage with a platform",
     "FROM --platform=$BUILDPLATFORM a AS b\nRUN c\n",
     {"[linux/amd64 b 2/2] RUN c"},
     2},
    {"a bake's target", "FROM a AS b\nRUN c\n", {"[web b 2/2] RUN c"}, 2},
    {"arguments before the first stage", "ARG A\nARG B=c\nFROM a\nRUN d\n", {"[2/2] RUN d"}, 4},
    {"a variable", "FROM a\nRUN b $C d\n", {"[2/2] RUN b e f d"}, 2},
    {"a variable in braces", "FROM a\nRUN b ${C:-${D}}d\n", {"[2/2] RUN b ed"}, 2},
    {"a variable without a value", "FROM a\nRUN b $C\n", {"[2/2] RUN b "}, 2},
    {"a variable that the shell has", "FROM a\nRUN b $1 $? $(c)\n", {"[2/2] RUN b   $(c)"}, 2},

    /* BuildKit removes quotes and escapes from the names of these. */
    {"a list in quotes", "FROM a\nCOPY [\"b c\", \"/d\"]\n", {"[2/2] COPY [b c, /d]"}, 2},
    {"a path in quotes", "FROM a\nWORKDIR '/b c'\n", {"[2/2] WORKDIR /b c"}, 2},
    {"an escaped blank", "FROM a\nADD b\\ c /d\n", {"[2/2] ADD b c /d"}, 2},
    {"another escape of a blank", "# escape=`\nFROM a\nADD b` c /d\n", {"[2/2] ADD b c /d"}, 3},
    {"a copied heredoc with quotes", "FROM a\nCOPY <<'E' /b\nE\n", {"[2/2] COPY <<E /b"}, 2},
    {"quotes and escapes that stay", "FROM a\nRUN \"b\" \\;\n", {"[2/2] RUN \"b\" \\;"}, 2},
    {"a dollar sign in quotes", "FROM a\nCOPY '$B' \\$C /\n", {"[2/2] COPY $B $C /"}, 2},
    {"equal instructions after a list in quotes",
     "FROM a\nCOPY [\"b\", \"/\"]\nRUN c\nRUN c\n",
     {"[2/4] COPY [b, /]", "[4/4] RUN c"},
     4},
    /* It writes all up to the first space in capitals. */
    {"a tab after the keyword", "FROM a\nRUN\tb c\n", {"[2/2] RUN\tB c"}, 2},

    {"equal instructions", "FROM a\nRUN b\nRUN b\nRUN b\n", {"[3/4] RUN b"}, 3},
    {"an image that is not there",
     "FROM a AS b\nFROM node:22\nRUN c\n",
     {"[internal] load metadata for docker.io/library/node:22"},
     2},
    {"an image without a tag",
     "FROM a\n",
     {"[internal] load metadata for docker.io/library/a:latest"},
     1},
    {"an image of a user", "FROM b/a\n", {"[internal] load metadata for docker.io/b/a:latest"}, 1},
    {"an image of a registry",
     "FROM c.d:5/b/a@sha256:1\n",
     {"[linux/arm64 internal] load metadata for c.d:5/b/a@sha256:1"},
     1},
    {"an image with a variable",
     "ARG V\nFROM a AS b\nFROM node:${V}-slim\n",
     {"[internal] load metadata for docker.io/library/node:22-slim"},
     3},
    {"an image of a variable alone",
     "FROM a\nFROM $B\n",
     {"[internal] load metadata for ghcr.io/c/d:1"},
     2},
    {"an image in quotes",
     "FROM \"a\"\n",
     {"[internal] load metadata for docker.io/library/a:latest"},
     1},
    {"an image to copy from",
     "FROM a AS b\nCOPY c d\nCOPY --link --from=e:1 /f /\n",
     {"[internal] load metadata for docker.io/library/e:1"},
     3},
    {"a stage to copy from that is not there",
     "FROM a AS build\nFROM a\nCOPY --from=build b /\nCOPY --from=biuld b /\n",
     {"[internal] load metadata for docker.io/library/biuld:latest"},
     4},
    {"an image to mount",
     "FROM $A\nRUN --mount=type=bind,from=c:1,target=/c d\n",
     {"[internal] load metadata for ghcr.io/b/e:2"},
     1},

    /* Instructions of the base image come before those of the stage. */
    {"one after an ONBUILD", "FROM a\nRUN b\nRUN c\n", {"[2/3] COPY x /", "[3/3] RUN b"}, 2},
    {"one beyond the count", "FROM a\nRUN b\n", {"[4/2] RUN b"}, 2},
    {"an ONBUILD itself", "FROM a\nRUN b\n", {"[2/2] RUN x"}, 0},
    {"one after two that are marked",
     "FROM a\nRUN b\nRUN b\n",
     {"[2/5] ONBUILD COPY x /", "[3/5] ONBUILD RUN x", "[5/5] RUN b"},
     3},
    {"one after two that are marked, where an ONBUILD ENV counts as well",
     "FROM a\nRUN b\nRUN b\n",
     {"[2/6] ONBUILD RUN x", "[3/6] ONBUILD COPY x /", "[5/6] RUN b"},
     3},
    {"one after the marked one of another stage",
     "FROM a AS b\nONBUILD RUN x\nFROM b\nRUN c\nRUN c\n",
     {"[stage-1 1/3] ONBUILD RUN x", "[stage-1 3/3] RUN c"},
     5},
    {"a marked ONBUILD itself, at the image that has it",
     "# b\nFROM a\nRUN b\n",
     {"[2/3] ONBUILD RUN x"},
     2},
    {"one after more of them than the count",
     "FROM a\nRUN b\n",
     {"[3/3] ONBUILD RUN x", "[4/3] RUN b"},
     0},
    {"an ONBUILD beyond the count", "FROM a\nRUN b\n", {"[3/2] RUN x"}, 0},
    {"one of two equal instructions", "FROM a\nRUN b\nRUN b\n", {"[2/3] RUN x", "[3/3] RUN b"}, 0},

    /* Lines that are not certain. */
    {"another text", "FROM a\nRUN b\n", {"[2/2] RUN c"}, 0},
    {"a longer text", "FROM a\nRUN b\n", {"[2/2] RUN b c"}, 0},
    {"a shorter text", "FROM a\nRUN b c\n", {"[2/2] RUN b"}, 0},
    {"another keyword", "FROM a\nCOPY b c\n", {"[2/2] ADD b c"}, 0},
    {"one after an ONBUILD of a stage", "FROM a\nRUN b\nRUN c\n", {"[2/2] RUN b"}, 2},
    {"a number of steps far too large", "FROM a\nRUN b\n", {"[2/9] RUN b"}, 0},
    {"a stage that is not there", "FROM a\nRUN b\n", {"[c 2/2] RUN b"}, 0},
    {"two stages of a name", "FROM a AS b\nRUN c\nFROM a AS b\nRUN c\n", {"[b 2/2] RUN c"}, 0},
    {"a stage that is not told", "FROM a\nRUN c\nFROM a\nRUN c\n", {"[2/2] RUN c"}, 0},
    {"another frontend", "# syntax=example/frontend\nFROM a\nRUN b\n", {"[2/2] RUN b"}, 0},
    {"another frontend of a like name",
     "#syntax=docker/dockerfiles\nFROM a\nRUN b\n",
     {"[2/2] RUN b"},
     0},
    {"an image of two stages",
     "FROM a\nFROM a\n",
     {"[internal] load metadata for docker.io/library/a:latest"},
     0},
    {"an image of none",
     "FROM a\n",
     {"[internal] load metadata for docker.io/library/b:latest"},
     0},
    {"an image of a stage and of an instruction",
     "FROM node:$V\nCOPY --from=node:22 a b\n",
     {"[internal] load metadata for docker.io/library/node:22"},
     0},
    {"an image of a stage and of a mount",
     "FROM node:$V\nRUN --mount=target=/a,from=node:22 b\n",
     {"[internal] load metadata for docker.io/library/node:22"},
     0},
    {"an image of two variables",
     "FROM $A\nFROM $B\n",
     {"[internal] load metadata for docker.io/library/c:1"},
     0},
    {"a step that is no instruction", "FROM a\nRUN b\n", {"exporting to image"}, 0},
    {"an empty file", "", {"[2/2] RUN b"}, 0},
    {"no stage", "RUN b\n", {"[1/1] RUN b"}, 0},
    {"a heredoc without an end", "FROM a\nRUN <<EOF\nRUN b\n", {"[3/3] RUN b"}, 0},
    {"a continuation without an end", "FROM a\nRUN b \\\n", {"[2/2] RUN b"}, 2},
};

TEST(finds)
{
    const struct line_row *row = *state;
    struct string_list log = {0};
    for (size_t i = 0; i < COUNT(row->steps) && row->steps[i] != NULL; i++)
        string_list_add(&arena, &log, arena_format(&arena, "\n#%zu %s\n", i + 1, row->steps[i]));
    const struct progress *progress = read_log(string_list_join(&arena, &log, ""));
    const struct build_step *step = progress_step(progress, progress_step_count(progress) - 1);
    assert_int_equal(dockerfile_step_line(&arena, row->dockerfile, progress, step), row->line);
}

/* A name is cut at 200 bytes. */
TEST(finds_a_long_instruction_by_its_beginning)
{
    const char *command = arena_format(&arena, "RUN %01000d", 0);
    const struct progress *progress = read_log(arena_format(&arena, "#1 [2/2] %s1\n", command));
    const char *same = arena_format(&arena, "FROM a\n%s1\n", command);
    const char *other = arena_format(&arena, "FROM a\nRUN 1%s1\n", command);
    assert_int_equal(dockerfile_step_line(&arena, same, progress, progress_step(progress, 0)), 2);
    assert_int_equal(dockerfile_step_line(&arena, other, progress, progress_step(progress, 0)), 0);
}

/* The time grows with a Dockerfile's size, not with its square: this one has 200,000 lines. */
TEST(reads_a_long_instruction_of_many_lines)
{
    enum { LINES_COUNT = 200000 };
    char *text = arena_allocate(&arena, LINES_COUNT * 4 + 64);
    char *end = stpcpy(text, "FROM a\nRUN b");
    for (int i = 0; i < LINES_COUNT; i++)
        end = stpcpy(end, " \\\nc");
    stpcpy(end, "\nRUN d\n");
    const struct progress *progress = read_log("#1 [3/3] RUN d\n");
    assert_int_equal(dockerfile_step_line(&arena, text, progress, progress_step(progress, 0)),
                     LINES_COUNT + 3);
}

static const struct shown_row {
    const char *name;
    const char *text;
    struct build_source source;
    bool shown;
} SHOWN[] = {
    {"the line", "FROM a\nRUN b\n", {2, "", "RUN b"}, true},
    {"another line", "FROM a\nRUN b\n", {1, "", "RUN b"}, false},
    {"a line that was changed", "FROM a\nRUN c\n", {2, "", "RUN b"}, false},
    {"a line that was indented", "FROM a\n  RUN b\n", {2, "", "  RUN b"}, true},
    {"a line with CRLF", "FROM a\r\nRUN b\r\n", {2, "", "RUN b"}, true},
    {"a line with tabs", "FROM a\nRUN\tb\n", {2, "", "RUN\tb"}, true},
    {"a line after the end", "FROM a\n", {3, "", "RUN b"}, false},
    {"a line that is not shown", "FROM a\nRUN b\n", {2, "", ""}, false},
};

TEST(compares_what_docker_shows_of)
{
    const struct shown_row *row = *state;
    assert_int_equal(dockerfile_shows(row->text, &row->source), row->shown);
}

int main(void)
{
    UNIT_ROWS(finds_the_line_that_docker_names_in_a_recorded_log, RECORDED);
    UNIT_ROWS(sees_the_line_that_docker_shows_in_a_recorded_log, RECORDED);
    UNIT_ROWS(agrees_with_docker_on, BOTH);
    UNIT_ROWS(finds, LINES);
    UNIT_TEST(finds_a_long_instruction_by_its_beginning);
    UNIT_TEST(reads_a_long_instruction_of_many_lines);
    UNIT_ROWS(compares_what_docker_shows_of, SHOWN);
    return unit_run("buildkit/dockerfile");
}
