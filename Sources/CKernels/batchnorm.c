#include "CKernels.h"
#include "bfloat16.h"
#include "channel_sums.h"

/* Functions of rows of floats, and of rows of bfloat16 numbers: their names begin with PREFIX, FLOAT widens a number, OF rounds one. */
#define BATCH_NORM(PREFIX, NUMBER, FLOAT, OF)                                                                                   \
  CK_CLONES void PREFIX##_channel_sums(double *restrict sums, const NUMBER *restrict x, int64_t R, int64_t C) {                 \
    SUM_ROWS(sums, FLOAT(x[r * C + c]))                                                                                         \
  }                                                                                                                             \
  CK_CLONES void PREFIX##_channel_squares(                                                                                      \
      double *restrict sums, const NUMBER *restrict x, const float *restrict mean, int64_t R, int64_t C) {                      \
    SUM_ROWS(sums, (FLOAT(x[r * C + c]) - mean[c]) * (FLOAT(x[r * C + c]) - mean[c]))                                           \
  }                                                                                                                             \
  void PREFIX##_batch_moments(float *mean, float *variance, double *sums, const NUMBER *x, int64_t R, int64_t C) {              \
    PREFIX##_channel_sums(sums, x, R, C);                                                                                       \
    for (int64_t c = 0; c < C; c++) mean[c] = (float)(sums[c] / (double)R);                                                     \
    PREFIX##_channel_squares(sums, x, mean, R, C);                                                                              \
    for (int64_t c = 0; c < C; c++) variance[c] = (float)(sums[c] / (double)R);                                                 \
  }                                                                                                                             \
  CK_CLONES void PREFIX##_channel_affine(                                                                                       \
      NUMBER *y, const NUMBER *x, const float *restrict mean, const float *restrict scale, const float *restrict shift,         \
      int64_t R, int64_t C) {                                                                                                   \
    for (int64_t r = 0; r < R; r++) {                                                                                           \
      CK_ELEMENTWISE                                                                                                            \
      for (int64_t c = 0; c < C; c++) y[r * C + c] = OF((FLOAT(x[r * C + c]) - mean[c]) * scale[c] + shift[c]);                 \
    }                                                                                                                           \
  }                                                                                                                             \
  CK_CLONES void PREFIX##_batch_norm_sums(                                                                                      \
      double *restrict sums, double *restrict products, const NUMBER *restrict dy, const NUMBER *restrict x,                    \
      const float *restrict mean, int64_t R, int64_t C) {                                                                       \
    SUM_ROWS(sums, FLOAT(dy[r * C + c]))                                                                                        \
    SUM_ROWS(products, FLOAT(dy[r * C + c]) * (FLOAT(x[r * C + c]) - mean[c]))                                                  \
  }                                                                                                                             \
  CK_CLONES void PREFIX##_batch_norm_backward(                                                                                  \
      NUMBER *dx, const NUMBER *dy, const NUMBER *x, const float *restrict mean, const float *restrict scale,                   \
      const float *restrict a, const float *restrict b, int64_t R, int64_t C) {                                                 \
    for (int64_t r = 0; r < R; r++) {                                                                                           \
      CK_ELEMENTWISE                                                                                                            \
      for (int64_t c = 0; c < C; c++) {                                                                                         \
        dx[r * C + c] = OF(scale[c] * (FLOAT(dy[r * C + c]) - a[c] - (FLOAT(x[r * C + c]) - mean[c]) * b[c]));                  \
      }                                                                                                                         \
    }                                                                                                                           \
  }
BATCH_NORM(ck, float, , )
BATCH_NORM(ck_bfloat16, uint16_t, ck_float_of, ck_bfloat16_of)
