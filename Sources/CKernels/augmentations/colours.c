/* What the pixels of a picture become where they are. */
#include <string.h>

#include "pictures.h"

CK_INLINE float grey_of(const float *x) {
  float grey = 0.2989f * x[0];
  grey = grey + 0.587f * x[1];
  return grey + 0.114f * x[2];
}

CK_CLONES
void ck_mix(float *restrict x, const float *restrict z, ptrdiff_t n, float share) {
  const float rest = 1 - share;
  for (ptrdiff_t i = 0; i < n; i++) x[i] = share * x[i] + rest * z[i];
}

CK_CLONES
void ck_add_scaled(float *restrict x, const float *restrict z, ptrdiff_t n, float scale) {
  for (ptrdiff_t i = 0; i < n; i++) x[i] = x[i] + scale * z[i];
}

CK_CLONES
void ck_clamp(float *x, ptrdiff_t n, float white) {
  for (ptrdiff_t i = 0; i < n; i++) x[i] = limited(x[i], white);
}

CK_CLONES
void ck_blend_constant(float *x, ptrdiff_t n, float factor, float grey, float white) {
  const float rest = (1 - factor) * grey;
  for (ptrdiff_t i = 0; i < n; i++) x[i] = limited(factor * x[i] + rest, white);
}

CK_CLONES
void ck_blend_grey(float *x, ptrdiff_t P, float factor, float white) {
  for (ptrdiff_t p = 0; p < P; p++) {
    float *pixel = x + 3 * p;
    const float rest = (1 - factor) * grey_of(pixel);
    for (int c = 0; c < 3; c++) pixel[c] = limited(factor * pixel[c] + rest, white);
  }
}

enum { SUMS = 8 };

CK_INLINE double joined(const double *sums) {
  double sum = 0;
  for (int k = 0; k < SUMS; k++) sum += sums[k];
  return sum;
}

CK_CLONES
double ck_mean(const float *x, ptrdiff_t n) {
  double sums[SUMS] = {0};
  for (ptrdiff_t i = 0; i < n; i += SUMS) {
    const ptrdiff_t most = n - i < SUMS ? n - i : SUMS;
    if (most == SUMS)
      for (int k = 0; k < SUMS; k++) sums[k] += (double)x[i + k];
    else
      for (int k = 0; k < most; k++) sums[k] += (double)x[i + k];
  }
  return n > 0 ? joined(sums) / (double)n : 0;
}

CK_CLONES
double ck_mean_grey(const float *x, ptrdiff_t P, ptrdiff_t C) {
  if (C != 3) return ck_mean(x, P * C);
  double sums[SUMS] = {0};
  for (ptrdiff_t p = 0; p < P; p++) sums[p % SUMS] += (double)grey_of(x + 3 * p);
  return P > 0 ? joined(sums) / (double)P : 0;
}

CK_CLONES
void ck_turn_hue(float *x, ptrdiff_t P, float turn, float white) {
  for (ptrdiff_t p = 0; p < P; p++) {
    float *pixel = x + 3 * p;
    const float r = pixel[0] / white, g = pixel[1] / white, b = pixel[2] / white;
    const float least = r < g ? (r < b ? r : b) : (g < b ? g : b), most = r > g ? (r > b ? r : b) : (g > b ? g : b);
    const float range = most - least;
    if (!(range > 0)) continue;
    /* Hue: in sixths of the circle from red on, then turned, and brought to 0 ..< 1. */
    const float rc = (most - r) / range, gc = (most - g) / range, bc = (most - b) / range;
    const float sixths = most == r ? bc - gc : most == g ? 2 + rc - bc : 4 + gc - rc;
    float hue = sixths / 6 + 1 + turn + 1;
    hue = hue - (float)(int32_t)hue;
    const float saturation = range / most, sixth = hue * 6;
    const int32_t i = (int32_t)sixth;
    const float f = sixth - (float)i, sf = saturation * f;
    const float down = limited((1 - sf) * most, 1), up = limited((sf + (1 - saturation)) * most, 1);
    const float low = limited((1 - saturation) * most, 1);
    float out[3];
    switch (i % 6) {
      case 0: out[0] = most, out[1] = up, out[2] = low; break;
      case 1: out[0] = down, out[1] = most, out[2] = low; break;
      case 2: out[0] = low, out[1] = most, out[2] = up; break;
      case 3: out[0] = low, out[1] = down, out[2] = most; break;
      case 4: out[0] = up, out[1] = low, out[2] = most; break;
      default: out[0] = most, out[1] = low, out[2] = down; break;
    }
    for (int c = 0; c < 3; c++) pixel[c] = out[c] * white;
  }
}

CK_CLONES
void ck_posterise(float *x, ptrdiff_t n, int bits, float white) {
  const float levels = (float)(1 << bits), scale = levels / white, step = white / levels;
  for (ptrdiff_t i = 0; i < n; i++) {
    const float level = (float)(int32_t)limited(x[i] * scale, levels - 1);
    x[i] = level * step;
  }
}

CK_CLONES
void ck_solarise(float *x, ptrdiff_t n, float threshold, float white) {
  for (ptrdiff_t i = 0; i < n; i++) x[i] = x[i] >= threshold ? white - x[i] : x[i];
}

/* Floats that are compared beside each other: whole vectors, and whole pixels of 1, 2, 3, 4, 6 or 8 channels. */
enum { BESIDE = 48 };

/* Of n floats, of C channels, which BESIDE is a multiple of. */
CK_INLINE void stretch_beside(float *x, ptrdiff_t n, ptrdiff_t C, float white) {
  float least[BESIDE], most[BESIDE], scale[BESIDE];
  for (int k = 0; k < BESIDE; k++) least[k] = most[k] = x[k % C];
  const ptrdiff_t whole = n - n % BESIDE;
  for (ptrdiff_t i = 0; i < whole; i += BESIDE)
    for (int k = 0; k < BESIDE; k++) {
      const float value = x[i + k];
      least[k] = value < least[k] ? value : least[k];
      most[k] = value > most[k] ? value : most[k];
    }
  for (ptrdiff_t i = whole; i < n; i++) {
    const int k = (int)(i - whole);
    least[k] = x[i] < least[k] ? x[i] : least[k];
    most[k] = x[i] > most[k] ? x[i] : most[k];
  }
  for (ptrdiff_t c = 0; c < C; c++) {
    for (ptrdiff_t k = c + C; k < BESIDE; k += C) {
      least[c] = least[k] < least[c] ? least[k] : least[c];
      most[c] = most[k] > most[c] ? most[k] : most[c];
    }
    const int changes = most[c] > least[c];
    scale[c] = changes ? white / (most[c] - least[c]) : 1;
    least[c] = changes ? least[c] : 0;
  }
  for (ptrdiff_t k = C; k < BESIDE; k++) least[k] = least[k - C], scale[k] = scale[k - C];
  for (ptrdiff_t i = 0; i < whole; i += BESIDE)
    for (int k = 0; k < BESIDE; k++) x[i + k] = limited((x[i + k] - least[k]) * scale[k], white);
  for (ptrdiff_t i = whole; i < n; i++) x[i] = limited((x[i] - least[i - whole]) * scale[i - whole], white);
}

CK_CLONES
void ck_stretch_contrast(float *x, ptrdiff_t P, ptrdiff_t C, float white) {
  if (BESIDE % C == 0) return stretch_beside(x, P * C, C, white);
  for (ptrdiff_t c = 0; c < C; c++) {
    float least = x[c], most = x[c];
    for (ptrdiff_t p = 1; p < P; p++) {
      const float value = x[p * C + c];
      least = value < least ? value : least;
      most = value > most ? value : most;
    }
    const float scale = most > least ? white / (most - least) : 1;
    least = most > least ? least : 0;
    for (ptrdiff_t p = 0; p < P; p++) x[p * C + c] = limited((x[p * C + c] - least) * scale, white);
  }
}

CK_INLINE int32_t level_of(float x, float scale) { return (int32_t)limited(x * scale, 255.0f); }

void ck_equalise(float *x, ptrdiff_t P, ptrdiff_t C, float white) {
  const float scale = 255.999f / white, step_of_level = white / 255;
  for (ptrdiff_t c = 0; c < C; c++) {
    int64_t counts[256] = {0};
    for (ptrdiff_t p = 0; p < P; p++) counts[level_of(x[p * C + c], scale)]++;
    int highest = 255;
    while (highest > 0 && counts[highest] == 0) highest--;
    const int64_t step = (P - counts[highest]) / 255;
    float table[256];
    int64_t below = 0;
    for (int b = 0; b < 256; b++) {
      int64_t level = step > 0 ? (below + step / 2) / step : b;
      level = level < 255 ? level : 255;
      table[b] = (float)level * step_of_level;
      below += counts[b];
    }
    for (ptrdiff_t p = 0; p < P; p++) x[p * C + c] = table[level_of(x[p * C + c], scale)];
  }
}
