/* Products of whole numbers, for networks whose weights and inputs were rounded to 8 bits: sums are exact, so that their bits depend
 * on no order, no vectors and no processor.
 *
 *   q[m,k] = clamp(nearest(x[m,k] / step) + zero, 0, 255)                         inputs, of one step and one zero
 *   w[n,k] = clamp(nearest(W[n,k] / steps[n]), -127, 127)                         weights, a step an output
 *   y[m,n] = fma(float(sum over k of (q[m,k] - zero) w[n,k]), factor[n], bias[n])
 *
 * nearest: ties to even, as QuantizeLinear of ONNX has it. Jacob et al.: Quantization and training of neural networks for efficient
 * integer-arithmetic-only inference (CVPR 2018).
 *
 * Letters: M rows of inputs, N outputs, K numbers of a row, at most CK_INTEGER_STEPS, so that a sum fits 32 bits.
 */
#pragma once

#include <stdint.h>

enum {
  /* Outputs of a panel, and numbers of a row that lie side by side in it. */
  CK_INTEGER_PANEL = 16,
  CK_INTEGER_GROUP = 4,
  CK_INTEGER_STEPS = 65536
};

/* Bytes of a row of K numbers, with zeros behind them. */
int64_t ck_integer_row(int64_t K);

/* Overwrites q, M rows `row` bytes apart, of which K are numbers and the others become zero. What is not a number becomes what minus
 * infinity does. In x the rows lie side by side. */
void ck_integer_round(uint8_t *q, int64_t row, const float *x, int64_t M, int64_t K, float step, int32_t zero);

/* Bytes of packed weights. */
int64_t ck_integer_packed(int64_t N, int64_t K);

/* Where weight k of output n lies in them. */
int64_t ck_integer_place(int64_t n, int64_t k, int64_t K);

/* Rounds N rows of K weights, side by side, to `packed`, and writes `steps` (N), a row's largest magnitude / 127, or 1 where all are
 * zero; and `sums` (N), each the sum of a row's rounded weights. */
void ck_integer_pack(int8_t *packed, float *steps, int32_t *sums, const float *W, int64_t N, int64_t K);

typedef struct {
  int64_t M, N, K;
  const uint8_t *q;
  int64_t row; /* bytes from one row of q to the next, at least ck_integer_row(K) */
  int32_t zero;
  const int8_t *packed;
  const int32_t *sums;
  const float *factors; /* step * steps[n] */
  const float *bias;    /* NULL: zeros */
  float *y;             /* M x N, rows side by side */
} ck_integer_task;

/* Overwrites y. Allocates nothing. */
void ck_integer_product(const ck_integer_task *task);

/* The definition in code. */
void ck_integer_reference(const ck_integer_task *task);

/* The windows of a convolution over one sample, channels last. */
typedef struct {
  int64_t height, width, channels;           /* of the canvas: the sample, and what is around it */
  int64_t kernelHeight, kernelWidth;         /* elements of a window */
  int64_t strideHeight, strideWidth;         /* from one window to the next */
  int64_t dilationHeight, dilationWidth;     /* from one element to the next */
  int64_t outputWidth;                       /* windows side by side */
} ck_integer_windows;

/* Overwrites `count` rows of q, `row` bytes apart: the windows from number `first` on, row-major, each of its kernel's elements with
 * all channels, row-major; zeros behind them. */
void ck_integer_gather(
    uint8_t *q, int64_t row, const uint8_t *canvas, const ck_integer_windows *windows, int64_t first, int64_t count);

/* Overwrites y, N rows of D: y[n,d] = q[t,d] steps[t], where t is token n, a row of the table q. */
void ck_integer_embed(
    float *y, const int8_t *q, const float *steps, const float *tokens, int64_t N, int64_t D);
