#include "CKernels.h"
#include "CKernelsData.h"
#include "logarithm.h"
#include "softmax.h"

#include <stddef.h>

/* The exponentials of a row's logits less their maximum: that of the row's class, and the sum of the others.
 *
 * Apart, as the gradient of a sure row is their part of the whole: p - 1 of the class would be left with the rounding of
 * 1, and so would the logarithm of the whole. */
typedef struct {
  float maximum, truth, others;
} ck_row;

CK_INLINE float row_whole(ck_row row) { return row.others + row.truth; }

/* log of the sum of exp(x - maximum), minus what is left of the class's logit: the cross-entropy of the row is
 * row_logarithm + (maximum - x[y]). */
CK_INLINE double row_logarithm(ck_row row, float logit) {
  return logit == row.maximum ? ck_log1p((double)row.others) : ck_log((double)row_whole(row));
}

/* Overwrites g with the exponentials, 0 for the class y; in place. */
CK_INLINE ck_row row_exponentials(float *g, const float *x, int64_t y, int64_t C) {
  ck_row row = {row_maximum(x, C), 0, 0};
  CK_ELEMENTWISE
  for (int64_t c = 0; c < C; c++) g[c] = ck_expf(x[c] - row.maximum);
  row.truth = g[y];
  g[y] = 0;
  row.others = row_sum(g, C);
  return row;
}

/* The sums alone, where nobody wants the terms; the same bits as `row_exponentials`. */
CK_INLINE ck_row row_sums(const float *x, int64_t y, int64_t C) {
  ck_row row = {row_maximum(x, C), 0, 0};
  row.truth = ck_expf(x[y] - row.maximum);
  ck_sum16 sum = {{0}};
  int64_t c = 0;
  for (; c + 16 <= C; c += 16)
    for (int j = 0; j < 16; j++) {
      float e = ck_expf(x[c + j] - row.maximum);
      sum.lane[j] += c + j == y ? 0.0f : e;
    }
  for (int j = 0; c < C; c++, j++) sum.lane[j] += c == y ? 0.0f : ck_expf(x[c] - row.maximum);
  row.others = ck_total(sum);
  return row;
}

CK_CLONES double ck_softmax_cross_entropy(
    float *gradient, const float *logits, const int32_t *classes, int64_t B, int64_t C, int64_t valid) {
  double total = 0;
  for (int64_t b = 0; b < valid; b++) {
    const float *x = logits + b * C;
    float *g = gradient ? gradient + b * C : NULL;
    int64_t y = classes[b];
    float logit = x[y];
    ck_row row = g ? row_exponentials(g, x, y, C) : row_sums(x, y, C);
    total += row_logarithm(row, logit) + ((double)row.maximum - (double)logit);
    if (!g) continue;
    float whole = row_whole(row);
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) g[c] = g[c] / whole;
    g[y] = -(row.others / whole);
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
    int64_t y = classes[b];
    float logit = x[y], maximum = row_maximum(x, C);
    double class_weight = weights ? (double)weights[y] : 1.0;
    double spread = smoothing > 0 ? weighted_spread(x, weights, maximum, C) : 0.0;
    ck_row row = g ? row_exponentials(g, x, y, C) : row_sums(x, y, C);
    double logarithm = row_logarithm(row, logit), hit = (1.0 - (double)smoothing) * class_weight;
    double loss = hit * (logarithm + ((double)maximum - (double)logit));
    if (smoothing > 0) loss += share * (logarithm * all_weights + spread);
    total += loss;
    if (!g) continue;
    float mass = (float)(hit + share * all_weights), rest = (float)share, whole = row_whole(row);
    if (weights) {
      CK_ELEMENTWISE
      for (int64_t c = 0; c < C; c++) g[c] = mass * (g[c] / whole) - rest * weights[c];
    } else {
      CK_ELEMENTWISE
      for (int64_t c = 0; c < C; c++) g[c] = mass * (g[c] / whole) - rest;
    }
    /* mass p - share w - hit, without the difference from 1: 0 where no other class has probability or weight. */
    g[y] = (float)(share * (all_weights - class_weight)) - mass * (row.others / whole);
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}
