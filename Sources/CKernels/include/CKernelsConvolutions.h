/* Convolutions in two dimensions by products: each element of a result is one chain of fused multiply-adds, as in
 * CKernelsProducts.h.
 *
 *   y[n,p,q,o]   = bias[o] + chain over i, j, c  of  x[n, p sH + i dH - aH, q sW + j dW - aW, c] w[o,c,i,j]
 *   dx[n,h,w,c]  =           chain over i, j, o  of  dy[n, (h + aH - i dH) / sH, (w + aW - j dW) / sW, o] w[o,c,i,j]
 *   dw[o,c,i,j]  =           chain over n, p, q  of  x[n, ...as above..., c] dy[n,p,q,o]
 *   dbias[o]     =           the sum over n, p, q of dy[n,p,q,o], 32 pixels at a time in float, and these sums in double
 *
 * With factors rounded to bfloat16 the steps of the last index come in pairs, the odd one before the even one, as in
 * CKernelsBFloat16.h: channels of a group, or pixels q of a line. Where there is an odd number of channels a zero is the second one
 * of the last pair; behind a line of an odd number of pixels there is one more, whose gradient is zero. Denormals count as zero
 * then in whichever thread.
 *
 * All indices ascend, the last one first; the bias is added behind the chain. What lies beside an image is zero and takes part;
 * quotients that leave a rest are left out.
 *
 * Of tensors that are of bfloat16 numbers the numbers are taken as they are, and results are rounded to them once, when a chain and the
 * bias behind it are complete: gradients of weights and biases stay floats.
 *
 * Letters: N samples, H x W input, P x Q output, C input and O output channels, G groups, I x J kernel; s stride, d dilation, a
 * padding before the first row or column. Samples are N x H x W x C, weights O x C/G x I x J, as in PyTorch. */
#pragma once

#include <stdint.h>

/* Axes: [0] is height, [1] is width. */
typedef struct {
  int64_t samples;
  int64_t input[2], inputChannels;
  int64_t output[2], outputChannels;
  int64_t kernel[2], stride[2], dilation[2];
  int64_t padding[2]; /* before the input */
  int64_t groups;
  int isBFloat16;       /* factors are rounded to bfloat16, unless each channel is a group of its own */
  int inputIsBFloat16;  /* x and dx are of bfloat16 numbers, not of floats */
  int outputIsBFloat16; /* y and dy are */
} ck_convolution;

/* Floats of scratch memory that any of the passes needs, aligned to 8 bytes at least. */
int64_t ck_convolution_scratch(const ck_convolution *shape);

/* Overwrites y; `bias` may be NULL. */
void ck_convolution_forward(
    void *y, const void *x, const float *weight, const float *bias, const ck_convolution *shape, float *scratch);

/* Overwrites dx. */
void ck_convolution_backward_data(
    void *dx, const void *dy, const float *weight, const ck_convolution *shape, float *scratch);

/* Overwrites dweight and, where it is not NULL, dbias. */
void ck_convolution_backward_weights(
    float *dweight, float *dbias, const void *x, const void *dy, const ck_convolution *shape, float *scratch);
