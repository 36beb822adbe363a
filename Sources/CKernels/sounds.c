#include "CKernelsSounds.h"

#include <math.h>
#include <string.h>

#include "accumulators.h"
#include "logarithm.h"

CK_CLONES void ck_mix_whole(float *restrict y, const int32_t *restrict x, ptrdiff_t n, ptrdiff_t channels) {
  const double divisor = (double)channels * 0x1p31;
  if (channels == 1) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = (float)((double)x[i] / divisor);
    return;
  }
  for (ptrdiff_t i = 0; i < n; i++) {
    int64_t sum = 0;
    for (ptrdiff_t c = 0; c < channels; c++) sum += x[i * channels + c];
    y[i] = (float)((double)sum / divisor);
  }
}

CK_CLONES void ck_mix_real(float *restrict y, const double *restrict x, ptrdiff_t n, ptrdiff_t channels) {
  for (ptrdiff_t i = 0; i < n; i++) {
    double sum = x[i * channels];
    for (ptrdiff_t c = 1; c < channels; c++) sum += x[i * channels + c];
    y[i] = (float)(sum / (double)channels);
  }
}

ptrdiff_t ck_first_beyond(const float *x, ptrdiff_t n, float bound) {
  for (ptrdiff_t start = 0; start < n; start += 1024) {
    const ptrdiff_t end = start + 1024 < n ? start + 1024 : n;
    int any = 0;
    /* Nothing compares with what is no number. */
    for (ptrdiff_t i = start; i < end; i++) any |= !(fabsf(x[i]) <= bound);
    if (!any) continue;
    for (ptrdiff_t i = start; i < end; i++)
      if (!(fabsf(x[i]) <= bound)) return i;
  }
  return n;
}

/* As many of the compiler's vectors as that takes. */
typedef float ck_taps __attribute__((ext_vector_type(CK_TAPS), aligned(4)));

CK_CLONES void ck_resample_sound(
    float *restrict y, const float *restrict x, ptrdiff_t n, ptrdiff_t first, const float *restrict filter, ptrdiff_t taps,
    ptrdiff_t up, ptrdiff_t down) {
  ptrdiff_t q = first * down / up, p = first * down % up;
  for (ptrdiff_t o = 0; o < n; o++) {
    const float *h = filter + p * taps, *from = x + q;
    ck_taps sums = {0};
    for (ptrdiff_t t = 0; t < taps; t += CK_TAPS) sums += *(const ck_taps *)(h + t) * *(const ck_taps *)(from + t);
    ck_sum16 sum;
    memcpy(&sum, &sums, sizeof sum);
    y[o] = ck_total(sum);
    q += down / up;
    p += down % up;
    if (p >= up) {
      p -= up;
      q++;
    }
  }
}

/* ---- Spectra -------------------------------------------------------------------------------------------------------- */

#define LANES for (int l = 0; l < CK_FRAMES; l++)

/* Complex numbers of CK_FRAMES frames, side by side. */
typedef struct {
  float re[CK_FRAMES], im[CK_FRAMES];
} ck_number;

/* Four numbers m apart become those of a transform of 4m: w has W^j, W^2j, W^3j. */
CK_INLINE void ck_four(ck_number *restrict z, ptrdiff_t m, const float *restrict w) {
  ck_number *restrict a = z, *restrict b = z + m, *restrict c = z + 2 * m, *restrict d = z + 3 * m;
  LANES {
    const float bre = b->re[l] * w[0] - b->im[l] * w[1], bim = b->re[l] * w[1] + b->im[l] * w[0];
    const float cre = c->re[l] * w[2] - c->im[l] * w[3], cim = c->re[l] * w[3] + c->im[l] * w[2];
    const float dre = d->re[l] * w[4] - d->im[l] * w[5], dim = d->re[l] * w[5] + d->im[l] * w[4];
    const float s0re = a->re[l] + cre, s0im = a->im[l] + cim, s1re = a->re[l] - cre, s1im = a->im[l] - cim;
    const float s2re = bre + dre, s2im = bim + dim, s3re = bre - dre, s3im = bim - dim;
    a->re[l] = s0re + s2re, a->im[l] = s0im + s2im;
    c->re[l] = s0re - s2re, c->im[l] = s0im - s2im;
    /* -i times the difference. */
    b->re[l] = s1re + s3im, b->im[l] = s1im - s3re;
    d->re[l] = s1re - s3im, d->im[l] = s1im + s3re;
  }
}

CK_INLINE void ck_two(ck_number *restrict a, ck_number *restrict b, const float *restrict w) {
  LANES {
    const float re = b->re[l] * w[0] - b->im[l] * w[1], im = b->re[l] * w[1] + b->im[l] * w[0];
    b->re[l] = a->re[l] - re, b->im[l] = a->im[l] - im;
    a->re[l] += re, a->im[l] += im;
  }
}

/* In place; returns what stands behind the twiddles. */
CK_INLINE const float *ck_transform(ck_number *restrict z, ptrdiff_t n, const float *restrict w) {
  ptrdiff_t m = 1;
  for (; 4 * m <= n; m *= 4) {
    for (ptrdiff_t start = 0; start < n; start += 4 * m)
      for (ptrdiff_t j = 0; j < m; j++) ck_four(z + start + j, m, w + 6 * j);
    w += 6 * m;
  }
  if (m < n) {
    for (ptrdiff_t j = 0; j < m; j++) ck_two(z + j, z + m + j, w + 2 * j);
    w += 2 * m;
  }
  return w;
}

/* |X|^power of the real samples whose pairs were transformed: the number at k becomes that of frequency k in `re`, the last one
 * stands in z[0].im. */
CK_INLINE void ck_powers(ck_number *restrict z, ptrdiff_t n, const float *restrict w, int power) {
  {
    LANES {
      const float re = z->re[l], im = z->im[l];
      const float low = re + im, high = re - im;
      z->re[l] = low * low, z->im[l] = high * high;
    }
  }
  /* X[k] = E + W^k O, X[n - k] = conj(E - W^k O); E = (Z[k] + conj Z[n-k]) / 2, O = -i (Z[k] - conj Z[n-k]) / 2. */
  for (ptrdiff_t k = 1; 2 * k < n; k++) {
    ck_number *restrict a = z + k, *restrict b = z + n - k;
    const float c = w[2 * k], s = w[2 * k + 1];
    LANES {
      const float ere = 0.5f * (a->re[l] + b->re[l]), eim = 0.5f * (a->im[l] - b->im[l]);
      const float ore = 0.5f * (a->im[l] + b->im[l]), oim = 0.5f * (b->re[l] - a->re[l]);
      const float tre = ore * c - oim * s, tim = ore * s + oim * c;
      const float lre = ere + tre, lim = eim + tim, hre = ere - tre, him = eim - tim;
      a->re[l] = lre * lre + lim * lim;
      b->re[l] = hre * hre + him * him;
    }
  }
  /* X[n / 2] = conj Z[n / 2] */
  LANES z[n / 2].re[l] = z[n / 2].re[l] * z[n / 2].re[l] + z[n / 2].im[l] * z[n / 2].im[l];
  if (power == 1) {
    for (ptrdiff_t k = 0; k < n; k++) LANES z[k].re[l] = sqrtf(z[k].re[l]);
    LANES z->im[l] = sqrtf(z->im[l]);
  }
}

ptrdiff_t ck_band_scratch(const ck_spectrum *s) { return (ptrdiff_t)s->size * CK_FRAMES + (ptrdiff_t)s->bands * CK_FRAMES; }

CK_CLONES void ck_band_frames(float *restrict y, const float *restrict x, ptrdiff_t T, const ck_spectrum *s, float *restrict scratch) {
  const ptrdiff_t n = s->size / 2, F = s->bands;
  ck_number *z = (ck_number *)scratch;
  float *bands = scratch + n * 2 * CK_FRAMES;
  for (ptrdiff_t start = 0; start < T; start += CK_FRAMES) {
    const ptrdiff_t count = T - start < CK_FRAMES ? T - start : CK_FRAMES;
    /* What is no frame any more is one that is there once more. */
    const float *from[CK_FRAMES];
    LANES from[l] = x + (start + (l < count ? l : count - 1)) * s->hop;
    for (ptrdiff_t k = 0; k < n; k++) {
      ck_number *to = z + s->places[k];
      const float even = s->window[2 * k], odd = s->window[2 * k + 1];
      LANES to->re[l] = from[l][2 * k] * even;
      LANES to->im[l] = from[l][2 * k + 1] * odd;
    }
    const float *rest = ck_transform(z, n, s->twiddles);
    ck_powers(z, n, rest, s->power);
    const float *weight = s->weights;
    for (ptrdiff_t f = 0; f < F; f++) {
      float sum[CK_FRAMES] = {0};
      for (int32_t i = 0; i < s->counts[f]; i++) {
        const ptrdiff_t k = s->firsts[f] + i;
        const float *powers = k < n ? z[k].re : z->im;
        const float w = *weight++;
        LANES sum[l] += w * powers[l];
      }
      LANES bands[f * CK_FRAMES + l] = sum[l];
    }
    for (ptrdiff_t l = 0; l < count; l++)
      for (ptrdiff_t f = 0; f < F; f++) y[(start + l) * F + f] = bands[f * CK_FRAMES + l];
  }
}

/* ---- What is made of bands ------------------------------------------------------------------------------------------ */

CK_CLONES void ck_logarithms(float *y, ptrdiff_t n, float floor, double factor) {
  CK_ELEMENTWISE
  for (ptrdiff_t i = 0; i < n; i++) y[i] = (float)(factor * ck_log_normal((double)(y[i] > floor ? y[i] : floor), 0));
}

CK_CLONES float ck_largest(const float *x, ptrdiff_t n) {
  float largest = x[0];
  for (ptrdiff_t i = 1; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

CK_CLONES void ck_at_least(float *y, ptrdiff_t n, float bound) {
  for (ptrdiff_t i = 0; i < n; i++) y[i] = y[i] > bound ? y[i] : bound;
}

CK_CLONES void ck_cepstra(
    float *restrict y, const float *restrict x, const float *restrict matrix, ptrdiff_t T, ptrdiff_t F, ptrdiff_t C) {
  for (ptrdiff_t t = 0; t < T; t++) {
    float *row = y + t * C;
    for (ptrdiff_t c = 0; c < C; c++) row[c] = 0;
    for (ptrdiff_t f = 0; f < F; f++) {
      const float value = x[t * F + f];
      for (ptrdiff_t c = 0; c < C; c++) row[c] += value * matrix[f * C + c];
    }
  }
}
