/* What a thread knows of the others that compute with it. */
#pragma once

#include <stdint.h>

/* The crew that this thread leads, as `ck_lead_crew` has it; NULL where it works alone. */
const void *ck_crew(void);
void ck_lead_crew(const void *crew);

/* `floats` floats of this thread's own, 64-byte aligned, whose content does not matter: the same ones for every call, until more
 * are asked for. */
float *ck_thread_memory(int64_t floats);
