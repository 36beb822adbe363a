#include "CKernels.h"
#include "exponential.h"

CK_CLONES void ck_bias_forward(float *restrict y, const float *restrict bias, int64_t B, int64_t O) {
  for (int64_t b = 0; b < B; b++)
    for (int64_t o = 0; o < O; o++) y[b * O + o] += bias[o];
}

CK_CLONES void ck_bias_backward(float *restrict dbias, const float *restrict dy, int64_t B, int64_t O) {
  for (int64_t o = 0; o < O; o++) dbias[o] = 0;
  for (int64_t b = 0; b < B; b++)
    for (int64_t o = 0; o < O; o++) dbias[o] += dy[b * O + o];
}

CK_CLONES void ck_relu_forward(float *y, const float *x, int64_t n) {
  /* Written so that a NaN stays a NaN: hiding it would hide what went wrong. */
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

CK_CLONES void ck_relu_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    float d = dy[i]; /* read in any case, so that the choice needs no branch */
    dx[i] = y[i] > 0 ? d : 0;
  }
}

CK_CLONES void ck_sigmoid_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = ck_sigmoidf(x[i]);
}

CK_CLONES void ck_sigmoid_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * (y[i] * (1.0f - y[i]));
}

CK_CLONES void ck_tanh_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = ck_tanhf(x[i]);
}

CK_CLONES void ck_tanh_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}

CK_CLONES void ck_exp(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) y[i] = ck_expf(x[i]);
}
