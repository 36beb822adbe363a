#include "../bfloat16.h"
#include "CKernels.h"
#include "../common.h"

/* `back` turns the other way round: its sines are those of minus the angle. */
CK_CLONES void ck_rotate(
    float *restrict x, int64_t positions, int64_t row, int64_t heads, int64_t columns, const float *restrict cosines,
    const float *restrict sines, int back) {
  const int64_t half = columns / 2;
  const float sign = back ? -1.0f : 1.0f;
  for (int64_t t = 0; t < positions; t++, cosines += half, sines += half) {
    for (int64_t h = 0; h < heads; h++) {
      float *const low = x + t * row + h * columns, *const high = low + half;
      CK_ELEMENTWISE
      for (int64_t j = 0; j < half; j++) {
        const float a = low[j], b = high[j], s = sign * sines[j];
        low[j] = a * cosines[j] - b * s;
        high[j] = b * cosines[j] + a * s;
      }
    }
  }
}

void ck_bfloat16_rotate(
    uint16_t *x, int64_t positions, int64_t row, int64_t heads, int64_t columns, const float *cosines, const float *sines,
    int back) {
  enum { MOST = 512 };
  const int64_t half = columns / 2;
  for (int64_t t = 0; t < positions; t++) {
    for (int64_t h = 0; h < heads; h++) {
      uint16_t *const own = x + t * row + h * columns;
      for (int64_t first = 0; first < half; first += MOST) {
        const int64_t count = half - first < MOST ? half - first : MOST;
        /* Pairs of MOST columns lie half a row apart. */
        float pairs[2 * MOST];
        ck_bfloat16_widen(pairs, own + first, count);
        ck_bfloat16_widen(pairs + count, own + half + first, count);
        ck_rotate(pairs, 1, 2 * count, 1, 2 * count, cosines + t * half + first, sines + t * half + first, back);
        ck_bfloat16_round(own + first, pairs, count);
        ck_bfloat16_round(own + half + first, pairs + count, count);
      }
    }
  }
}
