#include "ctables.h"

#include <string.h>

// The powers of ten that a double holds exactly.
static const double exact_powers[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
};

// The powers of ten that 64 bits hold.
static const uint64_t powers[] = {
    1ull, 10ull, 100ull, 1000ull, 10000ull, 100000ull, 1000000ull, 10000000ull, 100000000ull, 1000000000ull,
    10000000000ull, 100000000000ull, 1000000000000ull, 10000000000000ull, 100000000000000ull, 1000000000000000ull,
    10000000000000000ull, 100000000000000000ull, 1000000000000000000ull, 10000000000000000000ull,
};

// mantissa / 10^k rounded once, ties to even. mantissa > 0, k in 1...19.
//
// The quotient is taken with at least 55 bits, and a remainder sets the last of them, so that rounding to 53 is right.
static double divided(uint64_t mantissa, int k) {
  const uint64_t divisor = powers[k];
  // Shifted so that the quotient has 63 or 64 bits: both have their top bit set, the dividend 64 - 1 places higher.
  const int up = __builtin_clzll(mantissa), down = __builtin_clzll(divisor);
  const unsigned __int128 dividend = (unsigned __int128)(mantissa << up) << 63;
  const uint64_t scaled = divisor << down;
  uint64_t quotient = (uint64_t)(dividend / scaled);
  if ((unsigned __int128)quotient * scaled != dividend) quotient |= 1;
  // mantissa / divisor = quotient · 2^(down - up - 63)
  const int exponent = down - up - 63;
  // The conversion rounds once: 63 or 64 bits to 53; the last bit stands for all that is behind it.
  const double value = (double)quotient;
  const uint64_t bits = (uint64_t)(1023 + exponent) << 52;  // exponents are far from the ends: -127...-1
  double scale;
  memcpy(&scale, &bits, sizeof scale);
  return value * scale;
}

// The number that a text spells; false for what is none, or not of the usual kind.
static inline bool number(const uint8_t *p, const uint8_t *end, double *result) {
  bool negative = false;
  if (p < end && (*p == '-' || *p == '+')) negative = *p++ == '-';
  uint64_t mantissa = 0;
  int exponent = 0;
  unsigned d;
  const uint8_t *start = p;
  while (p < end && *p == '0') p++;
  const uint8_t *significant = p;
  for (; p < end && (d = (unsigned)(*p - '0')) < 10; p++) mantissa = mantissa * 10 + d;
  ptrdiff_t any = p - start, digits = p - significant;  // digits behind leading zeros
  if (p < end && *p == '.') {
    const uint8_t *point = ++p;
    if (digits == 0)
      while (p < end && *p == '0') p++;
    significant = p;
    for (; p < end && (d = (unsigned)(*p - '0')) < 10; p++) mantissa = mantissa * 10 + d;
    digits += p - significant;
    exponent = (int)(point - p);
    any += p - point;
  }
  if (any == 0 || any > 1000 || digits > 19) return false;
  if (p < end && (*p | 0x20) == 'e') {
    p++;
    bool minus = false;
    if (p < end && (*p == '-' || *p == '+')) minus = *p++ == '-';
    const uint8_t *first = p;
    int scale = 0;
    while (p < end && (d = (unsigned)(*p - '0')) < 10 && p - first < 5) {
      scale = scale * 10 + (int)d;
      p++;
    }
    if (p == first) return false;
    exponent += minus ? -scale : scale;
  }
  if (p != end) return false;
  double value;
  if (mantissa == 0) value = 0;
  else if (mantissa <= 1ull << 53 && exponent <= 22 && exponent >= -22)
    value = exponent < 0 ? (double)mantissa / exact_powers[-exponent] : (double)mantissa * exact_powers[exponent];
  else if (exponent == 0) value = (double)mantissa;
  else if (exponent < 0 && exponent >= -19) value = divided(mantissa, -exponent);
  else return false;
  *result = negative ? -value : value;
  return true;
}

size_t ct_numbers(
    const uint8_t *bytes, const uint32_t *bounds, size_t first, size_t stride, size_t rows, double *numbers,
    uint8_t *states) {
  size_t others = 0;
  const uint32_t *bound = bounds + first;
  for (size_t r = 0; r < rows; r++, bound += stride) {
    const uint8_t *p = bytes + bound[0], *end = bytes + bound[1];
    double value = __builtin_nan("");
    uint8_t state = CT_NUMBER;
    if (p == end) state = CT_EMPTY;
    else if (!number(p, end, &value)) state = CT_OTHER;
    numbers[r] = value;
    states[r] = state;
    others += state != CT_NUMBER;
  }
  return others;
}
