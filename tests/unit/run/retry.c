#include "run/retry.h"

#include "unit.h"

static const struct wait_row {
    const char *name;
    int try;
    long long ms; /* at most */
} WAITS[] = {
    {"the second try", 2, 5000},
    {"the third", 3, 10000},
    {"the fourth", 4, 20000},
    {"the fifth", 5, 40000},
    {"the sixth", 6, 60000},
    {"the seventh", 7, 60000},
    {"the last there may be", 11, 60000},
};

TEST(waits_twice_as_long_each_time_before)
{
    const struct wait_row *row = *state;
    assert_int_equal(retry_wait_ms(row->try, 0), row->ms);
    assert_int_equal(retry_wait_ms(row->try, 1), row->ms - row->ms / 5);
    assert_int_equal(retry_wait_ms(row->try, 0.5), row->ms - row->ms / 10);
}

static const struct cause_row {
    const char *name;
    const char *evidence;
    int retries;
    int retried;
    bool again;
} CAUSES[] = {
    {"a lost connection", "unavailable: error reading from server: EOF", 1, 0, true},
    {"the last try", "unavailable: error reading from server: EOF", 1, 1, false},
    {"one more", "unavailable: error reading from server: EOF", 2, 1, true},
    {"none at all", "unavailable: error reading from server: EOF", 0, 0, false},
    {"what lasts", "failed to solve: process did not complete successfully: exit code: 1", 1, 0,
     false},
    {"what is not known", "what is this", 1, 0, false},
    {"nothing", "", 1, 0, false},
};

TEST(tries_again_after)
{
    const struct cause_row *row = *state;
    static struct step step;
    step.inputs.retries = row->retries;
    step.retried = row->retried;
    assert_int_equal(retry_cause(&step, row->evidence) != NULL, row->again);
}

int main(void)
{
    UNIT_ROWS(waits_twice_as_long_each_time_before, WAITS);
    UNIT_ROWS(tries_again_after, CAUSES);
    return unit_run("run/retry");
}
