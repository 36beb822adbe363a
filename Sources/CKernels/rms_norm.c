#include "CKernels.h"
#include "accumulators.h"
#include "bfloat16.h"

/* Number i of a tensor that may be of bfloat16 numbers. */
CK_INLINE float rms_number(const void *from, int isFloat, int64_t i) {
  return isFloat ? ((const float *)from)[i] : ck_float_of(((const uint16_t *)from)[i]);
}

CK_INLINE void rms_forward(
    void *restrict y, const int isFloat, float *restrict inverses, const float *restrict x, const float *restrict gamma,
    int64_t N, int64_t D, float epsilon) {
  for (int64_t n = 0; n < N; n++) {
    const float *restrict row = x + n * D;
    ck_sum16 squares = {{0}};
    int64_t d = 0;
    for (; d + 16 <= D; d += 16)
      for (int j = 0; j < 16; j++) squares.lane[j] += row[d + j] * row[d + j];
    for (int j = 0; d < D; d++, j++) squares.lane[j] += row[d] * row[d];
    const float inverse = 1.0f / __builtin_elementwise_sqrt(ck_total(squares) / (float)D + epsilon);
    inverses[n] = inverse;
    if (isFloat) {
      float *restrict out = (float *)y + n * D;
      for (d = 0; d < D; d++) out[d] = row[d] * inverse * gamma[d];
    } else {
      uint16_t *restrict out = (uint16_t *)y + n * D;
      for (d = 0; d < D; d++) out[d] = ck_bfloat16_of(row[d] * inverse * gamma[d]);
    }
  }
}

CK_CLONES void ck_rms_norm_forward(
    void *y, int yIsFloat, float *inverses, const float *x, const float *gamma, int64_t N, int64_t D, float epsilon) {
  if (yIsFloat) {
    rms_forward(y, 1, inverses, x, gamma, N, D, epsilon);
  } else {
    rms_forward(y, 0, inverses, x, gamma, N, D, epsilon);
  }
}

/* With h = x inverse and g = dy gamma: dx = inverse (g - h mean(g h)). */
CK_INLINE void rms_rows(
    float *restrict dx, const void *restrict dy, const int isFloat, const float *restrict x,
    const float *restrict inverses, const float *restrict gamma, int64_t N, int64_t D) {
  for (int64_t n = 0; n < N; n++) {
    const float *restrict row = x + n * D, inverse = inverses[n];
    ck_sum16 product = {{0}};
    int64_t d = 0;
    for (; d + 16 <= D; d += 16)
      for (int j = 0; j < 16; j++)
        product.lane[j] += rms_number(dy, isFloat, n * D + d + j) * gamma[d + j] * (row[d + j] * inverse);
    for (int j = 0; d < D; d++, j++)
      product.lane[j] += rms_number(dy, isFloat, n * D + d) * gamma[d] * (row[d] * inverse);
    const float tilt = ck_total(product) / (float)D;
    float *restrict out = dx + n * D;
    for (d = 0; d < D; d++)
      out[d] = inverse * (rms_number(dy, isFloat, n * D + d) * gamma[d] - row[d] * inverse * tilt);
  }
}

CK_CLONES void ck_rms_norm_rows(
    float *dx, const void *dy, int dyIsFloat, const float *x, const float *inverses, const float *gamma, int64_t N,
    int64_t D) {
  if (dyIsFloat) {
    rms_rows(dx, dy, 1, x, inverses, gamma, N, D);
  } else {
    rms_rows(dx, dy, 0, x, inverses, gamma, N, D);
  }
}

CK_INLINE void rms_sums(
    float *restrict dgamma, const void *restrict dy, const int isFloat, const float *restrict x,
    const float *restrict inverses, int64_t N, int64_t D, int64_t count) {
  for (int64_t d = 0; d < count; d++) dgamma[d] = 0;
  for (int64_t n = 0; n < N; n++) {
    const float inverse = inverses[n];
    for (int64_t d = 0; d < count; d++) dgamma[d] += rms_number(dy, isFloat, n * D + d) * (x[n * D + d] * inverse);
  }
}

CK_CLONES void ck_rms_norm_sums(
    float *dgamma, const void *dy, int dyIsFloat, const float *x, const float *inverses, int64_t N, int64_t D,
    int64_t count) {
  if (dyIsFloat) {
    rms_sums(dgamma, dy, 1, x, inverses, N, D, count);
  } else {
    rms_sums(dgamma, dy, 0, x, inverses, N, D, count);
  }
}
