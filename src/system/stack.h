/*
 * Room for the calls of a program whose stack is limited to less than its libraries take (TLS, name
 * look-ups and unpacking take tens of KiB).
 */
#ifndef SYSTEM_STACK_H
#define SYSTEM_STACK_H

enum { STACK_SIZE = 1024 * 1024 };

/* Gives what `run` returns. If RLIMIT_STACK is less than STACK_SIZE, it runs on a thread with a
 * stack of that size, as do all threads that are started in it; without such a thread, as it is. */
int stack_run(int (*run)(void *context), void *context);

#endif
