#include "CKernels.h"
#include "bfloat16.h"
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

/* The same numbers come out that went in. `FLOAT` is what they are compared as. */
#define MAX_POOL_FORWARD(NAME, NUMBER, FLOAT)                                                              \
  CK_CLONES void NAME(NUMBER *restrict y, uint8_t *restrict places, const NUMBER *restrict x, const ck_pooling *s) { \
    const int64_t C = s->channels;                                                                         \
    EACH_WINDOW({                                                                                          \
      int first = 1;                                                                                       \
      EACH_ELEMENT({                                                                                       \
        if (first) {                                                                                       \
          for (int64_t c = 0; c < C; c++) y[out + c] = x[in + c];                                          \
          memset(places + out, (int)k, (size_t)C);                                                         \
          first = 0;                                                                                       \
          continue;                                                                                        \
        }                                                                                                  \
        for (int64_t c = 0; c < C; c++) {                                                                  \
          const int larger = (FLOAT(x[in + c]) > FLOAT(y[out + c])) | (FLOAT(x[in + c]) != FLOAT(x[in + c])); \
          y[out + c] = larger ? x[in + c] : y[out + c];                                                    \
          places[out + c] = larger ? (uint8_t)k : places[out + c];                                         \
        }                                                                                                  \
      })                                                                                                   \
    })                                                                                                     \
  }
MAX_POOL_FORWARD(ck_max_pool_forward, float, )
MAX_POOL_FORWARD(ck_bfloat16_max_pool_forward, uint16_t, ck_float_of)

/* Whether windows overlap nowhere and leave nothing out, so that each element of the input is written once. */
static int tiles(const ck_pooling *s) {
  for (int axis = 0; axis < 2; axis++)
    if (s->stride[axis] != s->kernel[axis] || s->padding[axis] != 0 ||
        s->output[axis] * s->stride[axis] != s->input[axis])
      return 0;
  return 1;
}

static int64_t inputs(const ck_pooling *s) { return s->samples * s->input[0] * s->input[1] * s->channels; }
static int64_t outputs(const ck_pooling *s) { return s->samples * s->output[0] * s->output[1] * s->channels; }

/* Of windows that tile the input. */
#define MAX_POOL_TILES(NAME, NUMBER)                                                                                            \
  CK_CLONES static void NAME(NUMBER *restrict dx, const NUMBER *restrict dy, const uint8_t *restrict places, const ck_pooling *s) { \
    const int64_t C = s->channels;                                                                                              \
    EACH_WINDOW({                                                                                                               \
      EACH_ELEMENT({                                                                                                            \
        for (int64_t c = 0; c < C; c++) {                                                                                       \
          const NUMBER d = dy[out + c];                                                                                         \
          dx[in + c] = places[out + c] == k ? d : 0;                                                                            \
        }                                                                                                                       \
      })                                                                                                                        \
    })                                                                                                                          \
  }
MAX_POOL_TILES(max_pool_tiles, float)
MAX_POOL_TILES(bfloat16_max_pool_tiles, uint16_t)

/* Overwrites sums. */
#define MAX_POOL_SUMS(NAME, NUMBER, FLOAT)                                                                                      \
  CK_CLONES static void NAME(float *restrict sums, const NUMBER *restrict dy, const uint8_t *restrict places, const ck_pooling *s) { \
    const int64_t C = s->channels;                                                                                              \
    memset(sums, 0, (size_t)inputs(s) * sizeof *sums);                                                                          \
    EACH_WINDOW({                                                                                                               \
      EACH_ELEMENT({                                                                                                            \
        for (int64_t c = 0; c < C; c++) {                                                                                       \
          const float d = FLOAT(dy[out + c]);                                                                                   \
          sums[in + c] += places[out + c] == k ? d : 0;                                                                         \
        }                                                                                                                       \
      })                                                                                                                        \
    })                                                                                                                          \
  }
MAX_POOL_SUMS(max_pool_sums, float, )
MAX_POOL_SUMS(bfloat16_max_pool_sums, uint16_t, ck_float_of)

void ck_max_pool_backward(float *dx, const float *dy, const uint8_t *places, const ck_pooling *s) {
  if (tiles(s)) return max_pool_tiles(dx, dy, places, s);
  max_pool_sums(dx, dy, places, s);
}

void ck_bfloat16_max_pool_backward(uint16_t *dx, const uint16_t *dy, const uint8_t *places, const ck_pooling *s) {
  if (tiles(s)) return bfloat16_max_pool_tiles(dx, dy, places, s);
  ck_pooling one = *s;
  one.samples = 1;
  float *const sums = ck_thread_memory(inputs(&one));
  for (int64_t n = 0; n < s->samples; n++, dx += inputs(&one), dy += outputs(&one), places += outputs(&one)) {
    bfloat16_max_pool_sums(sums, dy, places, &one);
    ck_bfloat16_round(dx, sums, inputs(&one));
  }
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

/* Some channels at a time, whose sums stay in registers. */
CK_CLONES void ck_bfloat16_average_pool_forward(uint16_t *restrict y, const uint16_t *restrict x, const ck_pooling *s) {
  enum { TOGETHER = 64 };
  const int64_t C = s->channels;
  const float area = (float)(s->kernel[0] * s->kernel[1]);
  EACH_WINDOW({
    for (int64_t first = 0; first < C; first += TOGETHER) {
      const int64_t count = C - first < TOGETHER ? C - first : TOGETHER;
      float sums[TOGETHER] = {0};
      EACH_ELEMENT({
        (void)k;
        for (int64_t c = 0; c < count; c++) sums[c] += ck_float_of(x[in + first + c]);
      })
      for (int64_t c = 0; c < count; c++) y[out + first + c] = ck_bfloat16_of(sums[c] / area);
    }
  })
}

/* Overwrites sums. */
#define AVERAGE_POOL_SUMS(NAME, NUMBER, FLOAT)                                                             \
  CK_CLONES static void NAME(float *restrict sums, const NUMBER *restrict dy, const ck_pooling *s) {       \
    const int64_t C = s->channels;                                                                         \
    const float area = (float)(s->kernel[0] * s->kernel[1]);                                               \
    memset(sums, 0, (size_t)inputs(s) * sizeof *sums);                                                     \
    EACH_WINDOW({                                                                                          \
      EACH_ELEMENT({                                                                                       \
        (void)k;                                                                                           \
        for (int64_t c = 0; c < C; c++) sums[in + c] += FLOAT(dy[out + c]) / area;                         \
      })                                                                                                   \
    })                                                                                                     \
  }
AVERAGE_POOL_SUMS(average_pool_sums, float, )
AVERAGE_POOL_SUMS(bfloat16_average_pool_sums, uint16_t, ck_float_of)

void ck_average_pool_backward(float *dx, const float *dy, const ck_pooling *s) { average_pool_sums(dx, dy, s); }

void ck_bfloat16_average_pool_backward(uint16_t *dx, const uint16_t *dy, const ck_pooling *s) {
  ck_pooling one = *s;
  one.samples = 1;
  float *const sums = ck_thread_memory(inputs(&one));
  for (int64_t n = 0; n < s->samples; n++, dx += inputs(&one), dy += outputs(&one)) {
    bfloat16_average_pool_sums(sums, dy, &one);
    ck_bfloat16_round(dx, sums, inputs(&one));
  }
}
