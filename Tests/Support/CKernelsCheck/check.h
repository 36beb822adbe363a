/* What the checks share: numbers that are the same on any processor, and digests of what is made of them. */
#pragma once

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

/* How many results differ from their definition. */
extern int wrong;

/* Each writes the lines of some kernels. */
void check_products(void);
void check_bfloat16_products(void);
void check_convolutions(void);
void check_images(void);
void check_bfloat16_images(void);
void check_sequences(void);
void check_recurrence(void);
void check_sounds(void);
void check_loops(void);

extern uint64_t state;

/* In -limit ... limit, the same on any processor. */
static inline float number(float limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return ((float)(state >> 40) * 0x1p-23f - 1) * limit;
}

static inline float *room(int64_t count) { return aligned_alloc(64, ((size_t)count * 4 + 191) / 64 * 64); }

static inline float *numbers(int64_t count, float limit) {
  float *all = room(count);
  for (int64_t i = 0; i < count; i++) all[i] = number(limit);
  return all;
}

/* FNV-1a of everything that was noted. */
typedef struct {
  uint64_t value;
} digest;

static inline void note(digest *to, const void *bytes, size_t count) {
  const unsigned char *each = bytes;
  for (size_t i = 0; i < count; i++) to->value = (to->value ^ each[i]) * 1099511628211u;
}
static inline void note_floats(digest *to, const float *all, int64_t count) { note(to, all, (size_t)count * sizeof *all); }

static inline digest begin(uint64_t seed) {
  state = seed;
  return (digest){14695981039346656037u};
}
static inline void end(const char *name, digest found) { printf("%-24s %016llx\n", name, (unsigned long long)found.value); }

static const int64_t lengths[] = {1, 2, 3, 5, 15, 16, 17, 31, 33, 64, 67, 1000, 2051};
#define EACH_LENGTH(n) for (size_t l = 0, n = 0; l < sizeof lengths / sizeof *lengths && (n = (size_t)lengths[l], 1); l++)

/* A tensor of floats, or of bfloat16 numbers made of them. */
static inline void *tensor(const float *from, int64_t count, int isBFloat16) {
  void *made = numbers(count, 0);
  if (isBFloat16) {
    ck_bfloat16_round(made, from, count);
  } else {
    memcpy(made, from, (size_t)count * sizeof *from);
  }
  return made;
}
static inline void note_tensor(digest *to, const void *all, int64_t count, int isBFloat16) {
  note(to, all, (size_t)count * (isBFloat16 ? sizeof(uint16_t) : sizeof(float)));
}
