#include "CKernels.h"
#include "accumulators.h"

CK_CLONES void ck_softmax_backward(float *dx, const float *dy, const float *y, int64_t B, int64_t C) {
  for (int64_t b = 0; b < B; b++) {
    const float *up = dy + b * C, *out = y + b * C;
    ck_sum16 sum = {{0}};
    int64_t c = 0;
    for (; c + 16 <= C; c += 16)
      for (int j = 0; j < 16; j++) sum.lane[j] += up[c + j] * out[c + j];
    for (int j = 0; c < C; c++, j++) sum.lane[j] += up[c] * out[c];
    float mean = ck_total(sum);
    CK_ELEMENTWISE
    for (c = 0; c < C; c++) dx[b * C + c] = out[c] * (up[c] - mean);
  }
}
