/* Where the C interfaces of oneDNN 2 and 3 differ: memory descriptors are structures in 2 and handles in 3, and 3 has no
 * operation descriptors. Written so that the other files need not ask for the version. */
#pragma once

#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR >= 3

/* A descriptor that we own, and one that we look at. */
typedef dnnl_memory_desc_t owned_format;
typedef const_dnnl_memory_desc_t format;

static inline format format_of(const owned_format *owned) { return *owned; }
static inline void format_destroy(owned_format *owned) {
  if (*owned) dnnl_memory_desc_destroy(*owned);
}
static inline int format_create(owned_format *owned, int rank, const dnnl_dims_t extents, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(owned, rank, extents, dnnl_f32, tag);
}

#else

typedef struct {
  dnnl_memory_desc_t value;
} owned_format;
typedef const dnnl_memory_desc_t *format;

static inline format format_of(const owned_format *owned) { return &owned->value; }
static inline void format_destroy(owned_format *owned) { (void)owned; }
static inline int format_create(owned_format *owned, int rank, const dnnl_dims_t extents, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(&owned->value, rank, extents, dnnl_f32, tag);
}

#endif

/* What the three passes of a convolution are described by; `bias` is NULL where there is none. */
typedef struct {
  dnnl_engine_t engine;
  const_dnnl_primitive_attr_t attributes;
  format x, weight, bias, y;
  dnnl_dims_t strides, dilations, before, after;
} convolution_formats;

#if DNNL_VERSION_MAJOR >= 3

static inline int describe_forward(dnnl_primitive_desc_t *made, const convolution_formats *f) {
  return dnnl_convolution_forward_primitive_desc_create(
      made, f->engine, dnnl_forward_training, dnnl_convolution_direct, f->x, f->weight, f->bias, f->y, f->strides,
      f->dilations, f->before, f->after, f->attributes);
}
static inline int describe_backward_data(
    dnnl_primitive_desc_t *made, const convolution_formats *f, const_dnnl_primitive_desc_t forward) {
  return dnnl_convolution_backward_data_primitive_desc_create(
      made, f->engine, dnnl_convolution_direct, f->x, f->weight, f->y, f->strides, f->dilations, f->before, f->after,
      forward, f->attributes);
}
static inline int describe_backward_weights(
    dnnl_primitive_desc_t *made, const convolution_formats *f, const_dnnl_primitive_desc_t forward) {
  return dnnl_convolution_backward_weights_primitive_desc_create(
      made, f->engine, dnnl_convolution_direct, f->x, f->weight, f->bias, f->y, f->strides, f->dilations, f->before,
      f->after, forward, f->attributes);
}

#else

static inline int describe_forward(dnnl_primitive_desc_t *made, const convolution_formats *f) {
  dnnl_convolution_desc_t operation;
  int status = dnnl_dilated_convolution_forward_desc_init(
      &operation, dnnl_forward_training, dnnl_convolution_direct, f->x, f->weight, f->bias, f->y, f->strides,
      f->dilations, f->before, f->after);
  return status ? status : dnnl_primitive_desc_create(made, &operation, f->attributes, f->engine, NULL);
}
static inline int describe_backward_data(
    dnnl_primitive_desc_t *made, const convolution_formats *f, const_dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t operation;
  int status = dnnl_dilated_convolution_backward_data_desc_init(
      &operation, dnnl_convolution_direct, f->x, f->weight, f->y, f->strides, f->dilations, f->before, f->after);
  return status ? status : dnnl_primitive_desc_create(made, &operation, f->attributes, f->engine, forward);
}
static inline int describe_backward_weights(
    dnnl_primitive_desc_t *made, const convolution_formats *f, const_dnnl_primitive_desc_t forward) {
  dnnl_convolution_desc_t operation;
  int status = dnnl_dilated_convolution_backward_weights_desc_init(
      &operation, dnnl_convolution_direct, f->x, f->weight, f->bias, f->y, f->strides, f->dilations, f->before,
      f->after);
  return status ? status : dnnl_primitive_desc_create(made, &operation, f->attributes, f->engine, forward);
}

#endif
