/* Floats drawn from Philox: uniform ones and normal ones. Element e of a stream comes of word e mod 4 of block e / 4. */
#include <math.h>
#include <string.h>

#include "CKernelsData.h"
#include "common.h"
#include "logarithm.h"
#include "philox.h"

/* ---- Normal deviates ------------------------------------------------------------------------------------------------ */

/* Numerators and denominators of three rational approximations: |u - ½| ≤ 0.425, then r ≤ 5, then r > 5. */
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

/* Horner's rule, the highest coefficient last in the table, as the paper prints them. */
CK_INLINE double polynomial(const double coefficients[8], double x) {
  double sum = coefficients[7];
  for (int k = 6; k >= 0; k--) sum = sum * x + coefficients[k];
  return sum;
}

/* The deviate of u = ½ + q in the middle, where 85 of 100 lie. */
CK_INLINE double middle_deviate(double q) {
  const double r = 0.180625 - q * q;
  return q * polynomial(a, r) / polynomial(b, r);
}

CK_INLINE int is_in_middle(double q) { return q >= -0.425 && q <= 0.425; }

/* How far out the deviate lies of a u or 1 - u below 0.075 whose root of -log is r ≤ 5. */
CK_INLINE double outer_deviate(double r) { return polynomial(c, r - 1.6) / polynomial(d, r - 1.6); }

double ck_normal_from_unit(double u) {
  if (!(u > 0 && u < 1)) return NAN;
  const double q = u - 0.5;
  if (is_in_middle(q)) return middle_deviate(q);
  const double r = sqrt(-ck_log(q < 0 ? u : 1 - u));
  const double deviate = r <= 5 ? outer_deviate(r) : polynomial(e, r - 5) / polynomial(f, r - 5);
  return q < 0 ? -deviate : deviate;
}

/* ---- Buffers -------------------------------------------------------------------------------------------------------- */

/* Floats that are made together: four a block. */
enum { GROUP = 4 * PHILOX_GROUP };

/* Overwrites `units` with the middles of GROUP of 2³² equal steps of (0, 1), from that of block `first` on. */
CK_INLINE void units_of_group(double *units, uint64_t first, uint64_t stream, uint32_t k0, uint32_t k1) {
  philox_words words[4][PHILOX_VECTORS];
  philox_words_of_rows(words[0], words[1], words[2], words[3], first, stream, k0, k1);
  uint64_t numbers[4][PHILOX_GROUP];
  memcpy(numbers, words, sizeof numbers);
  for (int j = 0; j < PHILOX_GROUP; j++) {
    for (int w = 0; w < 4; w++) units[4 * j + w] = ((double)(uint32_t)numbers[w][j] + 0.5) * 0x1p-32;
  }
}

CK_CLONES
void ck_draw_uniform(float *x, ptrdiff_t count, uint64_t stream, uint32_t k0, uint32_t k1, double width) {
  for (ptrdiff_t i = 0; i < count; i += GROUP) {
    double units[GROUP];
    float drawn[GROUP];
    units_of_group(units, (uint64_t)i / 4, stream, k0, k1);
    for (int j = 0; j < GROUP; j++) drawn[j] = (float)((units[j] - 0.5) * width);
    const ptrdiff_t most = count - i < GROUP ? count - i : GROUP;
    memcpy(x + i, drawn, (size_t)most * sizeof *x);
  }
}

CK_CLONES
void ck_draw_normal(
    float *x, ptrdiff_t count, uint64_t stream, uint32_t k0, uint32_t k1, double mean, double deviation) {
  for (ptrdiff_t i = 0; i < count; i += GROUP) {
    double units[GROUP], normals[GROUP];
    float drawn[GROUP];
    units_of_group(units, (uint64_t)i / 4, stream, k0, k1);
    /* Those outside of the middle are anything here; they are collected, computed beside each other and put back. The
     * farthest out is 2⁻³³, whose r is 4.8. */
    double tails[GROUP];
    int place[GROUP], count_of_tails = 0;
    for (int j = 0; j < GROUP; j++) {
      normals[j] = middle_deviate(units[j] - 0.5);
      tails[count_of_tails] = units[j] < 0.5 ? units[j] : 1 - units[j];
      place[count_of_tails] = j;
      count_of_tails += !is_in_middle(units[j] - 0.5);
    }
    for (int t = 0; t < count_of_tails; t++) tails[t] = outer_deviate(__builtin_elementwise_sqrt(-ck_log_normal(tails[t], 0)));
    for (int t = 0; t < count_of_tails; t++) normals[place[t]] = units[place[t]] < 0.5 ? -tails[t] : tails[t];
    for (int j = 0; j < GROUP; j++) drawn[j] = (float)(mean + deviation * normals[j]);
    const ptrdiff_t most = count - i < GROUP ? count - i : GROUP;
    memcpy(x + i, drawn, (size_t)most * sizeof *x);
  }
}
