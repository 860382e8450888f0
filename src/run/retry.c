#include "run/retry.h"

#include "buildkit/transient.h"
#include "github/commands.h"
#include "run/token.h"
#include "system/clock.h"
#include "system/process.h"
#include "system/trace.h"

#include <sodium.h>

const char *retry_cause(const struct step *step, const char *evidence)
{
    const struct symptom *symptom = transient_symptom(evidence);
    return symptom != NULL && step->retried < step->inputs.retries && signals_received() == 0
               ? symptom->cause
               : NULL;
}

/* Up to a fifth less, so that jobs that failed together do not try again together. */
long long retry_wait_ms(int try, double chance)
{
    enum { FIRST_MS = 5000, MOST_MS = 60000 };
    long long wait = FIRST_MS;
    for (int i = 2; i < try && wait < MOST_MS; i++)
        wait *= 2;
    wait = wait < MOST_MS ? wait : MOST_MS;
    return wait - (long long)((double)wait / 5 * chance);
}

bool retry_wait(struct step *step, const char *cause, const char *failure)
{
    TRACE_SCOPE("wait");
    enum { PARTS = 1000 };
    const int try = step->retried + 2;
    const double chance = (double)randombytes_uniform(PARTS) / (double)PARTS;
    const long long wait = retry_wait_ms(try, chance);
    const long long until = clock_now_ms() + wait;
    command_warning(
        "Trying again",
        arena_format(&step->arena, "Try %d of %d failed because %s: %s. Try %d begins in %.0f s.",
                     try - 1, step->inputs.retries + 1, cause, failure, try, (double)wait / 1000));
    renew_token(step);
    return signals_wait(until - clock_now_ms());
}
