#include "CKernels.h"
#include "common.h"

enum { GROUP = 16 }; /* counters worked on together, so that the rounds are vectorised */

/* Philox 4x32-10 for counters (first + j, layer, position, step), j < GROUP; word w of counter j goes to words[4 j + w]. */
CK_INLINE void philox_group(
    uint32_t *words, uint32_t first, uint32_t layer, uint32_t position, uint32_t step, uint32_t key0, uint32_t key1) {
  uint32_t x[GROUP], y[GROUP], z[GROUP], w[GROUP];
  for (int j = 0; j < GROUP; j++) {
    x[j] = first + (uint32_t)j;
    y[j] = layer;
    z[j] = position;
    w[j] = step;
  }
  for (int round = 0; round < 10; round++) {
    for (int j = 0; j < GROUP; j++) {
      uint64_t a = (uint64_t)x[j] * 0xD2511F53u, b = (uint64_t)z[j] * 0xCD9E8D57u;
      uint32_t nx = (uint32_t)(b >> 32) ^ y[j] ^ key0, nz = (uint32_t)(a >> 32) ^ w[j] ^ key1;
      x[j] = nx;
      y[j] = (uint32_t)b;
      z[j] = nz;
      w[j] = (uint32_t)a;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int j = 0; j < GROUP; j++) {
    words[4 * j] = x[j];
    words[4 * j + 1] = y[j];
    words[4 * j + 2] = z[j];
    words[4 * j + 3] = w[j];
  }
}

CK_CLONES void ck_dropout(
    float *y, const float *x, int64_t n, uint64_t threshold, float scale,
    uint32_t key0, uint32_t key1, uint32_t layer, uint32_t position, uint32_t step) {
  uint32_t words[4 * GROUP];
  for (int64_t i = 0; i < n; i += 4 * GROUP) {
    philox_group(words, (uint32_t)(i / 4), layer, position, step, key0, key1);
    int64_t count = n - i < 4 * GROUP ? n - i : 4 * GROUP;
    CK_ELEMENTWISE
    for (int64_t j = 0; j < count; j++) {
      float scaled = x[i + j] * scale;
      y[i + j] = (uint64_t)words[j] < threshold ? scaled : 0.0f;
    }
  }
}
