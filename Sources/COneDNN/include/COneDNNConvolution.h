/* Convolutions in two dimensions by oneDNN: forward, and backward to the input and to the weights.
 *
 * Letters: N samples, H height, W width, C channels, G groups, K kernel, I input, O output.
 * Samples are N x H x W x C, channels last. Weights are O x C_I/G x K_H x K_W and the bias is O, as in PyTorch; a pass
 * brings the weights into oneDNN's own format in its scratch memory.
 *
 * A convolution is made once for a shape and never changes: lanes share it. Each lane has a worker of its own.
 * The bits depend on the shape, on oneDNN's version and on the instruction set path; not on where the memory lies.
 * All functions return a status code, 0 is success. */
#pragma once

#include <stdint.h>

/* Axes: [0] is height, [1] is width. */
typedef struct {
  int64_t samples;
  int64_t input[2], inputChannels;
  int64_t output[2], outputChannels;
  int64_t kernel[2], stride[2];
  /* Steps between two elements of the kernel: 1 where it is dense. */
  int64_t dilation[2];
  /* Rows and columns of zeros before and after the input. */
  int64_t paddingBefore[2], paddingAfter[2];
  int64_t groups;
  int hasBias;
} COneDNN_convolution_shape;

/* Which of the passes. */
enum { COneDNN_FORWARD, COneDNN_BACKWARD_DATA, COneDNN_BACKWARD_WEIGHTS, COneDNN_PASSES };

typedef struct COneDNN_convolution COneDNN_convolution;
typedef struct COneDNN_convolution_worker COneDNN_convolution_worker;

/* Makes the passes of one shape. From here on oneDNN works single-threaded in the calling thread: the order of
 * additions is chosen for one thread. `*convolution` is NULL after an error. */
int COneDNN_convolution_create(COneDNN_convolution **convolution, const COneDNN_convolution_shape *shape);
void COneDNN_convolution_destroy(COneDNN_convolution *convolution);

/* Bytes of scratch memory that any of the passes needs, 64-byte aligned. */
int64_t COneDNN_convolution_scratch(const COneDNN_convolution *convolution);

/* oneDNN's name of what computes a pass: `jit:avx2`. */
const char *COneDNN_convolution_implementation(const COneDNN_convolution *convolution, int pass);

/* What one thread at a time needs to run the passes. The convolution must outlive it. `*worker` is NULL after an error. */
int COneDNN_convolution_worker_create(
    COneDNN_convolution_worker **worker, const COneDNN_convolution *convolution);
void COneDNN_convolution_worker_destroy(COneDNN_convolution_worker *worker);

/* Overwrites y. `bias` is not read where the shape has none. */
int COneDNN_convolution_forward(
    COneDNN_convolution_worker *worker, const float *x, const float *weight, const float *bias, float *y,
    void *scratch);

/* Overwrites dx, the gradient of the input. */
int COneDNN_convolution_backward_data(
    COneDNN_convolution_worker *worker, const float *dy, const float *weight, float *dx, void *scratch);

/* Overwrites dweight and, where the shape has a bias, dbias. */
int COneDNN_convolution_backward_weights(
    COneDNN_convolution_worker *worker, const float *x, const float *dy, float *dweight, float *dbias, void *scratch);
