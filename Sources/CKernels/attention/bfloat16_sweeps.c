#include "bfloat16.h"

void ck_pack_lines(
    const ck_product_kernels *shape, const ck_bfloat16_kernels *kernels, ck_lines lines, int64_t columns, int64_t K, float *to) {
  const int64_t panel = shape->width * shape->vectors, steps = ck_steps(kernels, K);
  for (int64_t j = 0; j < columns; j += panel) {
    const int64_t count = least(panel, columns - j);
    const ck_lines from = from_line(lines, j, 0);
    kernels->pack(
        from.base, from.isFloat, from.line, from.step, K, 0, steps, count, up_to(count, shape->width), to + j * steps);
  }
}

void ck_run_bfloat16_sweep(const ck_product_kernels *shape, const ck_bfloat16_kernels *kernels, const ck_bfloat16_sweep *s) {
  const int64_t panel = shape->width * shape->vectors, tiles = blocks(s->M, shape->rows), steps = ck_steps(kernels, s->K);
  const int liesPaired = kernels->isPaired && !s->A.isFloat && s->A.step == 1 && lies_in_words(s->A.base, s->A.line) &&
                         s->K % 2 == 0;
  float *const beside = s->scratch, *const packed = beside + CK_MOST_ROWS * 2 * CK_MOST_WIDTH;
  for (int64_t t = 0; t < tiles; t++) {
    const int64_t first = begin(s->M, tiles, t), R = begin(s->M, tiles, t + 1) - first;
    const ck_lines A = from_line(s->A, first, 0);
    if (!liesPaired) kernels->pack(A.base, A.isFloat, A.line, A.step, s->K, 0, steps, R, R, packed);
    for (int64_t j = 0; j < s->columns; j += panel) {
      const int64_t columns = least(panel, s->columns - j), own = up_to(columns, shape->width);
      const int isBeside = !s->isFloat || columns < own;
      float *const c = (float *)s->c + first * s->cRow + j;
      const ck_tile tile = {
          .K = steps,
          .segments = 1,
          .a = liesPaired ? A.base : packed,
          .aRow = A.line / 2,
          .aColumn = 1,
          .b = s->b + j * s->bSteps + s->first * own,
          .bRow = own,
          .c = isBeside ? beside : c,
          .cRow = isBeside ? own : s->cRow,
          .adds = s->adds,
          .next = isBeside ? beside : c + R * s->cRow,
      };
      for (int64_t r = 0; isBeside && s->adds && r < R; r++) {
        memcpy(beside + r * own, c + r * s->cRow, (size_t)columns * sizeof *c);
      }
      kernels->tiles[R - 1][own / shape->width - 1][!liesPaired](&tile);
      if (!isBeside) continue;
      void *const to = s->isFloat ? (void *)c : (void *)((uint16_t *)s->c + first * s->cRow + j);
      kernels->finish(R, columns, beside, own, NULL, to, s->cRow, s->isFloat);
    }
  }
}

void ck_bfloat16_scores(
    const ck_block *b, const ck_bfloat16_kernels *kernels, ck_lines keys, ck_lines queries, float *packed, float *scores,
    float *scratch) {
  const int64_t d = head_columns(b->shape), steps = ck_steps(kernels, d), width = CK_ATTENTION_LANES;
  for (int64_t j = 0; j < b->queries; j += width) {
    /* A stripe at a time, whose lanes behind the block's end are zero. */
    const int64_t panel = least(width, b->kernels->width * b->kernels->vectors);
    const int64_t seen = seen_keys(b, j + width), count = least(width, b->queries - j);
    for (int64_t k = 0; k < width; k += panel) {
      const ck_lines these = from_line(queries, j + k, 0);
      kernels->pack(these.base, these.isFloat, these.line, these.step, d, 0, steps, count - k, panel, packed + k * steps);
    }
    const ck_bfloat16_sweep sweep = {
        .M = seen,
        .columns = width,
        .K = d,
        .A = from_line(keys, b->from, 0),
        .b = packed,
        .bSteps = steps,
        .c = scores + j,
        .cRow = b->stride,
        .isFloat = 1,
        .scratch = scratch,
    };
    ck_run_bfloat16_sweep(b->kernels, kernels, &sweep);
  }
}
