#include "system/memory.h"

#include "unit.h"

TEST(gives_the_memory_back)
{
    char memory[1];
    assert_ptr_equal(memory_or_exit(memory), memory);
}

static int ask_for_none(void)
{
    memory_or_exit(NULL);
    return 0;
}

TEST(exits_with_1_without_memory)
{
    assert_int_equal(unit_in_child(ask_for_none), 1);
}

int main(void)
{
    UNIT_TEST(gives_the_memory_back);
    UNIT_TEST(exits_with_1_without_memory);
    return unit_run("system/memory");
}
