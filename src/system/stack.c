#include "system/stack.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/resource.h>

struct call {
    int (*run)(void *context);
    void *context;
    int result;
};

static void *answer(void *context)
{
    struct call *call = context;
    call->result = call->run(call->context);
    return NULL;
}

int stack_run(int (*run)(void *context), void *context)
{
    struct rlimit limit;
    struct call call = {.run = run, .context = context};
    pthread_attr_t attributes;
    pthread_t thread;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK_SIZE)
        return run(context);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_setattr_default_np(&attributes);
    const int failure = pthread_create(&thread, NULL, answer, &call);
    pthread_attr_destroy(&attributes);
    if (failure != 0)
        return run(context);
    pthread_join(thread, NULL);
    return call.result;
}
