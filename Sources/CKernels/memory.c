#include "memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  float *floats;
  int64_t room;
} memory;

static _Thread_local memory memories[CK_MEMORIES];

/* Another destructor of the thread may compute after this one: it allocates anew, and this one runs again. */
static void release(void *all) {
  memory *const each = all;
  for (int user = 0; user < CK_MEMORIES; user++) {
    free(each[user].floats);
    each[user] = (memory){NULL, 0};
  }
}

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_key(void) {
  if (pthread_key_create(&key, release) != 0) abort();
}

float *ck_memory(ck_memory_user user, int64_t floats) {
  memory *const own = &memories[user];
  if (own->room < floats) {
    pthread_once(&once, make_key);
    free(own->floats);
    own->room = (floats + 15) / 16 * 16;
    own->floats = aligned_alloc(64, (size_t)own->room * sizeof *own->floats);
    if (own->floats == NULL || pthread_setspecific(key, memories) != 0) {
      fprintf(stderr, "a kernel: no memory for its %lld MB of blocks\n", (long long)own->room >> 18);
      abort();
    }
  }
  return own->floats;
}
