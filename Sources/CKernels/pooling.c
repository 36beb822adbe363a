#include "CKernels.h"
#include "common.h"

#include <string.h>

/* Rows or columns lo ..< hi of a window that lie in the input; `start` is where the window begins, maybe before it. */
typedef struct {
  int64_t start, lo, hi;
} range;

static inline range clip(const ck_pooling *s, int axis, int64_t window) {
  range r = {.start = window * s->stride[axis] - s->padding[axis]};
  r.lo = r.start < 0 ? -r.start : 0;
  int64_t room = s->input[axis] - r.start;
  r.hi = room < s->kernel[axis] ? room : s->kernel[axis];
  return r;
}

/* Runs `BODY` for each window of each sample, in order, with `out` the place of its first channel in the output and
 * `rows`, `columns` its ranges. */
#define EACH_WINDOW(BODY)                                        \
  for (int64_t n = 0, out = 0; n < s->samples; n++)              \
    for (int64_t p = 0; p < s->output[0]; p++) {                 \
      const range rows = clip(s, 0, p);                          \
      for (int64_t q = 0; q < s->output[1]; q++, out += C) {     \
        const range columns = clip(s, 1, q);                     \
        BODY                                                     \
      }                                                          \
    }

/* Runs `BODY` for each element of the window, with `in` the place of its first channel in the input, and `k` its number
 * in the window. */
#define EACH_ELEMENT(BODY)                                                                                          \
  for (int64_t i = rows.lo; i < rows.hi; i++)                                                                       \
    for (int64_t j = columns.lo; j < columns.hi; j++) {                                                             \
      const int64_t in = ((n * s->input[0] + rows.start + i) * s->input[1] + columns.start + j) * C;                \
      const int64_t k = i * s->kernel[1] + j;                                                                       \
      BODY                                                                                                          \
    }

CK_CLONES void ck_max_pool_forward(
    float *restrict y, uint8_t *restrict places, const float *restrict x, const ck_pooling *s) {
  const int64_t C = s->channels;
  EACH_WINDOW({
    int first = 1;
    EACH_ELEMENT({
      if (first) {
        for (int64_t c = 0; c < C; c++) y[out + c] = x[in + c];
        memset(places + out, (int)k, (size_t)C);
        first = 0;
        continue;
      }
      for (int64_t c = 0; c < C; c++) {
        const int larger = (x[in + c] > y[out + c]) | (x[in + c] != x[in + c]);
        y[out + c] = larger ? x[in + c] : y[out + c];
        places[out + c] = larger ? (uint8_t)k : places[out + c];
      }
    })
  })
}

/* Whether windows overlap nowhere and leave nothing out, so that each element of the input is written once. */
static int tiles(const ck_pooling *s) {
  for (int axis = 0; axis < 2; axis++)
    if (s->stride[axis] != s->kernel[axis] || s->padding[axis] != 0 ||
        s->output[axis] * s->stride[axis] != s->input[axis])
      return 0;
  return 1;
}

static void clear(float *dx, const ck_pooling *s) {
  memset(dx, 0, sizeof(float) * (size_t)(s->samples * s->input[0] * s->input[1] * s->channels));
}

CK_CLONES void ck_max_pool_backward(
    float *restrict dx, const float *restrict dy, const uint8_t *restrict places, const ck_pooling *s) {
  const int64_t C = s->channels;
  if (tiles(s)) {
    EACH_WINDOW({
      EACH_ELEMENT({
        for (int64_t c = 0; c < C; c++) {
          const float d = dy[out + c];
          dx[in + c] = places[out + c] == k ? d : 0;
        }
      })
    })
    return;
  }
  clear(dx, s);
  EACH_WINDOW({
    EACH_ELEMENT({
      for (int64_t c = 0; c < C; c++) {
        const float d = dy[out + c];
        dx[in + c] += places[out + c] == k ? d : 0;
      }
    })
  })
}

CK_CLONES void ck_average_pool_forward(float *restrict y, const float *restrict x, const ck_pooling *s) {
  const int64_t C = s->channels;
  const float area = (float)(s->kernel[0] * s->kernel[1]);
  EACH_WINDOW({
    for (int64_t c = 0; c < C; c++) y[out + c] = 0;
    EACH_ELEMENT({
      (void)k;
      for (int64_t c = 0; c < C; c++) y[out + c] += x[in + c];
    })
    for (int64_t c = 0; c < C; c++) y[out + c] /= area;
  })
}

CK_CLONES void ck_average_pool_backward(float *restrict dx, const float *restrict dy, const ck_pooling *s) {
  const int64_t C = s->channels;
  const float area = (float)(s->kernel[0] * s->kernel[1]);
  clear(dx, s);
  EACH_WINDOW({
    EACH_ELEMENT({
      (void)k;
      for (int64_t c = 0; c < C; c++) dx[in + c] += dy[out + c] / area;
    })
  })
}
