#include "CKernels.h"
#include "exponential.h"

#include <string.h>

static inline int is_behind(const int32_t *lengths, int64_t b, int64_t t) { return lengths && t >= lengths[b]; }

static inline void clear_row(float *x, int64_t n) { memset(x, 0, (size_t)n * sizeof *x); }

/* In place, of `n` floats each: loops of one function go several vectors at a time. */
CK_INLINE void sigmoids(float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t j = 0; j < n; j++) x[j] = ck_sigmoidf(x[j]);
}

CK_INLINE void tanhs(float *y, const float *x, int64_t n) {
  CK_ELEMENTWISE_LONG
  for (int64_t j = 0; j < n; j++) y[j] = ck_tanhf(x[j]);
}

CK_CLONES void ck_lstm_forward(
    float *restrict gates, float *restrict c, float *restrict squashed, float *restrict h, const float *restrict before,
    const int32_t *lengths, int64_t t, int64_t B, int64_t H, int64_t W) {
  for (int64_t b = 0; b < B; b++, gates += 4 * H, c += H, squashed += H, h += W, before += H) {
    if (is_behind(lengths, b, t)) {
      clear_row(c, H);
      clear_row(h, H);
      continue;
    }
    const float *const i = gates, *const f = i + H, *const g = f + H, *const o = g + H;
    sigmoids(gates, 2 * H);
    tanhs(gates + 2 * H, gates + 2 * H, H);
    sigmoids(gates + 3 * H, H);
    for (int64_t j = 0; j < H; j++) c[j] = f[j] * before[j] + i[j] * g[j];
    tanhs(squashed, c, H);
    for (int64_t j = 0; j < H; j++) h[j] = o[j] * squashed[j];
  }
}

CK_CLONES void ck_lstm_backward(
    float *restrict gates, float *restrict dc, const float *restrict dh, const float *restrict dy,
    const float *restrict before, const float *restrict squashed, const int32_t *lengths, int64_t t, int64_t B, int64_t H,
    int64_t W) {
  for (int64_t b = 0; b < B; b++, gates += 4 * H, dc += H, dh += H, dy += W, before += H, squashed += H) {
    if (is_behind(lengths, b, t)) {
      clear_row(gates, 4 * H);
      clear_row(dc, H);
      continue;
    }
    CK_ELEMENTWISE
    for (int64_t j = 0; j < H; j++) {
      const float i = gates[j], f = gates[H + j], g = gates[2 * H + j], o = gates[3 * H + j], s = squashed[j];
      const float d = dy[j] + dh[j], e = dc[j] + d * o * (1.0f - s * s);
      gates[j] = e * g * (i * (1.0f - i));
      gates[H + j] = e * before[j] * (f * (1.0f - f));
      gates[2 * H + j] = e * i * (1.0f - g * g);
      gates[3 * H + j] = d * s * (o * (1.0f - o));
      dc[j] = e * f;
    }
  }
}

CK_CLONES void ck_gru_forward(
    float *restrict gates, float *restrict kept, float *restrict h, const float *restrict hidden, const float *restrict before,
    const int32_t *lengths, int64_t t, int64_t B, int64_t H, int64_t W) {
  for (int64_t b = 0; b < B; b++, gates += 3 * H, kept += H, h += W, hidden += 3 * H, before += W) {
    if (is_behind(lengths, b, t)) {
      clear_row(h, H);
      continue;
    }
    const float *const r = gates, *const z = r + H;
    float *const n = gates + 2 * H;
    for (int64_t j = 0; j < 2 * H; j++) gates[j] += hidden[j];
    sigmoids(gates, 2 * H);
    for (int64_t j = 0; j < H; j++) {
      kept[j] = hidden[2 * H + j];
      n[j] += r[j] * kept[j];
    }
    tanhs(n, n, H);
    for (int64_t j = 0; j < H; j++) h[j] = (1.0f - z[j]) * n[j] + z[j] * before[j];
  }
}

CK_CLONES void ck_gru_backward(
    float *restrict gates, float *restrict dhidden, float *restrict dh, const float *restrict dy, const float *restrict before,
    const float *restrict kept, const int32_t *lengths, int64_t t, int64_t B, int64_t H, int64_t W) {
  for (int64_t b = 0; b < B; b++, gates += 3 * H, dhidden += 3 * H, dh += H, dy += W, before += W, kept += H) {
    if (is_behind(lengths, b, t)) {
      clear_row(gates, 3 * H);
      clear_row(dhidden, 3 * H);
      clear_row(dh, H);
      continue;
    }
    CK_ELEMENTWISE
    for (int64_t j = 0; j < H; j++) {
      const float r = gates[j], z = gates[H + j], n = gates[2 * H + j];
      const float d = dy[j] + dh[j], dn = d * (1.0f - z) * (1.0f - n * n);
      const float dr = dn * kept[j] * (r * (1.0f - r)), dz = d * (before[j] - n) * (z * (1.0f - z));
      gates[j] = dr;
      gates[H + j] = dz;
      gates[2 * H + j] = dn;
      dhidden[j] = dr;
      dhidden[H + j] = dz;
      dhidden[2 * H + j] = dn * r;
      dh[j] = d * z;
    }
  }
}
