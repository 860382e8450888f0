#include "system/clock.h"

#include <time.h>

long long clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000000000 + now.tv_nsec;
}

long long clock_now_ms(void)
{
    return clock_now_ns() / 1000000;
}

long long clock_unix_time(void)
{
    return (long long)time(NULL);
}
