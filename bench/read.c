/* Reads a build's log from standard input, and prints what the reader found in it, as JSON. */
#include "buildkit/progress.h"
#include "buildkit/step_name.h"
#include "buildkit/transient.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static void add_failed_step(cJSON *answer, const struct progress *progress)
{
    const struct build_step *step = progress_failed_step(progress);
    if (step != NULL)
        cJSON_AddStringToObject(answer, "failed_step", step->name);
    else
        cJSON_AddNullToObject(answer, "failed_step");
}

static void add_source(cJSON *answer, const struct progress *progress)
{
    const struct build_source source = progress_source(progress);
    if (source.line > 0)
        cJSON_AddNumberToObject(answer, "line", source.line);
    else
        cJSON_AddNullToObject(answer, "line");
    if (source.file[0] != '\0')
        cJSON_AddStringToObject(answer, "file", source.file);
    else
        cJSON_AddNullToObject(answer, "file");
}

int main(void)
{
    char portion[4096];
    struct arena arena = ARENA_INIT;
    struct progress *progress = progress_new(&arena);
    for (size_t got; (got = fread(portion, 1, sizeof(portion), stdin)) > 0;)
        progress_feed(progress, portion, got);
    progress_end(progress);
    const struct step_count count = step_count(progress);
    cJSON *answer = cJSON_CreateObject();
    add_failed_step(answer, progress);
    add_source(answer, progress);
    cJSON_AddNumberToObject(answer, "cached", (double)count.cached);
    cJSON_AddNumberToObject(answer, "steps", (double)count.total);
    cJSON_AddNumberToObject(answer, "warnings", progress_warnings(progress));
    const char *evidence = progress_evidence(&arena, progress);
    cJSON_AddStringToObject(answer, "evidence", evidence);
    cJSON_AddBoolToObject(answer, "retry", transient_symptom(evidence) != NULL);
    char *printed = cJSON_PrintUnformatted(answer);
    puts(printed);
    cJSON_free(printed);
    cJSON_Delete(answer);
    arena_free(&arena);
    return 0;
}
