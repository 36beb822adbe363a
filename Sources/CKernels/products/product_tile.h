/* The kernels of one instruction set, which includes this file with
 *
 *   PRODUCT         the name of its table
 *   PRODUCT_TARGET  how its functions are compiled
 *   WIDTH, VECTORS  floats of a vector, vectors across a tile
 *   ROWS, EACH_ROW  rows of a tile at most, and a list that gives T each of 1...ROWS
 *   LOW, HIGH       the places of zip(first half of a, of b), zip(second half of a, of b)
 *
 * The accumulators of a tile stay in registers for all of K: ROWS * VECTORS of them, VECTORS of B, one of A. */
#include "product.h"

typedef float vector __attribute__((ext_vector_type(WIDTH), aligned(4)));
#define TILE_INLINE static inline __attribute__((always_inline)) PRODUCT_TARGET
#define UNROLLED _Pragma("clang loop unroll(full)")

/* Row r of A at step k is a[r * aRow + k * aColumn]: every third row has a pointer of its own, those between are two steps
 * away from it at most, which an address can say. */
TILE_INLINE float element(const float *const *rows, const int r, int64_t aRow) { return rows[r / 3][(r % 3) * aRow]; }

TILE_INLINE void tile(const int R, const int V, const int isPacked, const int copies, const ck_tile *t) {
  vector sums[ROWS][VECTORS];
  float *const c = t->c;
  const int64_t cRow = t->cRow;
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V; v++) {
      sums[r][v] = t->adds ? *(const vector *)(c + r * cRow + WIDTH * v) : (vector)0;
    }
  }
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V * WIDTH; v += 16) __builtin_prefetch(t->next + r * cRow + v, 1, 2);
  }
  const float *a = t->a, *b = t->b, *rows[(ROWS + 2) / 3];
  float *copy = t->copy;
  const int64_t aRow = t->aRow, aColumn = t->aColumn, bRow = t->bRow;
  for (int64_t s = 0; s < t->segments; s++) {
    const float *const begin = a + (t->starts ? t->starts[s] : 0);
    UNROLLED for (int p = 0; 3 * p < R; p++) rows[p] = begin + 3 * p * aRow;
    for (int64_t k = 0; k < t->K; k++) {
      vector bs[VECTORS];
      UNROLLED for (int v = 0; v < V; v++) {
        bs[v] = *(const vector *)(b + WIDTH * v);
        if (copies) *(vector *)(copy + WIDTH * v) = bs[v];
      }
      UNROLLED for (int r = 0; r < R; r++) {
        const vector one = (vector)(isPacked ? a[r] : element(rows, r, aRow));
        UNROLLED for (int v = 0; v < V; v++) sums[r][v] = __builtin_elementwise_fma(one, bs[v], sums[r][v]);
      }
      b += bRow;
      if (copies) copy += WIDTH * V;
      if (isPacked) a += R;
      if (!isPacked) { UNROLLED for (int p = 0; 3 * p < R; p++) rows[p] += aColumn; }
    }
  }
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V; v++) *(vector *)(c + r * cRow + WIDTH * v) = sums[r][v];
  }
}

#define TILE(R, V, P, C) \
  PRODUCT_TARGET static void tile_##R##_##V##_##P##_##C(const ck_tile *t) { tile(R, V, P, C, t); }
#define TILES_OF(R, V) TILE(R, V, 0, 0) TILE(R, V, 0, 1) TILE(R, V, 1, 0) TILE(R, V, 1, 1)
#define T(R) TILES_OF(R, 1) TILES_OF(R, 2)
EACH_ROW
#undef T

/* Turns W vectors into those of their columns: log2(W) times each of the first half is zipped with its partner of the second. */
TILE_INLINE void transpose(vector *rows) {
  UNROLLED for (int step = 1; step < WIDTH; step *= 2) {
    vector next[WIDTH];
    UNROLLED for (int i = 0; i < WIDTH / 2; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + WIDTH / 2], LOW);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + WIDTH / 2], HIGH);
    }
    UNROLLED for (int i = 0; i < WIDTH; i++) rows[i] = next[i];
  }
}

/* Of `lines` lines, at most W, that lie `line` floats apart, steps k ... k + W - 1: a step's floats lie side by side at
 * to + step * stride, and zeros behind them. Writes W floats a step. */
TILE_INLINE void pack_square(const float *from, int64_t line, int lines, float *to, int64_t stride) {
  vector rows[WIDTH];
  UNROLLED for (int i = 0; i < WIDTH; i++) rows[i] = i < lines ? *(const vector *)(from + i * line) : (vector)0;
  transpose(rows);
  UNROLLED for (int i = 0; i < WIDTH; i++) *(vector *)(to + i * stride) = rows[i];
}

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
