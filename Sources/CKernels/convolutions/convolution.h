/* What the passes of a convolution share.
 *
 * Letters as in CKernelsConvolutions.h; C and O are those of one group. */
#pragma once

#include "../products/bfloat16_product.h"
#include "CKernelsConvolutions.h"

#include <string.h>

/* Vectors are of 16 floats at most, panels of two of them. */
enum { CK_PANEL = CK_MOST_WIDTH * CK_MOST_VECTORS };

static inline int64_t area(const int64_t *axes) { return axes[0] * axes[1]; }

static inline int64_t group_inputs(const ck_convolution *s) { return s->inputChannels / s->groups; }
static inline int64_t group_outputs(const ck_convolution *s) { return s->outputChannels / s->groups; }
static inline int is_depthwise(const ck_convolution *s) {
  return s->groups > 1 && s->groups == s->inputChannels && s->groups == s->outputChannels;
}

/* Whether steps of chains are words of bfloat16 numbers, as in bfloat16_product.h. */
static inline int is_rounded(const ck_convolution *s) { return s->isBFloat16 && !is_depthwise(s); }

/* Whether each pixel of the output is made of one of the input alone: a product over the pixels of all samples, where there is one of
 * such tensors: of floats alone, or with bfloat16 factors of either. */
static inline int is_pointwise(const ck_convolution *s) {
  const int isProduct = is_rounded(s) || !(s->inputIsBFloat16 || s->outputIsBFloat16);
  return isProduct && !is_depthwise(s) && area(s->kernel) == 1 && area(s->stride) == 1 && s->padding[0] == 0 &&
         s->padding[1] == 0 && s->input[0] == s->output[0] && s->input[1] == s->output[1];
}

/* ---- Numbers -------------------------------------------------------------------------------------------------------- */

/* Number `at` of a tensor of floats or of bfloat16 numbers. */
static inline const void *number_of(const void *tensor, int isBFloat16, int64_t at) {
  return (const char *)tensor + at * (isBFloat16 ? 2 : 4);
}
static inline void *place_of(void *tensor, int isBFloat16, int64_t at) {
  return (char *)tensor + at * (isBFloat16 ? 2 : 4);
}

/* ---- Tiles ---------------------------------------------------------------------------------------------------------- */

/* The kernels that this thread uses for a convolution. */
typedef struct {
  const ck_product_kernels *floats; /* the extents of tiles as well */
  const ck_bfloat16_kernels *words; /* NULL: steps are floats */
} ck_convolution_kernels;

static inline ck_convolution_kernels ck_kernels_for(const ck_convolution *s) {
  return (ck_convolution_kernels){ck_kernels(), is_rounded(s) ? ck_bfloat16_kernels_here() : NULL};
}
static inline ck_tile_kernel *ck_tile_of(const ck_convolution_kernels *k, int64_t rows, int64_t vectors) {
  return k->words ? k->words->tiles[rows - 1][vectors - 1][0] : k->floats->tiles[rows - 1][vectors - 1][0][0];
}

/* Steps of a chain over `count` numbers, of floats where there are no words, and as many at most with any kernels. */
static inline int64_t ck_chain_steps(const ck_bfloat16_kernels *words, int64_t count) {
  return words == NULL ? count : ck_steps(words, count);
}
static inline int64_t ck_most_steps(const ck_convolution *s, int64_t count) {
  return is_rounded(s) ? up_to(count, 2) : count;
}

/* ---- Scratch memory ------------------------------------------------------------------------------------------------- */

/* Where it begins: offsets of segments, then what is packed, canvases, a line of them, and a tile's edge, gradients by panels, or a
 * line of a depthwise one's. */
typedef struct {
  int64_t *starts;
  float *packed, *canvas, *line, *beside;
} ck_workplace;

ck_workplace ck_workplace_in(float *scratch, const ck_convolution *s);

/* ---- Canvases ------------------------------------------------------------------------------------------------------- */

/* Images of some channels of some samples, each with as many zeros around as its windows reach over. */
typedef struct {
  int64_t before[2]; /* zeros before the image */
  int64_t extent[2];
  int64_t numbers;  /* of the image's numbers, a pixel's */
  int64_t channels; /* what a pixel has here: these as floats, or words of them */
  int64_t together; /* words have two pixels that lie so many apart; zero: two channels */
  int64_t sample;   /* floats from one sample to the next */
  int64_t reserved; /* of scratch memory for a sample, with any kernels */
  int isBFloat16;   /* the image is of bfloat16 numbers */
  int isImage;      /* it is what lies in memory already */
} ck_canvas;

/* What all windows of the forward pass read, and what all readers of an input read of the output's gradient. */
ck_canvas ck_input_canvas(const ck_convolution *s);
ck_canvas ck_gradient_canvas(const ck_convolution *s);

/* What all windows read whose pixels come in pairs: as the first one, where `is_rounded`. */
ck_canvas ck_pixel_canvas(const ck_convolution *s);

/* Scratch floats of a sample's canvas, whichever it is, and of a line of it. */
int64_t ck_reserved(const ck_convolution *s);
int64_t ck_line_floats(const ck_convolution *s);

/* How many samples have a canvas at a time: one, or several where images are small, so that tiles and chains are not. */
int64_t ck_samples_at_once(const ck_convolution *s);

/* The canvases of `samples` images of extent[] pixels of `channels` numbers, of which they have those from `first` on: in scratch
 * memory, or the images themselves where those are the same. */
const float *ck_paint(
    const ck_workplace *at, const ck_canvas *canvas, const ck_bfloat16_kernels *words, const void *images,
    const int64_t *extent, int64_t channels, int64_t first, int64_t samples);

/* ---- Phases --------------------------------------------------------------------------------------------------------- */

/* Pixels of the input along an axis that leave the same rest when they are divided by the stride: every stride-th one, read by
 * every `step`-th element of the kernel from `element` on. The first of them reads the first pixel at `reads` of the output, each
 * next one `apart` behind it. */
typedef struct {
  int64_t first, count;
  int64_t element, step, elements;
  int64_t reads, apart;
} ck_phase;

ck_phase ck_phase_of(const ck_convolution *s, int axis, int64_t first);
static inline int64_t ck_phases(const ck_convolution *s, int axis) { return least(s->stride[axis], s->input[axis]); }

/* ---- Sweeps --------------------------------------------------------------------------------------------------------- */

/* How many pixels there are along an axis, and numbers from one to the next, in the canvas and in the result. */
typedef struct {
  int64_t count, image, result;
} ck_axis;

/* Pixels of samples, lines and columns from other images. */
typedef struct {
  ck_axis axes[3];
  const float *image; /* the canvas */
  void *result;
  int isBFloat16;    /* the result is of bfloat16 numbers */
  int64_t channels;  /* of the result, of one group */
  const float *bias; /* of these channels, added behind the chains; NULL: none */
} ck_sweep;

/* Overwrites the pixels with chains of `tile`'s segments, whose weights are packed by panels. `beside` is room for a tile. */
void ck_sweep_pixels(
    const ck_convolution_kernels *kernels, const ck_sweep *s, ck_tile tile, const float *packed, float *beside);

/* ---- Passes --------------------------------------------------------------------------------------------------------- */

/* Packs weights (O x C x I x J of a group) by panels of their last axis, N wide: of the elements of the kernel that `rows` and
 * `columns` name, each L steps: L x N is C x O, or O x C where `isTurned`. */
void ck_pack_weights(
    const ck_convolution_kernels *kernels, float *to, const float *weight, const ck_convolution *s, const ck_phase *rows,
    const ck_phase *columns, int isTurned);

/* Overwrites dw, without the bias. */
void ck_windows_backward_weights(float *dw, const void *x, const void *dy, const ck_convolution *s, const ck_workplace *at);

/* `bias` may be NULL. */
void ck_pointwise_forward(void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s);
void ck_pointwise_backward_data(void *dx, const void *dy, const float *weight, const ck_convolution *s);
void ck_pointwise_backward_weights(float *dw, const float *x, const float *dy, const ck_convolution *s);

void ck_depthwise_forward(
    void *y, const void *x, const float *weight, const float *bias, const ck_convolution *s, const ck_workplace *at);
void ck_depthwise_backward_data(void *dx, const void *dy, const float *weight, const ck_convolution *s, const ck_workplace *at);
void ck_depthwise_backward_weights(float *dw, const void *x, const void *dy, const ck_convolution *s, const ck_workplace *at);
