#include "CKernels.h"
#include "accumulators.h"

CK_CLONES void ck_layer_norm_forward(
    float *restrict y, float *restrict statistics, const float *restrict x, const float *restrict gamma,
    const float *restrict beta, int64_t N, int64_t D, float epsilon) {
  for (int64_t n = 0; n < N; n++) {
    const float *restrict row = x + n * D;
    float *restrict out = y + n * D;
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
    for (d = 0; d < D; d++) out[d] = (row[d] - mean) * inverse * gamma[d] + beta[d];
  }
}

/* With h = (x - mean) inverse and g = dy gamma: dx = inverse (g - mean(g) - h mean(g h)). */
CK_CLONES void ck_layer_norm_backward(
    float *restrict dx, float *restrict dgamma, float *restrict dbeta, const float *restrict dy,
    const float *restrict x, const float *restrict statistics, const float *restrict gamma, int64_t N, int64_t D) {
  for (int64_t d = 0; d < D; d++) dgamma[d] = dbeta[d] = 0;
  for (int64_t n = 0; n < N; n++) {
    const float *restrict row = x + n * D;
    const float *restrict up = dy + n * D;
    float mean = statistics[2 * n], inverse = statistics[2 * n + 1];
    for (int64_t d = 0; d < D; d++) {
      dgamma[d] += up[d] * ((row[d] - mean) * inverse);
      dbeta[d] += up[d];
    }
    if (!dx) continue;

    ck_sum16 sum = {{0}}, product = {{0}};
    int64_t d = 0;
    for (; d + 16 <= D; d += 16)
      for (int j = 0; j < 16; j++) {
        float g = up[d + j] * gamma[d + j];
        sum.lane[j] += g;
        product.lane[j] += g * ((row[d + j] - mean) * inverse);
      }
    for (int j = 0; d < D; d++, j++) {
      float g = up[d] * gamma[d];
      sum.lane[j] += g;
      product.lane[j] += g * ((row[d] - mean) * inverse);
    }
    float shift = ck_total(sum) / (float)D, tilt = ck_total(product) / (float)D;
    float *restrict out = dx + n * D;
    for (d = 0; d < D; d++) out[d] = inverse * (up[d] * gamma[d] - shift - (row[d] - mean) * inverse * tilt);
  }
}
