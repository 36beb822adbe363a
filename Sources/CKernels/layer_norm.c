#include "CKernels.h"
#include "accumulators.h"
#include "bfloat16.h"

/* Number i of a tensor that may be of bfloat16 numbers. */
CK_INLINE float norm_number(const void *from, int isFloat, int64_t i) {
  return isFloat ? ((const float *)from)[i] : ck_float_of(((const uint16_t *)from)[i]);
}

CK_INLINE void norm_forward(
    void *restrict y, const int isFloat, float *restrict statistics, const float *restrict x,
    const float *restrict gamma, const float *restrict beta, int64_t N, int64_t D, float epsilon) {
  for (int64_t n = 0; n < N; n++) {
    const float *restrict row = x + n * D;
    ck_sum16 sum = {{0}};
    int64_t d = 0;
    for (; d + 16 <= D; d += 16)
      for (int j = 0; j < 16; j++) sum.lane[j] += row[d + j];
    for (int j = 0; d < D; d++, j++) sum.lane[j] += row[d];
    float mean = ck_total(sum) / (float)D;

    ck_sum16 squares = {{0}};
    for (d = 0; d + 16 <= D; d += 16)
      for (int j = 0; j < 16; j++) {
        float difference = row[d + j] - mean;
        squares.lane[j] += difference * difference;
      }
    for (int j = 0; d < D; d++, j++) squares.lane[j] += (row[d] - mean) * (row[d] - mean);
    float inverse = 1.0f / __builtin_elementwise_sqrt(ck_total(squares) / (float)D + epsilon);

    statistics[2 * n] = mean;
    statistics[2 * n + 1] = inverse;
    if (isFloat) {
      float *restrict out = (float *)y + n * D;
      for (d = 0; d < D; d++) out[d] = (row[d] - mean) * inverse * gamma[d] + beta[d];
    } else {
      uint16_t *restrict out = (uint16_t *)y + n * D;
      for (d = 0; d < D; d++) out[d] = ck_bfloat16_of((row[d] - mean) * inverse * gamma[d] + beta[d]);
    }
  }
}

CK_CLONES void ck_layer_norm_forward(
    float *y, float *statistics, const float *x, const float *gamma, const float *beta, int64_t N, int64_t D,
    float epsilon) {
  norm_forward(y, 1, statistics, x, gamma, beta, N, D, epsilon);
}

CK_CLONES void ck_bfloat16_layer_norm_forward(
    uint16_t *y, float *statistics, const float *x, const float *gamma, const float *beta, int64_t N, int64_t D,
    float epsilon) {
  norm_forward(y, 0, statistics, x, gamma, beta, N, D, epsilon);
}

/* Adds a row's part to `count` sums; its gradient begins at number `first` of `dy`. */
CK_INLINE void norm_add_row(
    float *restrict dgamma, float *restrict dbeta, const void *restrict dy, const int isFloat, int64_t first,
    const float *restrict row, float mean, float inverse, int64_t count) {
  for (int64_t d = 0; d < count; d++) {
    const float up = norm_number(dy, isFloat, first + d);
    dgamma[d] += up * ((row[d] - mean) * inverse);
    dbeta[d] += up;
  }
}

/* With h = (x - mean) inverse and g = dy gamma: dx = inverse (g - mean(g) - h mean(g h)). */
CK_INLINE void norm_row_gradient(
    float *restrict out, const void *restrict dy, const int isFloat, int64_t first, const float *restrict row,
    const float *restrict gamma, float mean, float inverse, int64_t D) {
  ck_sum16 sum = {{0}}, product = {{0}};
  int64_t d = 0;
  for (; d + 16 <= D; d += 16)
    for (int j = 0; j < 16; j++) {
      float g = norm_number(dy, isFloat, first + d + j) * gamma[d + j];
      sum.lane[j] += g;
      product.lane[j] += g * ((row[d + j] - mean) * inverse);
    }
  for (int j = 0; d < D; d++, j++) {
    float g = norm_number(dy, isFloat, first + d) * gamma[d];
    sum.lane[j] += g;
    product.lane[j] += g * ((row[d] - mean) * inverse);
  }
  float shift = ck_total(sum) / (float)D, tilt = ck_total(product) / (float)D;
  for (d = 0; d < D; d++) {
    out[d] = inverse * (norm_number(dy, isFloat, first + d) * gamma[d] - shift - (row[d] - mean) * inverse * tilt);
  }
}

CK_INLINE void norm_backward(
    float *restrict dx, float *restrict dgamma, float *restrict dbeta, const void *restrict dy, const int isFloat,
    const float *restrict x, const float *restrict statistics, const float *restrict gamma, int64_t N, int64_t D) {
  for (int64_t d = 0; d < D; d++) dgamma[d] = dbeta[d] = 0;
  for (int64_t n = 0; n < N; n++) {
    float mean = statistics[2 * n], inverse = statistics[2 * n + 1];
    norm_add_row(dgamma, dbeta, dy, isFloat, n * D, x + n * D, mean, inverse, D);
    if (dx) norm_row_gradient(dx + n * D, dy, isFloat, n * D, x + n * D, gamma, mean, inverse, D);
  }
}

CK_CLONES void ck_layer_norm_backward(
    float *dx, float *dgamma, float *dbeta, const float *dy, const float *x, const float *statistics,
    const float *gamma, int64_t N, int64_t D) {
  norm_backward(dx, dgamma, dbeta, dy, 1, x, statistics, gamma, N, D);
}

CK_CLONES void ck_bfloat16_layer_norm_backward(
    float *dx, float *dgamma, float *dbeta, const uint16_t *dy, const float *x, const float *statistics,
    const float *gamma, int64_t N, int64_t D) {
  norm_backward(dx, dgamma, dbeta, dy, 0, x, statistics, gamma, N, D);
}

CK_INLINE void norm_rows(
    float *restrict dx, const void *restrict dy, const int isFloat, const float *restrict x,
    const float *restrict statistics, const float *restrict gamma, int64_t N, int64_t D) {
  for (int64_t n = 0; n < N; n++)
    norm_row_gradient(dx + n * D, dy, isFloat, n * D, x + n * D, gamma, statistics[2 * n], statistics[2 * n + 1], D);
}

CK_CLONES void ck_layer_norm_rows(
    float *dx, const float *dy, const float *x, const float *statistics, const float *gamma, int64_t N, int64_t D) {
  norm_rows(dx, dy, 1, x, statistics, gamma, N, D);
}

CK_CLONES void ck_bfloat16_layer_norm_rows(
    float *dx, const uint16_t *dy, const float *x, const float *statistics, const float *gamma, int64_t N, int64_t D) {
  norm_rows(dx, dy, 0, x, statistics, gamma, N, D);
}

CK_INLINE void norm_sums(
    float *restrict dgamma, float *restrict dbeta, const void *restrict dy, const int isFloat, const float *restrict x,
    const float *restrict statistics, int64_t N, int64_t D, int64_t count) {
  for (int64_t d = 0; d < count; d++) dgamma[d] = dbeta[d] = 0;
  for (int64_t n = 0; n < N; n++)
    norm_add_row(dgamma, dbeta, dy, isFloat, n * D, x + n * D, statistics[2 * n], statistics[2 * n + 1], count);
}

CK_CLONES void ck_layer_norm_sums(
    float *dgamma, float *dbeta, const float *dy, const float *x, const float *statistics, int64_t N, int64_t D,
    int64_t count) {
  norm_sums(dgamma, dbeta, dy, 1, x, statistics, N, D, count);
}

CK_CLONES void ck_bfloat16_layer_norm_sums(
    float *dgamma, float *dbeta, const uint16_t *dy, const float *x, const float *statistics, int64_t N, int64_t D,
    int64_t count) {
  norm_sums(dgamma, dbeta, dy, 0, x, statistics, N, D, count);
}
