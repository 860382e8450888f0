/*
 * A child process, and the group of processes that it leads. Whoever starts one ends it, once.
 *
 * All of this is for one thread. We are the parent of whatever a child leaves behind (Linux:
 * prctl, PR_SET_CHILD_SUBREAPER, which child_start sets).
 */
#ifndef SYSTEM_CHILD_H
#define SYSTEM_CHILD_H

#include <stdbool.h>

enum { CHILDREN = 16 }; /* at most, at once */

struct child;

/*
 * Starts a program in a process group of its own, with its signals as by default, and these
 * descriptors as standard output and standard error. Returns 0, or the errno of what failed. An
 * exit kills who is still there.
 */
int child_start(const char *program, char *const *arguments, char *const *environment, int output,
                int errors, struct child **child);

/* Sends a signal to its group. */
void child_signal(const struct child *child, int number);

/* Whether it has ended. Meanwhile, everybody else who has ended is waited for: what a child left
 * behind in a group or a session of its own. */
bool child_has_ended(struct child *child);

/*
 * Waits for its end, kills what is left of its group, and waits for that too. Its number is its own
 * until then: no other process is killed in its place. Returns its exit status (128 + N where
 * signal N ended it), or -1 where that is not known. The child is no more.
 */
int child_end(struct child *child);

#endif
