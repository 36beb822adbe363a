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

CK_CLONES double ck_binary_cross_entropy(
    float *gradient, const float *logits, const float *targets, int64_t B, int64_t C, int64_t valid) {
  double total = 0;
  float share = 1.0f / (float)C;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t i = b * C; i < (b + 1) * C; i++) {
      /* max(x, 0) - x t + log(1 + exp(-|x|)): never overflows. */
      float x = logits[i], t = targets[i];
      float magnitude = x < 0 ? -x : x;
      row += (double)(x > 0 ? x : 0) - (double)x * (double)t + ck_log(1.0 + (double)ck_expf(-magnitude));
      if (gradient) gradient[i] = (ck_sigmoidf(x) - t) * share;
    }
    total += row / (double)C;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}

CK_CLONES double ck_squared_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid) {
  double total = 0;
  float share = 2.0f / (float)C;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t i = b * C; i < (b + 1) * C; i++) {
      float error = outputs[i] - targets[i];
      row += (double)error * (double)error;
      if (gradient) gradient[i] = error * share;
    }
    total += row / (double)C;
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

CK_CLONES double ck_weighted_binary_cross_entropy(
    float *gradient, const float *logits, const float *targets, int64_t B, int64_t C, int64_t valid,
    float positive_weight) {
  double total = 0;
  float share = 1.0f / (float)C, extra = positive_weight - 1.0f;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t i = b * C; i < (b + 1) * C; i++) {
      /* (1 - t) x + w (max(-x, 0) + log(1 + exp(-|x|))), w = 1 + (positive weight - 1) t: never overflows. */
      float x = logits[i], t = targets[i], w = 1.0f + extra * t;
      float magnitude = x < 0 ? -x : x;
      double softplus = (double)(x < 0 ? -x : 0) + ck_log(1.0 + (double)ck_expf(-magnitude));
      row += (1.0 - (double)t) * (double)x + (double)w * softplus;
      if (gradient) gradient[i] = ((1.0f - t) + w * (ck_sigmoidf(x) - 1.0f)) * share;
    }
    total += row / (double)C;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}

CK_CLONES double ck_absolute_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid) {
  double total = 0;
  float share = 1.0f / (float)C;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t i = b * C; i < (b + 1) * C; i++) {
      float error = outputs[i] - targets[i];
      row += (double)(error < 0 ? -error : error);
      if (gradient) gradient[i] = error > 0 ? share : error < 0 ? -share : 0.0f;
    }
    total += row / (double)C;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}

CK_CLONES double ck_huber(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid, float delta) {
  double total = 0;
  float share = 1.0f / (float)C;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t i = b * C; i < (b + 1) * C; i++) {
      float error = outputs[i] - targets[i], magnitude = error < 0 ? -error : error;
      double size = (double)magnitude, limit = (double)delta;
      row += magnitude <= delta ? 0.5 * size * size : limit * (size - 0.5 * limit);
      float clamped = error > delta ? delta : error < -delta ? -delta : error;
      if (gradient) gradient[i] = clamped * share;
    }
    total += row / (double)C;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}
