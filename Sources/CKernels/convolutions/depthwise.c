/* Convolutions in which each channel has a kernel of its own: vectors of channels, and the chains of several pixels at once. A line
 * of bfloat16 numbers is computed beside its place, or widened there. */
#include "CKernels.h"
#include "convolution.h"

/* to[k, c] = weight[c, k] */
static void turn(float *to, const float *from, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) to[c * rows + r] = from[r * columns + c];
}

static void starts_of_input(const ck_workplace *at, const ck_convolution *s, const ck_canvas *canvas) {
  const int64_t J = s->kernel[1];
  for (int64_t k = 0; k < area(s->kernel); k++) {
    at->starts[k] = (k / J * s->dilation[0] * canvas->extent[1] + k % J * s->dilation[1]) * s->groups;
  }
}

void ck_depthwise_forward(
    void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_input_canvas(s);
  const int64_t C = s->groups, P = s->output[0], Q = s->output[1];
  turn(at->packed, weight, C, area(s->kernel));
  starts_of_input(at, s, &canvas);
  for (int64_t n = 0; n < s->samples; n++) {
    const void *const from = number_of(x, s->inputIsBFloat16, n * area(s->input) * C);
    const float *const image = ck_paint(at, &canvas, NULL, from, s->input, C, 0, 1);
    for (int64_t p = 0; p < P; p++) {
      void *const to = place_of(y, s->outputIsBFloat16, (n * P + p) * Q * C);
      float *const line = s->outputIsBFloat16 ? at->beside : to;
      const ck_depthwise_row row = {
          .channels = C,
          .elements = area(s->kernel),
          .run = s->kernel[1] == 3 && s->dilation[1] == s->stride[1] ? 3 : 1,
          .count = Q,
          .starts = at->starts,
          .x = image + p * s->stride[0] * canvas.extent[1] * C,
          .w = at->packed,
          .xStep = s->stride[1] * C,
          .y = line,
          .yStep = C,
      };
      ck_kernels()->depthwise(&row);
      if (bias) ck_bias_forward(line, bias, Q, C);
      if (s->outputIsBFloat16) ck_bfloat16_round(to, line, Q * C);
    }
  }
}

/* Rounds pixels of C channels to places that lie `step` numbers apart. */
static void round_pixels(uint16_t *to, const float *from, int64_t count, int64_t C, int64_t step) {
  if (step == C) return ck_bfloat16_round(to, from, count * C);
  for (int64_t p = 0; p < count; p++) ck_bfloat16_round(to + p * step, from + p * C, C);
}

void ck_depthwise_backward_data(
    void *dx, const void *dy, const float *weight, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_gradient_canvas(s);
  const int64_t C = s->groups, H = s->input[0], W = s->input[1], K = area(s->kernel), J = s->kernel[1];
  for (int64_t turn = 0; turn < ck_phases(s, 0) * ck_phases(s, 1); turn++) {
    const ck_phase rows = ck_phase_of(s, 0, turn / ck_phases(s, 1)), columns = ck_phase_of(s, 1, turn % ck_phases(s, 1));
    const int64_t elements = rows.elements * columns.elements;
    for (int64_t e = 0; e < elements; e++) {
      const int64_t i = e / columns.elements, j = e % columns.elements;
      const int64_t k = (rows.element + i * rows.step) * J + columns.element + j * columns.step;
      at->starts[e] = ((rows.reads + i * rows.apart + canvas.before[0]) * canvas.extent[1] + columns.reads +
                       j * columns.apart + canvas.before[1]) *
                      C;
      for (int64_t c = 0; c < C; c++) at->packed[e * C + c] = weight[c * K + k];
    }
    for (int64_t n = 0; n < s->samples; n++) {
      const void *const from = number_of(dy, s->outputIsBFloat16, n * area(s->output) * C);
      const float *const image = ck_paint(at, &canvas, NULL, from, s->output, C, 0, 1);
      for (int64_t line = 0; line < rows.count; line++) {
        const int64_t pixel = (n * H + rows.first + line * s->stride[0]) * W + columns.first, step = s->stride[1] * C;
        void *const to = place_of(dx, s->inputIsBFloat16, pixel * C);
        const ck_depthwise_row row = {
            .channels = C,
            .elements = elements,
            .run = 1,
            .count = columns.count,
            .starts = at->starts,
            .x = image + line * canvas.extent[1] * C,
            .w = at->packed,
            .xStep = C,
            .y = s->inputIsBFloat16 ? at->beside : to,
            .yStep = s->inputIsBFloat16 ? C : step,
        };
        ck_kernels()->depthwise(&row);
        if (s->inputIsBFloat16) round_pixels(to, at->beside, columns.count, C, step);
      }
    }
  }
}

void ck_depthwise_backward_weights(
    float *dw, const void *x, const void *dy, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_input_canvas(s);
  const int64_t C = s->groups, P = s->output[0], Q = s->output[1], K = area(s->kernel);
  starts_of_input(at, s, &canvas);
  memset(at->packed, 0, (size_t)(K * C) * sizeof *at->packed);
  for (int64_t n = 0; n < s->samples; n++) {
    const void *const from = number_of(x, s->inputIsBFloat16, n * area(s->input) * C);
    const float *const image = ck_paint(at, &canvas, NULL, from, s->input, C, 0, 1);
    for (int64_t p = 0; p < P; p++) {
      const void *const line = number_of(dy, s->outputIsBFloat16, (n * P + p) * Q * C);
      if (s->outputIsBFloat16) ck_bfloat16_widen(at->beside, line, Q * C);
      const ck_depthwise_gradient gradient = {
          .channels = C,
          .elements = K,
          .count = Q,
          .starts = at->starts,
          .x = image + p * s->stride[0] * canvas.extent[1] * C,
          .dy = s->outputIsBFloat16 ? at->beside : line,
          .xStep = s->stride[1] * C,
          .yStep = C,
          .dw = at->packed,
      };
      ck_kernels()->depthwise_gradient(&gradient);
    }
  }
  turn(dw, at->packed, K, C);
}
