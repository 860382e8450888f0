#include "system/error.h"

#include "unit.h"

TEST(a_new_error_has_no_message)
{
    struct error error = ERROR_INIT;
    assert_text(error.message, "");
}

TEST(sets_the_message_and_returns_minus_1)
{
    struct error error = ERROR_INIT;
    assert_int_equal(error_set(&error, "open `%s`: %d", "a", 2), -1);
    assert_text(error.message, "open `a`: 2");
    assert_int_equal(error_set(&error, "b"), -1);
    assert_text(error.message, "b");
}

TEST(cuts_a_longer_message)
{
    struct error error = ERROR_INIT;
    assert_int_equal(error_set(&error, "%*s", (int)sizeof(error.message) + 100, ""), -1);
    assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
}

int main(void)
{
    UNIT_TEST(a_new_error_has_no_message);
    UNIT_TEST(sets_the_message_and_returns_minus_1);
    UNIT_TEST(cuts_a_longer_message);
    return unit_run("system/error");
}
