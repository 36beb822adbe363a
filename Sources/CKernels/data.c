#include "CKernelsData.h"
#include "common.h"

#include <math.h>
#include <string.h>

// MARK: Gathering

CK_CLONES
void ck_gather_bytes(
    const uint8_t *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++) {
    const uint8_t *restrict x = data + samples[s] * width;
    float *restrict y = out + s * width;
    for (ptrdiff_t f = 0; f < width; f++) y[f] = (float)x[f];
  }
}

void ck_gather_floats(
    const float *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++)
    memcpy(out + s * width, data + samples[s] * width, (size_t)width * sizeof(float));
}

CK_CLONES
void ck_gather_standardised_bytes(
    const uint8_t *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    const float *restrict mean, const float *restrict inverse, ptrdiff_t period, float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++)
    for (ptrdiff_t start = 0; start < width; start += period) {
      const uint8_t *restrict x = data + samples[s] * width + start;
      float *restrict y = out + s * width + start;
      const ptrdiff_t length = width - start < period ? width - start : period;
      for (ptrdiff_t i = 0; i < length; i++) y[i] = ((float)x[i] - mean[i]) * inverse[i];
    }
}

CK_CLONES
void ck_gather_standardised_floats(
    const float *restrict data, ptrdiff_t width, const ptrdiff_t *restrict samples, ptrdiff_t count,
    const float *restrict mean, const float *restrict inverse, ptrdiff_t period, float *restrict out) {
  for (ptrdiff_t s = 0; s < count; s++)
    for (ptrdiff_t start = 0; start < width; start += period) {
      const float *restrict x = data + samples[s] * width + start;
      float *restrict y = out + s * width + start;
      const ptrdiff_t length = width - start < period ? width - start : period;
      for (ptrdiff_t i = 0; i < length; i++) y[i] = (x[i] - mean[i]) * inverse[i];
    }
}

// MARK: Sums over samples. Each feature has a sum of its own, so vector lanes never change an order of addition.

CK_CLONES
void ck_add_byte_sums(
    const uint8_t *restrict data, ptrdiff_t rows, ptrdiff_t width, uint32_t *restrict sums,
    uint32_t *restrict squares) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const uint8_t *restrict x = data + r * width;
    for (ptrdiff_t f = 0; f < width; f++) {
      const uint32_t value = x[f];
      sums[f] += value;
      squares[f] += value * value;
    }
  }
}

CK_CLONES
void ck_add_differences(
    const float *restrict data, ptrdiff_t rows, ptrdiff_t width, const double *restrict centre,
    double *restrict sums) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *restrict x = data + r * width;
    for (ptrdiff_t f = 0; f < width; f++) sums[f] += (double)x[f] - centre[f];
  }
}

CK_CLONES
void ck_add_squared_differences(
    const float *restrict data, ptrdiff_t rows, ptrdiff_t width, const double *restrict centre,
    double *restrict sums) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    const float *restrict x = data + r * width;
    for (ptrdiff_t f = 0; f < width; f++) {
      const double difference = (double)x[f] - centre[f];
      sums[f] += difference * difference;
    }
  }
}

// MARK: Normal deviates

double ck_log(double x) {
  if (!(x > 0)) return x == 0 ? -INFINITY : NAN;
  if (x == INFINITY) return x;
  int64_t exponent = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;  // make a subnormal number normal
    exponent = -54;
  }
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  exponent += (int64_t)(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
  double m;
  memcpy(&m, &bits, sizeof m);
  if (m > 0x1.6a09e667f3bcdp+0) {  // keep the mantissa in (√½, √2], so that nothing cancels near x = 1
    m *= 0.5;
    exponent += 1;
  }
  // log m = 2 atanh s = 2 (s + s³/3 + s⁵/5 + …) with |s| < 0.1716: the first term left out is below 2^-60 of the sum.
  const double s = (m - 1) / (m + 1), z = s * s;
  double series = 1.0 / 23;
  for (int k = 21; k >= 3; k -= 2) series = series * z + 1.0 / k;
  const double log_m = 2 * s + 2 * s * (z * series);
  // ln 2 in two parts; the first has 21 trailing zero bits, so that its product with an exponent is exact.
  return (double)exponent * 0x1.62e42fee00000p-1 + ((double)exponent * 0x1.a39ef35793c76p-33 + log_m);
}

// Horner's rule, the highest coefficient last in the table, as the paper prints them.
static double polynomial(const double coefficients[8], double x) {
  double sum = coefficients[7];
  for (int k = 6; k >= 0; k--) sum = sum * x + coefficients[k];
  return sum;
}

double ck_normal_from_unit(double u) {
  // Numerators and denominators of three rational approximations: |u - ½| ≤ 0.425, then r ≤ 5, then r > 5.
  static const double a[8] = {
      3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
      4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static const double b[8] = {
      1.0,                      4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
      2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3};
  static const double c[8] = {
      1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
      1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double d[8] = {
      1.0,                       2.05319162663775882187e0,  1.67638483018380384940e0,  6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9};
  static const double e[8] = {
      6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
      2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double f[8] = {
      1.0,                       5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};

  if (!(u > 0 && u < 1)) return NAN;
  const double q = u - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  const double r = sqrt(-ck_log(q < 0 ? u : 1 - u));
  const double deviate =
      r <= 5 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6) : polynomial(e, r - 5) / polynomial(f, r - 5);
  return q < 0 ? -deviate : deviate;
}
