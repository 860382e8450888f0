/*
 * The time: how long something takes, and what day it is.
 */
#ifndef SYSTEM_CLOCK_H
#define SYSTEM_CLOCK_H

/* Of the monotonic clock, which nobody sets: for deadlines and durations. */
long long clock_now_ms(void);
long long clock_now_ns(void);

/* Of the machine's clock, in s since 1970: for what is compared with other machines. */
long long clock_unix_time(void);

#endif
