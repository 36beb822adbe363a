/* The kernels of one instruction set, which includes this file with what tile.h asks for, and
 *
 *   PRODUCT         the name of its table
 *   BFLOAT16        the name of its table of bfloat16 products
 *
 * The accumulators of a tile: ROWS * VECTORS registers, VECTORS more of B, one of A. */
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#define TILES_OF(R, V) TILE(R, V, 0, 0) TILE(R, V, 0, 1) TILE(R, V, 1, 0) TILE(R, V, 1, 1)
#include "tile.h"

/* R rows that lie side by side, `some` to twice as many: a vector of each step, whose floats behind the rows are overwritten by the
 * steps after it, as long as it ends within these steps: what lies behind them may be another tile's. Of the others the first `some`,
 * and the last. */
TILE_INLINE void pack_side_by_side(const int some, int64_t K, int64_t R, ck_factor A, float *to) {
  const float *from = A.base;
  int64_t k = 0;
  for (; R <= WIDTH && A.column >= WIDTH && k < K - 1 && (K - k) * R >= WIDTH; k++, from += A.column, to += R) {
    __builtin_prefetch(from + STEPS_AHEAD * A.column);
    *(vector *)to = *(const vector *)from;
  }
  for (; k < K; k++, from += A.column, to += R) {
    memcpy(to, from, (size_t)some * sizeof *to);
    memcpy(to + R - some, from + R - some, (size_t)some * sizeof *to);
  }
}

PRODUCT_TARGET static void pack_a(int64_t K, int64_t R, ck_factor A, float *to) {
  if (A.row == 1 && R >= 8) return pack_side_by_side(8, K, R, A, to);
  if (A.row == 1 && R >= 4) return pack_side_by_side(4, K, R, A, to);
  int64_t k = 0;
  /* The floats behind a step are those of the next one, which comes later. */
  if (A.column == 1 && A.row != 1 && R <= WIDTH) {
    for (; k + WIDTH <= K; k += WIDTH) pack_square(A.base + k, A.row, (int)R, R * A.row, to + k * R, R);
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
        for (; k + WIDTH <= K; k += WIDTH) pack_square(from + k, B.column, WIDTH, panel * B.column, to + k * panel + first, panel);
      } else {
        for (; k + WIDTH <= K; k += WIDTH) pack_square(from + k, B.column, lines, panel * B.column, to + k * panel + first, panel);
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

#include "../convolutions/depthwise_tile.h"

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
