#define _GNU_SOURCE
#include "memory.h"

#include "CKernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Of x86-64, and of AArch64 with pages of 4 KiB. */
enum { LARGE_PAGE = 2 << 20, VECTOR = 64 };

void *ck_aligned_memory(int64_t bytes) {
  const int isLarge = bytes >= LARGE_PAGE;
  void *memory = NULL;
  if (posix_memalign(&memory, isLarge ? LARGE_PAGE : VECTOR, (size_t)bytes) != 0) return NULL;
#ifdef MADV_HUGEPAGE
  /* Whole ones alone: none may take more memory than was asked for. A system that has none refuses, and all is as it was. */
  if (isLarge) (void)madvise(memory, (size_t)(bytes / LARGE_PAGE * LARGE_PAGE), MADV_HUGEPAGE);
#endif
  return memory;
}

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
    own->floats = ck_aligned_memory(own->room * (int64_t)sizeof *own->floats);
    if (own->floats == NULL || pthread_setspecific(key, memories) != 0) {
      fprintf(stderr, "a kernel: no memory for its %lld MB of blocks\n", (long long)own->room >> 18);
      abort();
    }
  }
  return own->floats;
}
