#include "convolution.h"

/* Rows of a tile that lie a multiple of a page apart share few places of the first cache. */
static int64_t apart(int64_t floats) { return floats % 1024 == 0 ? floats + 16 : floats; }

/* Says where samples lie whose images have extent[] pixels of `channels` floats. */
static void place(ck_canvas *c, const int64_t *extent, int64_t channels) {
  c->isImage = c->before[0] == 0 && c->before[1] == 0 && c->channels == channels && c->extent[1] == extent[1] &&
               c->extent[0] <= extent[0];
  c->sample = c->isImage ? area(extent) * channels : apart(area(c->extent) * c->channels);
}

ck_canvas ck_input_canvas(const ck_convolution *s) {
  ck_canvas canvas = {.channels = is_depthwise(s) ? s->groups : group_inputs(s)};
  for (int axis = 0; axis < 2; axis++) {
    canvas.before[axis] = s->padding[axis];
    canvas.extent[axis] = (s->output[axis] - 1) * s->stride[axis] + (s->kernel[axis] - 1) * s->dilation[axis] + 1;
  }
  place(&canvas, s->input, s->inputChannels);
  return canvas;
}

ck_canvas ck_gradient_canvas(const ck_convolution *s) {
  ck_canvas canvas = {.channels = is_depthwise(s) ? s->groups : group_outputs(s)};
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
  place(&canvas, s->output, s->outputChannels);
  return canvas;
}

int64_t ck_samples_at_once(const ck_convolution *s) {
  if (is_depthwise(s)) return 1;
  /* Tiles of several pixels of a sample need no other sample, nor do chains over a hundred of them. */
  const int64_t tiles = most(s->output[0], s->output[1]) < CK_MOST_ROWS / 2 ? CK_MOST_ROWS : 1;
  const int64_t wanted = least(s->samples, most(tiles, 128 / area(s->output)));
  const ck_canvas input = ck_input_canvas(s), gradient = ck_gradient_canvas(s);
  const int64_t floats = most(most(painted_floats(&input), painted_floats(&gradient)), area(s->output) * CK_PANEL);
  /* In the second cache, the weights beside them. */
  const int64_t count = least(wanted, most(1, (1 << 15) / floats));
  return count > CK_MOST_ROWS ? count / CK_MOST_ROWS * CK_MOST_ROWS : count;
}

static void paint(
    float *to, const ck_canvas *canvas, const float *image, const int64_t *extent, int64_t channels, int64_t first) {
  const int64_t H = canvas->extent[0], W = canvas->extent[1], C = canvas->channels;
  float *line = to;
  for (int64_t h = 0; h < H; h++, line += W * C) {
    const int64_t row = h - canvas->before[0];
    if (row < 0 || row >= extent[0]) {
      memset(line, 0, (size_t)(W * C) * sizeof *line);
      continue;
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
}

const float *ck_paint(
    float *to, const ck_canvas *canvas, const float *images, const int64_t *extent, int64_t channels, int64_t first,
    int64_t samples) {
  if (canvas->isImage) return images;
  for (int64_t n = 0; n < samples; n++) {
    paint(to + n * canvas->sample, canvas, images + n * area(extent) * channels, extent, channels, first);
  }
  return to;
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
