/*
 * Provides enough stack if the stack limit is lower than the libraries need (TLS, name lookups and
 * unpacking use tens of KiB).
 */
#ifndef SYSTEM_STACK_H
#define SYSTEM_STACK_H

enum { STACK_SIZE = 1024 * 1024 };

/* Returns the result of `run`. If RLIMIT_STACK is less than STACK_SIZE, `run` and all threads that
 * it starts get a stack of that size. If no such thread can be started, it runs on the current
 * stack. */
int stack_run(int (*run)(void *context), void *context);

#endif
