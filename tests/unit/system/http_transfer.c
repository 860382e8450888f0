#include "system/http_transfer.h"

#include "unit.h"

#include <limits.h>

static const struct status_row {
    const char *name;
    long status;
    bool retry;
} STATUSES[] = {
    {"200", 200, false}, {"204", 204, false}, {"301", 301, false}, {"302", 302, false},
    {"400", 400, false}, {"401", 401, false}, {"403", 403, false}, {"404", 404, false},
    {"407", 407, false}, {"408", 408, true},  {"409", 409, false}, {"424", 424, false},
    {"425", 425, true},  {"426", 426, false}, {"428", 428, false}, {"429", 429, true},
    {"430", 430, false}, {"499", 499, false}, {"500", 500, true},  {"502", 502, true},
    {"503", 503, true},  {"504", 504, true},  {"599", 599, true},
};

TEST(retries_the_status)
{
    const struct status_row *row = *state;
    assert_int_equal(http_retry_status(row->status), row->retry);
}

static const struct delay_row {
    const char *name;
    int attempt;
    double jitter;
    long retry_after;
    long delay;
} DELAYS[] = {
    {"before the second attempt", 2, 0, 0, 250},
    {"before the third", 3, 0, 0, 500},
    {"before the fourth", 4, 0, 0, 1000},
    {"before the fifth", 5, 0, 0, 2000},
    {"up to 8 s", 7, 0, 0, 8000},
    {"no more than 8 s", 8, 0, 0, 8000},
    {"no more than 8 s ever", 1000, 0, 0, 8000},
    {"jitter takes away half", 2, 1, 0, 125},
    {"jitter takes away a quarter", 3, 0.5, 0, 375},
    {"jitter takes away half of 8 s", 9, 1, 0, 4000},
    {"at least what the server asks for", 2, 0, 1, 1000},
    {"at least what the server asks for, whatever the jitter", 5, 1, 2, 2000},
    {"more than the server asks for", 6, 0, 1, 4000},
    {"much that the server asks for", 2, 0, 3600, 3600000},
};

TEST(waits)
{
    const struct delay_row *row = *state;
    assert_int_equal(http_retry_delay(row->attempt, row->jitter, row->retry_after), row->delay);
}

static int wait_for_ever(void)
{
    return http_retry_delay(2, 0, LONG_MAX) > 1000000000 ? 0 : 1;
}

TEST(waits_no_less_where_the_server_asks_for_more_than_a_number_holds)
{
    assert_int_equal(unit_in_child(wait_for_ever), 0);
}

int main(void)
{
    UNIT_ROWS(retries_the_status, STATUSES);
    UNIT_ROWS(waits, DELAYS);
    UNIT_TEST(waits_no_less_where_the_server_asks_for_more_than_a_number_holds);
    return unit_run("system/http_transfer");
}
