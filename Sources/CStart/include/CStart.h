#ifndef CSTART_H
#define CSTART_H

/* What an executable that links this target does before anything else in its process, any library's constructors
 * included: it keeps its arguments, and has requests to stop wait. A library that is linked by others must not link it. */

/* How many arguments the process was started with, its own name among them; 0 where the system's C library does not say
 * (any but glibc). Swift's CommandLine reads /proc instead, and knows none where that is not mounted. */
int CStart_argument_count(void);

/* The argument of that number, as the bytes that it was given. */
const char *CStart_argument(int index);

/* Lets SIGTERM, SIGINT, SIGUSR1 and SIGHUP through again, where they were not blocked before the process began.
 *
 * In `train` and `launch` they are blocked from the first instruction on: a request that comes before somebody waits for
 * it neither ends the process nor is lost. SIGHUP is left alone where it is ignored, as by nohup. Of the calling thread. */
void CStart_unblock_stop_requests(void);

#endif
