#ifndef CSPAWN_H
#define CSPAWN_H

#include <stdbool.h>
#include <sys/types.h>

// Starts a program that is looked up in PATH, in a process group of its own, with no signal blocked or ignored.
//
// Its standard input is empty, its standard output ours or, where it is silent, nobody's; what it writes to standard error
// comes out of `errors`, the writing end of a pipe. It gets SIGTERM when the thread that calls this ends, however it does
// (PR_SET_PDEATHSIG of Linux, prctl(2)).
//
// Returns its process, or -1 with errno set where it cannot be started.
pid_t CSpawn_start(char *const words[], int errors, bool is_silent);

#endif
