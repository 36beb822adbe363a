/* The kernels as one table of functions, compiled for one instruction set level each: what the loader chooses between,
 * made callable on one machine. */
#pragma once

#include "CKernels.h"

typedef struct {
  void (*add)(float *, const float *, const float *, int64_t);
  void (*square_sums)(double *, const float *, int64_t);
  int64_t (*first_nonfinite)(const float *, int64_t);
  void (*bias_forward)(float *, const float *, int64_t, int64_t);
  void (*bias_backward)(float *, const float *, int64_t, int64_t);
  void (*relu_forward)(float *, const float *, int64_t);
  void (*relu_backward)(float *, const float *, const float *, int64_t);
  void (*sigmoid_forward)(float *, const float *, int64_t);
  void (*sigmoid_backward)(float *, const float *, const float *, int64_t);
  void (*tanh_forward)(float *, const float *, int64_t);
  void (*tanh_backward)(float *, const float *, const float *, int64_t);
  void (*exp)(float *, const float *, int64_t);
  void (*dropout)(
      float *, const float *, int64_t, uint64_t, float, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
  double (*softmax_cross_entropy)(float *, const float *, const int32_t *, int64_t, int64_t, int64_t);
  double (*binary_cross_entropy)(float *, const float *, const float *, int64_t, int64_t, int64_t);
  double (*squared_error)(float *, const float *, const float *, int64_t, int64_t, int64_t);
  void (*softmax)(float *, const float *, int64_t, int64_t);
  void (*sgd)(float *, float *, const float *, int64_t, float, float, float, int, float, int);
  void (*adam)(
      float *, float *, float *, const float *, int64_t, float, float, float, float, float, float, float, float);
} ck_path;

/* Which compilation of the kernels. */
enum {
  /* As the loader chose for this processor: what training runs. */
  CK_PATH_CHOSEN,
  /* x86-64 without extensions: 128-bit vectors. On other processors, what the compiler takes. */
  CK_PATH_BASELINE,
  /* With AVX2 and fused multiply-add. */
  CK_PATH_V3,
  /* With AVX-512. */
  CK_PATH_V4
};

/* Whether this processor runs a path. */
int ck_path_runs(int path);

/* The kernels of a path. */
ck_path ck_path_of(int path);
