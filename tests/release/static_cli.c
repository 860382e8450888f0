/*
 * Acts as `depot` where there is no Python: a program that needs no other files. Copies the files
 * `metadata` and `image_id`, which are next to it, to the paths in its arguments, and records how
 * it was started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

extern char **environ;
static char folder[4096];

static FILE *open_beside(const char *name, const char *mode)
{
    char path[sizeof(folder) + 64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        perror(path);
        exit(99);
    }
    return file;
}

static void record(const char *name, char **words)
{
    FILE *file = open_beside(name, "w");
    for (; *words != NULL; words++)
        fwrite(*words, 1, strlen(*words) + 1, file);
    fclose(file);
}

static void copy(const char *name, const char *path)
{
    char content[4096];
    FILE *from = open_beside(name, "r");
    size_t length = fread(content, 1, sizeof(content), from);
    FILE *to = fopen(path, "w");
    if (to == NULL || fwrite(content, 1, length, to) != length) {
        perror(path);
        exit(98);
    }
    fclose(to);
    fclose(from);
}

int main(int argc, char **argv)
{
    /* /proc may be missing, and argv[0] has no folder. */
    snprintf(folder, sizeof(folder), "%s", (const char *)getauxval(AT_EXECFN));
    *strrchr(folder, '/') = '\0';
    record("records/environment", environ);
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--metadata-file") == 0)
            copy("metadata", argv[i + 1]);
        if (strcmp(argv[i], "--iidfile") == 0)
            copy("image_id", argv[i + 1]);
    }
    puts("the build's own words");
    record("records/arguments", argv);
    return 0;
}
