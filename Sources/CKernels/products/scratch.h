/* The memory of a thread for blocks of products. */
#pragma once

#include <stdint.h>

/* So many floats at least, 64-byte aligned, whose content does not matter: the same memory for all calls of a thread, which grows
 * with the largest of them and ends with the thread. */
float *ck_scratch(int64_t floats);
