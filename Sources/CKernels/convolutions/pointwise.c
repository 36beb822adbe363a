/* Kernels of 1 x 1 that neither step nor reach over the edge: products over the pixels of all samples. */
#include "convolution.h"

static void multiply(const ck_product_task *task, const ck_convolution *s) {
  if (!is_rounded(s)) return ck_product(task);
  const ck_bfloat16_task rounded = {
      .M = task->M,
      .N = task->N,
      .K = task->K,
      .A = {task->A.base, task->A.row, task->A.column, 1},
      .B = {task->B.base, task->B.row, task->B.column, 1},
      .C = task->C,
      .stride = task->stride,
      .isFloat = 1,
      .bias = task->bias,
  };
  ck_bfloat16_product(&rounded);
}

static int64_t pixels(const ck_convolution *s) { return s->samples * area(s->output); }

void ck_pointwise_forward(float *y, const float *x, const float *weight, const float *bias, const ck_convolution *s) {
  const int64_t C = group_inputs(s), O = group_outputs(s);
  for (int64_t g = 0; g < s->groups; g++) {
    const ck_product_task task = {
        .M = pixels(s),
        .N = O,
        .K = C,
        .A = {x + g * C, s->inputChannels, 1},
        .B = {weight + g * O * C, 1, C},
        .C = y + g * O,
        .stride = s->outputChannels,
        .bias = bias ? bias + g * O : NULL,
    };
    multiply(&task, s);
  }
}

void ck_pointwise_backward_data(float *dx, const float *dy, const float *weight, const ck_convolution *s) {
  const int64_t C = group_inputs(s), O = group_outputs(s);
  for (int64_t g = 0; g < s->groups; g++) {
    const ck_product_task task = {
        .M = pixels(s),
        .N = C,
        .K = O,
        .A = {dy + g * O, s->outputChannels, 1},
        .B = {weight + g * O * C, C, 1},
        .C = dx + g * C,
        .stride = s->inputChannels,
    };
    multiply(&task, s);
  }
}

void ck_pointwise_backward_weights(float *dw, const float *x, const float *dy, const ck_convolution *s) {
  const int64_t C = group_inputs(s), O = group_outputs(s);
  for (int64_t g = 0; g < s->groups; g++) {
    const ck_product_task task = {
        .M = O,
        .N = C,
        .K = pixels(s),
        .A = {dy + g * O, 1, s->outputChannels},
        .B = {x + g * C, s->inputChannels, 1},
        .C = dw + g * O * C,
        .stride = C,
    };
    multiply(&task, s);
  }
}
