/* Convolutions in which each channel has a kernel of its own: vectors of channels, and the chains of several pixels at once. */
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

void ck_depthwise_forward(float *y, const float *x, const float *weight, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_input_canvas(s);
  const int64_t C = s->groups, P = s->output[0], Q = s->output[1];
  turn(at->packed, weight, C, area(s->kernel));
  starts_of_input(at, s, &canvas);
  for (int64_t n = 0; n < s->samples; n++) {
    const float *image = ck_paint(at, &canvas, NULL, x + n * area(s->input) * C, s->input, C, 0, 1);
    for (int64_t p = 0; p < P; p++) {
      const ck_depthwise_row row = {
          .channels = C,
          .elements = area(s->kernel),
          .run = s->kernel[1] == 3 && s->dilation[1] == s->stride[1] ? 3 : 1,
          .count = Q,
          .starts = at->starts,
          .x = image + p * s->stride[0] * canvas.extent[1] * C,
          .w = at->packed,
          .xStep = s->stride[1] * C,
          .y = y + (n * P + p) * Q * C,
          .yStep = C,
      };
      ck_kernels()->depthwise(&row);
    }
  }
}

void ck_depthwise_backward_data(
    float *dx, const float *dy, const float *weight, const ck_convolution *s, const ck_workplace *at) {
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
      const float *image = ck_paint(at, &canvas, NULL, dy + n * area(s->output) * C, s->output, C, 0, 1);
      for (int64_t line = 0; line < rows.count; line++) {
        const ck_depthwise_row row = {
            .channels = C,
            .elements = elements,
            .run = 1,
            .count = columns.count,
            .starts = at->starts,
            .x = image + line * canvas.extent[1] * C,
            .w = at->packed,
            .xStep = C,
            .y = dx + ((n * H + rows.first + line * s->stride[0]) * W + columns.first) * C,
            .yStep = s->stride[1] * C,
        };
        ck_kernels()->depthwise(&row);
      }
    }
  }
}

void ck_depthwise_backward_weights(
    float *dw, const float *x, const float *dy, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_input_canvas(s);
  const int64_t C = s->groups, P = s->output[0], Q = s->output[1], K = area(s->kernel);
  starts_of_input(at, s, &canvas);
  memset(at->packed, 0, (size_t)(K * C) * sizeof *at->packed);
  for (int64_t n = 0; n < s->samples; n++) {
    const float *image = ck_paint(at, &canvas, NULL, x + n * area(s->input) * C, s->input, C, 0, 1);
    for (int64_t p = 0; p < P; p++) {
      const ck_depthwise_gradient gradient = {
          .channels = C,
          .elements = K,
          .count = Q,
          .starts = at->starts,
          .x = image + p * s->stride[0] * canvas.extent[1] * C,
          .dy = dy + (n * P + p) * Q * C,
          .xStep = s->stride[1] * C,
          .yStep = C,
          .dw = at->packed,
      };
      ck_kernels()->depthwise_gradient(&gradient);
    }
  }
  turn(dw, at->packed, K, C);
}
