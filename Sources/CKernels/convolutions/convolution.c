/* Convolutions on the tiles of products: a tile's rows are pixels that lie evenly apart, and its chains go over the elements of
 * the kernel in segments. Nothing is copied but the edges of an image. */
#include "CKernels.h"
#include "convolution.h"

enum { EDGE_FLOATS = CK_MOST_ROWS * CK_PANEL };

/* Of the chains of a tile: over the kernel, or over lines of all samples that are there at a time. */
static int64_t most_segments(const ck_convolution *s) {
  return most(area(s->kernel), s->output[0] * ck_samples_at_once(s));
}

static int64_t start_floats(const ck_convolution *s) {
  return up_to(most_segments(s), 8) * (int64_t)(sizeof(int64_t) / sizeof(float));
}

static int64_t packed_floats(const ck_convolution *s) {
  if (is_depthwise(s)) return up_to(area(s->kernel) * s->groups, 16);
  const int64_t C = group_inputs(s), O = group_outputs(s);
  return area(s->kernel) * most(C * up_to(O, CK_PANEL), O * up_to(C, CK_PANEL));
}

static int64_t canvas_floats(const ck_convolution *s) {
  const ck_canvas input = ck_input_canvas(s), gradient = ck_gradient_canvas(s);
  return up_to(ck_samples_at_once(s) * most(painted_floats(&input), painted_floats(&gradient)), 16);
}

/* Where all panels are full on any path, gradients are read where they lie. */
static int64_t beside_floats(const ck_convolution *s) {
  const int isWhole = is_depthwise(s) || group_outputs(s) % CK_MOST_WIDTH == 0;
  return most(EDGE_FLOATS, isWhole ? 0 : ck_samples_at_once(s) * area(s->output) * CK_PANEL);
}

int64_t ck_convolution_scratch(const ck_convolution *s) {
  const int64_t sums = s->outputChannels * (int64_t)(sizeof(double) / sizeof(float));
  if (is_pointwise(s)) return sums;
  return most(start_floats(s) + packed_floats(s) + canvas_floats(s) + beside_floats(s), sums);
}

ck_workplace ck_workplace_in(float *scratch, const ck_convolution *s) {
  float *const packed = scratch + start_floats(s), *const canvas = packed + packed_floats(s);
  return (ck_workplace){(int64_t *)scratch, packed, canvas, canvas + canvas_floats(s)};
}

/* ---- Pixels --------------------------------------------------------------------------------------------------------- */

/* How many pixels there are along an axis, and floats from one to the next, in the canvas and in the result. */
typedef struct {
  int64_t count, image, result;
} axis;

/* Pixels of samples, lines and columns from other images. */
typedef struct {
  axis axes[3];
  const float *image; /* the canvas */
  float *result;
  int64_t channels; /* of the result, of one group */
} sweep;

/* The axis that tiles go along: columns, whose pixels share what the first cache has, or the one that fills tiles best. */
static int longest(const sweep *s, int64_t rows) {
  int best = 2;
  for (int a = 1; a >= 0 && s->axes[2].count < rows / 2; a--) {
    const int64_t count = s->axes[a].count, other = s->axes[best].count;
    if (count * blocks(other, rows) > other * blocks(count, rows)) best = a;
  }
  return best;
}

/* Overwrites the pixels with chains of `tile`'s segments, whose weights are packed by panels. */
static void run(const ck_product_kernels *kernels, const sweep *s, ck_tile tile, const float *packed, float *beside) {
  const int64_t panel = kernels->width * kernels->vectors, L = tile.segments * tile.K;
  const int along = longest(s, kernels->rows);
  const axis rows = s->axes[along], outer = s->axes[along == 0 ? 1 : 0], inner = s->axes[along == 2 ? 1 : 2];
  const int64_t tiles = blocks(rows.count, kernels->rows);
  tile.aRow = rows.image;
  tile.aColumn = 1;
  for (int64_t first = 0; first < s->channels; first += panel) {
    const int64_t columns = least(panel, s->channels - first), own = up_to(columns, kernels->width);
    const int isWhole = columns == own;
    tile.b = packed + first * L;
    tile.bRow = own;
    for (int64_t o = 0; o < outer.count; o++) {
      for (int64_t i = 0; i < inner.count; i++) {
        const float *const image = s->image + o * outer.image + i * inner.image;
        float *const results = s->result + o * outer.result + i * inner.result + first;
        for (int64_t t = 0, at = 0, R; t < tiles; t++, at += R) {
          R = begin(rows.count, tiles, t + 1) - at;
          float *const result = results + at * rows.result;
          tile.a = image + at * rows.image;
          tile.c = isWhole ? result : beside;
          tile.cRow = isWhole ? rows.result : own;
          tile.next = result + R * rows.result;
          kernels->tiles[R - 1][own / kernels->width - 1][0][0](&tile);
          for (int64_t r = 0; !isWhole && r < R; r++) {
            memcpy(result + r * rows.result, beside + r * own, (size_t)columns * sizeof *result);
          }
        }
      }
    }
  }
}

/* ---- Forward -------------------------------------------------------------------------------------------------------- */

static void windows_forward(float *y, const float *x, const float *weight, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_input_canvas(s);
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t C = group_inputs(s), O = group_outputs(s), I = s->kernel[0], J = s->kernel[1];
  /* Elements of a row of the kernel lie side by side where it is dense. */
  const int64_t runs = s->dilation[1] == 1 ? 1 : J, line = canvas.extent[1] * C;
  const int64_t input = area(s->input) * s->inputChannels, output = area(s->output) * s->outputChannels;
  const int64_t together = ck_samples_at_once(s);
  for (int64_t i = 0; i < I; i++)
    for (int64_t j = 0; j < runs; j++) at->starts[i * runs + j] = i * s->dilation[0] * line + j * s->dilation[1] * C;
  const ck_phase rows = {.step = 1, .elements = I}, columns = {.step = 1, .elements = J};
  for (int64_t g = 0; g < s->groups; g++) {
    ck_pack_weights(kernels, at->packed, weight + g * O * C * I * J, s, &rows, &columns, 0);
    for (int64_t n = 0, count; n < s->samples; n += count) {
      count = least(together, s->samples - n);
      const sweep pixels = {
          .axes = {{count, canvas.sample, output},
                   {s->output[0], s->stride[0] * line, s->output[1] * s->outputChannels},
                   {s->output[1], s->stride[1] * C, s->outputChannels}},
          .image = ck_paint(at->canvas, &canvas, x + n * input, s->input, s->inputChannels, g * C, count),
          .result = y + n * output + g * O,
          .channels = O,
      };
      run(kernels, &pixels, (ck_tile){.K = J / runs * C, .segments = I * runs, .starts = at->starts}, at->packed, at->beside);
    }
  }
}

void ck_convolution_forward(
    float *y, const float *x, const float *weight, const float *bias, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  if (is_depthwise(s)) {
    ck_depthwise_forward(y, x, weight, s, &at);
  } else if (is_pointwise(s)) {
    ck_pointwise_forward(y, x, weight, s);
  } else {
    windows_forward(y, x, weight, s, &at);
  }
  if (bias) ck_bias_forward(y, bias, s->samples * area(s->output), s->outputChannels);
}

/* ---- Backward to the input ------------------------------------------------------------------------------------------ */

static void windows_backward_data(float *dx, const float *dy, const float *weight, const ck_convolution *s, const ck_workplace *at) {
  const ck_canvas canvas = ck_gradient_canvas(s);
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), line = canvas.extent[1] * O;
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
                      (columns.reads + j * columns.apart + canvas.before[1]) * O;
    }
    ck_pack_weights(kernels, at->packed, weight + g * O * C * K, s, &rows, &columns, 1);
    for (int64_t n = 0, count; n < s->samples; n += count) {
      count = least(together, s->samples - n);
      const sweep pixels = {
          .axes = {{count, canvas.sample, input},
                   {rows.count, line, s->stride[0] * s->input[1] * s->inputChannels},
                   {columns.count, O, s->stride[1] * s->inputChannels}},
          .image = ck_paint(at->canvas, &canvas, dy + n * output, s->output, s->outputChannels, g * O, count),
          .result = dx + n * input + (rows.first * s->input[1] + columns.first) * s->inputChannels + g * C,
          .channels = C,
      };
      run(kernels, &pixels, (ck_tile){.K = O, .segments = segments, .starts = at->starts}, at->packed, at->beside);
    }
  }
}

void ck_convolution_backward_data(
    float *dx, const float *dy, const float *weight, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  if (is_depthwise(s)) return ck_depthwise_backward_data(dx, dy, weight, s, &at);
  if (is_pointwise(s)) return ck_pointwise_backward_data(dx, dy, weight, s);
  windows_backward_data(dx, dy, weight, s, &at);
}

/* ---- Backward to the weights ---------------------------------------------------------------------------------------- */

void ck_convolution_backward_weights(
    float *dweight, float *dbias, const float *x, const float *dy, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  if (is_depthwise(s)) {
    ck_depthwise_backward_weights(dweight, x, dy, s, &at);
  } else if (is_pointwise(s)) {
    ck_pointwise_backward_weights(dweight, x, dy, s);
  } else {
    ck_windows_backward_weights(dweight, x, dy, s, &at);
  }
  if (!dbias) return;
  double *const sums = (double *)scratch;
  ck_channel_sums(sums, dy, s->samples * area(s->output), s->outputChannels);
  for (int64_t o = 0; o < s->outputChannels; o++) dbias[o] = (float)sums[o];
}
