#include "plan/setup_inputs.h"

#define AT(member) offsetof(struct setup_inputs, member)

const struct input SETUP_INPUTS[] = {
    {"configure-docker", INPUT_BOOL, AT(configure_docker), .default_value = "false"},
    {"oidc", INPUT_BOOL, AT(oidc), .default_value = "false"},
    {"sha256", INPUT_STRING, AT(sha256)},
    {"version", INPUT_STRING, AT(version), .default_value = "latest"},
};
const size_t SETUP_INPUT_COUNT = sizeof(SETUP_INPUTS) / sizeof(SETUP_INPUTS[0]);

int setup_inputs_read(struct arena *arena, char *const *environment, struct setup_inputs *inputs,
                      struct error *error)
{
    *inputs = (struct setup_inputs){0};
    return inputs_read_table(arena, arena, environment, SETUP_INPUTS, SETUP_INPUT_COUNT, inputs,
                             error);
}
