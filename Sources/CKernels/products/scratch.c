#include "scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local float *scratch;
static _Thread_local int64_t count;

/* Another destructor of the thread may compute after this one: it allocates anew, and this one runs again. */
static void release(void *memory) {
  scratch = NULL;
  count = 0;
  free(memory);
}

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_key(void) {
  if (pthread_key_create(&key, release) != 0) abort();
}

float *ck_scratch(int64_t floats) {
  if (count < floats) {
    pthread_once(&once, make_key);
    free(scratch);
    count = (floats + 15) / 16 * 16;
    scratch = aligned_alloc(64, (size_t)count * sizeof *scratch);
    if (scratch == NULL || pthread_setspecific(key, scratch) != 0) {
      fprintf(stderr, "a product: no memory for its %lld MB of blocks\n", (long long)count >> 18);
      abort();
    }
  }
  return scratch;
}
