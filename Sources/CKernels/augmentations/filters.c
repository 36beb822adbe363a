/* What the pixels of a picture become of those around them; and the functions of numbers that draws need. */
#include <string.h>

#include "pictures.h"

CK_CLONES
void ck_sharpen_picture(
    float *restrict y, const float *restrict x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, float factor, float white) {
  const ptrdiff_t row = W * C;
  const float rest = 1 - factor;
  for (ptrdiff_t i = 0; i < H; i++) {
    const float *at = x + i * row;
    float *to = y + i * row;
    if (i == 0 || i == H - 1 || W < 3) {
      for (ptrdiff_t k = 0; k < row; k++) to[k] = limited(at[k], white);
      continue;
    }
    for (ptrdiff_t k = 0; k < C; k++) to[k] = limited(at[k], white);
    for (ptrdiff_t k = C; k < row - C; k++) {
      float sum = at[k - row - C] + at[k - row];
      sum = sum + at[k - row + C];
      sum = sum + at[k - C];
      sum = sum + 5 * at[k];
      sum = sum + at[k + C];
      sum = sum + at[k + row - C];
      sum = sum + at[k + row];
      sum = sum + at[k + row + C];
      to[k] = limited(factor * at[k] + rest * (sum / 13), white);
    }
    for (ptrdiff_t k = row - C; k < row; k++) to[k] = limited(at[k], white);
  }
}

CK_INLINE ptrdiff_t mirrored(ptrdiff_t i, ptrdiff_t n) {
  i = i < 0 ? -i : i;
  return i < n ? i : 2 * (n - 1) - i;
}

CK_CLONES
void ck_blur_picture(
    float *restrict x, float *restrict scratch, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, const float *restrict weights,
    ptrdiff_t K) {
  const ptrdiff_t row = W * C, half = K / 2;
  for (ptrdiff_t i = 0; i < H; i++) {
    const float *restrict from = x + i * row;
    float *restrict to = scratch + i * row;
    for (ptrdiff_t k = 0; k < row; k++) to[k] = 0;
    for (ptrdiff_t t = 0; t < K; t++) {
      const ptrdiff_t shift = t - half;
      const ptrdiff_t first = shift < 0 ? -shift : 0, end = shift > 0 ? W - shift : W;
      for (ptrdiff_t j = 0; j < first; j++)
        for (ptrdiff_t c = 0; c < C; c++) to[j * C + c] = to[j * C + c] + weights[t] * from[mirrored(j + shift, W) * C + c];
      for (ptrdiff_t k = first * C; k < end * C; k++) to[k] = to[k] + weights[t] * from[k + shift * C];
      for (ptrdiff_t j = end; j < W; j++)
        for (ptrdiff_t c = 0; c < C; c++) to[j * C + c] = to[j * C + c] + weights[t] * from[mirrored(j + shift, W) * C + c];
    }
  }
  for (ptrdiff_t i = 0; i < H; i++) {
    float *restrict to = x + i * row;
    for (ptrdiff_t k = 0; k < row; k++) to[k] = 0;
    for (ptrdiff_t t = 0; t < K; t++) {
      const float *restrict from = scratch + mirrored(i + t - half, H) * row;
      for (ptrdiff_t k = 0; k < row; k++) to[k] = to[k] + weights[t] * from[k];
    }
  }
}

double ck_exponential(double x) {
  x = x < -700 ? -700 : x > 700 ? 700 : x;
  /* 2^k e^r with |r| at most half the logarithm of 2, whose upper part has 21 trailing zero bits. */
  const double shifted = x * 1.4426950408889634 + 0x1.8p52, k = shifted - 0x1.8p52;
  const double r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
  double sum = 1;
  for (int n = 14; n >= 1; n--) sum = 1 + sum * r / (double)n;
  const int64_t exponent = (int64_t)k + 1023;
  const uint64_t bits = (uint64_t)exponent << 52;
  double scale;
  memcpy(&scale, &bits, sizeof scale);
  return sum * scale;
}

void ck_sine_cosine(double degrees, double *sine, double *cosine) {
  /* To -180 ... 180: exact, as is every step of it. */
  const double turns = degrees / 360, whole = (double)(int64_t)(turns < 0 ? turns - 0.5 : turns + 0.5);
  const double angle = degrees - 360 * whole, size = angle < 0 ? -angle : angle;
  *cosine = ck_cos_pi(size / 180);
  /* sin a = cos (a - 90°) */
  const double beside = size - 90, value = ck_cos_pi((beside < 0 ? -beside : beside) / 180);
  *sine = angle < 0 ? -value : value;
}
