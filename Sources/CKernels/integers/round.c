#include "../common.h"
#include "integers.h"

/* Behind it come no places after the point: numbers of this size are 1 apart. */
#define MAGIC 12582912.0f

/* nearest(x), within low ... high; what is not a number is `low`. */
CK_INLINE float nearest(float x, float low, float high) {
  x = x > low ? x : low;
  x = x < high ? x : high;
  return (x + MAGIC) - MAGIC;
}

CK_CLONES static void round_row(uint8_t *restrict q, const float *restrict x, int64_t K, float step, int32_t zero) {
  const float low = (float)-zero, high = (float)(255 - zero);
  for (int64_t k = 0; k < K; k++) q[k] = (uint8_t)((int32_t)nearest(x[k] / step, low, high) + zero);
}

int64_t ck_integer_row(int64_t K) { return ck_integer_groups(K) * CK_INTEGER_GROUP; }

void ck_integer_round(uint8_t *q, int64_t row, const float *x, int64_t M, int64_t K, float step, int32_t zero) {
  /* Rows without a gap are one. */
  const int64_t rows = row == K ? 1 : M, columns = row == K ? M * K : K;
  for (int64_t m = 0; m < rows; m++) {
    uint8_t *const to = q + m * row;
    round_row(to, x + m * columns, columns, step, zero);
    for (int64_t k = columns; row != K && k < row; k++) to[k] = 0;
  }
}

int64_t ck_integer_packed(int64_t N, int64_t K) {
  return (N + CK_INTEGER_PANEL - 1) / CK_INTEGER_PANEL * CK_INTEGER_PANEL * ck_integer_row(K);
}

int64_t ck_integer_place(int64_t n, int64_t k, int64_t K) {
  const int64_t groups = ck_integer_groups(K), panel = n / CK_INTEGER_PANEL, column = n % CK_INTEGER_PANEL;
  const int64_t group = panel * groups + k / CK_INTEGER_GROUP;
  return (group * CK_INTEGER_PANEL + column) * CK_INTEGER_GROUP + k % CK_INTEGER_GROUP;
}

void ck_integer_pack(int8_t *packed, float *steps, int32_t *sums, const float *W, int64_t N, int64_t K) {
  const int64_t bytes = ck_integer_packed(N, K);
  for (int64_t i = 0; i < bytes; i++) packed[i] = 0;
  for (int64_t n = 0; n < N; n++, W += K) {
    float largest = 0;
    for (int64_t k = 0; k < K; k++) {
      const float magnitude = W[k] < 0 ? -W[k] : W[k];
      largest = magnitude > largest ? magnitude : largest;
    }
    steps[n] = largest / 127;
    /* So few that a step of theirs is none that numbers can be divided by: zeros, as far as 8 bits can tell. */
    if (steps[n] < 1.17549435e-38f) steps[n] = 1;
    sums[n] = 0;
    for (int64_t k = 0; k < K; k++) {
      const int8_t w = (int8_t)nearest(W[k] / steps[n], -127, 127);
      packed[ck_integer_place(n, k, K)] = w;
      sums[n] += w;
    }
  }
}
