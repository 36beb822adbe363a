#pragma once

#include "common.h"

#include <stdint.h>
#include <string.h>

/* exp(x) = 2^k exp(r), |r| <= ln(2)/2: Cody and Waite's reduction and Cephes' expf polynomial. Inlined into the loops
 * that use it, so that each is vectorised as a whole. */
static inline float ck_expf(float x) {
  float clamped = x < -87.33654f ? -87.33654f : x;
  clamped = clamped > 88.0f ? 88.0f : clamped;
  float shifted = clamped * 1.44269504f + 12582912.0f; /* 1.5 * 2^23: rounds to the nearest integer */
  float k = shifted - 12582912.0f;
  float r = clamped - k * 0.693359375f;
  r = r - k * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  float e = p * (r * r) + r + 1.0f;
  int32_t bits;
  memcpy(&bits, &e, 4);
  bits += (int32_t)k * (1 << 23);
  memcpy(&e, &bits, 4);
  e = x < -87.33654f ? 0.0f : e;
  e = x > 88.0f ? __builtin_inff() : e;
  return x != x ? x : e;
}

/* tanh: an odd polynomial near zero (Cephes' tanhf), 1 - 2 / (exp(2x) + 1) elsewhere. */
static inline float ck_tanhf(float x) {
  float magnitude = x < 0 ? -x : x;
  float square = x * x;
  float p = -5.70498872745e-3f;
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  float near_zero = p * square * x + x;
  float far = 1.0f - 2.0f / (ck_expf(2.0f * magnitude) + 1.0f);
  far = x < 0 ? -far : far;
  return magnitude < 0.625f ? near_zero : far;
}

static inline float ck_sigmoidf(float x) { return 1.0f / (1.0f + ck_expf(-x)); }
