#include "system/memory.h"

#include <stdio.h>
#include <stdlib.h>

void *memory_or_exit(void *memory)
{
    if (memory == NULL) {
        fputs("::error title=Out of memory::The step needs more memory than the machine has "
              "left: free some, or use a larger runner.\n",
              stderr);
        exit(1);
    }
    return memory;
}
