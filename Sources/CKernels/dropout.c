#include "CKernels.h"
#include "common.h"
#include "philox.h"

CK_CLONES void ck_dropout_part(
    float *y, const float *x, int64_t first, int64_t n, uint64_t threshold, float scale,
    uint32_t key0, uint32_t key1, uint32_t layer, uint32_t position, uint32_t step) {
  enum { GROUP = PHILOX_GROUP };
  uint32_t words[4 * GROUP];
  for (int64_t i = 0; i < n; i += 4 * GROUP) {
    philox_words counters[4][PHILOX_VECTORS];
    uint64_t *const a = (uint64_t *)counters[0], *const b = (uint64_t *)counters[1];
    uint64_t *const c = (uint64_t *)counters[2], *const d = (uint64_t *)counters[3];
    for (int j = 0; j < GROUP; j++) a[j] = (uint32_t)((first + i) / 4) + (uint32_t)j, b[j] = layer, c[j] = position, d[j] = step;
    philox_rounds(counters[0], counters[1], counters[2], counters[3], key0, key1);
    for (int j = 0; j < GROUP; j++) {
      words[4 * j] = (uint32_t)a[j];
      words[4 * j + 1] = (uint32_t)b[j];
      words[4 * j + 2] = (uint32_t)c[j];
      words[4 * j + 3] = (uint32_t)d[j];
    }
    int64_t count = n - i < 4 * GROUP ? n - i : 4 * GROUP;
    CK_ELEMENTWISE
    for (int64_t j = 0; j < count; j++) {
      float scaled = x[i + j] * scale;
      y[i + j] = (uint64_t)words[j] < threshold ? scaled : 0.0f;
    }
  }
}

void ck_dropout(
    float *y, const float *x, int64_t n, uint64_t threshold, float scale,
    uint32_t key0, uint32_t key1, uint32_t layer, uint32_t position, uint32_t step) {
  ck_dropout_part(y, x, 0, n, threshold, scale, key0, key1, layer, position, step);
}
