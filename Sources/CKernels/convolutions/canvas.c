#include "convolution.h"

/* Rows of a tile that lie a multiple of a page apart share few places of the first cache. */
static int64_t apart(int64_t floats) { return floats % 1024 == 0 ? floats + 16 : floats; }

/* Says where samples lie whose images have extent[] pixels of `channels` floats. */
static ck_canvas placed(ck_canvas c, const ck_convolution *s, const int64_t *extent, int64_t channels) {
  const int64_t most_channels = c.together ? c.numbers : ck_most_steps(s, c.numbers);
  c.channels = c.together ? c.numbers : ck_chain_steps(ck_kernels_for(s).words, c.numbers);
  c.isImage = !is_rounded(s) && c.before[0] == 0 && c.before[1] == 0 && c.channels == channels && c.extent[1] == extent[1] &&
              c.extent[0] <= extent[0];
  c.sample = c.isImage ? area(extent) * channels : apart(area(c.extent) * c.channels);
  c.reserved = c.isImage ? 0 : most(c.sample, area(c.extent) * most_channels + 16);
  return c;
}

static ck_canvas canvas_of_input(const ck_convolution *s, int64_t together) {
  ck_canvas canvas = {.numbers = is_depthwise(s) ? s->groups : group_inputs(s), .together = together};
  const int64_t output[2] = {s->output[0], together ? up_to(s->output[1], 2) : s->output[1]};
  for (int axis = 0; axis < 2; axis++) {
    canvas.before[axis] = s->padding[axis];
    canvas.extent[axis] = (output[axis] - 1) * s->stride[axis] + (s->kernel[axis] - 1) * s->dilation[axis] + 1;
  }
  return placed(canvas, s, s->input, s->inputChannels);
}

ck_canvas ck_input_canvas(const ck_convolution *s) { return canvas_of_input(s, 0); }
ck_canvas ck_pixel_canvas(const ck_convolution *s) { return canvas_of_input(s, is_rounded(s) ? s->stride[1] : 0); }

ck_canvas ck_gradient_canvas(const ck_convolution *s) {
  ck_canvas canvas = {.numbers = is_depthwise(s) ? s->groups : group_outputs(s)};
  for (int axis = 0; axis < 2; axis++) {
    int64_t low = 0, high = 0;
    for (int64_t first = 0; first < ck_phases(s, axis); first++) {
      const ck_phase phase = ck_phase_of(s, axis, first);
      if (phase.elements == 0) continue;
      low = least(low, phase.reads + (phase.elements - 1) * phase.apart);
      high = most(high, phase.reads + phase.count);
    }
    canvas.before[axis] = -low;
    canvas.extent[axis] = high - low;
  }
  return placed(canvas, s, s->output, s->outputChannels);
}

int64_t ck_reserved(const ck_convolution *s) {
  const ck_canvas input = ck_input_canvas(s), pixels = ck_pixel_canvas(s), gradient = ck_gradient_canvas(s);
  return most(most(input.reserved, pixels.reserved), gradient.reserved);
}

int64_t ck_line_floats(const ck_convolution *s) {
  const ck_canvas pixels = ck_pixel_canvas(s), gradient = ck_gradient_canvas(s);
  return is_rounded(s) ? up_to(most(pixels.extent[1] * pixels.numbers, gradient.extent[1] * gradient.numbers), 16) : 0;
}

int64_t ck_samples_at_once(const ck_convolution *s) {
  if (is_depthwise(s)) return 1;
  /* Tiles of several pixels of a sample need no other sample, nor do chains over a hundred of them. */
  const int64_t tiles = most(s->output[0], s->output[1]) < CK_MOST_ROWS / 2 ? CK_MOST_ROWS : 1;
  const int64_t wanted = least(s->samples, most(tiles, 128 / area(s->output)));
  const int64_t floats = most(ck_reserved(s), area(s->output) * CK_PANEL);
  /* In the second cache, the weights beside them. */
  const int64_t count = least(wanted, most(1, (1 << 15) / floats));
  return count > CK_MOST_ROWS ? count / CK_MOST_ROWS * CK_MOST_ROWS : count;
}

/* ---- Painting ------------------------------------------------------------------------------------------------------- */

/* A line of W pixels, as floats. */
static void paint_line(
    float *line, const ck_canvas *canvas, int64_t h, const float *image, const int64_t *extent, int64_t channels, int64_t first) {
  const int64_t W = canvas->extent[1], C = canvas->numbers, row = h - canvas->before[0];
  if (row < 0 || row >= extent[0]) {
    memset(line, 0, (size_t)(W * C) * sizeof *line);
    return;
  }
  /* Columns of the canvas that the image has. */
  const int64_t from = least(W, most(0, canvas->before[1])), end = most(from, least(W, extent[1] + canvas->before[1]));
  const float *own = image + (row * extent[1] + from - canvas->before[1]) * channels + first;
  memset(line, 0, (size_t)(from * C) * sizeof *line);
  memset(line + end * C, 0, (size_t)((W - end) * C) * sizeof *line);
  if (C == channels) {
    memcpy(line + from * C, own, (size_t)((end - from) * C) * sizeof *line);
  } else {
    for (int64_t w = from; w < end; w++, own += channels) memcpy(line + w * C, own, (size_t)C * sizeof *line);
  }
}

/* A word of two numbers, the first one in its lower half. */
static inline uint32_t both(float first, float second) { return ck_rounded(ck_bits(first)) >> 16 | ck_rounded(ck_bits(second)); }

/* Words of the pixels w and w + together, channel by channel, of n floats of a line. */
CK_CLONES static void pair_pixels(uint32_t *restrict to, const float *restrict line, int64_t apart, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = both(line[i], line[i + apart]);
}

CK_CLONES static void round_all(uint32_t *restrict to, const float *restrict line, int64_t n) {
  for (int64_t i = 0; i < n; i++) to[i] = ck_rounded(ck_bits(line[i]));
}

/* Words of two channels; W pixels of C channels. */
CK_CLONES static void pair_channels(uint32_t *restrict to, const float *restrict line, int64_t W, int64_t C) {
  if (C % 2 == 0) {
    for (int64_t i = 0; i < W * C / 2; i++) to[i] = both(line[2 * i], line[2 * i + 1]);
  } else if (C == 1) {
    for (int64_t w = 0; w < W; w++) to[w] = both(line[w], 0);
  } else {
    for (int64_t w = 0; w < W; w++, line += C, to += C / 2 + 1) {
      for (int64_t i = 0; i < C / 2; i++) to[i] = both(line[2 * i], line[2 * i + 1]);
      to[C / 2] = both(line[C - 1], 0);
    }
  }
}

/* The same as floats, the odd one of each pair first. */
CK_CLONES static void swap_channels(uint32_t *restrict to, const float *restrict line, int64_t W, int64_t C) {
  for (int64_t w = 0; w < W; w++, line += C, to += up_to(C, 2)) {
    for (int64_t i = 0; i < C / 2; i++) {
      to[2 * i] = ck_rounded(ck_bits(line[2 * i + 1]));
      to[2 * i + 1] = ck_rounded(ck_bits(line[2 * i]));
    }
    if (C % 2 == 0) continue;
    to[C - 1] = 0;
    to[C] = ck_rounded(ck_bits(line[C - 1]));
  }
}

/* Words of a line. Pixels behind the last one have none that is read. */
static void write_words(uint32_t *to, const ck_canvas *canvas, const ck_bfloat16_kernels *words, const float *line) {
  const int64_t W = canvas->extent[1], C = canvas->numbers;
  if (canvas->together == 0) return words->isPaired ? pair_channels(to, line, W, C) : swap_channels(to, line, W, C);
  if (!words->isPaired) return round_all(to, line, W * C);
  const int64_t apart = canvas->together * C, paired = W * C - apart;
  pair_pixels(to, line, apart, paired);
  memset(to + paired, 0, (size_t)apart * sizeof *to);
}

const float *ck_paint(
    const ck_workplace *at, const ck_canvas *canvas, const ck_bfloat16_kernels *words, const float *images,
    const int64_t *extent, int64_t channels, int64_t first, int64_t samples) {
  if (canvas->isImage) return images;
  for (int64_t n = 0; n < samples; n++) {
    const float *const image = images + n * area(extent) * channels;
    for (int64_t h = 0; h < canvas->extent[0]; h++) {
      float *const to = at->canvas + n * canvas->sample + h * canvas->extent[1] * canvas->channels;
      paint_line(words ? at->line : to, canvas, h, image, extent, channels, first);
      if (words) write_words((uint32_t *)to, canvas, words, at->line);
    }
  }
  return at->canvas;
}

static int64_t shared_divisor(int64_t a, int64_t b) {
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

ck_phase ck_phase_of(const ck_convolution *s, int axis, int64_t first) {
  const int64_t stride = s->stride[axis], dilation = s->dilation[axis], shared = shared_divisor(stride, dilation);
  ck_phase found = {.first = first, .count = (s->input[axis] - first + stride - 1) / stride, .step = stride / shared};
  found.apart = -dilation / shared;
  const int64_t at = first + s->padding[axis];
  while (found.element < found.step && (at - found.element * dilation) % stride != 0) found.element++;
  if (found.element < found.step && found.element < s->kernel[axis]) {
    found.elements = (s->kernel[axis] - found.element + found.step - 1) / found.step;
    found.reads = (at - found.element * dilation) / stride;
  }
  return found;
}
