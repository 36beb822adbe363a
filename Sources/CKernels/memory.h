/* The memories of a thread, for what lies nowhere else while a kernel computes. */
#pragma once

#include <stdint.h>

/* Who uses which: a part of a kernel calls products, so that each has its own. */
typedef enum { CK_OF_PRODUCTS, CK_OF_PARTS, CK_MEMORIES } ck_memory_user;

/* So many floats at least, 64-byte aligned, whose content does not matter: the same memory for all calls of a thread, until more
 * are asked for; it ends with the thread. */
float *ck_memory(ck_memory_user user, int64_t floats);
