#include "CKernels.h"
#include "common.h"

#include <string.h>

void ck_embedding_forward(
    float *restrict y, const float *restrict table, const float *restrict tokens, int64_t N, int64_t D) {
  for (int64_t n = 0; n < N; n++) memcpy(y + n * D, table + (int64_t)tokens[n] * D, (size_t)D * sizeof(float));
}

CK_CLONES void ck_embedding_backward_adding(
    float *restrict dtable, const float *restrict dy, const float *restrict tokens, int64_t N, int64_t D) {
  for (int64_t n = 0; n < N; n++) {
    float *restrict row = dtable + (int64_t)tokens[n] * D;
    for (int64_t d = 0; d < D; d++) row[d] += dy[n * D + d];
  }
}

void ck_embedding_backward(
    float *restrict dtable, const float *restrict dy, const float *restrict tokens, int64_t N, int64_t V, int64_t D) {
  memset(dtable, 0, (size_t)(V * D) * sizeof(float));
  ck_embedding_backward_adding(dtable, dy, tokens, N, D);
}

CK_CLONES int64_t ck_embedding_backward_rows(
    float *restrict dtable, const float *restrict dy, const float *restrict tokens, int64_t N, int64_t D,
    uint8_t *restrict touched, int32_t *restrict rows) {
  int64_t count = 0;
  for (int64_t n = 0; n < N; n++) {
    int64_t token = (int64_t)tokens[n];
    float *restrict row = dtable + token * D;
    if (!touched[token]) {
      touched[token] = 1;
      rows[count++] = (int32_t)token;
      /* From zero, as if the table had been cleared: -0 becomes 0. */
      for (int64_t d = 0; d < D; d++) row[d] = 0;
    }
    for (int64_t d = 0; d < D; d++) row[d] += dy[n * D + d];
  }
  return count;
}

CK_CLONES int64_t ck_add_rows(
    float *restrict y, uint8_t *restrict y_touched, int32_t *restrict y_rows, int64_t y_count, const float *restrict x,
    const uint8_t *restrict x_touched, const int32_t *restrict x_rows, int64_t x_count, int64_t D) {
  /* Rows of y that x has not: a zero is added all the same, which makes -0 a 0. */
  for (int64_t i = 0; i < y_count; i++) {
    if (x_touched[y_rows[i]]) continue;
    float *restrict row = y + (int64_t)y_rows[i] * D;
    for (int64_t d = 0; d < D; d++) row[d] += 0.0f;
  }
  for (int64_t i = 0; i < x_count; i++) {
    const int64_t r = x_rows[i];
    float *restrict row = y + r * D;
    for (int64_t d = 0; d < D; d++) row[d] += x[r * D + d];
    if (y_touched[r]) continue;
    y_touched[r] = 1;
    y_rows[y_count++] = (int32_t)r;
  }
  return y_count;
}
