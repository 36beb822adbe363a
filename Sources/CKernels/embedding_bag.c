#include "CKernels.h"
#include "common.h"

CK_CLONES void ck_embedding_bag_forward(
    float *restrict y, float *restrict places, const float *restrict table, const float *restrict tokens, int64_t B, int64_t T,
    int64_t D, float padding, int means) {
  for (int64_t b = 0; b < B; b++, y += D, tokens += T) {
    int64_t count = 0;
    for (int64_t d = 0; d < D; d++) y[d] = 0;
    for (int64_t d = 0; places && d < D; d++) places[b * D + d] = -1;
    for (int64_t t = 0; t < T; t++) {
      if (tokens[t] == padding) continue;
      const float *const row = table + (int64_t)tokens[t] * D;
      if (places == NULL) {
        for (int64_t d = 0; d < D; d++) y[d] += row[d];
      } else {
        float *const place = places + b * D;
        for (int64_t d = 0; d < D; d++) {
          const float value = row[d];
          const int larger = (value > y[d]) | (value != value) | (count == 0);
          y[d] = larger ? value : y[d];
          place[d] = larger ? (float)t : place[d];
        }
      }
      count++;
    }
    if (!means || count == 0) continue;
    for (int64_t d = 0; d < D; d++) y[d] /= (float)count;
  }
}

CK_CLONES int64_t ck_embedding_bag_backward(
    float *restrict rows, float *restrict kept, const float *restrict dy, const float *restrict places,
    const float *restrict tokens, int64_t B, int64_t T, int64_t D, float padding, int means) {
  int64_t n = 0;
  for (int64_t b = 0; b < B; b++, dy += D, tokens += T) {
    int64_t count = 0;
    for (int64_t t = 0; t < T; t++) count += tokens[t] != padding;
    for (int64_t t = 0; t < T; t++) {
      if (tokens[t] == padding) continue;
      float *const row = rows + n * D;
      kept[n++] = tokens[t];
      if (places) {
        const float *const place = places + b * D;
        for (int64_t d = 0; d < D; d++) row[d] = place[d] == (float)t ? dy[d] : 0.0f;
      } else {
        for (int64_t d = 0; d < D; d++) row[d] = means ? dy[d] / (float)count : dy[d];
      }
    }
  }
  return n;
}
