#include "system/stack.h"

#include "unit.h"

#include <pthread.h>
#include <sys/resource.h>

static size_t stack_size(void)
{
    pthread_attr_t attributes;
    size_t size = 0;
    assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_destroy(&attributes);
    return size;
}

static void *measure(void *context)
{
    *(size_t *)context = stack_size();
    return NULL;
}

/* The stacks of the thread that runs and of one that it starts, and what it was given. */
static size_t own;
static size_t started;
static void *given;

static int look(void *context)
{
    pthread_t thread;
    given = context;
    own = stack_size();
    assert_int_equal(pthread_create(&thread, NULL, measure, &started), 0);
    pthread_join(thread, NULL);
    return 7;
}

static int run_with_little(void)
{
    setrlimit(RLIMIT_STACK, &(struct rlimit){.rlim_cur = 16 * 1024, .rlim_max = 16 * 1024});
    return stack_run(look, &own) == 7 && given == &own && own >= STACK_SIZE && started >= STACK_SIZE
               ? 0
               : 1;
}

TEST(makes_room_where_there_is_little)
{
    assert_int_equal(unit_in_child(run_with_little), 0);
}

TEST(runs_as_it_is_where_there_is_room)
{
    char text[] = "x";
    assert_int_equal(stack_run(look, text), 7);
    assert_ptr_equal(given, text);
    assert_true(own >= STACK_SIZE);
}

int main(void)
{
    UNIT_TEST(makes_room_where_there_is_little);
    UNIT_TEST(runs_as_it_is_where_there_is_room);
    return unit_run("system/stack");
}
