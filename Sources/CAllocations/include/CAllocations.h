#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counts what this process allocates, in every thread and every library.
 *
 * An executable that links this target has its own `malloc` and the like, which hand on to glibc's and count while
 * they are told to. Not counting costs one load of a flag. A library that is linked by others must not link it. */

/* Whether allocations can be counted here: glibc only, and not under a sanitizer, which has its own allocator. */
bool CAllocations_available(void);

/* Begins or ends counting. */
void CAllocations_count(bool on);

/* Calls of malloc, calloc, realloc, memalign, aligned_alloc, posix_memalign, valloc, pvalloc while counting was on: by
 * the program itself, Swift's libraries and that of C, which work for it. */
int64_t CAllocations_own(void);

/* The same calls by all other libraries, such as MPI, and by that of C++, through which some make them: what the program cannot
 * mend. */
int64_t CAllocations_foreign(void);

/* Whoever asks for memory that is not there is answered no more: `handler` gets the number of bytes, in the thread that
 * asked, and must end the process. Should it need memory itself and get none, `last` is written to standard error, and
 * the process ends with `code`. Where allocations cannot be counted, nothing changes. */
void CAllocations_on_exhaustion(void (*handler)(size_t bytes), const char *last, int code);

/* Writes the `last` words of CAllocations_on_exhaustion and ends the process with its code. A signal handler may call it. */
_Noreturn void CAllocations_end_exhausted(void);

#endif
