#include "CKernelsCrew.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local const void *led;

const void *ck_crew(void) { return led; }
void ck_lead_crew(const void *crew) { led = crew; }

/* ---- Memory of a thread ---------------------------------------------------------------------------------------------- */

static _Thread_local float *memory;
static _Thread_local int64_t room;

/* Another destructor of the thread may compute after this one: it allocates anew, and this one runs again. */
static void release(void *floats) {
  memory = NULL;
  room = 0;
  free(floats);
}

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_key(void) {
  if (pthread_key_create(&key, release) != 0) abort();
}

float *ck_thread_memory(int64_t floats) {
  if (floats > room) {
    pthread_once(&once, make_key);
    free(memory);
    room = (floats + 15) / 16 * 16;
    memory = aligned_alloc(64, (size_t)room * sizeof *memory);
    if (memory == NULL || pthread_setspecific(key, memory) != 0) {
      fputs("a lane: no memory for its part of a leaf\n", stderr);
      abort();
    }
  }
  return memory;
}
