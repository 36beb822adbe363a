/* Convolutions on the tiles of products: a tile's rows are pixels that lie evenly apart, and its chains go over the elements of
 * the kernel in segments. Nothing is copied but the edges of an image. */
#include "CKernels.h"
#include "convolution.h"

enum { EDGE_FLOATS = CK_MOST_ROWS * CK_PANEL };

/* Of the chains of a tile: over the kernel, or over lines of all samples that are there at a time, or pairs of their pixels. */
static int64_t most_segments(const ck_convolution *s) {
  const int64_t lines = s->output[0] * ck_samples_at_once(s);
  return most(area(s->kernel), is_rounded(s) ? lines * blocks(s->output[1], 2) : lines);
}

static int64_t start_floats(const ck_convolution *s) {
  return up_to(most_segments(s), 8) * (int64_t)(sizeof(int64_t) / sizeof(float));
}

static int64_t packed_floats(const ck_convolution *s) {
  if (is_depthwise(s)) return up_to(area(s->kernel) * s->groups, 16);
  const int64_t C = group_inputs(s), O = group_outputs(s);
  return area(s->kernel) * most(ck_most_steps(s, C) * up_to(O, CK_PANEL), ck_most_steps(s, O) * up_to(C, CK_PANEL));
}

static int64_t canvas_floats(const ck_convolution *s) { return up_to(ck_samples_at_once(s) * ck_reserved(s), 16); }

/* Where all panels are full on any path, gradients of floats are read where they lie. */
static int64_t beside_floats(const ck_convolution *s) {
  if (is_depthwise(s) && (s->inputIsBFloat16 || s->outputIsBFloat16)) return most(s->input[1], s->output[1]) * s->groups;
  const int isWhole = is_depthwise(s) || (!is_rounded(s) && !s->outputIsBFloat16 && group_outputs(s) % CK_MOST_WIDTH == 0);
  const int64_t line = is_rounded(s) ? up_to(s->output[1], 2) : s->output[1];
  return most(EDGE_FLOATS, isWhole ? 0 : ck_samples_at_once(s) * s->output[0] * line * CK_PANEL);
}

int64_t ck_convolution_scratch(const ck_convolution *s) {
  const int64_t sums = s->outputChannels * (int64_t)(sizeof(double) / sizeof(float));
  if (is_pointwise(s) && !is_rounded(s)) return sums;
  return most(start_floats(s) + packed_floats(s) + canvas_floats(s) + ck_line_floats(s) + beside_floats(s), sums);
}

ck_workplace ck_workplace_in(float *scratch, const ck_convolution *s) {
  float *const packed = scratch + start_floats(s), *const canvas = packed + packed_floats(s);
  float *const line = canvas + canvas_floats(s);
  return (ck_workplace){(int64_t *)scratch, packed, canvas, line, line + ck_line_floats(s)};
}

/* ---- Forward -------------------------------------------------------------------------------------------------------- */

static void windows_forward(
    void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_input_canvas(s);
  const ck_convolution_kernels kernels = ck_kernels_for(s);
  const int64_t C = group_inputs(s), O = group_outputs(s), I = s->kernel[0], J = s->kernel[1];
  /* Elements of a row of the kernel lie side by side where it is dense. */
  const int64_t runs = s->dilation[1] == 1 ? 1 : J, line = canvas.extent[1] * canvas.channels;
  const int64_t input = area(s->input) * s->inputChannels, output = area(s->output) * s->outputChannels;
  const int64_t together = ck_samples_at_once(s);
  for (int64_t i = 0; i < I; i++)
    for (int64_t j = 0; j < runs; j++) at->starts[i * runs + j] = i * s->dilation[0] * line + j * s->dilation[1] * canvas.channels;
  const ck_phase rows = {.step = 1, .elements = I}, columns = {.step = 1, .elements = J};
  for (int64_t g = 0; g < s->groups; g++) {
    ck_pack_weights(&kernels, at->packed, weight + g * O * C * I * J, s, &rows, &columns, 0);
    for (int64_t n = 0, count; n < s->samples; n += count) {
      count = least(together, s->samples - n);
      const ck_sweep pixels = {
          .axes = {{count, canvas.sample, output},
                   {s->output[0], s->stride[0] * line, s->output[1] * s->outputChannels},
                   {s->output[1], s->stride[1] * canvas.channels, s->outputChannels}},
          .image = ck_paint(
              at, &canvas, kernels.words, number_of(x, s->inputIsBFloat16, n * input), s->input, s->inputChannels, g * C, count),
          .result = place_of(y, s->outputIsBFloat16, n * output + g * O),
          .isBFloat16 = s->outputIsBFloat16,
          .channels = O,
          .bias = bias ? bias + g * O : NULL,
      };
      const ck_tile tile = {.K = J / runs * canvas.channels, .segments = I * runs, .starts = at->starts};
      ck_sweep_pixels(&kernels, &pixels, tile, at->packed, at->beside);
    }
  }
}

/* What follows is apart from what calls it, so that nothing of it is computed before denormals count as zero. */
static __attribute__((noinline)) void forward(
    void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  if (is_depthwise(s)) {
    ck_depthwise_forward(y, x, weight, bias, s, &at);
  } else if (is_pointwise(s)) {
    ck_pointwise_forward(y, x, weight, bias, s);
  } else {
    windows_forward(y, x, weight, bias, s, &at);
  }
}

/* ---- Backward to the input ------------------------------------------------------------------------------------------ */

static void windows_backward_data(
    void *dx, const void *dy, const float *weight, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_gradient_canvas(s);
  const ck_convolution_kernels kernels = ck_kernels_for(s);
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), line = canvas.extent[1] * canvas.channels;
  const int64_t input = area(s->input) * s->inputChannels, output = area(s->output) * s->outputChannels;
  const int64_t together = ck_samples_at_once(s);
  for (int64_t turn = 0; turn < s->groups * ck_phases(s, 0) * ck_phases(s, 1); turn++) {
    const int64_t g = turn / ck_phases(s, 1) / ck_phases(s, 0);
    const ck_phase rows = ck_phase_of(s, 0, turn / ck_phases(s, 1) % ck_phases(s, 0));
    const ck_phase columns = ck_phase_of(s, 1, turn % ck_phases(s, 1));
    const int64_t segments = rows.elements * columns.elements;
    for (int64_t k = 0; k < segments; k++) {
      const int64_t i = k / columns.elements, j = k % columns.elements;
      at->starts[k] = (rows.reads + i * rows.apart + canvas.before[0]) * line +
                      (columns.reads + j * columns.apart + canvas.before[1]) * canvas.channels;
    }
    ck_pack_weights(&kernels, at->packed, weight + g * O * C * K, s, &rows, &columns, 1);
    for (int64_t n = 0, count; n < s->samples; n += count) {
      count = least(together, s->samples - n);
      const ck_sweep pixels = {
          .axes = {{count, canvas.sample, input},
                   {rows.count, line, s->stride[0] * s->input[1] * s->inputChannels},
                   {columns.count, canvas.channels, s->stride[1] * s->inputChannels}},
          .image = ck_paint(
              at, &canvas, kernels.words, number_of(dy, s->outputIsBFloat16, n * output), s->output, s->outputChannels, g * O,
              count),
          .result = place_of(
              dx, s->inputIsBFloat16,
              n * input + (rows.first * s->input[1] + columns.first) * s->inputChannels + g * C),
          .isBFloat16 = s->inputIsBFloat16,
          .channels = C,
      };
      const ck_tile tile = {.K = canvas.channels, .segments = segments, .starts = at->starts};
      ck_sweep_pixels(&kernels, &pixels, tile, at->packed, at->beside);
    }
  }
}

static __attribute__((noinline)) void backward_data(
    void *dx, const void *dy, const float *weight, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  if (is_depthwise(s)) return ck_depthwise_backward_data(dx, dy, weight, s, &at);
  if (is_pointwise(s)) return ck_pointwise_backward_data(dx, dy, weight, s);
  windows_backward_data(dx, dy, weight, s, &at);
}

/* ---- Backward to the weights ---------------------------------------------------------------------------------------- */

static __attribute__((noinline)) void backward_weights(
    float *dweight, float *dbias, const void *x, const void *dy, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  if (is_depthwise(s)) {
    ck_depthwise_backward_weights(dweight, x, dy, s, &at);
  } else if (is_pointwise(s) && !is_rounded(s)) {
    ck_pointwise_backward_weights(dweight, x, dy, s);
  } else {
    ck_windows_backward_weights(dweight, x, dy, s, &at);
  }
  if (!dbias) return;
  double *const sums = (double *)scratch;
  const int64_t pixels = s->samples * area(s->output);
  if (s->outputIsBFloat16) {
    ck_bfloat16_channel_sums(sums, dy, pixels, s->outputChannels);
  } else {
    ck_channel_sums(sums, dy, pixels, s->outputChannels);
  }
  for (int64_t o = 0; o < s->outputChannels; o++) dbias[o] = (float)sums[o];
}

/* ---- Passes --------------------------------------------------------------------------------------------------------- */

/* With bfloat16 factors denormals count as zero in whichever thread, as the instruction for pairs has it. */
#define IN_ITS_NUMBERS(PASS)                                              \
  const uint64_t state = is_rounded(s) ? ck_flush_denormals() : 0;        \
  PASS;                                                                   \
  if (is_rounded(s)) ck_restore_denormals(state);

void ck_convolution_forward(
    void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s, float *scratch) {
  IN_ITS_NUMBERS(forward(y, x, weight, bias, s, scratch))
}

void ck_convolution_backward_data(
    void *dx, const void *dy, const float *weight, const ck_convolution *s, float *scratch) {
  IN_ITS_NUMBERS(backward_data(dx, dy, weight, s, scratch))
}

void ck_convolution_backward_weights(
    float *dweight, float *dbias, const void *x, const void *dy, const ck_convolution *s, float *scratch) {
  IN_ITS_NUMBERS(backward_weights(dweight, dbias, x, dy, s, scratch))
}
