/* What the driver of products and the kernels of an instruction set say to each other.
 *
 * Letters: R rows of a tile, W floats of a vector, V vectors across a tile, K steps of a chain. A panel of A is K x R, one of B
 * K x (V W), both packed: a step lies behind the other. */
#pragma once

#include <stddef.h>
#include <string.h>

#include "../common.h"
#include "CKernelsProducts.h"

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t up_to(int64_t count, int64_t multiple) { return (count + multiple - 1) / multiple * multiple; }
static inline int64_t blocks(int64_t count, int64_t size) { return (count + size - 1) / size; }
/* Where part `number` of `parts` begins, of `count` things that are divided as evenly as they can be. */
static inline int64_t begin(int64_t count, int64_t parts, int64_t number) { return count * number / parts; }

/* Writes what there is of a tile whose sums lie beside its place: R x `columns` of them, plus bias where there is one. */
static inline void write_sums(
    int64_t R, int64_t columns, const float *sums, int64_t row, const float *bias, float *to, int64_t toRow) {
  for (int64_t r = 0; r < R; r++, sums += row, to += toRow) {
    for (int64_t c = 0; c < columns; c++) to[c] = bias ? sums[c] + bias[c] : sums[c];
  }
}

/* A tile of C, R x (V W), all of which may be read and written. Its chains have one segment after the other, of K steps each: A
 * begins `starts` floats behind `a` in each, B just goes on. */
typedef struct {
  int64_t K;
  int64_t segments;
  const int64_t *starts; /* NULL: there is one, which begins at `a`, as it does where A is packed */
  const float *a;
  int64_t aRow, aColumn; /* of an A that is not packed */
  const float *b;
  int64_t bRow; /* floats from one step to the next */
  float *copy;  /* where B is packed on the way */
  float *c;
  int64_t cRow;
  int adds;
  const float *bias;  /* of its columns, added to finished sums; NULL: none */
  const float *next;  /* where the tile after this one will be */
  const float *ahead; /* what is read soon, fetched a line a step; NULL: nothing */
  int64_t aheadStep;  /* floats from one such line to the next */
} ck_tile;

typedef void ck_tile_kernel(const ck_tile *tile);

/* Lines that the first two tiles of a panel fetch from the third cache, half of them each: later blocks of A would wait for
 * them. One a step, `step` floats apart; those of the second tile begin `half` floats behind those of the first. */
typedef struct {
  const float *first; /* NULL: none */
  int64_t step, half;
} ck_ahead;

static inline const float *lines_ahead(ck_ahead ahead, int64_t t) {
  return ahead.first && t < 2 ? ahead.first + t * ahead.half : NULL;
}

/* Chains of `count` pixels that lie side by side, channel by channel: pixel r and channel c of y is that of
 * x[r * xStep + starts[e] + c] w[e * channels + c] for all elements e of the kernel. Elements come in runs of `run`, each
 * xStep floats behind the one before. */
typedef struct {
  int64_t channels, elements, run, count;
  const int64_t *starts;
  const float *x, *w;
  int64_t xStep;
  float *y;
  int64_t yStep;
} ck_depthwise_row;

/* Chains of a kernel's elements, channel by channel: dw[e * channels + c] goes on with x[r * xStep + starts[e] + c] dy[r * yStep +
 * c] for `count` pixels r. */
typedef struct {
  int64_t channels, elements, count;
  const int64_t *starts;
  const float *x, *dy;
  int64_t xStep, yStep;
  float *dw;
} ck_depthwise_gradient;

enum { CK_MOST_ROWS = 12, CK_MOST_VECTORS = 2, CK_MOST_WIDTH = 16 };

typedef struct {
  int rows, vectors, width;
  /* By R - 1, V - 1, whether A is packed, and whether B is packed on the way. */
  ck_tile_kernel *tiles[CK_MOST_ROWS][CK_MOST_VECTORS][2][2];
  /* Packs R rows of A, K steps; may write `width` floats behind its end. */
  void (*pack_a)(int64_t K, int64_t R, ck_factor A, float *to);
  /* Packs `columns` columns of B, K steps, with zeros up to `panel`, a multiple of W. */
  void (*pack_b)(int64_t K, int64_t columns, int64_t panel, ck_factor B, float *to);
  /* `rounds` times as many fused multiply-adds as a tile has sums, none of which waits for another one; returns their sum. */
  float (*burst)(int64_t rounds);
  void (*depthwise)(const ck_depthwise_row *row);
  void (*depthwise_gradient)(const ck_depthwise_gradient *gradient);
} ck_product_kernels;

/* Those that this thread uses. */
const ck_product_kernels *ck_kernels(void);

/* Whether paths of AVX-512 have the instructions of VNNI for whole numbers: asked of the processor once. */
int ck_product_has_vnni(void);

extern const ck_product_kernels ck_product_plain;
#if defined(__x86_64__)
extern const ck_product_kernels ck_product_avx2, ck_product_avx512;
#endif
#if defined(__aarch64__)
extern const ck_product_kernels ck_product_neon;
#endif
