/* Products of bfloat16 numbers, defined by a formula as those of floats are.
 *
 * A bfloat16 number is the upper half of a float: 8 bits of significand. Floats are rounded to it to nearest, ties to even;
 * denormals become zero of their sign, NaN stays NaN.
 *
 *   c[i,j] = ... fma(a[i,2], b[2,j], fma(a[i,3], b[3,j], fma(a[i,0], b[0,j], fma(a[i,1], b[1,j], c)))) ...
 *
 * The chain of CKernelsProducts.h over rounded factors, in floats, with the odd k of each pair before the even one: what
 * vdpbf16ps computes. Where K is odd, zeros are the last pair's second factors. Denormals count as zero in whichever thread.
 */
#pragma once

#include <stdint.h>

#include "CKernelsProducts.h"

/* A factor: its element (r, c) lies at base[r * row + c * column], of floats or of bfloat16 numbers. */
typedef struct {
  const void *base;
  int64_t row, column;
  int isFloat;
} ck_bfloat16_factor;

/* C (M x N) = A (M x K) * B (K x N), plus bias (N) where it is not NULL, rounded once more where C is of bfloat16 numbers; or
 * C + A * B + bias where `adds`, of floats alone. Rows of C lie `stride` numbers apart; C shares no memory with A, B and bias.
 * `rowSums` and the epilogue are those of a ck_product_task: the sums are floats, of A's numbers as they are. */
typedef struct {
  int64_t M, N, K;
  ck_bfloat16_factor A, B;
  void *C;
  int64_t stride;
  int isFloat;
  int adds;
  const float *bias;
  float *rowSums;
  int rowSumsGoOn;
  ck_epilogue epilogue;
  ck_packed packed; /* B, by ck_bfloat16_pack */
} ck_bfloat16_task;

/* Computes it in this thread by the kernels of ck_product_path. */
void ck_bfloat16_product(const ck_bfloat16_task *task);

/* As ck_product_packed_count and ck_product_pack: words of 32 bits, of two numbers where the path takes them in pairs. */
int64_t ck_bfloat16_packed_count(int64_t K, int64_t N);
void ck_bfloat16_pack(int64_t K, int64_t first, int64_t count, ck_bfloat16_factor B, float *to);

/* The definition in code, element by element. */
void ck_bfloat16_reference(const ck_bfloat16_task *task);

/* to[i] = from[i], rounded. */
void ck_bfloat16_round(uint16_t *to, const float *from, int64_t n);

/* to[i] = from[i], exactly. */
void ck_bfloat16_widen(float *to, const uint16_t *from, int64_t n);
