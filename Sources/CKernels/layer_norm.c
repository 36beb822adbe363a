#include "CKernels.h"
#include "accumulators.h"
#include "bfloat16.h"

/* Number i of a tensor that may be of bfloat16 numbers. */
CK_INLINE float number(const void *from, int isFloat, int64_t i) {
  return isFloat ? ((const float *)from)[i] : ck_float_of(((const uint16_t *)from)[i]);
}

CK_INLINE void forward(
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
  forward(y, 1, statistics, x, gamma, beta, N, D, epsilon);
}

CK_CLONES void ck_bfloat16_layer_norm_forward(
    uint16_t *y, float *statistics, const float *x, const float *gamma, const float *beta, int64_t N, int64_t D,
    float epsilon) {
  forward(y, 0, statistics, x, gamma, beta, N, D, epsilon);
}

/* With h = (x - mean) inverse and g = dy gamma: dx = inverse (g - mean(g) - h mean(g h)). */
CK_INLINE void backward(
    float *restrict dx, float *restrict dgamma, float *restrict dbeta, const void *restrict dy, const int isFloat,
    const float *restrict x, const float *restrict statistics, const float *restrict gamma, int64_t N, int64_t D) {
#define up(d) number(dy, isFloat, n * D + (d))
  for (int64_t d = 0; d < D; d++) dgamma[d] = dbeta[d] = 0;
  for (int64_t n = 0; n < N; n++) {
    const float *restrict row = x + n * D;
    float mean = statistics[2 * n], inverse = statistics[2 * n + 1];
    for (int64_t d = 0; d < D; d++) {
      dgamma[d] += up(d) * ((row[d] - mean) * inverse);
      dbeta[d] += up(d);
    }
    if (!dx) continue;

    ck_sum16 sum = {{0}}, product = {{0}};
    int64_t d = 0;
    for (; d + 16 <= D; d += 16)
      for (int j = 0; j < 16; j++) {
        float g = up(d + j) * gamma[d + j];
        sum.lane[j] += g;
        product.lane[j] += g * ((row[d + j] - mean) * inverse);
      }
    for (int j = 0; d < D; d++, j++) {
      float g = up(d) * gamma[d];
      sum.lane[j] += g;
      product.lane[j] += g * ((row[d] - mean) * inverse);
    }
    float shift = ck_total(sum) / (float)D, tilt = ck_total(product) / (float)D;
    float *restrict out = dx + n * D;
    for (d = 0; d < D; d++) out[d] = inverse * (up(d) * gamma[d] - shift - (row[d] - mean) * inverse * tilt);
  }
}
#undef up

CK_CLONES void ck_layer_norm_backward(
    float *dx, float *dgamma, float *dbeta, const float *dy, const float *x, const float *statistics,
    const float *gamma, int64_t N, int64_t D) {
  backward(dx, dgamma, dbeta, dy, 1, x, statistics, gamma, N, D);
}

CK_CLONES void ck_bfloat16_layer_norm_backward(
    float *dx, float *dgamma, float *dbeta, const uint16_t *dy, const float *x, const float *statistics,
    const float *gamma, int64_t N, int64_t D) {
  backward(dx, dgamma, dbeta, dy, 0, x, statistics, gamma, N, D);
}
