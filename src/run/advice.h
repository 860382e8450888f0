/*
 * What to do where docker's build failed for want of something that a runner, or a fork, lacks.
 */
#ifndef RUN_ADVICE_H
#define RUN_ADVICE_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "run/log.h"

/* A sentence for the user about `line`, docker's last words; NULL where there is nothing to add. */
const char *docker_advice(const struct inputs *inputs, const struct facts *facts,
                          const struct log *log, const char *line);

#endif
