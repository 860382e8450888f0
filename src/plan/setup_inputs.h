/*
 * The inputs of setup/action.yml, which is checked against this table: those of
 * depot/setup-action, and `sha256`.
 */
#ifndef PLAN_SETUP_INPUTS_H
#define PLAN_SETUP_INPUTS_H

#include "plan/inputs.h"

struct setup_inputs {
    bool configure_docker;
    bool oidc;
    const char *sha256; /* NULL if it is not given */
    const char *version;
};

extern const struct input SETUP_INPUTS[];
extern const size_t SETUP_INPUT_COUNT;

/* Like inputs_read. */
int setup_inputs_read(struct arena *arena, char *const *environment, struct setup_inputs *inputs,
                      struct error *error);

#endif
