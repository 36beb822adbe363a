#pragma once

#include <string.h>

#include "CKernelsData.h"
#include "common.h"

/* log(2^scale x) for a normal x > 0; without branches, so that loops over it are vectorised. */
CK_INLINE double ck_log_normal(double x, int32_t scale) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int32_t exponent = scale + (int32_t)(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
  double m;
  memcpy(&m, &bits, sizeof m);
  /* The mantissa is kept in (√½, √2], so that nothing cancels near x = 1. */
  const int32_t isLarge = m > 0x1.6a09e667f3bcdp+0;
  m = isLarge ? m * 0.5 : m;
  exponent += isLarge;
  /* log m = 2 atanh s = 2 (s + s³/3 + s⁵/5 + …) with |s| < 0.1716: the first term left out is below 2^-60 of the sum. */
  const double s = (m - 1) / (m + 1), z = s * s;
  double series = 1.0 / 23;
#pragma clang loop unroll(full)
  for (int k = 21; k >= 3; k -= 2) series = series * z + 1.0 / k;
  const double log_m = 2 * s + 2 * s * (z * series);
  /* ln 2 in two parts; the first has 21 trailing zero bits, so that its product with an exponent is exact. */
  return (double)exponent * 0x1.62e42fee00000p-1 + ((double)exponent * 0x1.a39ef35793c76p-33 + log_m);
}

/* log(1 + x) for finite x >= 0, to a few units of a double however small x is: the rounding of 1 + x is taken out again, as its
 * logarithm over itself less one hardly changes (Kahan; see Goldberg, ACM Computing Surveys 23, 1991, theorem 4). */
CK_INLINE double ck_log1p(double x) {
  double u = 1.0 + x, moved = u - 1.0;
  return moved == 0 ? x : ck_log(u) * (x / moved);
}
