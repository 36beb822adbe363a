#include "CKernels.h"
#include "common.h"

/* Rows are added 32 at a time in float and these sums in double, so that the error does not grow with their number.
 * Each channel's additions are in the order of the rows, however many channels are taken at a time. */
enum { ROWS = 32 };

/* sums[c] = the sum over the rows r of TERM, for the next WIDTH channels: few enough to stay in registers. */
#define SUM_CHANNELS(sums, TERM, WIDTH)                                              \
  for (; C - first >= (WIDTH); first += (WIDTH)) {                                   \
    double total[WIDTH] = {0};                                                       \
    for (int64_t start = 0; start < R; start += ROWS) {                              \
      const int64_t end = R - start < ROWS ? R : start + ROWS;                       \
      float partial[WIDTH] = {0};                                                    \
      for (int64_t r = start; r < end; r++)                                          \
        for (int64_t j = 0, c = first; j < (WIDTH); j++, c++) partial[j] += TERM;    \
      for (int64_t j = 0; j < (WIDTH); j++) total[j] += (double)partial[j];          \
    }                                                                                \
    for (int64_t j = 0; j < (WIDTH); j++) (sums)[first + j] = total[j];              \
  }

#define SUM_ROWS(sums, TERM)                                                         \
  {                                                                                  \
    int64_t first = 0;                                                               \
    SUM_CHANNELS(sums, TERM, 64)                                                     \
    SUM_CHANNELS(sums, TERM, 16)                                                     \
    SUM_CHANNELS(sums, TERM, 1)                                                      \
  }

CK_CLONES void ck_channel_sums(double *restrict sums, const float *restrict x, int64_t R, int64_t C) {
  SUM_ROWS(sums, x[r * C + c])
}

CK_CLONES static void square_differences(
    double *restrict sums, const float *restrict x, const float *restrict mean, int64_t R, int64_t C) {
  SUM_ROWS(sums, (x[r * C + c] - mean[c]) * (x[r * C + c] - mean[c]))
}

void ck_batch_moments(float *mean, float *variance, double *sums, const float *x, int64_t R, int64_t C) {
  ck_channel_sums(sums, x, R, C);
  for (int64_t c = 0; c < C; c++) mean[c] = (float)(sums[c] / (double)R);
  square_differences(sums, x, mean, R, C);
  for (int64_t c = 0; c < C; c++) variance[c] = (float)(sums[c] / (double)R);
}

CK_CLONES void ck_channel_affine(
    float *y, const float *x, const float *restrict mean, const float *restrict scale, const float *restrict shift,
    int64_t R, int64_t C) {
  for (int64_t r = 0; r < R; r++) {
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) y[r * C + c] = (x[r * C + c] - mean[c]) * scale[c] + shift[c];
  }
}

CK_CLONES void ck_batch_norm_sums(
    double *restrict sums, double *restrict products, const float *restrict dy, const float *restrict x,
    const float *restrict mean, int64_t R, int64_t C) {
  SUM_ROWS(sums, dy[r * C + c])
  SUM_ROWS(products, dy[r * C + c] * (x[r * C + c] - mean[c]))
}

CK_CLONES void ck_batch_norm_backward(
    float *dx, const float *dy, const float *x, const float *restrict mean, const float *restrict scale,
    const float *restrict a, const float *restrict b, int64_t R, int64_t C) {
  for (int64_t r = 0; r < R; r++) {
    CK_ELEMENTWISE
    for (int64_t c = 0; c < C; c++) dx[r * C + c] = scale[c] * (dy[r * C + c] - a[c] - (x[r * C + c] - mean[c]) * b[c]);
  }
}
