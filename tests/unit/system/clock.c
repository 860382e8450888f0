#include "system/clock.h"

#include "unit.h"

#include <time.h>

TEST(counts_up_in_both_units)
{
    const long long ms = clock_now_ms();
    const long long ns = clock_now_ns();
    assert_true(ms > 0);
    assert_true(ns / 1000000 >= ms);
    assert_true(clock_now_ms() >= ns / 1000000);
}

TEST(tells_the_time_of_this_machine)
{
    const long long before = (long long)time(NULL);
    const long long told = clock_unix_time();
    assert_true(told >= before && told <= (long long)time(NULL));
}

int main(void)
{
    UNIT_TEST(counts_up_in_both_units);
    UNIT_TEST(tells_the_time_of_this_machine);
    return unit_run("system/clock");
}
