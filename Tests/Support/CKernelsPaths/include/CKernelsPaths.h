/* The kernels as one table of functions, compiled for one instruction set level each: what the loader chooses between,
 * made callable on one machine. */
#pragma once

#include "CKernels.h"
#include "CKernelsAugmentationPaths.h"
#include "CKernelsSoundPaths.h"

typedef struct {
  void (*add)(float *, const float *, const float *, int64_t);
  void (*multiply)(float *, const float *, const float *, int64_t);
  void (*square_sums)(double *, const float *, int64_t);
  int64_t (*first_nonfinite)(const float *, int64_t);
  void (*bias_forward)(float *, const float *, int64_t, int64_t);
  void (*bias_backward)(float *, const float *, int64_t, int64_t, int64_t, int);
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
  double (*binary_cross_entropy)(float *, const float *, const float *, int64_t, int64_t, int64_t, float);
  double (*squared_error)(float *, const float *, const float *, int64_t, int64_t, int64_t);
  void (*softmax)(float *, const float *, int64_t, int64_t);
  void (*sgd)(float *, float *, const float *, int64_t, float, float, float, int, float, int);
  void (*adam)(
      float *, float *, float *, const float *, int64_t, float, float, float, float, float, float, float);
  void (*running_mean)(float *, const float *, int64_t, float, float);
  double (*weighted_cross_entropy)(
      float *, const float *, const int32_t *, int64_t, int64_t, int64_t, const float *, float, int64_t);
  double (*absolute_error)(float *, const float *, const float *, int64_t, int64_t, int64_t);
  double (*huber)(float *, const float *, const float *, int64_t, int64_t, int64_t, float);
  double (*quantile)(
      float *, const float *, const float *, const float *, int64_t, int64_t, int64_t, int64_t);
  void (*max_pool_forward)(float *, void *, const float *, const ck_pooling *);
  void (*max_pool_backward)(float *, const float *, const void *, const ck_pooling *);
  void (*average_pool_forward)(float *, const float *, const ck_pooling *);
  void (*average_pool_backward)(float *, const float *, const ck_pooling *);
  void (*batch_moments)(float *, float *, double *, const float *, int64_t, int64_t);
  void (*channel_affine)(float *, const float *, const float *, const float *, const float *, int64_t, int64_t);
  void (*batch_norm_sums)(double *, double *, const float *, const float *, const float *, int64_t, int64_t);
  void (*batch_norm_backward)(
      float *, const float *, const float *, const float *, const float *, const float *, const float *, int64_t,
      int64_t);
  void (*winograd_input)(float *, const float *, const ck_winograd *, int64_t, int64_t, int64_t);
  void (*winograd_output)(float *, const float *, const float *, const ck_winograd *, int64_t, int64_t, int64_t);
  void (*winograd_output_gradient)(float *, const float *, const ck_winograd *, int64_t, int64_t, int64_t);
  void (*rmsprop)(
      float *, float *, float *, float *, const float *, int64_t, float, float, float, float, float, float, float);
  void (*lamb_moments)(float *, float *, const float *, int64_t, float, float, float);
  void (*lamb_square_sums)(
      double *, const float *, const float *, const float *, int64_t, float, float, float, float);
  void (*lamb_apply)(
      float *, const float *, const float *, int64_t, float, float, float, float, float);
  void (*leaky_relu_forward)(float *, const float *, int64_t, float);
  void (*leaky_relu_backward)(float *, const float *, const float *, int64_t, float);
  void (*gelu_forward)(float *, const float *, int64_t);
  void (*gelu_backward)(float *, const float *, const float *, int64_t);
  void (*gelu_tanh_forward)(float *, const float *, int64_t);
  void (*gelu_tanh_backward)(float *, const float *, const float *, int64_t);
  void (*silu_forward)(float *, const float *, int64_t);
  void (*silu_backward)(float *, const float *, const float *, int64_t);
  void (*erf)(float *, const float *, int64_t);
  void (*softmax_backward)(float *, const float *, const float *, int64_t, int64_t);
  void (*layer_norm_forward)(
      float *, float *, const float *, const float *, const float *, int64_t, int64_t, float);
  void (*layer_norm_backward)(
      float *, float *, float *, const float *, const float *, const float *, const float *, int64_t, int64_t);
  void (*attention_stripe_forward)(float *, float *, float *, int64_t, int64_t, int64_t, float);
  void (*attention_stripe_backward)(
      float *, float *, const float *, const float *, int64_t, int64_t, int64_t, float);
  void (*attention_row)(float *, float *, float *, int64_t, float);
  void (*embedding_forward)(float *, const float *, const float *, int64_t, int64_t);
  void (*embedding_backward)(float *, const float *, const float *, int64_t, int64_t, int64_t);
  int64_t (*embedding_backward_rows)(
      float *, const float *, const float *, int64_t, int64_t, uint8_t *, int32_t *);
  int64_t (*add_rows)(
      float *, uint8_t *, int32_t *, int64_t, const float *, const uint8_t *, const int32_t *, int64_t, int64_t);
  void (*bfloat16_relu_forward)(uint16_t *, const uint16_t *, int64_t);
  void (*bfloat16_relu_backward)(uint16_t *, const uint16_t *, const uint16_t *, int64_t);
  void (*bfloat16_add)(uint16_t *, const uint16_t *, const uint16_t *, int64_t);
  void (*bfloat16_max_pool_forward)(uint16_t *, void *, const uint16_t *, const ck_pooling *);
  void (*bfloat16_max_pool_backward)(uint16_t *, const uint16_t *, const void *, const ck_pooling *);
  void (*bfloat16_average_pool_forward)(uint16_t *, const uint16_t *, const ck_pooling *);
  void (*bfloat16_average_pool_backward)(uint16_t *, const uint16_t *, const ck_pooling *);
  void (*bfloat16_batch_moments)(float *, float *, double *, const uint16_t *, int64_t, int64_t);
  void (*bfloat16_channel_affine)(
      uint16_t *, const uint16_t *, const float *, const float *, const float *, int64_t, int64_t);
  void (*bfloat16_batch_norm_sums)(
      double *, double *, const uint16_t *, const uint16_t *, const float *, int64_t, int64_t);
  void (*bfloat16_batch_norm_backward)(
      uint16_t *, const uint16_t *, const uint16_t *, const float *, const float *, const float *, const float *, int64_t,
      int64_t);
  void (*bfloat16_winograd_input)(float *, const uint16_t *, const ck_winograd *, int64_t, int64_t, int64_t);
  void (*bfloat16_winograd_output)(uint16_t *, const float *, const float *, const ck_winograd *, int64_t, int64_t, int64_t);
  void (*bfloat16_winograd_output_gradient)(float *, const uint16_t *, const ck_winograd *, int64_t, int64_t, int64_t);
  void (*attention_stripe_bias)(float *, int64_t, int64_t, int64_t, float);
  void (*attention_stripe_window)(float *, int64_t, int64_t, int64_t, int64_t);
  void (*attention_stripe_dropout)(float *, int64_t, int64_t, int64_t, const ck_attention_dropout *, uint32_t);
  void (*attention_row_bias)(float *, int64_t, int64_t, float);
  void (*rotate)(float *, int64_t, int64_t, int64_t, int64_t, const float *, const float *, int);
  void (*mean_positions)(float *, const float *, const int32_t *, int64_t, int64_t, int64_t);
  void (*mean_positions_backward)(float *, const float *, const int32_t *, int64_t, int64_t, int64_t);
  void (*max_positions)(float *, int32_t *, const float *, const int32_t *, int64_t, int64_t, int64_t);
  void (*max_positions_backward)(float *, const float *, const int32_t *, int64_t, int64_t, int64_t);
  void (*relu6_forward)(float *, const float *, int64_t);
  void (*relu6_backward)(float *, const float *, const float *, int64_t);
  void (*hard_sigmoid_forward)(float *, const float *, int64_t);
  void (*hard_sigmoid_backward)(float *, const float *, const float *, int64_t);
  void (*hard_swish_forward)(float *, const float *, int64_t);
  void (*hard_swish_backward)(float *, const float *, const float *, int64_t);
  void (*elu_forward)(float *, const float *, int64_t, float);
  void (*elu_backward)(float *, const float *, const float *, int64_t, float);
  void (*softplus_forward)(float *, const float *, int64_t, float);
  void (*softplus_backward)(float *, const float *, const float *, int64_t, float);
  void (*mish_forward)(float *, const float *, int64_t);
  void (*mish_backward)(float *, const float *, const float *, int64_t);
  void (*prelu_forward)(float *, const float *, const float *, int64_t, int64_t);
  void (*prelu_backward)(float *, const float *, const float *, const float *, int64_t, int64_t);
  void (*prelu_sums)(double *, const float *, const float *, int64_t, int64_t);
  void (*group_norm_forward)(
      float *, float *, const float *, const float *, const float *, int64_t, int64_t, int64_t, int64_t, float, float *);
  void (*group_norm_backward)(
      float *, double *, const float *, const float *, const float *, const float *, int64_t, int64_t, int64_t, int64_t,
      float *);
  void (*scale_rows)(float *, const float *, const float *, int64_t, int64_t);
  void (*scale_gradient)(float *, double *, const float *, const float *, int64_t, int64_t);
  void (*bfloat16_prelu_forward)(uint16_t *, const uint16_t *, const float *, int64_t, int64_t);
  void (*bfloat16_prelu_backward)(uint16_t *, const uint16_t *, const uint16_t *, const float *, int64_t, int64_t);
  void (*bfloat16_prelu_sums)(double *, const uint16_t *, const uint16_t *, int64_t, int64_t);
  void (*bfloat16_group_norm_forward)(
      uint16_t *, float *, const uint16_t *, const float *, const float *, int64_t, int64_t, int64_t, int64_t, float, float *);
  void (*bfloat16_group_norm_backward)(
      uint16_t *, double *, const uint16_t *, const uint16_t *, const float *, const float *, int64_t, int64_t, int64_t, int64_t,
      float *);
  void (*bfloat16_scale_rows)(uint16_t *, const uint16_t *, const uint16_t *, int64_t, int64_t);
  void (*bfloat16_scale_gradient)(uint16_t *, double *, const uint16_t *, const uint16_t *, int64_t, int64_t);
  void (*group_norm_totals)(float *, float *, const double *, int64_t, int64_t);
  void (*rms_norm_forward)(void *, int, float *, const float *, const float *, int64_t, int64_t, float);
  void (*rms_norm_rows)(float *, const void *, int, const float *, const float *, const float *, int64_t, int64_t);
  void (*rms_norm_sums)(float *, const void *, int, const float *, const float *, int64_t, int64_t, int64_t);
  void (*lstm_forward)(
      float *, float *, float *, float *, const float *, const int32_t *, int64_t, int64_t, int64_t, int64_t);
  void (*lstm_backward)(
      float *, float *, const float *, const float *, const float *, const float *, const int32_t *, int64_t, int64_t, int64_t,
      int64_t);
  void (*gru_forward)(
      float *, float *, float *, const float *, const float *, const int32_t *, int64_t, int64_t, int64_t, int64_t);
  void (*gru_backward)(
      float *, float *, float *, const float *, const float *, const float *, const int32_t *, int64_t, int64_t, int64_t,
      int64_t);
  void (*embedding_bag_forward)(
      float *, float *, const float *, const float *, int64_t, int64_t, int64_t, float, int);
  int64_t (*embedding_bag_backward)(
      float *, float *, const float *, const float *, const float *, int64_t, int64_t, int64_t, float, int);
  void (*amsgrad)(
      float *, float *, float *, float *, const float *, int64_t, float, float, float, float, float, float, float);
  void (*adagrad)(float *, float *, const float *, int64_t, float, float, float, float, float);
  void (*lion)(float *, float *, const float *, int64_t, float, float, float, float, float, float, float);
  double (*distillation)(float *, const float *, const float *, int64_t, int64_t, int64_t, float, float, float);
  double (*imitation)(float *, const float *, const float *, int64_t, int64_t, int64_t, float, float);
  void (*integer_round)(uint8_t *, int64_t, const float *, int64_t, int64_t, float, int32_t);
  void (*mask_zeros)(float *, const float *, int64_t);
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
