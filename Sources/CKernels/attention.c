#include "CKernels.h"
#include "accumulators.h"
#include "softmax.h"

/* How many keys row r sees, and how many are worked on: whole vectors where the row is long enough. */
CK_INLINE int64_t seen_keys(int64_t r, int64_t T, int64_t visible, int64_t step) {
  int64_t seen = visible + r * step;
  return seen < T ? seen : T;
}
CK_INLINE int64_t worked_keys(int64_t seen, int64_t T) {
  int64_t whole = (seen + 15) / 16 * 16;
  return whole < T ? whole : T;
}

CK_CLONES void ck_attention_forward(
    float *restrict scores, float *restrict statistics, int64_t N, int64_t T, int64_t visible, int64_t step,
    float scale) {
  for (int64_t r = 0; r < N; r++) {
    float *restrict row = scores + r * T;
    int64_t seen = seen_keys(r, T, visible, step), worked = worked_keys(seen, T);
    for (int64_t t = 0; t < worked; t++) row[t] *= scale;
    for (int64_t t = seen; t < worked; t++) row[t] = -__builtin_inff(); /* exp gives zero */
    float maximum = row_maximum(row, worked);
    float inverse = 1.0f / exponentials(row, row, maximum, worked);
    for (int64_t t = 0; t < worked; t++) row[t] *= inverse;
    for (int64_t t = worked; t < T; t++) row[t] = 0;
    statistics[2 * r] = maximum;
    statistics[2 * r + 1] = inverse;
  }
}

CK_CLONES void ck_attention_backward(
    float *restrict scores, float *restrict gradient, const float *restrict statistics, int64_t N, int64_t T,
    int64_t visible, int64_t step, float scale) {
  for (int64_t r = 0; r < N; r++) {
    float *restrict row = scores + r * T;
    float *restrict up = gradient + r * T;
    float maximum = statistics[2 * r], inverse = statistics[2 * r + 1];
    int64_t seen = seen_keys(r, T, visible, step), worked = worked_keys(seen, T);
    for (int64_t t = seen; t < worked; t++) row[t] = -__builtin_inff();
    for (int64_t t = 0; t < worked; t++) row[t] = ck_expf(row[t] * scale - maximum) * inverse;
    ck_sum16 sum = {{0}};
    int64_t t = 0;
    for (; t + 16 <= worked; t += 16)
      for (int j = 0; j < 16; j++) sum.lane[j] += row[t + j] * up[t + j];
    for (int j = 0; t < worked; t++, j++) sum.lane[j] += row[t] * up[t];
    float mean = ck_total(sum);
    for (t = 0; t < worked; t++) up[t] = row[t] * (up[t] - mean) * scale;
    for (t = worked; t < T; t++) row[t] = up[t] = 0;
  }
}

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
