/* The tiles of one instruction set, whose accumulators stay in registers for all of K. A file that includes this one defines
 *
 *   PRODUCT_TARGET        how its functions are compiled
 *   WIDTH, VECTORS        floats of a vector, vectors across a tile
 *   ROWS, EACH_ROW        rows of a tile at most, and a list that gives T each of 1...ROWS
 *   LOW, HIGH             the places of zip(first half of a, of b), zip(second half of a, of b)
 *   MULTIPLY_ADD(a, b, c) a step of W chains
 *   TILES_OF(R, V)        the tiles of R rows and V vectors, by TILE
 */
#include "product.h"

typedef float vector __attribute__((ext_vector_type(WIDTH), aligned(4)));
#define TILE_INLINE static inline __attribute__((always_inline)) PRODUCT_TARGET
/* Row by row: the addresses of all of a tile's rows at once would be more than there are registers for. */
#define KEPT(pointer) __asm__("" : "+r"(pointer))
#define UNROLLED _Pragma("clang loop unroll(full)")
/* How far ahead rows are fetched that lie too far apart for the processor to see that they will be read. */
enum { STEPS_AHEAD = 8 };

/* Row r of A at step k is a[r * aRow + k * aColumn]: every third row has a pointer of its own, those between are two steps
 * away from it at most, which an address can say. */
TILE_INLINE float element(const float *const *rows, const int r, int64_t aRow) { return rows[r / 3][(r % 3) * aRow]; }

TILE_INLINE void tile(const int R, const int V, const int isPacked, const int copies, const ck_tile *t) {
  vector sums[ROWS][VECTORS];
  const int64_t cRow = t->cRow;
  float *c = t->c;
  const float *next = t->next;
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V; v++) sums[r][v] = (vector)0;
  }
  if (t->adds) {
    const float *from = c;
    UNROLLED for (int r = 0; r < R; r++) {
      UNROLLED for (int v = 0; v < V; v++) sums[r][v] = *(const vector *)(from + WIDTH * v);
      from += cRow;
      KEPT(from);
    }
  }
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V * WIDTH; v += 16) __builtin_prefetch(next + v, 1, 2);
    next += cRow;
    KEPT(next);
  }
  const float *a = t->a, *b = t->b, *rows[(ROWS + 2) / 3];
  float *copy = t->copy;
  const float *ahead = t->ahead ? t->ahead : b;
  const int64_t aheadStep = t->aheadStep, aRow = t->aRow, aColumn = t->aColumn, bRow = t->bRow;
  for (int64_t s = 0; s < t->segments; s++) {
    const float *const begin = a + (t->starts ? t->starts[s] : 0);
    UNROLLED for (int p = 0; 3 * p < R; p++) rows[p] = begin + 3 * p * aRow;
    for (int64_t k = 0; k < t->K; k++) {
      if (copies) {
        UNROLLED for (int v = 0; v < V * WIDTH; v += 16) __builtin_prefetch(b + STEPS_AHEAD * bRow + v);
      } else {
        __builtin_prefetch(ahead);
        ahead += aheadStep;
      }
      vector bs[VECTORS];
      UNROLLED for (int v = 0; v < V; v++) {
        bs[v] = *(const vector *)(b + WIDTH * v);
        if (copies) *(vector *)(copy + WIDTH * v) = bs[v];
      }
      UNROLLED for (int r = 0; r < R; r++) {
        const vector one = (vector)(isPacked ? a[r] : element(rows, r, aRow));
        UNROLLED for (int v = 0; v < V; v++) sums[r][v] = MULTIPLY_ADD(one, bs[v], sums[r][v]);
      }
      b += bRow;
      if (copies) copy += WIDTH * V;
      if (isPacked) a += R;
      if (!isPacked) { UNROLLED for (int p = 0; 3 * p < R; p++) rows[p] += aColumn; }
    }
  }
  if (t->bias) {
    UNROLLED for (int v = 0; v < V; v++) {
      const vector bias = *(const vector *)(t->bias + WIDTH * v);
      UNROLLED for (int r = 0; r < R; r++) sums[r][v] += bias;
    }
  }
  UNROLLED for (int r = 0; r < R; r++) {
    UNROLLED for (int v = 0; v < V; v++) *(vector *)(c + WIDTH * v) = sums[r][v];
    c += cRow;
    KEPT(c);
  }
}

#define TILE(R, V, P, C) \
  PRODUCT_TARGET static void tile_##R##_##V##_##P##_##C(const ck_tile *t) { tile(R, V, P, C, t); }
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
 * to + step * stride, and zeros behind them. Writes W floats a step. Those of the square `ahead` floats from here are fetched. */
TILE_INLINE void pack_square(const float *from, int64_t line, int lines, int64_t ahead, float *to, int64_t stride) {
  vector rows[WIDTH];
  UNROLLED for (int i = 0; i < WIDTH; i++) {
    rows[i] = i < lines ? *(const vector *)(from + i * line) : (vector)0;
    __builtin_prefetch(from + i * line + ahead, 0, 2);
  }
  transpose(rows);
  UNROLLED for (int i = 0; i < WIDTH; i++) *(vector *)(to + i * stride) = rows[i];
}
