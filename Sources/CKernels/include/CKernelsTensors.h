/* Kernels of floats on tensors that may be of bfloat16 numbers: block by block in the first cache, rounded where they are kept.
 * Each tensor is `n` floats, or bfloat16 numbers where its flag says that it is none of floats. */
#pragma once

#include <stdint.h>

/* Overwrites n floats of y from those of a and b, which may be NULL; y may be a or b. `first` is the place of the first one, in a tensor
 * of which these are a part. */
typedef void ck_block_kernel(float *y, const float *a, const float *b, int64_t n, int64_t first, const void *context);

/* Runs a kernel on blocks of floats; y may lie where a or b lies if it is of the same numbers. The first of them is number `first` of
 * its tensor. */
void ck_in_blocks(
    ck_block_kernel *kernel, const void *context, void *y, int yIsFloat, const void *a, int aIsFloat, const void *b,
    int bIsFloat, int64_t first, int64_t n);

/* As ck_relu_forward and ck_relu_backward, from and to bfloat16 numbers. */
void ck_bfloat16_relu_forward(uint16_t *y, const uint16_t *x, int64_t n);
void ck_bfloat16_relu_backward(uint16_t *dx, const uint16_t *dy, const uint16_t *y, int64_t n);

/* As ck_add, from and to bfloat16 numbers: added as floats, rounded once. */
void ck_bfloat16_add(uint16_t *into, const uint16_t *a, const uint16_t *b, int64_t n);

/* What is done with the elements of a matrix as soon as some of them are there, while they lie in a cache: y = kernel(c, with),
 * where y and `with` have theirs as many numbers behind their first as the matrix has. The place that the kernel gets is one in the
 * part that a thread computes. */
typedef struct {
  ck_block_kernel *kernel; /* NULL: nothing */
  const void *context;
  void *y;
  int yIsFloat;
  const void *with; /* NULL: none */
  int withIsFloat;
} ck_epilogue;

/* Does it with `rows` x `columns` elements of a matrix whose rows lie `stride` numbers apart, from element `first` on. */
void ck_finish(
    const ck_epilogue *epilogue, const void *matrix, int isFloat, int64_t stride, int64_t first, int64_t rows, int64_t columns);

/* As ck_bias_backward, from bfloat16 numbers. */
void ck_bfloat16_bias_backward(float *dbias, const uint16_t *dy, int64_t B, int64_t O, int64_t stride, int goesOn);

/* As ck_layer_norm_forward, but y is of bfloat16 numbers. */
void ck_bfloat16_layer_norm_forward(
    uint16_t *y, float *statistics, const float *x, const float *gamma, const float *beta, int64_t N, int64_t D,
    float epsilon);

/* As ck_layer_norm_backward, but dy is of bfloat16 numbers. */
void ck_bfloat16_layer_norm_backward(
    float *dx, float *dgamma, float *dbeta, const uint16_t *dy, const float *x, const float *statistics,
    const float *gamma, int64_t N, int64_t D);

/* As ck_layer_norm_rows and ck_layer_norm_sums, but dy is of bfloat16 numbers. */
void ck_bfloat16_layer_norm_rows(
    float *dx, const uint16_t *dy, const float *x, const float *statistics, const float *gamma, int64_t N, int64_t D);
void ck_bfloat16_layer_norm_sums(
    float *dgamma, float *dbeta, const uint16_t *dy, const float *x, const float *statistics, int64_t N, int64_t D,
    int64_t count);
