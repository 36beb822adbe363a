/* Convolutions on the tiles of products: a tile's rows are pixels that lie side by side, and its chains go over the elements of
 * the kernel in segments. Nothing is copied but the edges of an image. */
#include "CKernels.h"
#include "convolution.h"

/* Vectors are of 16 floats at most, panels of two of them. */
enum { PANEL = CK_MOST_WIDTH * CK_MOST_VECTORS, EDGE_FLOATS = CK_MOST_ROWS * PANEL };

static int64_t most_segments(const ck_convolution *s) { return most(area(s->kernel), s->output[0]); }
static int64_t start_floats(const ck_convolution *s) {
  return up_to(most_segments(s), 8) * (int64_t)(sizeof(int64_t) / sizeof(float));
}

static int64_t packed_floats(const ck_convolution *s) {
  if (is_depthwise(s)) return up_to(area(s->kernel) * s->groups, 16);
  const int64_t C = group_inputs(s), O = group_outputs(s);
  return area(s->kernel) * most(C * up_to(O, PANEL), O * up_to(C, PANEL));
}

static int64_t canvas_floats_of(const ck_convolution *s) {
  const ck_canvas input = ck_input_canvas(s), gradient = ck_gradient_canvas(s);
  return up_to(most(canvas_floats(&input), canvas_floats(&gradient)), 16);
}

int64_t ck_convolution_scratch(const ck_convolution *s) {
  /* A tile's edge, or the outputs' gradients of a sample by panels. */
  const int64_t beside = most(EDGE_FLOATS, area(s->output) * PANEL);
  const int64_t sums = s->outputChannels * (int64_t)(sizeof(double) / sizeof(float));
  return most(start_floats(s) + packed_floats(s) + canvas_floats_of(s) + beside, sums);
}

ck_workplace ck_workplace_in(float *scratch, const ck_convolution *s) {
  float *const packed = scratch + start_floats(s), *const canvas = packed + packed_floats(s);
  return (ck_workplace){(int64_t *)scratch, packed, canvas, canvas + canvas_floats_of(s)};
}

/* ---- Forward, and backward to the input ---------------------------------------------------------------------------- */

/* Pixels of a sample from another image: a line of `count` after the other. */
typedef struct {
  int64_t lines, count;
  const float *image;   /* the canvas */
  int64_t line, pixel;  /* floats from a line, a pixel of the result to the next one, in the canvas */
  float *result;
  int64_t resultLine, resultPixel;
  int64_t channels;     /* of the result, of one group */
} sweep;

/* Overwrites the pixels with chains of `tile`'s segments, whose weights are packed by panels. */
static void run(const ck_product_kernels *kernels, const sweep *s, ck_tile tile, const float *packed, float *beside) {
  const int64_t panel = kernels->width * kernels->vectors, L = tile.segments * tile.K;
  tile.aRow = s->pixel;
  tile.aColumn = 1;
  for (int64_t first = 0; first < s->channels; first += panel) {
    const int64_t columns = least(panel, s->channels - first), own = up_to(columns, kernels->width);
    const int64_t tiles = blocks(s->count, kernels->rows);
    tile.b = packed + first * L;
    tile.bRow = own;
    for (int64_t line = 0; line < s->lines; line++) {
      for (int64_t t = 0; t < tiles; t++) {
        const int64_t at = begin(s->count, tiles, t), R = begin(s->count, tiles, t + 1) - at;
        float *const result = s->result + line * s->resultLine + at * s->resultPixel + first;
        const int isWhole = columns == own;
        tile.a = s->image + line * s->line + at * s->pixel;
        tile.c = isWhole ? result : beside;
        tile.cRow = isWhole ? s->resultPixel : own;
        tile.next = result + R * s->resultPixel;
        kernels->tiles[R - 1][own / kernels->width - 1][0][0](&tile);
        for (int64_t r = 0; !isWhole && r < R; r++) {
          memcpy(result + r * s->resultPixel, beside + r * own, (size_t)columns * sizeof *result);
        }
      }
    }
  }
}

/* Packs weights (O x C x I x J of a group) by panels of their last axis, N wide: of the elements of the kernel that `rows` and
 * `columns` name, each L steps: L x N is C x O, or O x C where `isTurned`. */
static void pack(
    const ck_product_kernels *kernels, float *to, const float *weight, const ck_convolution *s, const ck_phase *rows,
    const ck_phase *columns, int isTurned) {
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), J = s->kernel[1];
  const int64_t steps = isTurned ? O : C, N = isTurned ? C : O, panel = kernels->width * kernels->vectors;
  const int64_t step = isTurned ? C * K : K, next = isTurned ? K : C * K;
  for (int64_t first = 0; first < N; first += panel) {
    const int64_t count = least(panel, N - first), own = up_to(count, kernels->width);
    for (int64_t i = 0; i < rows->elements; i++)
      for (int64_t j = 0; j < columns->elements; j++) {
        const float *from = weight + (rows->element + i * rows->step) * J + columns->element + j * columns->step + first * next;
        for (int64_t l = 0; l < steps; l++, to += own)
          for (int64_t n = 0; n < own; n++) to[n] = n < count ? from[l * step + n * next] : 0;
      }
  }
}

void ck_convolution_forward(
    float *y, const float *x, const float *weight, const float *bias, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  const ck_canvas canvas = ck_input_canvas(s);
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t C = group_inputs(s), O = group_outputs(s), I = s->kernel[0], J = s->kernel[1];
  if (is_depthwise(s)) {
    ck_depthwise_forward(y, x, weight, s, &at);
  } else {
    /* Elements of a row of the kernel lie side by side where it is dense. */
    const int64_t runs = s->dilation[1] == 1 ? 1 : J, line = canvas.extent[1] * C;
    for (int64_t i = 0; i < I; i++)
      for (int64_t j = 0; j < runs; j++) at.starts[i * runs + j] = i * s->dilation[0] * line + j * s->dilation[1] * C;
    const ck_phase rows = {.step = 1, .elements = I}, columns = {.step = 1, .elements = J};
    for (int64_t g = 0; g < s->groups; g++) {
      pack(kernels, at.packed, weight + g * O * C * I * J, s, &rows, &columns, 0);
      for (int64_t n = 0; n < s->samples; n++) {
        const sweep pixels = {
            .lines = s->output[0],
            .count = s->output[1],
            .image = ck_paint(at.canvas, &canvas, x + n * area(s->input) * s->inputChannels, s->input, s->inputChannels, g * C),
            .line = s->stride[0] * line,
            .pixel = s->stride[1] * C,
            .result = y + n * area(s->output) * s->outputChannels + g * O,
            .resultLine = s->output[1] * s->outputChannels,
            .resultPixel = s->outputChannels,
            .channels = O,
        };
        run(kernels, &pixels, (ck_tile){.K = J / runs * C, .segments = I * runs, .starts = at.starts}, at.packed, at.beside);
      }
    }
  }
  if (bias) ck_bias_forward(y, bias, s->samples * area(s->output), s->outputChannels);
}

void ck_convolution_backward_data(
    float *dx, const float *dy, const float *weight, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  const ck_canvas canvas = ck_gradient_canvas(s);
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), line = canvas.extent[1] * O;
  if (is_depthwise(s)) return ck_depthwise_backward_data(dx, dy, weight, s, &at);
  for (int64_t g = 0; g < s->groups; g++) {
    for (int64_t turn = 0; turn < ck_phases(s, 0) * ck_phases(s, 1); turn++) {
      const ck_phase rows = ck_phase_of(s, 0, turn / ck_phases(s, 1)), columns = ck_phase_of(s, 1, turn % ck_phases(s, 1));
      const int64_t segments = rows.elements * columns.elements;
      for (int64_t k = 0; k < segments; k++) {
        const int64_t i = k / columns.elements, j = k % columns.elements;
        at.starts[k] = (rows.reads + i * rows.apart + canvas.before[0]) * line +
                       (columns.reads + j * columns.apart + canvas.before[1]) * O;
      }
      pack(kernels, at.packed, weight + g * O * C * K, s, &rows, &columns, 1);
      for (int64_t n = 0; n < s->samples; n++) {
        const sweep pixels = {
            .lines = rows.count,
            .count = columns.count,
            .image = ck_paint(at.canvas, &canvas, dy + n * area(s->output) * s->outputChannels, s->output, s->outputChannels, g * O),
            .line = line,
            .pixel = O,
            .result = dx + ((n * s->input[0] + rows.first) * s->input[1] + columns.first) * s->inputChannels + g * C,
            .resultLine = s->stride[0] * s->input[1] * s->inputChannels,
            .resultPixel = s->stride[1] * s->inputChannels,
            .channels = C,
        };
        run(kernels, &pixels, (ck_tile){.K = O, .segments = segments, .starts = at.starts}, at.packed, at.beside);
      }
    }
  }
}

/* ---- Backward to the weights --------------------------------------------------------------------------------------- */

/* Goes on with the chains of a sample: sums, (i, j, c) x O by panels, with the canvas and dy. */
static void add_sample(
    const ck_product_kernels *kernels, float *sums, const float *image, const ck_canvas *canvas, const float *dy,
    const ck_convolution *s, const ck_workplace *at, int adds) {
  const int64_t C = group_inputs(s), O = group_outputs(s), I = s->kernel[0], J = s->kernel[1], L = I * J * C;
  const int64_t panel = kernels->width * kernels->vectors, line = canvas->extent[1] * C, pixels = area(s->output);
  /* Rows of sums that lie side by side in the canvas. */
  const int64_t runs = s->dilation[1] == 1 ? 1 : J, M = J / runs * C, tiles = blocks(M, kernels->rows);
  for (int64_t first = 0; first < O; first += panel) {
    const int64_t columns = least(panel, O - first), own = up_to(columns, kernels->width);
    const float *b = dy + first;
    int64_t bRow = s->outputChannels;
    if (columns < own) {
      for (int64_t p = 0; p < pixels; p++)
        for (int64_t o = 0; o < own; o++) at->beside[p * own + o] = o < columns ? b[p * bRow + o] : 0;
      b = at->beside;
      bRow = own;
    }
    for (int64_t run = 0; run < I * runs; run++) {
      const float *a = image + run / runs * s->dilation[0] * line + run % runs * s->dilation[1] * C;
      float *const c = sums + first * L + run * M * own;
      for (int64_t t = 0; t < tiles; t++) {
        const int64_t row = begin(M, tiles, t), R = begin(M, tiles, t + 1) - row;
        const ck_tile tile = {
            .K = s->output[1],
            .segments = s->output[0],
            .starts = at->starts,
            .a = a + row,
            .aRow = 1,
            .aColumn = s->stride[1] * C,
            .b = b,
            .bRow = bRow,
            .c = c + row * own,
            .cRow = own,
            .adds = adds,
            .next = c + (row + R) * own,
        };
        kernels->tiles[R - 1][own / kernels->width - 1][0][0](&tile);
      }
    }
  }
}

void ck_convolution_backward_weights(
    float *dweight, float *dbias, const float *x, const float *dy, const ck_convolution *s, float *scratch) {
  const ck_workplace at = ck_workplace_in(scratch, s);
  const ck_canvas canvas = ck_input_canvas(s);
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t C = group_inputs(s), O = group_outputs(s), K = area(s->kernel), L = K * C;
  const int64_t panel = kernels->width * kernels->vectors;
  if (is_depthwise(s)) {
    ck_depthwise_backward_weights(dweight, x, dy, s, &at);
  } else {
    for (int64_t p = 0; p < s->output[0]; p++) at.starts[p] = p * s->stride[0] * canvas.extent[1] * C;
    for (int64_t g = 0; g < s->groups; g++) {
      for (int64_t n = 0; n < s->samples; n++) {
        const float *image =
            ck_paint(at.canvas, &canvas, x + n * area(s->input) * s->inputChannels, s->input, s->inputChannels, g * C);
        const float *up = dy + n * area(s->output) * s->outputChannels + g * O;
        add_sample(kernels, at.packed, image, &canvas, up, s, &at, n > 0);
      }
      for (int64_t o = 0; o < O; o++) {
        const int64_t first = o / panel * panel, own = up_to(least(panel, O - first), kernels->width);
        const float *sums = at.packed + first * L + o - first;
        for (int64_t c = 0; c < C; c++)
          for (int64_t k = 0; k < K; k++) dweight[((g * O + o) * C + c) * K + k] = sums[(k * C + c) * own];
      }
    }
  }
  if (dbias) {
    double *const sums = (double *)scratch;
    ck_channel_sums(sums, dy, s->samples * area(s->output), s->outputChannels);
    for (int64_t o = 0; o < s->outputChannels; o++) dbias[o] = (float)sums[o];
  }
}
