#include "plan/outputs.h"

#include "plan/inputs.h"

#include <string.h>

bool output_is(const struct record *output, const char *exporter)
{
    const char *type = record_get(output, "type");
    return strcmp(type != NULL ? type : "local", exporter) == 0;
}

bool outputs_have(const struct records *outputs, const char *exporter)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (output_is(&outputs->items[i], exporter))
            return true;
    return false;
}

bool outputs_push(const struct records *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        bool pushes = output_is(&outputs->items[i], "registry");
        const char *push = record_get(&outputs->items[i], "push");
        if (push != NULL)
            go_bool_parse(push, &pushes);
        if (pushes)
            return true;
    }
    return false;
}
