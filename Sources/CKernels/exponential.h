#pragma once

#include "common.h"

#include <stdint.h>
#include <string.h>

/* exp(x) = 2^k exp(r), |r| <= ln(2)/2: Cody and Waite's reduction and Cephes' expf polynomial. Inlined into the loops
 * that use it, so that each is vectorised as a whole; or of as many floats as `real` has. In place, of x in CK_EXP_LOWEST ...
 * 88. */
#define CK_EXP_LOWEST -87.33654f
#define CK_EXP_WITHIN(name, real, word) \
  CK_INLINE void name(real *x) { \
    /* 1.5 * 2^23: rounds to the nearest integer, which its last bits hold. */ \
    real shifted = *x * 1.44269504f + 12582912.0f; \
    real k = shifted - 12582912.0f; \
    real r = *x - k * 0.693359375f; \
    r = r - k * -2.12194440e-4f; \
    real p = r * 1.9875691500e-4f + 1.3981999507e-3f; \
    p = p * r + 8.3334519073e-3f; \
    p = p * r + 4.1665795894e-2f; \
    p = p * r + 1.6666665459e-1f; \
    p = p * r + 5.0000001201e-1f; \
    real e = p * (r * r) + r + 1.0f; \
    word bits, exponent; \
    memcpy(&bits, &e, sizeof e); \
    memcpy(&exponent, &shifted, sizeof e); \
    bits += exponent << 23; \
    memcpy(x, &bits, sizeof e); \
  }

CK_EXP_WITHIN(ck_exp_within, float, uint32_t)

CK_INLINE float ck_expf(float x) {
  float e = x < CK_EXP_LOWEST ? CK_EXP_LOWEST : x;
  e = e > 88.0f ? 88.0f : e;
  ck_exp_within(&e);
  e = x < CK_EXP_LOWEST ? 0.0f : e;
  e = x > 88.0f ? __builtin_inff() : e;
  return x != x ? x : e;
}

/* The same of an x of at most 88, as a difference from a maximum is. */
CK_INLINE float ck_expf_below(float x) {
  float e = x < CK_EXP_LOWEST ? CK_EXP_LOWEST : x;
  ck_exp_within(&e);
  e = x < CK_EXP_LOWEST ? 0.0f : e;
  return x != x ? x : e;
}

/* tanh: an odd polynomial near zero (Cephes' tanhf), 1 - 2 / (exp(2x) + 1) elsewhere. */
CK_INLINE float ck_tanhf(float x) {
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

CK_INLINE float ck_sigmoidf(float x) { return 1.0f / (1.0f + ck_expf(-x)); }

/* erf: an odd polynomial below 0.9, 1 - exp(-q) above, q a polynomial for -log(erfc). Both are interpolated at
 * Chebyshev's nodes and are off by less than 4e-8 of the result; from 4 on the result is 1. */
CK_INLINE float ck_erff(float x) {
  float magnitude = x < 0 ? -x : x;
  float square = x * x;
  float p = -5.876505747e-4f;
  p = p * square + 4.970797338e-3f;
  p = p * square - 2.675149962e-2f;
  p = p * square + 1.128140762e-1f;
  p = p * square - 3.761245608e-1f;
  p = p * square + 1.283791512e-1f;
  float near_zero = p * x + x;
  float z = (magnitude > 4.0f ? 4.0f : magnitude) - 1.25f;
  float q = 4.092743566e-8f;
  q = q * z - 2.050764806e-6f;
  q = q * z + 3.129395918e-5f;
  q = q * z - 2.683100174e-4f;
  q = q * z + 1.617749222e-3f;
  q = q * z - 7.791949436e-3f;
  q = q * z + 3.268483654e-2f;
  q = q * z + 8.708106279e-1f;
  q = q * z + 3.067723989e+0f;
  q = q * z + 2.562653542e+0f;
  float far = 1.0f - ck_expf(-q);
  far = x < 0 ? -far : far;
  float y = magnitude < 0.9f ? near_zero : far;
  return x != x ? x : y;
}
