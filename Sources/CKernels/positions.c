#include "CKernels.h"
#include "common.h"

#include <string.h>

/* Real positions of a sample. */
static inline int64_t length_of(const int32_t *lengths, int64_t b, int64_t T) { return lengths ? lengths[b] : T; }

CK_CLONES void ck_mean_positions(float *restrict y, const float *restrict x, const int32_t *lengths, int64_t B, int64_t T, int64_t C) {
  for (int64_t b = 0; b < B; b++, y += C, x += T * C) {
    const int64_t length = length_of(lengths, b, T);
    for (int64_t c = 0; c < C; c++) y[c] = 0;
    for (int64_t t = 0; t < length; t++)
      for (int64_t c = 0; c < C; c++) y[c] += x[t * C + c];
    if (length == 0) continue;
    for (int64_t c = 0; c < C; c++) y[c] /= (float)length;
  }
}

CK_CLONES void ck_mean_positions_backward(
    float *restrict dx, const float *restrict dy, const int32_t *lengths, int64_t B, int64_t T, int64_t C) {
  for (int64_t b = 0; b < B; b++, dy += C, dx += T * C) {
    const int64_t length = length_of(lengths, b, T);
    for (int64_t t = 0; t < length; t++)
      for (int64_t c = 0; c < C; c++) dx[t * C + c] = dy[c] / (float)length;
    memset(dx + length * C, 0, (size_t)((T - length) * C) * sizeof *dx);
  }
}

CK_CLONES void ck_max_positions(
    float *restrict y, int32_t *restrict places, const float *restrict x, const int32_t *lengths, int64_t B, int64_t T, int64_t C) {
  for (int64_t b = 0; b < B; b++, y += C, places += C, x += T * C) {
    const int64_t length = length_of(lengths, b, T);
    for (int64_t c = 0; c < C; c++) {
      y[c] = length > 0 ? x[c] : 0;
      places[c] = length > 0 ? 0 : -1;
    }
    for (int64_t t = 1; t < length; t++)
      for (int64_t c = 0; c < C; c++) {
        const float value = x[t * C + c];
        const int larger = (value > y[c]) | (value != value);
        y[c] = larger ? value : y[c];
        places[c] = larger ? (int32_t)t : places[c];
      }
  }
}

CK_CLONES void ck_max_positions_backward(
    float *restrict dx, const float *restrict dy, const int32_t *restrict places, int64_t B, int64_t T, int64_t C) {
  for (int64_t b = 0; b < B; b++, dy += C, places += C)
    for (int64_t t = 0; t < T; t++, dx += C)
      for (int64_t c = 0; c < C; c++) dx[c] = places[c] == t ? dy[c] : 0;
}
