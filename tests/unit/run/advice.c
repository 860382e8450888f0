#include "run/advice.h"

#include "unit.h"

static const struct advice_row {
    const char *name;
    const char *line;
    bool fork;
    bool push;
    const char *output;
    bool foreign_program;
    const char *advice; /* a part of it; NULL: there is none */
} ROWS[] = {
    {"a push that is denied", "failed to push a: denied: requested access is denied", true, true,
     .advice = "github.event_name != 'pull_request'"},
    {"a push that is unauthorized", "unauthorized: authentication required", true, true,
     .advice = "no credentials"},
    {"a push that is forbidden", "unexpected status: 403 Forbidden", true, true,
     .advice = "no credentials"},
    {"a push without a login", "no basic auth credentials", true, true, .advice = "no credentials"},
    {"a push by an output", "insufficient_scope: authorization failed", true, false,
     "type=image,push=true", .advice = "no credentials"},
    {"a push to a registry", "denied", true, false, "type=registry", .advice = "no credentials"},
    {"no push", "permission denied", true, false},
    {"no fork", "denied", false, true},
    {"a push that failed otherwise", "no such host", true, true},
    {"a base image that is denied", "pull access denied, authorization failed", true, true},
    {"another architecture", "exit code: 1", false, false, .foreign_program = true,
     .advice = "setup-qemu-action"},
    {"something else", "exit code: 1", true, true},
};

TEST(gives_advice_on)
{
    const struct advice_row *row = *state;
    struct inputs inputs = {.push = row->push};
    if (row->output != NULL)
        string_list_add(&arena, &inputs.outputs, row->output);
    const struct facts facts = {.fork = row->fork};
    const struct log log = {.foreign_program = row->foreign_program};
    const char *advice = docker_advice(&inputs, &facts, &log, row->line);
    if (row->advice == NULL)
        assert_null(advice);
    else
        assert_has(unit_shown(advice), row->advice);
}

int main(void)
{
    UNIT_ROWS(gives_advice_on, ROWS);
    return unit_run("run/advice");
}
