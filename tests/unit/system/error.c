#include "system/error.h"

#include "system/redaction.h"
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

TEST(cuts_a_longer_message_at_a_word)
{
    struct error error = ERROR_INIT;
    enum { ROOM = sizeof(error.message) };
    assert_int_equal(error_set(&error, "%0*d end of it", ROOM - 10, 1), -1);
    assert_int_equal(strlen(error.message), ROOM - 10 + strlen(" end..."));
    assert_has(error.message, "1 end...");
}

TEST(shows_no_part_of_a_secret_that_does_not_fit)
{
    struct error error = ERROR_INIT;
    redaction_add("a secret of words");
    error_set(&error, "%*s a secret of words", (int)sizeof(error.message) - 10, "text");
    redaction_forget();
    assert_has(error.message, "text ***");
    assert_has_not(error.message, "secret");
}

TEST(takes_its_own_message_as_an_argument)
{
    struct error error = ERROR_INIT;
    error_set(&error, "%0*d", 1200, 1);
    error_set(&error, "%s %s", error.message, error.message);
    assert_int_equal(strlen(error.message), 1200 + strlen("..."));
}

TEST(tells_nobody_without_an_error)
{
    assert_int_equal(error_set(NULL, "open `%s`", "a"), -1);
}

int main(void)
{
    UNIT_TEST(a_new_error_has_no_message);
    UNIT_TEST(sets_the_message_and_returns_minus_1);
    UNIT_TEST(cuts_a_longer_message_at_a_word);
    UNIT_TEST(shows_no_part_of_a_secret_that_does_not_fit);
    UNIT_TEST(takes_its_own_message_as_an_argument);
    UNIT_TEST(tells_nobody_without_an_error);
    return unit_run("system/error");
}
