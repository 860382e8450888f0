/*
 * The time: durations and the date.
 */
#ifndef SYSTEM_CLOCK_H
#define SYSTEM_CLOCK_H

/* From the monotonic clock, which nobody sets: for deadlines and durations. */
long long clock_now_ms(void);
long long clock_now_ns(void);

/* From the machine's clock, in s since 1970: for comparisons with other machines. */
long long clock_unix_time(void);

#endif
