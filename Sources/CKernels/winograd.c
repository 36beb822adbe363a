#include "CKernels.h"
#include "bfloat16.h"
#include "common.h"

/* F(4x4, 3x3): tiles of 4 x 4 outputs from 6 x 6 inputs, which lie 4 apart. With the matrices of Lavin, Gray (2016):
 *
 *   forward            y = A' [ (G w G') * (B' x B) ] A      36 products of matrices in place of the sum over windows
 *   backward           dU = sum over tiles of V' (A dy A'),  dw = G' dU G
 *
 * Channels are taken 16 at a time; a vector is one element of a tile for all of them. Images are of floats or of bfloat16 numbers,
 * which are widened when they are read, and rounded when they are written. */
enum { WINOGRAD_WIDTH = 16 };
typedef float lanes __attribute__((ext_vector_type(WINOGRAD_WIDTH), aligned(4)));
typedef uint32_t lane_words __attribute__((ext_vector_type(WINOGRAD_WIDTH), aligned(4)));
typedef uint16_t lane_halves __attribute__((ext_vector_type(WINOGRAD_WIDTH), aligned(2)));
#define UNROLLED _Pragma("clang loop unroll(full)")

/* Macros, since vectors wider than a processor's are neither passed nor returned. */
#define LANES_AT(place) (*(lanes *)(place))
#define CONST_LANES_AT(place) (*(const lanes *)(place))

/* Those of an image. */
CK_INLINE void read_lanes(lanes *to, const void *from, const int isBFloat16) {
  if (isBFloat16) {
    *to = (lanes)(__builtin_convertvector(*(const lane_halves *)from, lane_words) << 16);
  } else {
    *to = CONST_LANES_AT(from);
  }
}

CK_INLINE void write_lanes(void *to, const lanes *from, const int isBFloat16) {
  if (!isBFloat16) {
    LANES_AT(to) = *from;
    return;
  }
  /* As ck_rounded. */
  const lane_words bits = (lane_words)*from, magnitude = bits & 0x7fffffffu;
  const lane_words nearest = bits + 0x7fffu + (bits >> 16 & 1u);
  const lane_words number = magnitude > 0x7f800000u ? bits | 0x00400000u : nearest;
  const lane_words kept = magnitude < 0x00800000u ? bits & 0x80000000u : number;
  *(lane_halves *)to = __builtin_convertvector(kept >> 16, lane_halves);
}

/* B' along one axis: 6 vectors to 6, `step` apart. */
CK_INLINE void winograd_input(lanes *to, const int step, const lanes *d, const int stride) {
  const lanes d0 = d[0], d1 = d[stride], d2 = d[2 * stride], d3 = d[3 * stride], d4 = d[4 * stride], d5 = d[5 * stride];
  const lanes a = d4 - 4.0f * d2, b = d3 - 4.0f * d1, e = d4 - d2, f = 2.0f * (d3 - d1);
  to[0] = 4.0f * d0 - 5.0f * d2 + d4;
  to[step] = a + b;
  to[2 * step] = a - b;
  to[3 * step] = e + f;
  to[4 * step] = e - f;
  to[5 * step] = 4.0f * d1 - 5.0f * d3 + d5;
}

/* A' along one axis: 6 vectors to 4. */
CK_INLINE void winograd_output(lanes *to, const lanes *m) {
  const lanes s = m[1] + m[2], t = m[1] - m[2], u = m[3] + m[4], v = m[3] - m[4];
  to[0] = m[0] + s + u;
  to[1] = t + 2.0f * v;
  to[2] = s + 4.0f * u;
  to[3] = t + 8.0f * v + m[5];
}

/* A along one axis: 4 vectors to 6. */
CK_INLINE void winograd_gradient(lanes *to, const lanes *y) {
  const lanes p = y[0] + y[2], q = y[1] + y[3], r = y[0] + 4.0f * y[2], s = 2.0f * y[1] + 8.0f * y[3];
  to[0] = y[0];
  to[1] = p + q;
  to[2] = p - q;
  to[3] = r + s;
  to[4] = r - s;
  to[5] = y[3];
}

/* What lies beside an image. */
static const float beside[WINOGRAD_WIDTH];

/* Rows and columns of a tile's first element, in an image of extent[] pixels. */
CK_INLINE int is_inside(const int64_t *extent, int64_t row, int64_t column, int64_t size) {
  return row >= 0 && column >= 0 && row + size <= extent[0] && column + size <= extent[1];
}
CK_INLINE const void *pixel(const char *image, const int64_t *extent, int64_t row, int64_t column, int64_t bytes) {
  const int isThere = row >= 0 && row < extent[0] && column >= 0 && column < extent[1];
  return isThere ? (const void *)(image + (row * extent[1] + column) * bytes) : beside;
}

/* Fetches 4 x 4 pixels of the tiles below, or of the next sample: tiles come in an order that no processor foresees. */
#define FETCH_BELOW(image, extent, row, column, isWritten)                                      \
  UNROLLED for (int k = 0; k < 16; k++)                                                         \
    __builtin_prefetch((image) + (((row) + k / 4) * (extent)[1] + (column) + k % 4) * pixelBytes, isWritten, 2);

/* Runs BODY for each of `count` tiles t from tile `begin` of all samples on: tile (a, b) of sample n; and each 16 channels from
 * `first` on. A pixel of an image has so many bytes. */
#define WINOGRAD_TILES(BODY)                                                                    \
  const int64_t size = isBFloat16 ? 2 : 4, pixelBytes = C * size;                               \
  const int64_t rows = (s->output[0] + 3) / 4, columns = (s->output[1] + 3) / 4;                \
  const int64_t plane = ck_winograd_plane(count, C);                                            \
  for (int64_t t = 0; t < count; t++) {                                                         \
    const int64_t line = (begin + t) / columns, b = (begin + t) % columns;                      \
    const int64_t n = line / rows, a = line % rows;                                             \
    for (int64_t first = 0; first < C; first += WINOGRAD_WIDTH) {                               \
      BODY                                                                                      \
    }                                                                                           \
  }

CK_INLINE void input_tiles(
    float *restrict V, const void *restrict x, const int isBFloat16, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  WINOGRAD_TILES({
    lanes d[6];
    lanes half[36];
    const char *const image = (const char *)x + n * s->input[0] * s->input[1] * pixelBytes + first * size;
    const int64_t row = 4 * a - s->padding[0];
    const int64_t column = 4 * b - s->padding[1];
    FETCH_BELOW(image, s->input, row + 6, column, 0)
    if (is_inside(s->input, row, column, 6)) {
      const char *const from = image + (row * s->input[1] + column) * pixelBytes;
      UNROLLED for (int j = 0; j < 6; j++) {
        UNROLLED for (int i = 0; i < 6; i++) read_lanes(d + i, from + (i * s->input[1] + j) * pixelBytes, isBFloat16);
        winograd_input(half + j, 6, d, 1);
      }
    } else {
      UNROLLED for (int j = 0; j < 6; j++) {
        UNROLLED for (int i = 0; i < 6; i++) read_lanes(d + i, pixel(image, s->input, row + i, column + j, pixelBytes), isBFloat16);
        winograd_input(half + j, 6, d, 1);
      }
    }
    float *to = V + t * C + first;
    UNROLLED for (int i = 0; i < 6; i++) {
      winograd_input(d, 1, half + 6 * i, 1);
      UNROLLED for (int j = 0; j < 6; j++, to += plane) LANES_AT(to) = d[j];
    }
  })
}

CK_INLINE void output_tiles(
    void *restrict y, const float *restrict M, const float *restrict bias, const int isBFloat16, const ck_winograd *s,
    int64_t begin, int64_t count, int64_t C) {
  WINOGRAD_TILES({
    lanes half[4][6];
    const float *const from = M + t * C + first;
    char *const image = (char *)y + n * s->output[0] * s->output[1] * pixelBytes + first * size;
    FETCH_BELOW(image, s->output, 4 * a + 4, 4 * b, 1)
    UNROLLED for (int j = 0; j < 6; j++) {
      lanes m[6];
      lanes column[4];
      UNROLLED for (int i = 0; i < 6; i++) m[i] = CONST_LANES_AT(from + (6 * i + j) * plane);
      winograd_output(column, m);
      UNROLLED for (int i = 0; i < 4; i++) half[i][j] = column[i];
    }
    UNROLLED for (int i = 0; i < 4; i++) {
      lanes line[4];
      winograd_output(line, half[i]);
      if (4 * a + i >= s->output[0]) continue;
      char *const to = image + ((4 * a + i) * s->output[1] + 4 * b) * pixelBytes;
      UNROLLED for (int j = 0; j < 4; j++) {
        if (4 * b + j >= s->output[1]) continue;
        if (bias) line[j] += CONST_LANES_AT(bias + first);
        write_lanes(to + j * pixelBytes, line + j, isBFloat16);
      }
    }
  })
}

CK_INLINE void gradient_tiles(
    float *restrict D, const void *restrict dy, const int isBFloat16, const ck_winograd *s, int64_t begin, int64_t count,
    int64_t C) {
  WINOGRAD_TILES({
    lanes d[4];
    lanes half[6][4];
    const char *const image = (const char *)dy + n * s->output[0] * s->output[1] * pixelBytes + first * size;
    UNROLLED for (int j = 0; j < 4; j++) {
      lanes column[6];
      if (j == 0) FETCH_BELOW(image, s->output, 4 * a + 4, 4 * b, 0)
      if (is_inside(s->output, 4 * a, 4 * b, 4)) {
        const char *const from = image + (4 * a * s->output[1] + 4 * b + j) * pixelBytes;
        UNROLLED for (int i = 0; i < 4; i++) read_lanes(d + i, from + i * s->output[1] * pixelBytes, isBFloat16);
      } else {
        UNROLLED for (int i = 0; i < 4; i++) {
          read_lanes(d + i, pixel(image, s->output, 4 * a + i, 4 * b + j, pixelBytes), isBFloat16);
        }
      }
      winograd_gradient(column, d);
      UNROLLED for (int i = 0; i < 6; i++) half[i][j] = column[i];
    }
    float *to = D + t * C + first;
    UNROLLED for (int i = 0; i < 6; i++) {
      lanes line[6];
      winograd_gradient(line, half[i]);
      UNROLLED for (int j = 0; j < 6; j++, to += plane) LANES_AT(to) = line[j];
    }
  })
}

/* ---- Of floats, and of bfloat16 numbers ------------------------------------------------------------------------------- */

CK_CLONES void ck_winograd_input(float *V, const float *x, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  input_tiles(V, x, 0, s, begin, count, C);
}
CK_CLONES void ck_bfloat16_winograd_input(
    float *V, const uint16_t *x, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  input_tiles(V, x, 1, s, begin, count, C);
}

CK_CLONES void ck_winograd_output(
    float *y, const float *M, const float *bias, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  output_tiles(y, M, bias, 0, s, begin, count, C);
}
CK_CLONES void ck_bfloat16_winograd_output(
    uint16_t *y, const float *M, const float *bias, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  output_tiles(y, M, bias, 1, s, begin, count, C);
}

CK_CLONES void ck_winograd_output_gradient(
    float *D, const float *dy, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  gradient_tiles(D, dy, 0, s, begin, count, C);
}
CK_CLONES void ck_bfloat16_winograd_output_gradient(
    float *D, const uint16_t *dy, const ck_winograd *s, int64_t begin, int64_t count, int64_t C) {
  gradient_tiles(D, dy, 1, s, begin, count, C);
}

/* ---- Weights -------------------------------------------------------------------------------------------------------- */

static const float winograd_G[6][3] = {
    {1.0f / 4, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6},
    {1.0f / 24, -1.0f / 12, 1.0f / 6},
    {0, 0, 1},
};

CK_CLONES void ck_winograd_weight(float *restrict U, const float *restrict w, int rotated, int64_t I, int64_t O) {
  /* Rows and columns of U's matrices; the weights of a row, and of a column, lie as far apart. */
  const int64_t rows = rotated ? O : I, columns = rotated ? I : O;
  const int64_t down = rotated ? I * 9 : 9, right = rotated ? 9 : I * 9;
  for (int64_t r = 0; r < rows; r++)
    for (int64_t first = 0; first < columns; first += WINOGRAD_WIDTH) {
      const float *const from = w + r * down + first * right;
      float *to = U + r * columns + first;
      lanes g[9];
      for (int k = 0; k < 9; k++) {
        UNROLLED for (int l = 0; l < WINOGRAD_WIDTH; l++) g[k][l] = from[l * right + (rotated ? 8 - k : k)];
      }
      UNROLLED for (int a = 0; a < 6; a++) {
        lanes half[3];
        UNROLLED for (int b = 0; b < 3; b++)
          half[b] = winograd_G[a][0] * g[b] + winograd_G[a][1] * g[3 + b] + winograd_G[a][2] * g[6 + b];
        UNROLLED for (int b = 0; b < 6; b++, to += I * O)
          LANES_AT(to) = half[0] * winograd_G[b][0] + half[1] * winograd_G[b][1] + half[2] * winograd_G[b][2];
      }
    }
}

CK_CLONES void ck_winograd_weight_gradient(float *restrict dw, const float *restrict dU, int64_t I, int64_t O) {
  for (int64_t i = 0; i < I; i++)
    for (int64_t first = 0; first < O; first += WINOGRAD_WIDTH) {
      lanes half[3][6];
      const float *const from = dU + i * O + first;
      UNROLLED for (int b = 0; b < 6; b++) {
        UNROLLED for (int a = 0; a < 3; a++) half[a][b] = (lanes)0.0f;
        UNROLLED for (int k = 0; k < 6; k++) {
          const lanes value = CONST_LANES_AT(from + (6 * k + b) * I * O);
          UNROLLED for (int a = 0; a < 3; a++) half[a][b] += winograd_G[k][a] * value;
        }
      }
      UNROLLED for (int a = 0; a < 3; a++) {
        UNROLLED for (int b = 0; b < 3; b++) {
          lanes sum = (lanes)0.0f;
          UNROLLED for (int k = 0; k < 6; k++) sum += half[a][k] * winograd_G[k][b];
          UNROLLED for (int l = 0; l < WINOGRAD_WIDTH; l++) dw[((first + l) * I + i) * 9 + 3 * a + b] = sum[l];
        }
      }
    }
}
