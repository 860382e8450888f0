/*
 * A child process, and the process group that it leads. Whoever starts a child ends it, once.
 *
 * All functions are for one thread. We become the parent of any process that a child leaves behind
 * (Linux: prctl, PR_SET_CHILD_SUBREAPER, which child_start sets).
 */
#ifndef SYSTEM_CHILD_H
#define SYSTEM_CHILD_H

#include <stdbool.h>

enum { CHILDREN = 16 }; /* at most, at once */

struct child;

/*
 * Starts a program in its own process group, with default signal handling, and with these
 * descriptors as standard output and standard error. Returns 0, or the errno of what failed. When
 * our process exits, it kills all children that are still running.
 */
int child_start(const char *program, char *const *arguments, char *const *environment, int output,
                int errors, struct child **child);

/* Sends a signal to its group. */
void child_signal(const struct child *child, int number);

/* Whether it has ended. Also reaps all other processes that have ended: those that a child left
 * behind in their own group or session. */
bool child_has_ended(struct child *child);

/*
 * Waits until it ends, kills the rest of its group, and waits for that too. Nobody else can get its
 * process ID until then, so no other process is killed by mistake. Returns its exit status (128 + N
 * if signal N ended it), or -1 if that is not known. `child` must not be used afterwards.
 */
int child_end(struct child *child);

#endif
