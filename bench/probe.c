/* Stands where a step's CLI stands: reports, on descriptor 9, when it began to run
 * (CLOCK_MONOTONIC, ns) and the peak memory of the process that started it (VmHWM, KiB). */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long parent_peak(void)
{
    char path[64];
    char line[256];
    long peak = -1;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)getppid());
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        if (sscanf(line, "VmHWM: %ld kB", &peak) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return peak;
}

int main(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    dprintf(9, "%lld %ld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec, parent_peak());
    return 0;
}
