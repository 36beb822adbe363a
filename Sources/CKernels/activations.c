#include "CKernels.h"
#include "exponential.h"

CK_CLONES void ck_bias_forward(float *restrict y, const float *restrict bias, int64_t B, int64_t O) {
  for (int64_t b = 0; b < B; b++)
    for (int64_t o = 0; o < O; o++) y[b * O + o] += bias[o];
}

CK_CLONES void ck_bias_backward(
    float *restrict dbias, const float *restrict dy, int64_t B, int64_t O, int64_t stride, int goesOn) {
  for (int64_t o = 0; !goesOn && o < O; o++) dbias[o] = 0;
  for (int64_t b = 0; b < B; b++)
    for (int64_t o = 0; o < O; o++) dbias[o] += dy[b * stride + o];
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

/* In integers: a negative number becomes zero, but for NaNs, and zeros keep their sign. */
CK_CLONES void ck_bfloat16_relu_forward(uint16_t *y, const uint16_t *x, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    const uint16_t bits = x[i];
    const int isBelow = (uint16_t)(bits - 0x8080u) <= 0xff80u - 0x8080u, isZero = (bits & 0x7f80u) == 0;
    y[i] = isBelow ? 0 : isZero ? bits & 0x8000u : bits;
  }
}

CK_CLONES void ck_bfloat16_relu_backward(uint16_t *dx, const uint16_t *dy, const uint16_t *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    const uint16_t d = dy[i]; /* read in any case, so that the choice needs no branch */
    dx[i] = (uint16_t)(y[i] - 0x0080u) <= 0x7f80u - 0x0080u ? d : 0;
  }
}

CK_CLONES void ck_sigmoid_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = ck_sigmoidf(x[i]);
}

CK_CLONES void ck_sigmoid_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * (y[i] * (1.0f - y[i]));
}

CK_CLONES void ck_tanh_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = ck_tanhf(x[i]);
}

CK_CLONES void ck_tanh_backward(float *dx, const float *dy, const float *y, int64_t n) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * (1.0f - y[i] * y[i]);
}

CK_CLONES void ck_leaky_relu_forward(float *y, const float *x, int64_t n, float slope) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    float scaled = x[i] * slope;
    y[i] = x[i] < 0 ? scaled : x[i];
  }
}

CK_CLONES void ck_leaky_relu_backward(float *dx, const float *dy, const float *y, int64_t n, float slope) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    float d = dy[i], scaled = d * slope;
    dx[i] = y[i] > 0 ? d : scaled;
  }
}

CK_CLONES void ck_gelu_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = 0.5f * x[i] * (1.0f + ck_erff(x[i] * 0.707106781f));
}

CK_CLONES void ck_gelu_backward(float *dx, const float *dy, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float share = 0.5f * (1.0f + ck_erff(x[i] * 0.707106781f));
    float density = 0.398942280f * ck_expf(-0.5f * x[i] * x[i]);
    dx[i] = dy[i] * (share + x[i] * density);
  }
}

/* (1 + tanh u) / 2 = sigmoid(2u), and 2u = x (a + b x^2) with a = 2 sqrt(2 / pi), b = 0.044715 a. */
#define GELU_A 1.595769122f
#define GELU_B 0.0713548163f

CK_CLONES void ck_gelu_tanh_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = x[i] * ck_sigmoidf(x[i] * (GELU_A + GELU_B * (x[i] * x[i])));
}

CK_CLONES void ck_gelu_tanh_backward(float *dx, const float *dy, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float square = x[i] * x[i];
    float s = ck_sigmoidf(x[i] * (GELU_A + GELU_B * square));
    float slope = x[i] * (GELU_A + (3.0f * GELU_B) * square);
    dx[i] = dy[i] * (s + slope * (s * (1.0f - s)));
  }
}

CK_CLONES void ck_silu_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = x[i] * ck_sigmoidf(x[i]);
}

CK_CLONES void ck_silu_backward(float *dx, const float *dy, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float s = ck_sigmoidf(x[i]);
    dx[i] = dy[i] * (s + x[i] * (s * (1.0f - s)));
  }
}

CK_CLONES void ck_exp(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = ck_expf(x[i]);
}

CK_CLONES void ck_erf(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) y[i] = ck_erff(x[i]);
}
