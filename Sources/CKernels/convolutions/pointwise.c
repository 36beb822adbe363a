/* Kernels of 1 x 1 that neither step nor reach over the edge: products over the pixels of all samples. */
#include "convolution.h"

/* Of pixels of x or dy by weights, which are floats, into those of y or dx. */
static void multiply(const ck_bfloat16_task *task, const ck_convolution *s) {
  if (is_rounded(s)) return ck_bfloat16_product(task);
  const ck_product_task floats = {
      .M = task->M,
      .N = task->N,
      .K = task->K,
      .A = {task->A.base, task->A.row, task->A.column},
      .B = {task->B.base, task->B.row, task->B.column},
      .C = task->C,
      .stride = task->stride,
      .bias = task->bias,
  };
  ck_product(&floats);
}

static int64_t pixels(const ck_convolution *s) { return s->samples * area(s->output); }

void ck_pointwise_forward(void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s) {
  const int64_t C = group_inputs(s), O = group_outputs(s);
  for (int64_t g = 0; g < s->groups; g++) {
    const ck_bfloat16_task task = {
        .M = pixels(s),
        .N = O,
        .K = C,
        .A = {number_of(x, s->inputIsBFloat16, g * C), s->inputChannels, 1, !s->inputIsBFloat16},
        .B = {weight + g * O * C, 1, C, 1},
        .C = place_of(y, s->outputIsBFloat16, g * O),
        .stride = s->outputChannels,
        .isFloat = !s->outputIsBFloat16,
        .bias = bias ? bias + g * O : NULL,
    };
    multiply(&task, s);
  }
}

void ck_pointwise_backward_data(void *dx, const void *dy, const float *weight, const ck_convolution *s) {
  const int64_t C = group_inputs(s), O = group_outputs(s);
  for (int64_t g = 0; g < s->groups; g++) {
    const ck_bfloat16_task task = {
        .M = pixels(s),
        .N = C,
        .K = O,
        .A = {number_of(dy, s->outputIsBFloat16, g * O), s->outputChannels, 1, !s->outputIsBFloat16},
        .B = {weight + g * O * C, C, 1, 1},
        .C = place_of(dx, s->inputIsBFloat16, g * C),
        .stride = s->inputChannels,
        .isFloat = !s->inputIsBFloat16,
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
    ck_product(&task);
  }
}
