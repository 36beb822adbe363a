/* What the driver of bfloat16 products and the kernels of an instruction set say to each other.
 *
 * A step of a chain is a word of 32 bits: where kernels are paired two bfloat16 numbers, the even k in the lower half, which one
 * instruction goes on with; else one of them as a float, the odd k of each pair before the even one. */
#pragma once

#include "../bfloat16.h"
#include "CKernelsBFloat16.h"
#include "product.h"

typedef struct {
  int isPaired;
  /* By R - 1, V - 1, and whether A is packed; B always is. */
  ck_tile_kernel *tiles[CK_MOST_ROWS][CK_MOST_VECTORS][2];
  /* Packs steps `first` ... `first` + `count` - 1 of `lines` lines, rows of A or columns of B, of K numbers each, that lie `line`
   * numbers apart, the numbers of one `step` apart: a step's words side by side, `panel` of them, zeros behind the lines. Writes
   * up to a vector behind its end where `panel` is no multiple of one. */
  void (*pack)(
      const void *base, int isFloat, int64_t line, int64_t step, int64_t K, int64_t first, int64_t count, int64_t lines,
      int64_t panel, float *to);
  /* Writes R x N sums, plus bias where there is one, as floats or as bfloat16 numbers. */
  void (*finish)(
      int64_t R, int64_t N, const float *sums, int64_t row, const float *bias, void *to, int64_t stride, int isFloat);
} ck_bfloat16_kernels;

extern const ck_bfloat16_kernels ck_bfloat16_plain;
#if defined(__x86_64__)
extern const ck_bfloat16_kernels ck_bfloat16_avx2, ck_bfloat16_avx512, ck_bfloat16_avx512_paired;
#endif
#if defined(__aarch64__)
extern const ck_bfloat16_kernels ck_bfloat16_neon;
#endif

/* Steps of a chain over `count` numbers. */
static inline int64_t ck_steps(const ck_bfloat16_kernels *kernels, int64_t count) {
  return kernels->isPaired ? (count + 1) / 2 : up_to(count, 2);
}

/* Whether rows of bfloat16 numbers, `row` apart, each begin with a word. */
static inline int lies_in_words(const void *base, int64_t row) {
  return row % 2 == 0 && (uintptr_t)base % sizeof(uint32_t) == 0;
}

/* Those that this thread uses. */
const ck_bfloat16_kernels *ck_bfloat16_kernels_here(void);
