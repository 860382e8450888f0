#include "run/transfer.h"

#include "unit.h"

static const char *line_at(struct transfer *transfer, long long elapsed, long long received,
                           long long total, bool ended)
{
    static char line[160];
    const struct cli_progress now = {.version = "1.2.3",
                                     .received = received,
                                     .total = total,
                                     .elapsed = elapsed,
                                     .ended = ended};
    return transfer_line(transfer, &now, line, sizeof(line));
}

TEST(says_nothing_of_what_is_soon_over)
{
    struct transfer transfer = {0};
    assert_null(line_at(&transfer, 0, 0, 100, false));
    assert_null(line_at(&transfer, 999, 50, 100, false));
    assert_null(line_at(&transfer, 999, 100, 100, true));
}

TEST(tells_bytes_percent_and_rate)
{
    struct transfer transfer = {0};
    assert_text(line_at(&transfer, 2000, 5000000, 20000000, false),
                "Downloading depot 1.2.3: 5.0 of 20.0 MB, 25%, 2.5 MB/s");
}

TEST(tells_what_it_can_where_the_size_is_not_known)
{
    struct transfer transfer = {0};
    assert_text(line_at(&transfer, 1000, 5000000, 0, false),
                "Downloading depot 1.2.3: 5.0 MB, 5.0 MB/s");
}

TEST(speaks_every_few_seconds)
{
    struct transfer transfer = {0};
    assert_non_null(line_at(&transfer, 1000, 1, 100, false));
    assert_null(line_at(&transfer, 1001, 2, 100, false));
    assert_null(line_at(&transfer, 1000 + TRANSFER_EVERY_MS - 1, 2, 100, false));
    assert_non_null(line_at(&transfer, 1000 + TRANSFER_EVERY_MS, 3, 100, false));
}

TEST(ends_what_it_began)
{
    struct transfer transfer = {0};
    assert_non_null(line_at(&transfer, 1000, 1000000, 2000000, false));
    assert_text(line_at(&transfer, 2000, 2000000, 2000000, true),
                "Downloading depot 1.2.3: 2.0 of 2.0 MB, 100%, 1.0 MB/s");
}

int main(void)
{
    UNIT_TEST(says_nothing_of_what_is_soon_over);
    UNIT_TEST(tells_bytes_percent_and_rate);
    UNIT_TEST(tells_what_it_can_where_the_size_is_not_known);
    UNIT_TEST(speaks_every_few_seconds);
    UNIT_TEST(ends_what_it_began);
    return unit_run("run/transfer");
}
