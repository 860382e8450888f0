/*
 * The subcommands of the program, each named as in the table in main.c. They return the exit
 * status.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

int run_build(char **environment);
int run_setup(char **environment);
int run_plan(char **environment);

#endif
