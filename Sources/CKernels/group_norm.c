/* Group normalisation: N samples of R rows of C channels, in G groups of C / G neighbours. */
#include "CKernels.h"
#include "bfloat16.h"
#include "common.h"

CK_INLINE double group_total(const double *sums, int64_t first, int64_t count) {
  double total = 0;
  for (int64_t c = first; c < first + count; c++) total += sums[c];
  return total;
}

/* Of floats, and of bfloat16 numbers: names begin with PREFIX, FLOAT widens a number, OF rounds one. */
#define GROUP_NORM(PREFIX, NUMBER, FLOAT, OF)                                                                           \
  void PREFIX##_group_norm_forward(                                                                                     \
      NUMBER *y, float *statistics, const NUMBER *x, const float *gamma, const float *beta, int64_t N, int64_t R,       \
      int64_t C, int64_t G, float epsilon, float *room) {                                                               \
    double *const sums = (double *)room;                                                                                \
    float *const means = room + 2 * C, *const scales = means + C;                                                       \
    const int64_t width = C / G;                                                                                        \
    const double count = (double)(R * width);                                                                           \
    for (int64_t n = 0; n < N; n++, x += R * C, y += R * C, statistics += 2 * G) {                                      \
      PREFIX##_channel_sums(sums, x, R, C);                                                                             \
      for (int64_t g = 0; g < G; g++) {                                                                                 \
        statistics[2 * g] = (float)(group_total(sums, g * width, width) / count);                                       \
        for (int64_t c = g * width; c < (g + 1) * width; c++) means[c] = statistics[2 * g];                             \
      }                                                                                                                 \
      PREFIX##_channel_squares(sums, x, means, R, C);                                                                   \
      for (int64_t g = 0; g < G; g++) {                                                                                 \
        const float variance = (float)(group_total(sums, g * width, width) / count);                                    \
        statistics[2 * g + 1] = 1.0f / __builtin_elementwise_sqrt(variance + epsilon);                                  \
        for (int64_t c = g * width; c < (g + 1) * width; c++) scales[c] = statistics[2 * g + 1] * gamma[c];             \
      }                                                                                                                 \
      PREFIX##_channel_affine(y, x, means, scales, beta, R, C);                                                         \
    }                                                                                                                   \
  }                                                                                                                     \
  CK_CLONES static void PREFIX##_group_norm_rows(                                                                       \
      NUMBER *dx, const NUMBER *dy, const NUMBER *x, const float *restrict mean, const float *restrict scale,           \
      const float *restrict shift, const float *restrict tilt, int64_t R, int64_t C) {                                  \
    for (int64_t r = 0; r < R; r++, x += C, dy += C, dx += C) {                                                         \
      CK_ELEMENTWISE                                                                                                    \
      for (int64_t c = 0; c < C; c++) {                                                                                 \
        dx[c] = OF(scale[c] * FLOAT(dy[c]) - shift[c] - (FLOAT(x[c]) - mean[c]) * tilt[c]);                             \
      }                                                                                                                 \
    }                                                                                                                   \
  }                                                                                                                     \
  void PREFIX##_group_norm_backward(                                                                                    \
      NUMBER *dx, double *parts, const NUMBER *dy, const NUMBER *x, const float *statistics, const float *gamma,        \
      int64_t N, int64_t R, int64_t C, int64_t G, float *room) {                                                        \
    float *const means = room, *const scales = room + C, *const shifts = room + 2 * C, *const tilts = room + 3 * C;     \
    const int64_t width = C / G;                                                                                        \
    const double count = (double)(R * width);                                                                           \
    for (int64_t n = 0; n < N; n++, x += R * C, dy += R * C, statistics += 2 * G, parts += 2 * C) {                     \
      double *const sums = parts, *const products = parts + C;                                                          \
      for (int64_t c = 0; c < C; c++) means[c] = statistics[2 * (c / width)];                                           \
      PREFIX##_batch_norm_sums(sums, products, dy, x, means, R, C);                                                     \
      for (int64_t g = 0; g < G; g++) {                                                                                 \
        const float inverse = statistics[2 * g + 1];                                                                    \
        double sum = 0, product = 0;                                                                                    \
        for (int64_t c = g * width; c < (g + 1) * width; c++) {                                                         \
          sum += (double)gamma[c] * sums[c];                                                                            \
          product += (double)gamma[c] * products[c];                                                                    \
          products[c] *= (double)inverse;                                                                               \
        }                                                                                                               \
        const float shift = inverse * (float)(sum / count);                                                             \
        const float tilt = inverse * inverse * inverse * (float)(product / count);                                      \
        for (int64_t c = g * width; c < (g + 1) * width; c++) {                                                         \
          scales[c] = inverse * gamma[c];                                                                               \
          shifts[c] = shift;                                                                                            \
          tilts[c] = tilt;                                                                                              \
        }                                                                                                               \
      }                                                                                                                 \
      if (dx == 0) continue;                                                                                            \
      PREFIX##_group_norm_rows(dx, dy, x, means, scales, shifts, tilts, R, C);                                          \
      dx += R * C;                                                                                                      \
    }                                                                                                                   \
  }
GROUP_NORM(ck, float, , )
GROUP_NORM(ck_bfloat16, uint16_t, ck_float_of, ck_bfloat16_of)

void ck_group_norm_totals(float *dgamma, float *dbeta, const double *parts, int64_t N, int64_t C) {
  for (int64_t c = 0; c < C; c++) {
    double shift = 0, scale = 0;
    for (int64_t n = 0; n < N; n++) {
      shift += parts[2 * n * C + c];
      scale += parts[(2 * n + 1) * C + c];
    }
    dbeta[c] = (float)shift;
    dgamma[c] = (float)scale;
  }
}
