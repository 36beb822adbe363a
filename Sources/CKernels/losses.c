#include "CKernels.h"
#include "CKernelsData.h"
#include "softmax.h"

#include <stddef.h>

/* The sum alone, where nobody wants the terms; the same bits as `exponentials`. */
CK_INLINE float exponential_sum(const float *x, float maximum, int64_t C) {
  float lanes[16] = {0};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++) lanes[j] += ck_expf(x[c + j] - maximum);
  for (int j = 0; c < C; c++, j++) lanes[j] += ck_expf(x[c] - maximum);
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

CK_CLONES double ck_softmax_cross_entropy(
    float *gradient, const float *logits, const int32_t *classes, int64_t B, int64_t C, int64_t valid) {
  double total = 0;
  for (int64_t b = 0; b < valid; b++) {
    const float *x = logits + b * C;
    float *g = gradient ? gradient + b * C : NULL;
    float maximum = row_maximum(x, C), truth = x[classes[b]];
    float sum = g ? exponentials(g, x, maximum, C) : exponential_sum(x, maximum, C);
    total += ck_log((double)sum) + ((double)maximum - (double)truth);
    if (!g) continue;
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) g[c] = g[c] / sum;
    g[classes[b]] -= 1.0f;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}

CK_CLONES void ck_softmax(float *y, const float *x, int64_t B, int64_t C) {
  for (int64_t b = 0; b < B; b++) {
    float sum = exponentials(y + b * C, x + b * C, row_maximum(x + b * C, C), C);
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) y[b * C + c] = y[b * C + c] / sum;
  }
}

/* The sum over c of weights[c] (maximum - x[c]) in double, in 16 accumulators joined in a fixed order; weights may be
 * NULL, for ones. */
CK_INLINE double weighted_spread(const float *x, const float *weights, float maximum, int64_t C) {
  double lanes[16] = {0};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++)
      lanes[j] += (weights ? (double)weights[c + j] : 1.0) * ((double)maximum - (double)x[c + j]);
  for (int j = 0; c < C; c++, j++) lanes[j] += (weights ? (double)weights[c] : 1.0) * ((double)maximum - (double)x[c]);
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

CK_CLONES double ck_weighted_cross_entropy(
    float *gradient, const float *logits, const int32_t *classes, int64_t B, int64_t C, int64_t valid,
    const float *weights, float smoothing, int64_t ignored) {
  double total = 0, all_weights = 0;
  for (int64_t c = 0; c < C; c++) all_weights += weights ? (double)weights[c] : 1.0;
  double share = (double)smoothing / (double)C;
  for (int64_t b = 0; b < valid; b++) {
    const float *x = logits + b * C;
    float *g = gradient ? gradient + b * C : NULL;
    if (classes[b] == ignored) {
      if (g)
        for (int64_t c = 0; c < C; c++) g[c] = 0;
      continue;
    }
    float maximum = row_maximum(x, C), truth = x[classes[b]];
    double class_weight = weights ? (double)weights[classes[b]] : 1.0;
    double spread = smoothing > 0 ? weighted_spread(x, weights, maximum, C) : 0.0;
    float sum = g ? exponentials(g, x, maximum, C) : exponential_sum(x, maximum, C);
    double logarithm = ck_log((double)sum), hit = (1.0 - (double)smoothing) * class_weight;
    double row = hit * (logarithm + ((double)maximum - (double)truth));
    if (smoothing > 0) row += share * (logarithm * all_weights + spread);
    total += row;
    if (!g) continue;
    float mass = (float)(hit + share * all_weights), rest = (float)share;
    if (weights) {
      CK_ELEMENTWISE
      for (int64_t c = 0; c < C; c++) g[c] = mass * (g[c] / sum) - rest * weights[c];
    } else {
      CK_ELEMENTWISE
      for (int64_t c = 0; c < C; c++) g[c] = mass * (g[c] / sum) - rest;
    }
    g[classes[b]] -= (float)hit;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}
