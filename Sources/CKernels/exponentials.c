/* Activations that exponentials make. What comes in as a NaN goes out as one. */
#include "CKernels.h"
#include "exponential.h"

/* exp(x) - 1 of an x of at most 0: near zero as good as elsewhere, since the one is never there. */
CK_INLINE float ck_expm1f_below(float x) {
  float least = x < -80.0f ? -80.0f : x;
  /* As in exponential.h: exp(x) = 2^k (1 + q). */
  float shifted = least * 1.44269504f + 12582912.0f;
  float k = shifted - 12582912.0f;
  float r = least - k * 0.693359375f;
  r = r - k * -2.12194440e-4f;
  float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  float q = p * (r * r) + r;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits << 23) + 0x3f800000u;
  float power;
  memcpy(&power, &bits, sizeof power);
  float e = power * q + (power - 1.0f);
  return x != x ? x : e;
}

/* log(1 + u) of a u in 0 ... 1: 2 atanh s, s = u / (2 + u) of at most a third; the first term left out is below 2e-9 of the sum. */
CK_INLINE float ck_log1pf_within(float u) {
  float s = u / (2.0f + u), z = s * s;
  float p = 1.0f / 15;
  p = p * z + 1.0f / 13;
  p = p * z + 1.0f / 11;
  p = p * z + 1.0f / 9;
  p = p * z + 1.0f / 7;
  p = p * z + 1.0f / 5;
  p = p * z + 1.0f / 3;
  float twice = 2.0f * s;
  return twice + twice * (z * p);
}

CK_CLONES void ck_elu_forward(float *y, const float *x, int64_t n, float alpha) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float below = alpha * ck_expm1f_below(x[i] > 0 ? 0 : x[i]);
    y[i] = x[i] > 0 ? x[i] : below;
  }
}

CK_CLONES void ck_elu_backward(float *dx, const float *dy, const float *y, int64_t n, float alpha) {
  CK_ELEMENTWISE
  for (int64_t i = 0; i < n; i++) {
    float d = dy[i], below = d * (y[i] + alpha);
    dx[i] = y[i] > 0 ? d : below;
  }
}

CK_CLONES void ck_softplus_forward(float *y, const float *x, int64_t n, float beta) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float z = x[i] * beta;
    float tail = ck_log1pf_within(ck_expf_below(z < 0 ? z : -z));
    y[i] = ((z < 0 ? 0 : z) + tail) / beta;
  }
}

CK_CLONES void ck_softplus_backward(float *dx, const float *dy, const float *x, int64_t n, float beta) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * ck_sigmoidf(x[i] * beta);
}

/* With e = exp(x), tanh(log(1 + e)) = n / (n + 2), n = e (e + 2); from 20 on that is 1, and e stays below what its square allows. */
CK_INLINE float mish_exponential(float x) { return ck_expf_below(x > 20.0f ? 20.0f : x); }

CK_CLONES void ck_mish_forward(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float e = mish_exponential(x[i]), above = e * (e + 2.0f);
    y[i] = x[i] * (above / (above + 2.0f));
  }
}

/* The derivative is t + x (1 - t^2) sigmoid(x), t that tanh: (n + 4 x e (1 + e) / (n + 2)) / (n + 2). */
CK_CLONES void ck_mish_backward(float *dx, const float *dy, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t i = 0; i < n; i++) {
    float e = mish_exponential(x[i]), above = e * (e + 2.0f), below = above + 2.0f;
    float tilt = 4.0f * x[i] * (e * (1.0f + e) / below);
    dx[i] = dy[i] * ((above + tilt) / below);
  }
}
