#include "convolution.h"

/* Rows of a tile that lie a multiple of a page apart share few places of the first cache. */
static int64_t apart(int64_t floats) { return floats % 1024 == 0 ? floats + 16 : floats; }

/* Says where samples lie whose images have extent[] pixels of `channels` numbers. */
static ck_canvas placed(ck_canvas c, const ck_convolution *s, const int64_t *extent, int64_t channels) {
  const int64_t most_channels = c.together ? c.numbers : ck_most_steps(s, c.numbers);
  c.channels = c.together ? c.numbers : ck_chain_steps(ck_kernels_for(s).words, c.numbers);
  c.isImage = !is_rounded(s) && !c.isBFloat16 && c.before[0] == 0 && c.before[1] == 0 && c.channels == channels &&
              c.extent[1] == extent[1] && c.extent[0] <= extent[0];
  c.sample = c.isImage ? area(extent) * channels : apart(area(c.extent) * c.channels);
  c.reserved = c.isImage ? 0 : most(c.sample, area(c.extent) * most_channels + 16);
  return c;
}

static ck_canvas canvas_of_input(const ck_convolution *s, int64_t together) {
  ck_canvas canvas = {
      .numbers = is_depthwise(s) ? s->groups : group_inputs(s), .together = together, .isBFloat16 = s->inputIsBFloat16};
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
  ck_canvas canvas = {.numbers = is_depthwise(s) ? s->groups : group_outputs(s), .isBFloat16 = s->outputIsBFloat16};
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
  if (!is_rounded(s) && !s->inputIsBFloat16 && !s->outputIsBFloat16) return 0;
  return up_to(most(pixels.extent[1] * pixels.numbers, gradient.extent[1] * gradient.numbers), 16);
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

/* A line of W pixels, of the image's numbers. */
static void paint_line(
    char *line, const ck_canvas *canvas, int64_t h, const void *image, const int64_t *extent, int64_t channels, int64_t first) {
  const int64_t W = canvas->extent[1], C = canvas->numbers, row = h - canvas->before[0], size = canvas->isBFloat16 ? 2 : 4;
  if (row < 0 || row >= extent[0]) {
    memset(line, 0, (size_t)(W * C * size));
    return;
  }
  /* Columns of the canvas that the image has. */
  const int64_t from = least(W, most(0, canvas->before[1])), end = most(from, least(W, extent[1] + canvas->before[1]));
  const char *own = number_of(image, canvas->isBFloat16, (row * extent[1] + from - canvas->before[1]) * channels + first);
  memset(line, 0, (size_t)(from * C * size));
  memset(line + end * C * size, 0, (size_t)((W - end) * C * size));
  if (C == channels) {
    memcpy(line + from * C * size, own, (size_t)((end - from) * C * size));
  } else {
    for (int64_t w = from; w < end; w++, own += channels * size) memcpy(line + w * C * size, own, (size_t)(C * size));
  }
}

/* Number i of a line, as the upper half of a word. */
CK_INLINE uint32_t number(const void *restrict line, const int isBFloat16, int64_t i) {
  return isBFloat16 ? (uint32_t)((const uint16_t *)line)[i] << 16 : ck_rounded(ck_bits(((const float *)line)[i]));
}

/* A word of two numbers, the first one in its lower half. */
CK_INLINE uint32_t both(const void *restrict line, const int isBFloat16, int64_t first, int64_t second) {
  return number(line, isBFloat16, first) >> 16 | number(line, isBFloat16, second);
}

/* Words of two channels; W pixels of C channels. */
CK_INLINE void pair_channels(uint32_t *restrict to, const void *restrict line, const int isBFloat16, int64_t W, int64_t C) {
  if (C % 2 == 0) {
    for (int64_t i = 0; i < W * C / 2; i++) to[i] = both(line, isBFloat16, 2 * i, 2 * i + 1);
  } else if (C == 1) {
    for (int64_t w = 0; w < W; w++) to[w] = number(line, isBFloat16, w) >> 16;
  } else {
    for (int64_t w = 0, at = 0; w < W; w++, at += C, to += C / 2 + 1) {
      for (int64_t i = 0; i < C / 2; i++) to[i] = both(line, isBFloat16, at + 2 * i, at + 2 * i + 1);
      to[C / 2] = number(line, isBFloat16, at + C - 1) >> 16;
    }
  }
}

/* The same as floats, the odd one of each pair first. */
CK_INLINE void swap_channels(uint32_t *restrict to, const void *restrict line, const int isBFloat16, int64_t W, int64_t C) {
  for (int64_t w = 0, at = 0; w < W; w++, at += C, to += up_to(C, 2)) {
    for (int64_t i = 0; i < C / 2; i++) {
      to[2 * i] = number(line, isBFloat16, at + 2 * i + 1);
      to[2 * i + 1] = number(line, isBFloat16, at + 2 * i);
    }
    if (C % 2 == 0) continue;
    to[C - 1] = 0;
    to[C] = number(line, isBFloat16, at + C - 1);
  }
}

/* Words of a line: of two channels, or of the pixels w and w + together, channel by channel. Pixels behind the last one have none
 * that is read. */
CK_INLINE void words_of(
    uint32_t *restrict to, const ck_canvas *canvas, const int isPaired, const void *restrict line, const int isBFloat16) {
  const int64_t W = canvas->extent[1], C = canvas->numbers;
  const int64_t apart = canvas->together * C, paired = W * C - apart;
  if (canvas->together == 0) {
    if (isPaired) {
      pair_channels(to, line, isBFloat16, W, C);
    } else {
      swap_channels(to, line, isBFloat16, W, C);
    }
  } else if (isPaired) {
    for (int64_t i = 0; i < paired; i++) to[i] = both(line, isBFloat16, i, i + apart);
    memset(to + paired, 0, (size_t)apart * sizeof *to);
  } else {
    for (int64_t i = 0; i < W * C; i++) to[i] = number(line, isBFloat16, i);
  }
}

CK_CLONES static void write_words(uint32_t *to, const ck_canvas *canvas, int isPaired, const void *line) {
  if (canvas->isBFloat16) {
    words_of(to, canvas, isPaired, line, 1);
  } else {
    words_of(to, canvas, isPaired, line, 0);
  }
}

/* Whether a line of the image's numbers is what the canvas has. */
static int lies_as_painted(const ck_canvas *canvas, const ck_bfloat16_kernels *words) {
  if (!words) return !canvas->isBFloat16;
  return canvas->isBFloat16 && words->isPaired && canvas->together == 0 && canvas->numbers % 2 == 0;
}

const float *ck_paint(
    const ck_workplace *at, const ck_canvas *canvas, const ck_bfloat16_kernels *words, const void *images,
    const int64_t *extent, int64_t channels, int64_t first, int64_t samples) {
  if (canvas->isImage) return images;
  const int isPainted = lies_as_painted(canvas, words);
  for (int64_t n = 0; n < samples; n++) {
    const void *const image = number_of(images, canvas->isBFloat16, n * area(extent) * channels);
    for (int64_t h = 0; h < canvas->extent[0]; h++) {
      float *const to = at->canvas + n * canvas->sample + h * canvas->extent[1] * canvas->channels;
      paint_line((char *)(isPainted ? to : at->line), canvas, h, image, extent, channels, first);
      if (isPainted) continue;
      if (words) {
        write_words((uint32_t *)to, canvas, words->isPaired, at->line);
      } else {
        ck_bfloat16_widen(to, (const uint16_t *)at->line, canvas->extent[1] * canvas->numbers);
      }
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
