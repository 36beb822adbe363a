/* Pooling and batch normalisation of images.
 *
 * Letters: N samples, H x W input, P x Q output, C channels, K kernel, S stride. Samples are H x W x C, channels last.
 * Bits: as in CKernels.h; every order of addition is a function of the shape alone. What begins with ck_bfloat16 is the same from and
 * to bfloat16 numbers: computed in floats, rounded once where a number is complete. */
#pragma once

#include <stdint.h>

/* ---- Pooling ------------------------------------------------------------------------------------------------------ */

/* Axes: [0] is height, [1] is width. Each window holds at least one element of the input. */
typedef struct {
  int64_t samples, channels;
  int64_t input[2], output[2];
  int64_t kernel[2], stride[2];
  int64_t padding[2]; /* before the input; what lies after it follows from the output */
  int isAdaptive;     /* window p of P is of the elements floor(p H / P) ..< ceil((p + 1) H / P); `kernel` is its most elements */
  int isOwnArea;      /* a mean is divided by the elements of the window that lie in the input, not by K x K */
} ck_pooling;

/* The most elements of a window whose places in it are bytes; in a larger one they are 32-bit numbers. */
#define CK_SMALL_WINDOW 256

/* y = the largest element of each window, padding left out; a NaN wins. Overwrites y and as many `places`: which element of the
 * window it was, the first of equals. */
void ck_max_pool_forward(float *y, void *places, const float *x, const ck_pooling *shape);

/* Overwrites dx: each element gets the gradients of the windows where it was the largest, windows ascending. */
void ck_max_pool_backward(float *dx, const float *dy, const void *places, const ck_pooling *shape);

/* y = the sum of each window, padding as zeros, divided by its area, K x K if nothing else is said; overwrites y. */
void ck_average_pool_forward(float *y, const float *x, const ck_pooling *shape);

/* Overwrites dx: each element gets the gradients of its windows, divided by their areas, windows ascending. */
void ck_average_pool_backward(float *dx, const float *dy, const ck_pooling *shape);

void ck_bfloat16_max_pool_forward(uint16_t *y, void *places, const uint16_t *x, const ck_pooling *shape);
void ck_bfloat16_max_pool_backward(uint16_t *dx, const uint16_t *dy, const void *places, const ck_pooling *shape);
void ck_bfloat16_average_pool_forward(uint16_t *y, const uint16_t *x, const ck_pooling *shape);
void ck_bfloat16_average_pool_backward(uint16_t *dx, const uint16_t *dy, const ck_pooling *shape);

/* ---- Sums over rows: R rows of C channels -------------------------------------------------------------------------- */

/* sums[c] = the sum over the rows of x[r,c]; blocks of rows in float, blocks added in double. Overwrites. */
void ck_channel_sums(double *sums, const float *x, int64_t R, int64_t C);
void ck_bfloat16_channel_sums(double *sums, const uint16_t *x, int64_t R, int64_t C);

/* The same of (x[r,c] - mean[c])^2. */
void ck_channel_squares(double *sums, const float *x, const float *mean, int64_t R, int64_t C);
void ck_bfloat16_channel_squares(double *sums, const uint16_t *x, const float *mean, int64_t R, int64_t C);

/* ---- Batch normalisation: R rows of C channels; Ioffe, Szegedy: Batch normalization (ICML 2015) -------------------- */

/* Overwrites mean[c] and variance[c] (divided by R), of the rows given; two passes. `sums` is room for C doubles. */
void ck_batch_moments(float *mean, float *variance, double *sums, const float *x, int64_t R, int64_t C);

/* y[r,c] = (x[r,c] - mean[c]) * scale[c] + shift[c]; in place. */
void ck_channel_affine(
    float *y, const float *x, const float *mean, const float *scale, const float *shift, int64_t R, int64_t C);

/* sums[c] = the sum of dy[r,c]; products[c] = the sum of dy[r,c] (x[r,c] - mean[c]); overwrites both. */
void ck_batch_norm_sums(
    double *sums, double *products, const float *dy, const float *x, const float *mean, int64_t R, int64_t C);

/* dx[r,c] = scale[c] (dy[r,c] - a[c] - (x[r,c] - mean[c]) b[c]); dx may be dy. */
void ck_batch_norm_backward(
    float *dx, const float *dy, const float *x, const float *mean, const float *scale, const float *a, const float *b,
    int64_t R, int64_t C);

void ck_bfloat16_batch_moments(float *mean, float *variance, double *sums, const uint16_t *x, int64_t R, int64_t C);
void ck_bfloat16_channel_affine(
    uint16_t *y, const uint16_t *x, const float *mean, const float *scale, const float *shift, int64_t R, int64_t C);
void ck_bfloat16_batch_norm_sums(
    double *sums, double *products, const uint16_t *dy, const uint16_t *x, const float *mean, int64_t R, int64_t C);
void ck_bfloat16_batch_norm_backward(
    uint16_t *dx, const uint16_t *dy, const uint16_t *x, const float *mean, const float *scale, const float *a, const float *b,
    int64_t R, int64_t C);

/* ---- Winograd's convolution, F(4x4, 3x3): kernels of 3 x 3, stride 1 ------------------------------------------------
 * Lavin, Gray: Fast algorithms for convolutional neural networks (CVPR 2016). A quarter of the multiplications, as 36
 * products of matrices, one for each element of a tile of 6 x 6; channels are a multiple of 16.
 * T tiles: `count` from tile `begin` on of those of all samples, ceil(P/4) x ceil(Q/4) each. */

typedef struct {
  int64_t input[2], output[2];
  int64_t padding[2]; /* before the input */
} ck_winograd;

/* Floats from one of the 36 matrices of T x C to the next: a bit more than it has, so that they share the first cache evenly. */
static inline int64_t ck_winograd_plane(int64_t T, int64_t C) { return T * C + 16; }

/* Overwrites V (36 x T x C, planes as above) with the transformed tiles of x. */
void ck_winograd_input(float *V, const float *x, const ck_winograd *shape, int64_t begin, int64_t count, int64_t C);

/* Overwrites y with the outputs of M (36 x T x C, planes as above), plus bias (C) where it is not NULL. */
void ck_winograd_output(
    float *y, const float *M, const float *bias, const ck_winograd *shape, int64_t begin, int64_t count, int64_t C);

/* Overwrites D (36 x T x C, planes as above) with the gradient of M, where dy is that of y. */
void ck_winograd_output_gradient(float *D, const float *dy, const ck_winograd *shape, int64_t begin, int64_t count, int64_t C);

void ck_bfloat16_winograd_input(
    float *V, const uint16_t *x, const ck_winograd *shape, int64_t begin, int64_t count, int64_t C);
void ck_bfloat16_winograd_output(
    uint16_t *y, const float *M, const float *bias, const ck_winograd *shape, int64_t begin, int64_t count, int64_t C);
void ck_bfloat16_winograd_output_gradient(
    float *D, const uint16_t *dy, const ck_winograd *shape, int64_t begin, int64_t count, int64_t C);

/* Overwrites U with the transformed weights w (O x I x 3 x 3): 36 x I x O; or, `rotated` by half a turn, 36 x O x I,
 * which make the gradient of the input from that of the output. */
void ck_winograd_weight(float *U, const float *w, int rotated, int64_t I, int64_t O);

/* Overwrites dw (O x I x 3 x 3), where dU (36 x I x O) is the gradient of U. */
void ck_winograd_weight_gradient(float *dw, const float *dU, int64_t I, int64_t O);
