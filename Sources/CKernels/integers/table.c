#include "CKernels.h"

/* Whole numbers of 8 bits are floats, and each product is rounded once: the same bits in whatever vectors. */
void ck_integer_embed(
    float *restrict y, const int8_t *restrict q, const float *restrict steps, const float *restrict tokens, int64_t N,
    int64_t D) {
  for (int64_t n = 0; n < N; n++) {
    const int64_t token = (int64_t)tokens[n];
    const int8_t *row = q + token * D;
    for (int64_t d = 0; d < D; d++) y[n * D + d] = (float)row[d] * steps[token];
  }
}
