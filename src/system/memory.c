#include "system/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { RESERVE_SIZE = 64 * 1024 };

/* The clean-up at exit needs memory too. */
static void *_Atomic reserve;

static void keep_reserve(void)
{
    void *none = NULL;
    void *block = malloc(RESERVE_SIZE);
    if (!atomic_compare_exchange_strong(&reserve, &none, block))
        free(block);
}

void *memory_or_exit(void *memory)
{
    if (memory == NULL) {
        free(atomic_exchange(&reserve, NULL));
        fputs("::error title=Out of memory::The step needs more memory than the machine has "
              "left: free some, or use a larger runner.\n",
              stderr);
        exit(1);
    }
    if (reserve == NULL)
        keep_reserve();
    return memory;
}
