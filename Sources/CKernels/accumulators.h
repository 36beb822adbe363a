#pragma once

#include "common.h"

/* Sixteen partial sums, so that vectors of any width up to 16 give the same bits. */
typedef struct {
  float lane[16];
} ck_sum16;

/* The partial sums joined in a fixed order: halves onto halves. */
CK_INLINE float ck_total(ck_sum16 sum) {
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) sum.lane[j] += sum.lane[j + width];
  return sum.lane[0];
}
