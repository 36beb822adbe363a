#include "bfloat16.h"

#include "common.h"
#include "CKernelsBFloat16.h"
#include "CKernelsTensors.h"

#include <stddef.h>

CK_CLONES void ck_bfloat16_round(uint16_t *restrict to, const float *restrict from, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = ck_bfloat16_of(from[i]);
}

CK_CLONES void ck_bfloat16_widen(float *restrict to, const uint16_t *restrict from, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = ck_float_of(from[i]);
}

enum { BLOCK = 2048 };

/* `count` numbers from `first` on as floats: where they lie, or in `block`. */
static const float *floats_of(const void *from, int isFloat, int64_t first, int64_t count, float *block) {
  if (from == NULL || isFloat) return from ? (const float *)from + first : NULL;
  ck_bfloat16_widen(block, (const uint16_t *)from + first, count);
  return block;
}

void ck_in_blocks(
    ck_block_kernel *kernel, const void *context, void *y, int yIsFloat, const void *a, int aIsFloat, const void *b,
    int bIsFloat, int64_t first, int64_t n) {
  float as[BLOCK], bs[BLOCK], ys[BLOCK];
  for (int64_t at = 0; at < n; at += BLOCK) {
    const int64_t count = n - at < BLOCK ? n - at : BLOCK;
    const float *from = floats_of(a, aIsFloat, at, count, as), *with = floats_of(b, bIsFloat, at, count, bs);
    kernel(yIsFloat ? (float *)y + at : ys, from, with, count, first + at, context);
    if (!yIsFloat) ck_bfloat16_round((uint16_t *)y + at, ys, count);
  }
}

/* The number `at` numbers behind the first one. */
static void *number_at(const void *base, int isFloat, int64_t at) {
  return base ? (char *)base + at * (isFloat ? 4 : 2) : NULL;
}

void ck_finish(
    const ck_epilogue *e, const void *matrix, int isFloat, int64_t stride, int64_t first, int64_t rows, int64_t columns) {
  if (e->kernel == NULL || columns == 0) return;
  /* Rows that touch each other are one. */
  const int areOne = columns == stride;
  const int64_t count = areOne ? rows * columns : columns, times = areOne ? 1 : rows;
  for (int64_t i = 0; i < times; i++) {
    const int64_t at = first + i * stride;
    ck_in_blocks(
        e->kernel, e->context, number_at(e->y, e->yIsFloat, at), e->yIsFloat, number_at(matrix, isFloat, at), isFloat,
        number_at(e->with, e->withIsFloat, at), e->withIsFloat, at, count);
  }
}

CK_CLONES void ck_bfloat16_bias_backward(
    float *restrict dbias, const uint16_t *restrict dy, int64_t B, int64_t O, int64_t stride, int goesOn) {
  for (int64_t o = 0; !goesOn && o < O; o++) dbias[o] = 0;
  for (int64_t b = 0; b < B; b++)
    for (int64_t o = 0; o < O; o++) dbias[o] += ck_float_of(dy[b * stride + o]);
}
