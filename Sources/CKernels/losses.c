#include "CKernels.h"
#include "CKernelsData.h"
#include "exponential.h"

#include <stddef.h>

/* The maximum of a row; NaN where the row has one. */
static inline float row_maximum(const float *x, int64_t C) {
  float maximum = x[0];
  for (int64_t c = 1; c < C; c++) maximum = (x[c] > maximum || x[c] != x[c]) ? x[c] : maximum;
  return maximum;
}

/* y = exp(x - maximum); returns the sum, in 16 accumulators joined in a fixed order. In place. */
static inline float exponentials(float *y, const float *x, float maximum, int64_t C) {
  float lanes[16] = {0};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    CK_ELEMENTWISE
    for (int j = 0; j < 16; j++) {
      y[c + j] = ck_expf(x[c + j] - maximum);
      lanes[j] += y[c + j];
    }
  for (int j = 0; c < C; c++, j++) {
    y[c] = ck_expf(x[c] - maximum);
    lanes[j] += y[c];
  }
  for (int width = 8; width > 0; width /= 2)
    for (int j = 0; j < width; j++) lanes[j] += lanes[j + width];
  return lanes[0];
}

/* The sum alone, where nobody wants the terms; the same bits as `exponentials`. */
static inline float exponential_sum(const float *x, float maximum, int64_t C) {
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
