#include "CKernels.h"
#include "common.h"

#include <string.h>

/* Magnitudes as whole numbers, in the order of what they stand for; of what is denormal it is that of 0, as a lane's thread takes it. */
CK_INLINE uint32_t magnitude_of(float w) {
  uint32_t bits;
  memcpy(&bits, &w, sizeof bits);
  bits &= 0x7fffffffu;
  return bits < 0x00800000u ? 0 : bits;
}

CK_CLONES void ck_mask_zeros(float *x, const float *w, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) x[i] = magnitude_of(w[i]) == 0 ? 0 : x[i];
}

int64_t ck_zeros(const float *w, int64_t n) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) count += magnitude_of(w[i]) == 0;
  return count;
}

void ck_magnitude_counts(int64_t *counts, const float *w, int64_t n, int64_t upper) {
  for (int64_t i = 0; i < n; i++) {
    const uint32_t magnitude = magnitude_of(w[i]);
    if (upper < 0) {
      counts[magnitude >> 16]++;
    } else if (magnitude >> 16 == (uint32_t)upper) {
      counts[magnitude & 0xffff]++;
    }
  }
}

int64_t ck_zero_smallest(float *w, int64_t n, uint32_t limit, int64_t ties) {
  for (int64_t i = 0; i < n; i++) {
    const uint32_t magnitude = magnitude_of(w[i]);
    if (magnitude > limit) continue;
    if (magnitude == limit && ties-- <= 0) continue;
    w[i] = 0;
  }
  return ties < 0 ? 0 : ties;
}
