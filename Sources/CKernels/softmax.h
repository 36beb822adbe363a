#pragma once

#include "accumulators.h"
#include "exponential.h"

/* What softmaxes share: 16 accumulators each, joined in a fixed order, so that vectors of any width give the same bits. */

/* The maximum of a row; NaN where the row has one. */
CK_INLINE float row_maximum(const float *x, int64_t C) {
  float lanes[16];
  for (int j = 0; j < 16; j++) lanes[j] = x[0];
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++) {
      float value = x[c + j];
      lanes[j] = (value > lanes[j] || value != value) ? value : lanes[j];
    }
  for (int j = 0; c < C; c++, j++) lanes[j] = (x[c] > lanes[j] || x[c] != x[c]) ? x[c] : lanes[j];
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) {
      float value = lanes[j + width];
      lanes[j] = (value > lanes[j] || value != value) ? value : lanes[j];
    }
  return lanes[0];
}

CK_INLINE float row_sum(const float *x, int64_t C) {
  ck_sum16 sum = {{0}};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++) sum.lane[j] += x[c + j];
  for (int j = 0; c < C; c++, j++) sum.lane[j] += x[c];
  return ck_total(sum);
}

/* y = exp(x - maximum), in place; returns the sum. Two passes: one that did both would not be vectorised. */
CK_INLINE float exponentials(float *y, const float *x, float maximum, int64_t C) {
  CK_ELEMENTWISE
  for (int64_t c = 0; c < C; c++) y[c] = ck_expf_below(x[c] - maximum);
  return row_sum(y, C);
}
