#include "CKernels.h"
#include "common.h"

#include <string.h>

void ck_embedding_forward(
    float *restrict y, const float *restrict table, const float *restrict tokens, int64_t N, int64_t D) {
  for (int64_t n = 0; n < N; n++) memcpy(y + n * D, table + (int64_t)tokens[n] * D, (size_t)D * sizeof(float));
}

CK_CLONES void ck_embedding_backward(
    float *restrict dtable, const float *restrict dy, const float *restrict tokens, int64_t N, int64_t V, int64_t D) {
  memset(dtable, 0, (size_t)(V * D) * sizeof(float));
  for (int64_t n = 0; n < N; n++) {
    float *restrict row = dtable + (int64_t)tokens[n] * D;
    for (int64_t d = 0; d < D; d++) row[d] += dy[n * D + d];
  }
}
