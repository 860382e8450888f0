/*
 * The jobs of the program: each a function of the table in main.c, named as its subcommand. They
 * return the exit status.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

int run_build(char **environment);
int run_setup(char **environment);
int run_plan(char **environment);

#endif
