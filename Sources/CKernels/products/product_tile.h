/* The kernels of one instruction set, which includes this file with what tile.h asks for, and
 *
 *   PRODUCT         the name of its table
 *   BFLOAT16        the name of its table of bfloat16 products
 *
 * The accumulators of a tile: ROWS * VECTORS registers, VECTORS more of B, one of A. */
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define TILES_OF(R, V) TILE(R, V, 0, 0) TILE(R, V, 0, 1) TILE(R, V, 1, 0) TILE(R, V, 1, 1)
#include "tile.h"

PRODUCT_TARGET static void pack_a(int64_t K, int64_t R, ck_factor A, float *to) {
  int64_t k = 0;
  /* The floats behind a step are those of the next one, which comes later. */
  if (A.column == 1 && R <= WIDTH) {
    for (; k + WIDTH <= K; k += WIDTH) pack_square(A.base + k, A.row, (int)R, to + k * R, R);
  }
  for (; k < K; k++) {
    for (int64_t r = 0; r < R; r++) to[k * R + r] = A.base[r * A.row + k * A.column];
  }
}

PRODUCT_TARGET static void pack_b(int64_t K, int64_t columns, int64_t panel, ck_factor B, float *to) {
  for (int64_t first = 0; first < panel; first += WIDTH) {
    const int lines = (int)(columns - first < WIDTH ? columns - first : WIDTH);
    const float *from = B.base + first * B.column;
    int64_t k = 0;
    if (B.row == 1) {
      if (lines == WIDTH) {
        for (; k + WIDTH <= K; k += WIDTH) pack_square(from + k, B.column, WIDTH, to + k * panel + first, panel);
      } else {
        for (; k + WIDTH <= K; k += WIDTH) pack_square(from + k, B.column, lines, to + k * panel + first, panel);
      }
    }
    if (B.column == 1 && lines == WIDTH) {
      for (; k < K; k++) *(vector *)(to + k * panel + first) = *(const vector *)(from + k * B.row);
    }
    for (; k < K; k++) {
      for (int j = 0; j < WIDTH; j++) to[k * panel + first + j] = j < lines ? from[k * B.row + j * B.column] : 0;
    }
  }
}

PRODUCT_TARGET static float burst(int64_t rounds) {
  vector sums[ROWS][VECTORS];
  UNROLLED for (int r = 0; r < ROWS; r++) {
    UNROLLED for (int v = 0; v < VECTORS; v++) sums[r][v] = (vector)(float)(r * VECTORS + v);
  }
  const vector factor = (vector)0.999f, term = (vector)0.25f;
  for (int64_t round = 0; round < rounds; round++) {
    UNROLLED for (int r = 0; r < ROWS; r++) {
      UNROLLED for (int v = 0; v < VECTORS; v++) sums[r][v] = __builtin_elementwise_fma(sums[r][v], factor, term);
    }
  }
  float all = 0;
  UNROLLED for (int r = 0; r < ROWS; r++) {
    UNROLLED for (int v = 0; v < VECTORS; v++) all += sums[r][v][0];
  }
  return all;
}

/* ---- Depthwise ------------------------------------------------------------------------------------------------------ */

/* R pixels of one vector of channels, whose sums stay in registers. */
TILE_INLINE void depthwise_tile(const int R, const ck_depthwise_row *row, int64_t first, int64_t channel) {
  vector sums[8];
  const float *const x = row->x + first * row->xStep + channel, *const w = row->w + channel;
  float *const y = row->y + first * row->yStep + channel;
  UNROLLED for (int r = 0; r < R; r++) sums[r] = *(vector *)(y + r * row->yStep);
  for (int64_t e = 0; e < row->elements; e++) {
    const vector weight = *(const vector *)(w + e * row->channels);
    const float *const at = x + row->starts[e];
    UNROLLED for (int r = 0; r < R; r++) {
      sums[r] = __builtin_elementwise_fma(*(const vector *)(at + r * row->xStep), weight, sums[r]);
    }
  }
  UNROLLED for (int r = 0; r < R; r++) *(vector *)(y + r * row->yStep) = sums[r];
}

PRODUCT_TARGET static void depthwise(const ck_depthwise_row *row) {
  int64_t channel = 0;
  for (; channel + WIDTH <= row->channels; channel += WIDTH) {
    int64_t first = 0;
    for (; first + 8 <= row->count; first += 8) depthwise_tile(8, row, first, channel);
    for (; first + 2 <= row->count; first += 2) depthwise_tile(2, row, first, channel);
    if (first < row->count) depthwise_tile(1, row, first, channel);
  }
  for (; channel < row->channels; channel++) {
    for (int64_t r = 0; r < row->count; r++) {
      float sum = row->y[r * row->yStep + channel];
      for (int64_t e = 0; e < row->elements; e++) {
        sum = __builtin_fmaf(
            row->x[r * row->xStep + row->starts[e] + channel], row->w[e * row->channels + channel], sum);
      }
      row->y[r * row->yStep + channel] = sum;
    }
  }
}

/* E elements of one vector of channels. */
TILE_INLINE void gradient_tile(const int E, const ck_depthwise_gradient *g, int64_t first, int64_t channel) {
  vector sums[9];
  const float *starts[9];
  float *const dw = g->dw + first * g->channels + channel;
  const float *dy = g->dy + channel;
  UNROLLED for (int e = 0; e < E; e++) {
    sums[e] = *(vector *)(dw + e * g->channels);
    starts[e] = g->x + g->starts[first + e] + channel;
  }
  for (int64_t r = 0, at = 0; r < g->count; r++, at += g->xStep, dy += g->yStep) {
    const vector up = *(const vector *)dy;
    UNROLLED for (int e = 0; e < E; e++) {
      sums[e] = __builtin_elementwise_fma(*(const vector *)(starts[e] + at), up, sums[e]);
    }
  }
  UNROLLED for (int e = 0; e < E; e++) *(vector *)(dw + e * g->channels) = sums[e];
}

PRODUCT_TARGET static void depthwise_gradient(const ck_depthwise_gradient *g) {
  int64_t channel = 0;
  for (; channel + WIDTH <= g->channels; channel += WIDTH) {
    int64_t first = 0;
    for (; first + 9 <= g->elements; first += 9) gradient_tile(9, g, first, channel);
    for (; first + 3 <= g->elements; first += 3) gradient_tile(3, g, first, channel);
    for (; first < g->elements; first++) gradient_tile(1, g, first, channel);
  }
  for (; channel < g->channels; channel++) {
    for (int64_t e = 0; e < g->elements; e++) {
      float sum = g->dw[e * g->channels + channel];
      for (int64_t r = 0; r < g->count; r++) {
        sum = __builtin_fmaf(g->x[r * g->xStep + g->starts[e] + channel], g->dy[r * g->yStep + channel], sum);
      }
      g->dw[e * g->channels + channel] = sum;
    }
  }
}

#define NAMES_OF(R, V) {{tile_##R##_##V##_0_0, tile_##R##_##V##_0_1}, {tile_##R##_##V##_1_0, tile_##R##_##V##_1_1}}
#define T(R) {NAMES_OF(R, 1), NAMES_OF(R, 2)},
const ck_product_kernels PRODUCT = {
    .rows = ROWS,
    .vectors = VECTORS,
    .width = WIDTH,
    .tiles = {EACH_ROW},
    .pack_a = pack_a,
    .pack_b = pack_b,
    .burst = burst,
    .depthwise = depthwise,
    .depthwise_gradient = depthwise_gradient,
};

#define IS_PAIRED 0
#include "bfloat16_tile.h"
