/* Where the pixels of a picture go. */
#include <string.h>

#include "pictures.h"

/* The place in 0 ..< n that stands for place i, or -1 where `fill` does. */
CK_INLINE ptrdiff_t place(ptrdiff_t i, ptrdiff_t n, int edge) {
  if (i >= 0 && i < n) return i;
  switch (edge) {
    case CK_EDGE_NEAREST: return i < 0 ? 0 : n - 1;
    case CK_EDGE_WRAP: return ((i % n) + n) % n;
    case CK_EDGE_REFLECT: {
      if (n == 1) return 0;
      const ptrdiff_t period = 2 * (n - 1), k = ((i % period) + period) % period;
      return k < n ? k : period - k;
    }
    default: return -1;
  }
}

CK_INLINE void fill_floats(float *x, ptrdiff_t n, float fill) {
  for (ptrdiff_t k = 0; k < n; k++) x[k] = fill;
}

CK_CLONES
void ck_move_picture(
    float *restrict y, const float *restrict x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, ptrdiff_t down, ptrdiff_t right,
    int edge, float fill) {
  /* Columns of y that are columns of x: first ..< end. */
  const ptrdiff_t first = right < 0 ? (-right < W ? -right : W) : 0, last = right > 0 ? W - right : W;
  const ptrdiff_t end = last > first ? last : first;
  for (ptrdiff_t i = 0; i < H; i++) {
    float *to = y + i * W * C;
    const ptrdiff_t row = place(i + down, H, edge);
    if (row < 0) {
      fill_floats(to, W * C, fill);
      continue;
    }
    const float *from = x + row * W * C;
    memcpy(to + first * C, from + (first + right) * C, (size_t)((end - first) * C) * sizeof *x);
    for (ptrdiff_t j = 0; j < W; j++) {
      if (j == first) j = end;
      if (j >= W) break;
      const ptrdiff_t column = place(j + right, W, edge);
      if (column < 0) fill_floats(to + j * C, C, fill);
      else
        for (ptrdiff_t c = 0; c < C; c++) to[j * C + c] = from[column * C + c];
    }
  }
}

/* A row of W pixels; inlined for a C that is known. */
CK_INLINE void flip_row(float *row, ptrdiff_t W, ptrdiff_t C) {
  float *restrict a = row;
  float *restrict b = row + (W - W / 2) * C;
  const ptrdiff_t half = W / 2;
  for (ptrdiff_t j = 0; j < half; j++)
    for (ptrdiff_t c = 0; c < C; c++) {
      const float kept = a[j * C + c];
      a[j * C + c] = b[(half - 1 - j) * C + c];
      b[(half - 1 - j) * C + c] = kept;
    }
}

/* Four pixels of three floats. */
typedef float four_floats __attribute__((vector_size(16)));
typedef struct { four_floats a, b, c; } four_pixels;

CK_INLINE four_pixels flipped(four_pixels p) {
  const four_floats second = __builtin_shufflevector(p.b, p.c, 3, 4, 0, 0);
  const four_floats first = __builtin_shufflevector(p.a, p.b, 3, 4, 0, 0);
  return (four_pixels){
      __builtin_shufflevector(p.c, p.b, 1, 2, 3, 6), __builtin_shufflevector(second, first, 0, 1, 4, 5),
      __builtin_shufflevector(p.b, p.a, 1, 4, 5, 6)};
}

CK_INLINE void flip_row_of_three(float *row, ptrdiff_t W) {
  float *a = row, *b = row + 3 * W;
  ptrdiff_t left = W;
  for (; left >= 8; left -= 8) {
    four_pixels first, last;
    b -= 12;
    memcpy(&first, a, sizeof first);
    memcpy(&last, b, sizeof last);
    first = flipped(first);
    last = flipped(last);
    memcpy(a, &last, sizeof last);
    memcpy(b, &first, sizeof first);
    a += 12;
  }
  flip_row(a, left, 3);
}

CK_CLONES
void ck_flip_columns(float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C) {
  for (ptrdiff_t i = 0; i < H; i++) {
    float *row = x + i * W * C;
    if (C == 1) flip_row(row, W, 1);
    else if (C == 3) flip_row_of_three(row, W);
    else flip_row(row, W, C);
  }
}

CK_CLONES
void ck_flip_rows(float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C) {
  for (ptrdiff_t i = 0; i < H / 2; i++) {
    float *restrict a = x + i * W * C;
    float *restrict b = x + (H - 1 - i) * W * C;
    for (ptrdiff_t k = 0; k < W * C; k++) {
      const float kept = a[k];
      a[k] = b[k];
      b[k] = kept;
    }
  }
}

/* One end of a window, so far outside that both pixels of a row are, and numbers stay small. */
CK_INLINE double within(double s, ptrdiff_t first, ptrdiff_t count) {
  const double low = (double)first - 2, high = (double)(first + count) + 1;
  return s < low ? low : s > high ? high : s;
}

CK_INLINE const float *pixel(
    const float *x, ptrdiff_t W, ptrdiff_t C, ptrdiff_t i, ptrdiff_t j, ptrdiff_t top, ptrdiff_t left, ptrdiff_t height,
    ptrdiff_t width, int edge) {
  i = place(i - top, height, edge);
  j = place(j - left, width, edge);
  return i < 0 || j < 0 ? 0 : x + ((top + i) * W + left + j) * C;
}

/* One pixel between four; NULL stands for `fill`. */
CK_INLINE void blend(
    float *restrict y, const float *a, const float *b, const float *c, const float *d, ptrdiff_t C, float u, float v,
    float fill) {
  for (ptrdiff_t k = 0; k < C; k++) {
    const float above = (1 - u) * (a ? a[k] : fill) + u * (b ? b[k] : fill);
    const float below = (1 - u) * (c ? c[k] : fill) + u * (d ? d[k] : fill);
    y[k] = (1 - v) * above + v * below;
  }
}

/* Pixels of a row whose places are computed beside each other. */
enum { PLACES = 64 };

/* As ck_resample_picture; inlined for a C that is known. */
CK_INLINE void resample(
    float *restrict y, const float *restrict x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, const double m[6], ptrdiff_t top,
    ptrdiff_t left, ptrdiff_t height, ptrdiff_t width, int edge, float fill) {
  for (ptrdiff_t i = 0; i < H; i++) {
    const double column0 = m[1] * (double)i + m[2], row0 = m[4] * (double)i + m[5];
    for (ptrdiff_t first = 0; first < W; first += PLACES) {
      int32_t q[PLACES], p[PLACES];
      float u[PLACES], v[PLACES];
      for (int k = 0; k < PLACES; k++) {
        const double j = (double)((int32_t)first + k);
        /* Four on, so that cutting off is rounding down. */
        const double column = within(m[0] * j + column0, left, width) - (double)left + 4;
        const double row = within(m[3] * j + row0, top, height) - (double)top + 4;
        q[k] = (int32_t)column;
        p[k] = (int32_t)row;
        u[k] = (float)(column - (double)q[k]);
        v[k] = (float)(row - (double)p[k]);
      }
      const int most = (int)(W - first < PLACES ? W - first : PLACES);
      for (int k = 0; k < most; k++) {
        const ptrdiff_t p0 = top + p[k] - 4, q0 = left + q[k] - 4;
        float *to = y + (i * W + first + k) * C;
        if (p0 >= top && p0 + 1 < top + height && q0 >= left && q0 + 1 < left + width) {
          const float *a = x + (p0 * W + q0) * C, *c = a + W * C;
          for (ptrdiff_t n = 0; n < C; n++) {
            const float above = (1 - u[k]) * a[n] + u[k] * a[C + n], below = (1 - u[k]) * c[n] + u[k] * c[C + n];
            to[n] = (1 - v[k]) * above + v[k] * below;
          }
          continue;
        }
        blend(
            to, pixel(x, W, C, p0, q0, top, left, height, width, edge),
            pixel(x, W, C, p0, q0 + 1, top, left, height, width, edge),
            pixel(x, W, C, p0 + 1, q0, top, left, height, width, edge),
            pixel(x, W, C, p0 + 1, q0 + 1, top, left, height, width, edge), C, u[k], v[k], fill);
      }
    }
  }
}

CK_CLONES
void ck_resample_picture(
    float *restrict y, const float *restrict x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, const double m[6], ptrdiff_t top,
    ptrdiff_t left, ptrdiff_t height, ptrdiff_t width, int edge, float fill) {
  if (C == 1) resample(y, x, H, W, 1, m, top, left, height, width, edge, fill);
  else if (C == 3) resample(y, x, H, W, 3, m, top, left, height, width, edge, fill);
  else resample(y, x, H, W, C, m, top, left, height, width, edge, fill);
}

void ck_fill_rectangle(
    float *x, ptrdiff_t W, ptrdiff_t C, ptrdiff_t top, ptrdiff_t left, ptrdiff_t height, ptrdiff_t width, float fill) {
  for (ptrdiff_t i = top; i < top + height; i++) fill_floats(x + (i * W + left) * C, width * C, fill);
}

void ck_copy_rectangle(
    float *x, const float *z, ptrdiff_t W, ptrdiff_t C, ptrdiff_t top, ptrdiff_t left, ptrdiff_t height,
    ptrdiff_t width) {
  for (ptrdiff_t i = top; i < top + height; i++) {
    const ptrdiff_t first = (i * W + left) * C;
    memcpy(x + first, z + first, (size_t)(width * C) * sizeof *x);
  }
}
