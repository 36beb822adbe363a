/* Attention of bfloat16 numbers: as that of floats, with factors of words (products/bfloat16_product.h). */
#pragma once

#include "../products/bfloat16_product.h"
#include "attention.h"

/* A factor whose lines, of K numbers, lie `line` numbers apart, the numbers of one `step` apart. */
typedef struct {
  const void *base;
  int isFloat;
  int64_t line, step;
} ck_lines;

static inline ck_lines from_line(ck_lines lines, int64_t line, int64_t step) {
  const int64_t at = line * lines.line + step * lines.step;
  lines.base = (const char *)lines.base + at * (lines.isFloat ? 4 : 2);
  return lines;
}

/* A product of M lines of A and `columns` lines of B, chains of K numbers. B is packed by panels of whole vectors, from step 0 on
 * of `bSteps`; `first` is the one where chains begin. */
typedef struct {
  int64_t M, columns, K;
  ck_lines A;
  const float *b;
  int64_t bSteps, first;
  /* Rows of floats, of whole vectors where the columns are; or of bfloat16 numbers, that add to nothing. */
  void *c;
  int64_t cRow;
  int isFloat, adds;
  float *scratch; /* for lines of A, and a tile */
} ck_bfloat16_sweep;

/* The step at which a chain goes on with number k, which is even. */
static inline int64_t ck_step_of(const ck_bfloat16_kernels *kernels, int64_t k) { return kernels->isPaired ? k / 2 : k; }

static inline int64_t sweep_scratch(int64_t K) {
  return (CK_MOST_ROWS + CK_MOST_WIDTH) * (K + 2) + CK_MOST_ROWS * 2 * CK_MOST_WIDTH;
}

void ck_run_bfloat16_sweep(const ck_product_kernels *shape, const ck_bfloat16_kernels *kernels, const ck_bfloat16_sweep *sweep);

/* Packs `columns` lines of K numbers as a sweep's B: ck_steps words of `columns`, filled up to whole vectors. */
void ck_pack_lines(
    const ck_product_kernels *shape, const ck_bfloat16_kernels *kernels, ck_lines lines, int64_t columns, int64_t K, float *to);

/* As ck_attention_scores: `packed` has room for a block's queries, `scratch` for a sweep. */
void ck_bfloat16_scores(
    const ck_block *block, const ck_bfloat16_kernels *kernels, ck_lines keys, ck_lines queries, float *packed, float *scores,
    float *scratch);
