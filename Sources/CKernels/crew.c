#include "CKernelsCrew.h"
#include "memory.h"

static _Thread_local const void *led;

const void *ck_crew(void) { return led; }
void ck_lead_crew(const void *crew) { led = crew; }

float *ck_thread_memory(int64_t floats) { return ck_memory(CK_OF_PARTS, floats); }
