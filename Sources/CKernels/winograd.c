#include "CKernels.h"
#include "common.h"

/* F(4x4, 3x3): tiles of 4 x 4 outputs from 6 x 6 inputs, which lie 4 apart. With the matrices of Lavin, Gray (2016):
 *
 *   forward            y = A' [ (G w G') * (B' x B) ] A      36 products of matrices in place of the sum over windows
 *   backward           dU = sum over tiles of V' (A dy A'),  dw = G' dU G
 *
 * Channels are taken 16 at a time; a vector is one element of a tile for all of them. */
enum { WINOGRAD_WIDTH = 16 };
#define WINOGRAD_EACH for (int c = 0; c < WINOGRAD_WIDTH; c++)
#define WINOGRAD_INLINE static inline __attribute__((always_inline))

/* B' along one axis: 6 vectors to 6. */
WINOGRAD_INLINE void winograd_input(float *to, int64_t step, const float *from, int64_t stride) {
  WINOGRAD_EACH {
    const float *d = from + c;
    const float d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride];
    const float d5 = d[5 * stride];
    const float a = d4 - 4 * d2, b = d3 - 4 * d1, e = d4 - d2, f = 2 * (d3 - d1);
    float *o = to + c;
    o[0] = 4 * d0 - 5 * d2 + d4;
    o[step] = a + b;
    o[2 * step] = a - b;
    o[3 * step] = e + f;
    o[4 * step] = e - f;
    o[5 * step] = 4 * d1 - 5 * d3 + d5;
  }
}

/* A' along one axis: 6 vectors to 4. */
WINOGRAD_INLINE void winograd_output(float *to, int64_t step, const float *from, int64_t stride) {
  WINOGRAD_EACH {
    const float *m = from + c;
    const float s = m[stride] + m[2 * stride], t = m[stride] - m[2 * stride];
    const float u = m[3 * stride] + m[4 * stride], v = m[3 * stride] - m[4 * stride];
    float *o = to + c;
    o[0] = m[0] + s + u;
    o[step] = t + 2 * v;
    o[2 * step] = s + 4 * u;
    o[3 * step] = t + 8 * v + m[5 * stride];
  }
}

/* A along one axis: 4 vectors to 6. */
WINOGRAD_INLINE void winograd_gradient(float *to, int64_t step, const float *from, int64_t stride) {
  WINOGRAD_EACH {
    const float *y = from + c;
    const float y0 = y[0], y1 = y[stride], y2 = y[2 * stride], y3 = y[3 * stride];
    const float p = y0 + y2, q = y1 + y3, r = y0 + 4 * y2, s = 2 * y1 + 8 * y3;
    float *o = to + c;
    o[0] = y0;
    o[step] = p + q;
    o[2 * step] = p - q;
    o[3 * step] = r + s;
    o[4 * step] = r - s;
    o[5 * step] = y3;
  }
}

/* Copies the `size` x `size` elements of an H x W x C image from (row, column) on; zeros beside the image. */
WINOGRAD_INLINE void winograd_copy(
    float *to, const float *image, const int64_t extent[2], int64_t row, int64_t column, int size, int64_t C) {
  for (int i = 0; i < size; i++)
    for (int j = 0; j < size; j++, to += WINOGRAD_WIDTH) {
      const int64_t r = row + i, q = column + j;
      const int inside = r >= 0 && q >= 0 && r < extent[0] && q < extent[1];
      const float *from = image + (inside ? (r * extent[1] + q) * C : 0);
      WINOGRAD_EACH to[c] = inside ? from[c] : 0;
    }
}

/* Runs `BODY` for each tile t of `samples` images, at row a and column b of its image's tiles, and for each 16 channels
 * from `first` on. */
#define WINOGRAD_TILES(BODY)                                                                    \
  const int64_t rows = (s->output[0] + 3) / 4, columns = (s->output[1] + 3) / 4;                \
  const int64_t T = samples * rows * columns;                                                   \
  for (int64_t n = 0, t = 0; n < samples; n++)                                                  \
    for (int64_t a = 0; a < rows; a++)                                                          \
      for (int64_t b = 0; b < columns; b++, t++)                                                \
        for (int64_t first = 0; first < C; first += WINOGRAD_WIDTH) {                           \
          BODY                                                                                  \
        }

CK_CLONES void ck_winograd_input(
    float *restrict V, const float *restrict x, const ck_winograd *s, int64_t samples, int64_t C) {
  WINOGRAD_TILES({
    float copy[36 * WINOGRAD_WIDTH];
    float half[36 * WINOGRAD_WIDTH];
    const float *image = x + n * s->input[0] * s->input[1] * C + first;
    const int64_t row = 4 * a - s->padding[0];
    const int64_t column = 4 * b - s->padding[1];
    if (row >= 0 && column >= 0 && row + 6 <= s->input[0] && column + 6 <= s->input[1]) {
      const float *from = image + (row * s->input[1] + column) * C;
      for (int j = 0; j < 6; j++)
        winograd_input(half + j * WINOGRAD_WIDTH, 6 * WINOGRAD_WIDTH, from + j * C, s->input[1] * C);
    } else {
      winograd_copy(copy, image, s->input, row, column, 6, C);
      for (int j = 0; j < 6; j++)
        winograd_input(half + j * WINOGRAD_WIDTH, 6 * WINOGRAD_WIDTH, copy + j * WINOGRAD_WIDTH, 6 * WINOGRAD_WIDTH);
    }
    for (int i = 0; i < 6; i++)
      winograd_input(V + (6 * i * T + t) * C + first, T * C, half + 6 * i * WINOGRAD_WIDTH, WINOGRAD_WIDTH);
  })
}

CK_CLONES void ck_winograd_output(
    float *restrict y, const float *restrict M, const float *restrict bias, const ck_winograd *s, int64_t samples,
    int64_t C) {
  WINOGRAD_TILES({
    float half[24 * WINOGRAD_WIDTH];
    float tile[16 * WINOGRAD_WIDTH];
    for (int j = 0; j < 6; j++)
      winograd_output(half + j * WINOGRAD_WIDTH, 6 * WINOGRAD_WIDTH, M + (j * T + t) * C + first, 6 * T * C);
    for (int i = 0; i < 4; i++)
      winograd_output(tile + 4 * i * WINOGRAD_WIDTH, WINOGRAD_WIDTH, half + 6 * i * WINOGRAD_WIDTH, WINOGRAD_WIDTH);
    for (int i = 0; i < 4 && 4 * a + i < s->output[0]; i++)
      for (int j = 0; j < 4 && 4 * b + j < s->output[1]; j++) {
        float *to = y + ((n * s->output[0] + 4 * a + i) * s->output[1] + 4 * b + j) * C + first;
        const float *from = tile + (4 * i + j) * WINOGRAD_WIDTH;
        if (bias) WINOGRAD_EACH to[c] = from[c] + bias[first + c];
        else WINOGRAD_EACH to[c] = from[c];
      }
  })
}

CK_CLONES void ck_winograd_output_gradient(
    float *restrict D, const float *restrict dy, const ck_winograd *s, int64_t samples, int64_t C) {
  WINOGRAD_TILES({
    float copy[16 * WINOGRAD_WIDTH];
    float half[24 * WINOGRAD_WIDTH];
    winograd_copy(copy, dy + n * s->output[0] * s->output[1] * C + first, s->output, 4 * a, 4 * b, 4, C);
    for (int j = 0; j < 4; j++)
      winograd_gradient(half + j * WINOGRAD_WIDTH, 4 * WINOGRAD_WIDTH, copy + j * WINOGRAD_WIDTH, 4 * WINOGRAD_WIDTH);
    for (int i = 0; i < 6; i++)
      winograd_gradient(D + (6 * i * T + t) * C + first, T * C, half + 4 * i * WINOGRAD_WIDTH, WINOGRAD_WIDTH);
  })
}

static const float winograd_G[6][3] = {
    {1.0f / 4, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6},
    {1.0f / 24, -1.0f / 12, 1.0f / 6},
    {0, 0, 1},
};

void ck_winograd_weight(float *U, const float *w, int rotated, int64_t I, int64_t O) {
  for (int64_t o = 0; o < O; o++)
    for (int64_t i = 0; i < I; i++) {
      float g[9], half[6][3];
      for (int k = 0; k < 9; k++) g[k] = w[(o * I + i) * 9 + (rotated ? 8 - k : k)];
      float *to = U + (rotated ? o * I + i : i * O + o);
      for (int a = 0; a < 6; a++)
        for (int b = 0; b < 3; b++)
          half[a][b] = winograd_G[a][0] * g[b] + winograd_G[a][1] * g[3 + b] + winograd_G[a][2] * g[6 + b];
      for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++)
          to[(6 * a + b) * I * O] =
              half[a][0] * winograd_G[b][0] + half[a][1] * winograd_G[b][1] + half[a][2] * winograd_G[b][2];
    }
}

void ck_winograd_weight_gradient(float *dw, const float *dU, int64_t I, int64_t O) {
  for (int64_t o = 0; o < O; o++)
    for (int64_t i = 0; i < I; i++) {
      float half[3][6];
      const float *from = dU + i * O + o;
      for (int a = 0; a < 3; a++)
        for (int b = 0; b < 6; b++) {
          half[a][b] = 0;
          for (int k = 0; k < 6; k++) half[a][b] += winograd_G[k][a] * from[(6 * k + b) * I * O];
        }
      for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
          float sum = 0;
          for (int k = 0; k < 6; k++) sum += half[a][k] * winograd_G[k][b];
          dw[(o * I + i) * 9 + 3 * a + b] = sum;
        }
    }
}
