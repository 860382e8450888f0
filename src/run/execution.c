#include "run/execution.h"

#include "github/commands.h"
#include "system/environment.h"
#include "system/process.h"
#include "system/string_list.h"
#include "system/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_command(const struct string_list *command)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=+:,./@%{}";
    fputs("[command]", stdout);
    for (size_t i = 0; i < command->count; i++) {
        const char *argument = command->items[i];
        if (i > 0)
            putchar(' ');
        if (argument[0] != '\0' && argument[strspn(argument, plain)] == '\0') {
            fputs(argument, stdout);
            continue;
        }
        putchar('\'');
        for (const char *byte = argument; *byte != '\0'; byte++)
            if (*byte == '\'')
                fputs("'\\''", stdout);
            else
                putchar(*byte);
        putchar('\'');
    }
    putchar('\n');
    fflush(stdout);
}

static void observe(void *context, const char *bytes, size_t length)
{
    log_feed(context, bytes, length);
}

/* How long Depot may take to get a machine ready where docker could build instead: as long as its
 * CLI waits to connect to one. It would wait for ever for one that is never launched. */
enum { MACHINE_TIMEOUT_S = 300, MACHINE_TIMEOUT_MOST_S = 24 * 60 * 60 };

static int machine_timeout_ms(char *const *environment)
{
    const char *seconds = environment_get_nonempty(environment, "DEPOT_MACHINE_TIMEOUT");
    long given = seconds != NULL ? strtol(seconds, NULL, 10) : 0;
    return 1000 * (int)(given > 0 && given <= MACHINE_TIMEOUT_MOST_S ? given : MACHINE_TIMEOUT_S);
}

static bool has_no_machine(void *context)
{
    struct log *log = context;
    log->timed_out = !log->step_began;
    return log->timed_out;
}

int execute(struct preparation *preparation, const struct plan *plan, const char *program,
            bool impatient, struct log *log, struct error *error)
{
    TRACE_SCOPE("build");
    const struct process process = {
        .program = program,
        .arguments = plan->command.items,
        .environment = plan_environment(&preparation->arena, &preparation->vault, plan,
                                        preparation->environment),
        .output = STDOUT_FILENO,
        .on_output = observe,
        .patience_ms = impatient ? machine_timeout_ms(preparation->environment) : 0,
        .out_of_patience = has_no_machine,
        .context = log,
    };
    commands_stop();
    print_command(&plan->command);
    int status = process_run(&process, error);
    commands_resume(log->at_line_start);
    return status;
}
