/* The weights of a convolution and their gradients, by panels. */
#include "convolution.h"

void ck_pack_weights(
    const ck_convolution_kernels *kernels, float *to, const float *weight, const ck_convolution *s, const ck_phase *rows,
    const ck_phase *columns, int isTurned) {
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), J = s->kernel[1];
  const int64_t steps = isTurned ? O : C, N = isTurned ? C : O, width = kernels->floats->width;
  const int64_t panel = width * kernels->floats->vectors, packed = ck_chain_steps(kernels->words, steps);
  const int64_t step = isTurned ? C * K : K, next = isTurned ? K : C * K;
  for (int64_t first = 0; first < N; first += panel) {
    const int64_t count = least(panel, N - first), own = up_to(count, width);
    for (int64_t i = 0; i < rows->elements; i++)
      for (int64_t j = 0; j < columns->elements; j++) {
        const float *from = weight + (rows->element + i * rows->step) * J + columns->element + j * columns->step + first * next;
        if (kernels->words) {
          kernels->words->pack(from, 1, next, step, steps, 0, packed, count, own, to);
          to += packed * own;
          continue;
        }
        for (int64_t l = 0; l < steps; l++, to += own)
          for (int64_t n = 0; n < own; n++) to[n] = n < count ? from[l * step + n * next] : 0;
      }
  }
}

/* The pixels of samples that a chain goes over: segments, which begin at `starts`, of K steps each, `step` floats apart. */
typedef struct {
  int64_t segments, K, step;
} chain;

/* Pairs of pixels: a word each, or two floats of which the one behind comes first. */
static chain chain_of_pairs(
    int64_t *starts, int64_t samples, const ck_canvas *canvas, const ck_convolution *s, const ck_bfloat16_kernels *words) {
  const int64_t C = canvas->channels, pairs = blocks(s->output[1], 2), next = s->stride[1] * C;
  const int64_t inLine = words->isPaired ? 1 : pairs;
  chain found = {.segments = 0, .K = words->isPaired ? pairs : 2, .step = words->isPaired ? 2 * next : -next};
  for (int64_t n = 0; n < samples; n++)
    for (int64_t p = 0; p < s->output[0]; p++)
      for (int64_t q = 0; q < inLine; q++) {
        const int64_t line = n * canvas->sample + p * s->stride[0] * canvas->extent[1] * C;
        starts[found.segments++] = line + (words->isPaired ? 0 : (2 * q + 1) * next);
      }
  return found;
}

/* Extents of one pixel make no segments: images of one column have chains along the rows, those of one pixel over samples. */
static chain chain_over(int64_t *starts, int64_t samples, const ck_canvas *canvas, const ck_convolution *s) {
  const int64_t C = canvas->channels, line = s->stride[0] * canvas->extent[1] * C;
  const int64_t counts[3] = {samples, s->output[0], s->output[1]}, steps[3] = {canvas->sample, line, s->stride[1] * C};
  int last = 2;
  while (last > 0 && counts[last] == 1) last--;
  chain found = {.segments = 0, .K = counts[last], .step = steps[last]};
  for (int64_t n = 0; n < (last > 0 ? samples : 1); n++)
    for (int64_t p = 0; p < (last > 1 ? s->output[0] : 1); p++) starts[found.segments++] = n * steps[0] + p * steps[1];
  return found;
}

/* Packs `columns` channels of bfloat16 gradients as floats, pixel by pixel, zeros behind them. */
CK_CLONES static void widen_gradients(
    float *restrict to, const uint16_t *restrict dy, int64_t pixels, int64_t O, int64_t columns, int64_t own) {
  for (int64_t p = 0; p < pixels; p++, dy += O, to += own) {
    for (int64_t o = 0; o < columns; o++) to[o] = ck_float_of(dy[o]);
    for (int64_t o = columns; o < own; o++) to[o] = 0;
  }
}

/* Packs `columns` channels of gradients, `own` wide: pixel by pixel, or line by line in pairs of them. */
static void pack_gradients(
    const ck_convolution_kernels *kernels, float *to, const void *dy, const ck_convolution *s, int64_t samples, int64_t columns,
    int64_t own) {
  const int64_t O = s->outputChannels, Q = s->output[1], lines = samples * s->output[0];
  if (!kernels->words) {
    if (s->outputIsBFloat16) return widen_gradients(to, dy, lines * Q, O, columns, own);
    return kernels->floats->pack_b(lines * Q, columns, own, (ck_factor){dy, O, 1}, to);
  }
  const int64_t steps = ck_chain_steps(kernels->words, Q);
  for (int64_t line = 0; line < lines; line++) {
    const void *const from = number_of(dy, s->outputIsBFloat16, line * Q * O);
    kernels->words->pack(from, !s->outputIsBFloat16, 1, O, Q, 0, steps, columns, own, to + line * steps * own);
  }
}

/* Goes on with the chains of some samples: sums, (i, j, c) x O by panels, with their canvases and dy. */
static void add_samples(
    const ck_convolution_kernels *kernels, float *sums, const float *images, const ck_canvas *canvas, const void *dy,
    const ck_convolution *s, const ck_workplace *at, int64_t samples, int adds) {
  const int64_t C = group_inputs(s), O = group_outputs(s), I = s->kernel[0], J = s->kernel[1], L = I * J * C;
  const int64_t width = kernels->floats->width, panel = width * kernels->floats->vectors, line = canvas->extent[1] * C;
  /* Rows of sums that lie side by side in the canvas. */
  const int64_t runs = s->dilation[1] == 1 ? 1 : J, M = J / runs * C, tiles = blocks(M, kernels->floats->rows);
  const chain steps = kernels->words ? chain_of_pairs(at->starts, samples, canvas, s, kernels->words)
                                     : chain_over(at->starts, samples, canvas, s);
  for (int64_t first = 0; first < O; first += panel) {
    const int64_t columns = least(panel, O - first), own = up_to(columns, width);
    const void *const gradients = number_of(dy, s->outputIsBFloat16, first);
    const float *b = gradients;
    int64_t bRow = s->outputChannels;
    if (kernels->words || s->outputIsBFloat16 || columns < own) {
      pack_gradients(kernels, at->beside, gradients, s, samples, columns, own);
      b = at->beside;
      bRow = own;
    }
    for (int64_t run = 0; run < I * runs; run++) {
      const float *a = images + run / runs * s->dilation[0] * line + run % runs * s->dilation[1] * C;
      float *const c = sums + first * L + run * M * own;
      for (int64_t t = 0; t < tiles; t++) {
        const int64_t row = begin(M, tiles, t), R = begin(M, tiles, t + 1) - row;
        const ck_tile tile = {
            .K = steps.K,
            .segments = steps.segments,
            .starts = at->starts,
            .a = a + row,
            .aRow = 1,
            .aColumn = steps.step,
            .b = b,
            .bRow = bRow,
            .c = c + row * own,
            .cRow = own,
            .adds = adds,
            .next = c + (row + R) * own,
        };
        ck_tile_of(kernels, R, own / width)(&tile);
      }
    }
  }
}

void ck_windows_backward_weights(float *dw, const void *x, const void *dy, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_pixel_canvas(s);
  const ck_convolution_kernels kernels = ck_kernels_for(s);
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), L = K * C;
  const int64_t width = kernels.floats->width, panel = width * kernels.floats->vectors;
  const int64_t input = area(s->input) * s->inputChannels, output = area(s->output) * s->outputChannels;
  const int64_t together = ck_samples_at_once(s);
  for (int64_t g = 0; g < s->groups; g++) {
    for (int64_t n = 0, count; n < s->samples; n += count) {
      count = least(together, s->samples - n);
      const float *const images = ck_paint(
          at, &canvas, kernels.words, number_of(x, s->inputIsBFloat16, n * input), s->input, s->inputChannels, g * C, count);
      const void *const gradients = number_of(dy, s->outputIsBFloat16, n * output + g * O);
      add_samples(&kernels, at->packed, images, &canvas, gradients, s, at, count, n > 0);
    }
    for (int64_t o = 0; o < O; o++) {
      const int64_t first = o / panel * panel, own = up_to(least(panel, O - first), width);
      const float *sums = at->packed + first * L + o - first;
      for (int64_t c = 0; c < C; c++)
        for (int64_t k = 0; k < K; k++) dw[((g * O + o) * C + c) * K + k] = sums[(k * C + c) * own];
    }
  }
}
