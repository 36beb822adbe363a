/* Activations that are straight in pieces. What comes in as a NaN goes out as one. */
#include "CKernels.h"
#include "bfloat16.h"
#include "channel_sums.h"

/* min(max(x, 0), 6) */
CK_INLINE float up_to_six(float x) { return x < 0 ? 0 : x > 6 ? 6 : x; }

CK_CLONES void ck_relu6_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = up_to_six(x[i]);
}

CK_CLONES void ck_relu6_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    const float d = dy[i]; /* read in any case, so that the choice needs no branch */
    dx[i] = ((y[i] > 0) & (y[i] < 6)) ? d : 0;
  }
}

CK_CLONES void ck_hard_sigmoid_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = up_to_six(x[i] + 3) / 6;
}

CK_CLONES void ck_hard_sigmoid_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    const float d = dy[i] / 6;
    dx[i] = ((y[i] > 0) & (y[i] < 1)) ? d : 0;
  }
}

CK_CLONES void ck_hard_swish_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = x[i] * up_to_six(x[i] + 3) / 6;
}

CK_CLONES void ck_hard_swish_backward(float *dx, const float *dy, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    const float slope = x[i] / 3 + 0.5f;
    dx[i] = dy[i] * (x[i] <= -3 ? 0 : x[i] < 3 ? slope : 1);
  }
}

/* Of rows of floats, and of rows of bfloat16 numbers: names begin with PREFIX, FLOAT widens a number, OF rounds one. */
#define PRELU(PREFIX, NUMBER, FLOAT, OF)                                                                            \
  CK_CLONES void PREFIX##_prelu_forward(NUMBER *y, const NUMBER *x, const float *restrict slopes, int64_t R, int64_t C) { \
    for (int64_t r = 0; r < R; r++, x += C, y += C) {                                                               \
      CK_ELEMENTWISE                                                                                                \
      for (int64_t c = 0; c < C; c++) {                                                                             \
        const float scaled = FLOAT(x[c]) * slopes[c];                                                               \
        y[c] = FLOAT(x[c]) > 0 ? x[c] : OF(scaled);                                                                 \
      }                                                                                                             \
    }                                                                                                               \
  }                                                                                                                 \
  CK_CLONES void PREFIX##_prelu_backward(                                                                           \
      NUMBER *dx, const NUMBER *dy, const NUMBER *x, const float *restrict slopes, int64_t R, int64_t C) {          \
    for (int64_t r = 0; r < R; r++, x += C, dy += C, dx += C) {                                                     \
      CK_ELEMENTWISE                                                                                                \
      for (int64_t c = 0; c < C; c++) {                                                                             \
        const NUMBER d = dy[c];                                                                                     \
        const float scaled = FLOAT(d) * slopes[c];                                                                  \
        dx[c] = FLOAT(x[c]) > 0 ? d : OF(scaled);                                                                   \
      }                                                                                                             \
    }                                                                                                               \
  }                                                                                                                 \
  CK_CLONES void PREFIX##_prelu_sums(                                                                               \
      double *restrict sums, const NUMBER *restrict dy, const NUMBER *restrict x, int64_t R, int64_t C) {           \
    SUM_ROWS(sums, (FLOAT(x[r * C + c]) > 0 ? 0 : FLOAT(dy[r * C + c]) * FLOAT(x[r * C + c])))                      \
  }
PRELU(ck, float, , )
PRELU(ck_bfloat16, uint16_t, ck_float_of, ck_bfloat16_of)
