#include "plan/inputs.h"
#include "plan/setup_inputs.h"
#include "run/run.h"
#include "system/file.h"
#include "system/stack.h"
#include "system/trace.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

static int run_version(char **environment)
{
    (void)environment;
    return puts("depot-build-push " VERSION) == EOF;
}

static const struct command {
    const char *name;
    int (*run)(char **environment);
    const char *summary;
    const char *help;
    const struct input *inputs;
    const size_t *input_count;
    bool traced; /* takes --trace FILE */
} COMMANDS[] = {
    {"build", run_build, "Build an image, as the step of a workflow does.",
     "Reads the inputs and the runner's variables from the environment, runs `depot build` or\n"
     "`docker buildx build`, and writes the step's outputs to the file GITHUB_OUTPUT. The exit\n"
     "status is that of the build, or 1 if no build could be started.\n\n"
     "With --trace, the phases of the run and their times are written to FILE in Chrome's trace\n"
     "format.\n",
     INPUTS, &INPUT_COUNT, .traced = true},
    {"setup", run_setup, "Install the depot CLI for the job's later steps.",
     "Finds the CLI in the runner's tool cache, or downloads it, verifies it and installs it "
     "there.\n"
     "Adds it to the PATH of later steps (GITHUB_PATH). With `oidc`, later steps also get a Depot\n"
     "token (GITHUB_ENV).\n",
     SETUP_INPUTS, &SETUP_INPUT_COUNT},
    {"plan", run_plan, "Print which builder would build, why, and the exact command.",
     "Reads the environment as `build` does. Changes nothing and contacts nothing. Prints one "
     "JSON\n"
     "object: `builder`, `reason`, `command`, `environment` (the variables set for the command,\n"
     "with secret values as ***), `secrets`, `notices` and `warnings`. If the token would come "
     "from\n"
     "OIDC, the plan assumes that the exchange succeeds. If docker would build, the plan assumes\n"
     "that docker can do everything the inputs ask for.\n",
     INPUTS, &INPUT_COUNT},
    {"version", run_version, "Print the version.", "", NULL, NULL},
};
enum { COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static void print_usage(FILE *to)
{
    fputs("Usage: depot-build-push COMMAND [--help]\n\nCommands:\n", to);
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-8s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
}

static void print_inputs(const struct input *inputs, size_t count)
{
    static const char *const kinds[] = {
        [INPUT_STRING] = "string",
        [INPUT_BOOL] = "bool",
        [INPUT_SPLIT_LIST] = "split list",
        [INPUT_WHOLE_LIST] = "whole list",
        [INPUT_UNTRIMMED_LIST] = "whole list, untrimmed",
        [INPUT_AGENT_LIST] = "list of agents",
        [INPUT_LINE_LIST] = "whole list, quotes kept",
    };
    puts("\nInputs, each read from a variable INPUT_NAME, with `_` for `-` (name, kind, default):");
    for (size_t i = 0; i < count; i++)
        printf("  %-17s %-24s %s\n", inputs[i].name, kinds[inputs[i].kind],
               inputs[i].default_value != NULL ? inputs[i].default_value : "-");
}

static int print_help(const struct command *command)
{
    printf("Usage: depot-build-push %s%s\n\n%s\n%s", command->name,
           command->traced ? " [--trace FILE]" : "", command->summary, command->help);
    if (command->inputs != NULL)
        print_inputs(command->inputs, *command->input_count);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int run_traced(const struct command *command, const char *file)
{
    struct error error = ERROR_INIT;
    int status = 1;
    int outcome = trace_open(file, &error);
    if (outcome == 0) {
        status = command->run(environ);
        outcome = trace_close(&error);
    }
    if (outcome != 0)
        fprintf(stderr, "%s\n", error.message);
    return status;
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

struct arguments {
    int count;
    char **words;
};

static int run(void *context)
{
    const struct arguments *arguments = context;
    const int argc = arguments->count;
    char **argv = arguments->words;
    if (argc == 2 && is_help(argv[1])) {
        print_usage(stdout);
        return 0;
    }
    for (int i = 0; argc >= 2 && i < COMMAND_COUNT; i++) {
        if (strcmp(argv[1], COMMANDS[i].name) != 0)
            continue;
        if (argc == 3 && is_help(argv[2]))
            return print_help(&COMMANDS[i]);
        if (argc == 2)
            return COMMANDS[i].run(environ);
        if (argc == 4 && COMMANDS[i].traced && strcmp(argv[2], "--trace") == 0)
            return run_traced(&COMMANDS[i], argv[3]);
        break;
    }
    print_usage(stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.count = argc, .words = argv};
    if (file_open_streams() == 0)
        return stack_run(run, &arguments);
    fputs("::error title=Step failed::/dev/null cannot be opened in place of a stream that is "
          "closed: "
          "give the step its standard input, output and error.\n",
          stderr);
    return 1;
}
