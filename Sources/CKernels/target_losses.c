#include "CKernels.h"
#include "CKernelsData.h"
#include "exponential.h"
#include "logarithm.h"

#include <stddef.h>

/* Losses of outputs (B rows, C columns) that each have a number as their target. */

/* What one output x with target t costs, and the derivative with respect to x but for a factor. */
typedef struct {
  double loss;
  float slope;
} ck_term;

/* `setting` is what the loss is set with, if anything. */
typedef ck_term ck_term_function(float x, float t, float setting);

/* The sum over the valid rows of the mean over a row's outputs. The gradient is slope * factor / C; rows behind the valid
 * ones get 0. */
CK_INLINE double mean_over_rows(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid, float factor,
    float setting, ck_term_function *term) {
  double total = 0;
  float share = factor / (float)C;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t i = b * C; i < (b + 1) * C; i++) {
      ck_term of = term(outputs[i], targets[i], setting);
      row += of.loss;
      if (gradient) gradient[i] = of.slope * share;
    }
    total += row / (double)C;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}

/* (1 - t) softplus(x) + w t softplus(-x), softplus(x) = log(1 + exp(x)), whose derivative is (1 - t) sigmoid(x) -
 * w t sigmoid(-x). Both signs of x by exp(-|x|): nothing overflows, and no 1 - sigmoid cancels however sure the output is.
 * From |x| = 87.34 on that exponential, below the smallest normal number, is zero. */
CK_INLINE ck_term binary_cross_entropy(float x, float t, float positive_weight) {
  float e = ck_expf(x < 0 ? x : -x), likely = 1.0f / (1.0f + e), unlikely = e / (1.0f + e);
  float up = x < 0 ? unlikely : likely, down = x < 0 ? likely : unlikely;
  double rest = ck_log1p((double)e);
  double above = (double)(x > 0 ? x : 0) + rest, below = (double)(x < 0 ? -x : 0) + rest;
  double loss = (1.0 - (double)t) * above + (double)positive_weight * (double)t * below;
  return (ck_term){loss, (1.0f - t) * up - positive_weight * t * down};
}

CK_CLONES double ck_binary_cross_entropy(
    float *gradient, const float *logits, const float *targets, int64_t B, int64_t C, int64_t valid,
    float positive_weight) {
  return mean_over_rows(gradient, logits, targets, B, C, valid, 1.0f, positive_weight, binary_cross_entropy);
}

CK_INLINE ck_term squared_error(float x, float t, float setting) {
  (void)setting;
  float error = x - t;
  return (ck_term){(double)error * (double)error, error};
}

CK_CLONES double ck_squared_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid) {
  return mean_over_rows(gradient, outputs, targets, B, C, valid, 2.0f, 0, squared_error);
}

CK_INLINE ck_term absolute_error(float x, float t, float setting) {
  (void)setting;
  float error = x - t;
  return (ck_term){(double)(error < 0 ? -error : error), error > 0 ? 1.0f : error < 0 ? -1.0f : 0.0f};
}

CK_CLONES double ck_absolute_error(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid) {
  return mean_over_rows(gradient, outputs, targets, B, C, valid, 1.0f, 0, absolute_error);
}

CK_INLINE ck_term huber(float x, float t, float delta) {
  float error = x - t, magnitude = error < 0 ? -error : error;
  double size = (double)magnitude, limit = (double)delta;
  double loss = magnitude <= delta ? 0.5 * size * size : limit * (size - 0.5 * limit);
  return (ck_term){loss, error > delta ? delta : error < -delta ? -delta : error};
}

CK_CLONES double ck_huber(
    float *gradient, const float *outputs, const float *targets, int64_t B, int64_t C, int64_t valid, float delta) {
  return mean_over_rows(gradient, outputs, targets, B, C, valid, 1.0f, delta, huber);
}

CK_CLONES double ck_quantile(
    float *gradient, const float *outputs, const float *targets, const float *quantiles, int64_t B, int64_t W, int64_t Q,
    int64_t valid) {
  double total = 0;
  int64_t C = W * Q;
  float share = 1.0f / (float)C;
  for (int64_t b = 0; b < valid; b++) {
    double row = 0;
    for (int64_t w = 0; w < W; w++) {
      float t = targets[b * W + w];
      for (int64_t q = 0; q < Q; q++) {
        int64_t i = (b * W + w) * Q + q;
        float error = outputs[i] - t, slope = error > 0 ? 1.0f - quantiles[q] : error < 0 ? -quantiles[q] : 0.0f;
        row += (double)error * (double)(error > 0 ? 1.0f - quantiles[q] : -quantiles[q]);
        if (gradient) gradient[i] = slope * share;
      }
    }
    total += row / (double)C;
  }
  if (gradient)
    for (int64_t i = valid * C; i < B * C; i++) gradient[i] = 0;
  return total;
}
