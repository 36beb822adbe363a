/* What the passes of a convolution share.
 *
 * Letters as in CKernelsConvolutions.h; C and O are those of one group. */
#pragma once

#include "../products/product.h"
#include "CKernelsConvolutions.h"

#include <string.h>

static inline int64_t area(const int64_t *axes) { return axes[0] * axes[1]; }

static inline int64_t group_inputs(const ck_convolution *s) { return s->inputChannels / s->groups; }
static inline int64_t group_outputs(const ck_convolution *s) { return s->outputChannels / s->groups; }
static inline int is_depthwise(const ck_convolution *s) {
  return s->groups > 1 && s->groups == s->inputChannels && s->groups == s->outputChannels;
}

/* An image of some channels of a sample, with as many zeros around as its windows reach over. */
typedef struct {
  int64_t before[2]; /* zeros before the image */
  int64_t extent[2];
  int64_t channels;
} ck_canvas;

static inline int64_t canvas_floats(const ck_canvas *c) { return area(c->extent) * c->channels; }

/* What all windows of the forward pass read, and what all readers of an input read of the output's gradient. */
ck_canvas ck_input_canvas(const ck_convolution *s);
ck_canvas ck_gradient_canvas(const ck_convolution *s);

/* The canvas of a sample, `image` of extent[] pixels of `channels` floats, of which it has those from `first` on: `to`, or the
 * image itself where that is the same. */
const float *ck_paint(
    float *to, const ck_canvas *canvas, const float *image, const int64_t *extent, int64_t channels, int64_t first);

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

/* Where scratch memory begins: offsets of segments, then what is packed, and a canvas. */
typedef struct {
  int64_t *starts;
  float *packed, *canvas, *beside;
} ck_workplace;

ck_workplace ck_workplace_in(float *scratch, const ck_convolution *s);

void ck_depthwise_forward(float *y, const float *x, const float *weight, const ck_convolution *s, const ck_workplace *at);
void ck_depthwise_backward_data(float *dx, const float *dy, const float *weight, const ck_convolution *s, const ck_workplace *at);
void ck_depthwise_backward_weights(float *dw, const float *x, const float *dy, const ck_convolution *s, const ck_workplace *at);
