#include "COneDNN.h"
#include "versions.h"

#include <pthread.h>
#include <stdlib.h>

/* Leaves the function with its status where a call fails. */
#define CHECK(call)                       \
  do {                                    \
    int check_status = (call);            \
    if (check_status) return check_status; \
  } while (0)

/* One pass: oneDNN's primitive, and the reorder of weights between the plain format and the one that it wants; NULL where
 * they are the same. Weights come before the primitive in two passes, weight gradients after it in the third. */
typedef struct {
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  dnnl_primitive_desc_t reorderDescription;
  dnnl_primitive_t reorder;
} pass;

struct COneDNN_convolution {
  owned_format x, y, bias, plainWeight;
  int hasBias;
  pass passes[COneDNN_PASSES];
};

/* The memory objects of one pass. */
typedef struct {
  dnnl_memory_t input, weight, plainWeight, bias, output, scratchpad, reorderScratchpad;
} arguments;

struct COneDNN_convolution_worker {
  const COneDNN_convolution *convolution;
  dnnl_stream_t stream;
  arguments arguments[COneDNN_PASSES];
};

static dnnl_engine_t engine;
static int engineStatus;
static void make_engine(void) { engineStatus = dnnl_engine_create(&engine, dnnl_cpu, 0); }

static int use_engine(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_engine);
  return engineStatus;
}

/* ---- What a pass needs -------------------------------------------------------------------------------------------- */

static format queried(const_dnnl_primitive_desc_t description, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(description, what, 0);
}

static format weight_format(const pass *p, int which) {
  return queried(
      p->description, which == COneDNN_BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md);
}

static int64_t padded(size_t bytes) { return ((int64_t)bytes + 63) / 64 * 64; }

static int64_t scratchpad_size(const_dnnl_primitive_desc_t description) {
  return description ? padded(dnnl_memory_desc_get_size(queried(description, dnnl_query_scratchpad_md))) : 0;
}

/* Scratch memory of a pass, in this order: weights in the primitive's format, its scratchpad, the reorder's. */
static int64_t weight_size(const pass *p, int which) {
  return p->reorder ? padded(dnnl_memory_desc_get_size(weight_format(p, which))) : 0;
}

int64_t COneDNN_convolution_scratch(const COneDNN_convolution *convolution) {
  int64_t most = 0;
  for (int which = 0; which < COneDNN_PASSES; which++) {
    const pass *p = &convolution->passes[which];
    int64_t size = weight_size(p, which) + scratchpad_size(p->description) + scratchpad_size(p->reorderDescription);
    if (size > most) most = size;
  }
  return most;
}

const char *COneDNN_convolution_implementation(const COneDNN_convolution *convolution, int which) {
  const char *name = "";
  dnnl_primitive_desc_query(convolution->passes[which].description, dnnl_query_impl_info_str, 0, &name);
  return name;
}

/* ---- Making ------------------------------------------------------------------------------------------------------- */

static int make_formats(COneDNN_convolution *made, const COneDNN_convolution_shape *s, owned_format *anyWeight) {
  const int64_t G = s->groups, I = s->inputChannels, O = s->outputChannels;
  const dnnl_dims_t x = {s->samples, I, s->input[0], s->input[1]}, y = {s->samples, O, s->output[0], s->output[1]};
  const dnnl_dims_t bias = {O}, plain = {O, I, s->kernel[0], s->kernel[1]};
  const dnnl_dims_t grouped = {G, O / G, I / G, s->kernel[0], s->kernel[1]};
  const int rank = G > 1 ? 5 : 4;
  const int64_t *weight = G > 1 ? grouped : plain;
  CHECK(format_create(&made->x, 4, x, dnnl_nhwc));
  CHECK(format_create(&made->y, 4, y, dnnl_nhwc));
  CHECK(format_create(&made->bias, 1, bias, dnnl_a));
  CHECK(format_create(&made->plainWeight, rank, weight, G > 1 ? dnnl_goihw : dnnl_oihw));
  return format_create(anyWeight, rank, weight, dnnl_format_tag_any);
}

static int make_pass(pass *p, int which, format plain, const_dnnl_primitive_attr_t attributes) {
  CHECK(dnnl_primitive_create(&p->primitive, p->description));
  const format wanted = weight_format(p, which);
  if (dnnl_memory_desc_equal(wanted, plain)) return dnnl_success;
  const int after = which == COneDNN_BACKWARD_WEIGHTS;
  CHECK(dnnl_reorder_primitive_desc_create(
      &p->reorderDescription, after ? wanted : plain, engine, after ? plain : wanted, engine, attributes));
  return dnnl_primitive_create(&p->reorder, p->reorderDescription);
}

static int make_passes(
    COneDNN_convolution *made, const COneDNN_convolution_shape *s, format weight, dnnl_primitive_attr_t attributes) {
  CHECK(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
  convolution_formats formats = {
      .engine = engine,
      .attributes = attributes,
      .x = format_of(&made->x),
      .weight = weight,
      .bias = s->hasBias ? format_of(&made->bias) : NULL,
      .y = format_of(&made->y)};
  for (int axis = 0; axis < 2; axis++) {
    formats.strides[axis] = s->stride[axis];
    formats.dilations[axis] = s->dilation[axis] - 1; /* oneDNN counts the elements left out */
    formats.before[axis] = s->paddingBefore[axis];
    formats.after[axis] = s->paddingAfter[axis];
  }
  pass *passes = made->passes;
  const_dnnl_primitive_desc_t forward;
  CHECK(describe_forward(&passes[COneDNN_FORWARD].description, &formats));
  forward = passes[COneDNN_FORWARD].description;
  CHECK(describe_backward_data(&passes[COneDNN_BACKWARD_DATA].description, &formats, forward));
  CHECK(describe_backward_weights(&passes[COneDNN_BACKWARD_WEIGHTS].description, &formats, forward));
  for (int which = 0; which < COneDNN_PASSES; which++)
    CHECK(make_pass(&passes[which], which, format_of(&made->plainWeight), attributes));
  return dnnl_success;
}

int COneDNN_convolution_create(COneDNN_convolution **convolution, const COneDNN_convolution_shape *shape) {
  *convolution = NULL;
  COneDNN_single_thread();
  CHECK(use_engine());
  COneDNN_convolution *made = calloc(1, sizeof *made);
  if (!made) return dnnl_out_of_memory;
  made->hasBias = shape->hasBias;
  owned_format anyWeight = {0};
  dnnl_primitive_attr_t attributes = NULL;
  int status = make_formats(made, shape, &anyWeight);
  if (!status) status = dnnl_primitive_attr_create(&attributes);
  if (!status) status = make_passes(made, shape, format_of(&anyWeight), attributes);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  format_destroy(&anyWeight);
  if (status) COneDNN_convolution_destroy(made);
  else *convolution = made;
  return status;
}

void COneDNN_convolution_destroy(COneDNN_convolution *convolution) {
  if (!convolution) return;
  for (int which = 0; which < COneDNN_PASSES; which++) {
    pass *p = &convolution->passes[which];
    if (p->reorder) dnnl_primitive_destroy(p->reorder);
    if (p->reorderDescription) dnnl_primitive_desc_destroy(p->reorderDescription);
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->description) dnnl_primitive_desc_destroy(p->description);
  }
  format_destroy(&convolution->x);
  format_destroy(&convolution->y);
  format_destroy(&convolution->bias);
  format_destroy(&convolution->plainWeight);
  free(convolution);
}

/* ---- A worker ----------------------------------------------------------------------------------------------------- */

static int make_memory(dnnl_memory_t *made, format f) { return dnnl_memory_create(made, f, engine, DNNL_MEMORY_NONE); }

static int make_arguments(arguments *a, const COneDNN_convolution *convolution, int which) {
  const pass *p = &convolution->passes[which];
  const format x = format_of(&convolution->x), y = format_of(&convolution->y);
  const int backwardData = which == COneDNN_BACKWARD_DATA;
  CHECK(make_memory(&a->input, backwardData ? y : x));
  CHECK(make_memory(&a->output, backwardData ? x : y));
  CHECK(make_memory(&a->bias, format_of(&convolution->bias)));
  CHECK(make_memory(&a->plainWeight, format_of(&convolution->plainWeight)));
  CHECK(make_memory(&a->weight, weight_format(p, which)));
  CHECK(make_memory(&a->scratchpad, queried(p->description, dnnl_query_scratchpad_md)));
  if (!p->reorder) return dnnl_success;
  return make_memory(&a->reorderScratchpad, queried(p->reorderDescription, dnnl_query_scratchpad_md));
}

int COneDNN_convolution_worker_create(COneDNN_convolution_worker **worker, const COneDNN_convolution *convolution) {
  *worker = NULL;
  COneDNN_convolution_worker *made = calloc(1, sizeof *made);
  if (!made) return dnnl_out_of_memory;
  made->convolution = convolution;
  int status = dnnl_stream_create(&made->stream, engine, dnnl_stream_default_flags);
  for (int which = 0; which < COneDNN_PASSES && !status; which++)
    status = make_arguments(&made->arguments[which], convolution, which);
  if (status) COneDNN_convolution_worker_destroy(made);
  else *worker = made;
  return status;
}

void COneDNN_convolution_worker_destroy(COneDNN_convolution_worker *worker) {
  if (!worker) return;
  for (int which = 0; which < COneDNN_PASSES; which++) {
    const arguments *a = &worker->arguments[which];
    const dnnl_memory_t all[] = {a->input, a->weight,     a->plainWeight,      a->bias,
                                 a->output, a->scratchpad, a->reorderScratchpad};
    for (int i = 0; i < 7; i++)
      if (all[i]) dnnl_memory_destroy(all[i]);
  }
  if (worker->stream) dnnl_stream_destroy(worker->stream);
  free(worker);
}

/* ---- Passes ------------------------------------------------------------------------------------------------------- */

/* oneDNN reads through the same handles that it writes through. */
static int point(dnnl_memory_t memory, const void *at) { return dnnl_memory_set_data_handle(memory, (void *)at); }

/* Points at the scratch memory and the weights; those of the primitive are the plain ones where it takes them. */
static int point_weights(COneDNN_convolution_worker *worker, int which, const float *weight, char *scratch) {
  const pass *p = &worker->convolution->passes[which];
  const arguments *a = &worker->arguments[which];
  CHECK(point(a->weight, p->reorder ? scratch : (const void *)weight));
  CHECK(point(a->plainWeight, weight));
  scratch += weight_size(p, which);
  CHECK(point(a->scratchpad, scratch));
  return p->reorder ? point(a->reorderScratchpad, scratch + scratchpad_size(p->description)) : dnnl_success;
}

static int reorder(COneDNN_convolution_worker *worker, int which) {
  const pass *p = &worker->convolution->passes[which];
  const arguments *a = &worker->arguments[which];
  if (!p->reorder) return dnnl_success;
  const int after = which == COneDNN_BACKWARD_WEIGHTS;
  const dnnl_exec_arg_t list[] = {
      {DNNL_ARG_FROM, after ? a->weight : a->plainWeight},
      {DNNL_ARG_TO, after ? a->plainWeight : a->weight},
      {DNNL_ARG_SCRATCHPAD, a->reorderScratchpad}};
  return dnnl_primitive_execute(p->reorder, worker->stream, 3, list);
}

int COneDNN_convolution_forward(
    COneDNN_convolution_worker *worker, const float *x, const float *weight, const float *bias, float *y,
    void *scratch) {
  const arguments *a = &worker->arguments[COneDNN_FORWARD];
  CHECK(point_weights(worker, COneDNN_FORWARD, weight, scratch));
  CHECK(point(a->input, x));
  CHECK(point(a->output, y));
  CHECK(reorder(worker, COneDNN_FORWARD));
  const int hasBias = worker->convolution->hasBias;
  if (hasBias) CHECK(point(a->bias, bias));
  const dnnl_exec_arg_t list[] = {
      {DNNL_ARG_SRC, a->input},
      {DNNL_ARG_WEIGHTS, a->weight},
      {DNNL_ARG_DST, a->output},
      {DNNL_ARG_SCRATCHPAD, a->scratchpad},
      {DNNL_ARG_BIAS, a->bias}};
  return dnnl_primitive_execute(
      worker->convolution->passes[COneDNN_FORWARD].primitive, worker->stream, hasBias ? 5 : 4, list);
}

int COneDNN_convolution_backward_data(
    COneDNN_convolution_worker *worker, const float *dy, const float *weight, float *dx, void *scratch) {
  const arguments *a = &worker->arguments[COneDNN_BACKWARD_DATA];
  CHECK(point_weights(worker, COneDNN_BACKWARD_DATA, weight, scratch));
  CHECK(point(a->input, dy));
  CHECK(point(a->output, dx));
  CHECK(reorder(worker, COneDNN_BACKWARD_DATA));
  const dnnl_exec_arg_t list[] = {
      {DNNL_ARG_DIFF_DST, a->input},
      {DNNL_ARG_WEIGHTS, a->weight},
      {DNNL_ARG_DIFF_SRC, a->output},
      {DNNL_ARG_SCRATCHPAD, a->scratchpad}};
  return dnnl_primitive_execute(
      worker->convolution->passes[COneDNN_BACKWARD_DATA].primitive, worker->stream, 4, list);
}

int COneDNN_convolution_backward_weights(
    COneDNN_convolution_worker *worker, const float *x, const float *dy, float *dweight, float *dbias, void *scratch) {
  const arguments *a = &worker->arguments[COneDNN_BACKWARD_WEIGHTS];
  CHECK(point_weights(worker, COneDNN_BACKWARD_WEIGHTS, dweight, scratch));
  CHECK(point(a->input, x));
  CHECK(point(a->output, dy));
  const int hasBias = worker->convolution->hasBias;
  if (hasBias) CHECK(point(a->bias, dbias));
  const dnnl_exec_arg_t list[] = {
      {DNNL_ARG_SRC, a->input},
      {DNNL_ARG_DIFF_DST, a->output},
      {DNNL_ARG_DIFF_WEIGHTS, a->weight},
      {DNNL_ARG_SCRATCHPAD, a->scratchpad},
      {DNNL_ARG_DIFF_BIAS, a->bias}};
  CHECK(dnnl_primitive_execute(
      worker->convolution->passes[COneDNN_BACKWARD_WEIGHTS].primitive, worker->stream, hasBias ? 5 : 4, list));
  return reorder(worker, COneDNN_BACKWARD_WEIGHTS);
}
