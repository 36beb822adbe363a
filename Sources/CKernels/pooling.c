#include "CKernels.h"
#include "bfloat16.h"
#include "common.h"

#include <string.h>

/* Rows or columns lo ..< hi of a window that lie in the input; `start` is where the window begins, maybe before it. */
typedef struct {
  int64_t start, lo, hi;
} range;

static inline range clip(const ck_pooling *s, int axis, int64_t window) {
  if (s->isAdaptive) {
    const int64_t first = window * s->input[axis] / s->output[axis];
    const int64_t end = ((window + 1) * s->input[axis] + s->output[axis] - 1) / s->output[axis];
    return (range){.start = first, .lo = 0, .hi = end - first};
  }
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

/* What a mean is divided by. */
#define AREA (s->isOwnArea ? (float)((rows.hi - rows.lo) * (columns.hi - columns.lo)) : area)

static int is_large(const ck_pooling *s) { return s->kernel[0] * s->kernel[1] > CK_SMALL_WINDOW; }

/* The same numbers come out that went in. `FLOAT` is what they are compared as, `PLACE` what places are. */
#define MAX_POOL_FORWARD(NAME, NUMBER, FLOAT, PLACE)                                                       \
  CK_CLONES static void NAME(NUMBER *restrict y, PLACE *restrict places, const NUMBER *restrict x, const ck_pooling *s) { \
    const int64_t C = s->channels;                                                                         \
    EACH_WINDOW({                                                                                          \
      int first = 1;                                                                                       \
      EACH_ELEMENT({                                                                                       \
        if (first) {                                                                                       \
          for (int64_t c = 0; c < C; c++) y[out + c] = x[in + c];                                          \
          for (int64_t c = 0; c < C; c++) places[out + c] = (PLACE)k;                                      \
          first = 0;                                                                                       \
          continue;                                                                                        \
        }                                                                                                  \
        for (int64_t c = 0; c < C; c++) {                                                                  \
          const int larger = (FLOAT(x[in + c]) > FLOAT(y[out + c])) | (FLOAT(x[in + c]) != FLOAT(x[in + c])); \
          y[out + c] = larger ? x[in + c] : y[out + c];                                                    \
          places[out + c] = larger ? (PLACE)k : places[out + c];                                           \
        }                                                                                                  \
      })                                                                                                   \
    })                                                                                                     \
  }
MAX_POOL_FORWARD(max_pool_small, float, , uint8_t)
MAX_POOL_FORWARD(max_pool_large, float, , uint32_t)
MAX_POOL_FORWARD(bfloat16_max_pool_small, uint16_t, ck_float_of, uint8_t)
MAX_POOL_FORWARD(bfloat16_max_pool_large, uint16_t, ck_float_of, uint32_t)

void ck_max_pool_forward(float *y, void *places, const float *x, const ck_pooling *s) {
  if (is_large(s)) return max_pool_large(y, places, x, s);
  max_pool_small(y, places, x, s);
}

void ck_bfloat16_max_pool_forward(uint16_t *y, void *places, const uint16_t *x, const ck_pooling *s) {
  if (is_large(s)) return bfloat16_max_pool_large(y, places, x, s);
  bfloat16_max_pool_small(y, places, x, s);
}

/* Whether windows overlap nowhere and leave nothing out, so that each element of the input is written once. */
static int tiles(const ck_pooling *s) {
  if (s->isAdaptive) return 0;
  for (int axis = 0; axis < 2; axis++)
    if (s->stride[axis] != s->kernel[axis] || s->padding[axis] != 0 ||
        s->output[axis] * s->stride[axis] != s->input[axis])
      return 0;
  return 1;
}

static int64_t inputs(const ck_pooling *s) { return s->samples * s->input[0] * s->input[1] * s->channels; }
static int64_t outputs(const ck_pooling *s) { return s->samples * s->output[0] * s->output[1] * s->channels; }

/* Of windows that tile the input. */
#define MAX_POOL_TILES(NAME, NUMBER, PLACE)                                                                                     \
  CK_CLONES static void NAME(NUMBER *restrict dx, const NUMBER *restrict dy, const PLACE *restrict places, const ck_pooling *s) { \
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
MAX_POOL_TILES(max_pool_small_tiles, float, uint8_t)
MAX_POOL_TILES(max_pool_large_tiles, float, uint32_t)
MAX_POOL_TILES(bfloat16_max_pool_small_tiles, uint16_t, uint8_t)
MAX_POOL_TILES(bfloat16_max_pool_large_tiles, uint16_t, uint32_t)

/* Overwrites sums. */
#define MAX_POOL_SUMS(NAME, NUMBER, FLOAT, PLACE)                                                                               \
  CK_CLONES static void NAME(float *restrict sums, const NUMBER *restrict dy, const PLACE *restrict places, const ck_pooling *s) { \
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
MAX_POOL_SUMS(max_pool_small_sums, float, , uint8_t)
MAX_POOL_SUMS(max_pool_large_sums, float, , uint32_t)
MAX_POOL_SUMS(bfloat16_max_pool_small_sums, uint16_t, ck_float_of, uint8_t)
MAX_POOL_SUMS(bfloat16_max_pool_large_sums, uint16_t, ck_float_of, uint32_t)

void ck_max_pool_backward(float *dx, const float *dy, const void *places, const ck_pooling *s) {
  if (tiles(s)) return is_large(s) ? max_pool_large_tiles(dx, dy, places, s) : max_pool_small_tiles(dx, dy, places, s);
  if (is_large(s)) return max_pool_large_sums(dx, dy, places, s);
  max_pool_small_sums(dx, dy, places, s);
}

void ck_bfloat16_max_pool_backward(uint16_t *dx, const uint16_t *dy, const void *places, const ck_pooling *s) {
  const int isLarge = is_large(s);
  if (tiles(s)) {
    return isLarge ? bfloat16_max_pool_large_tiles(dx, dy, places, s) : bfloat16_max_pool_small_tiles(dx, dy, places, s);
  }
  ck_pooling one = *s;
  one.samples = 1;
  float *const sums = ck_thread_memory(inputs(&one));
  const char *own = places;
  for (int64_t n = 0; n < s->samples; n++, dx += inputs(&one), dy += outputs(&one)) {
    if (isLarge) {
      bfloat16_max_pool_large_sums(sums, dy, (const uint32_t *)own, &one);
    } else {
      bfloat16_max_pool_small_sums(sums, dy, (const uint8_t *)own, &one);
    }
    own += outputs(&one) * (isLarge ? 4 : 1);
    ck_bfloat16_round(dx, sums, inputs(&one));
  }
}

/* Channels of a window at a time: few, whose sums stay in registers, as their number is known beforehand; where there are many, so
 * many that memory is read in long rows. */
enum { TOGETHER = 64, MANY = 512 };
#define EACH_BLOCK(BODY)                                                                                   \
  for (int64_t start = 0, count; start < C; start += count) {                                              \
    if (C <= MANY / 2 && C - start >= TOGETHER) {                                                          \
      enum { MOST = TOGETHER };                                                                            \
      count = MOST;                                                                                        \
      BODY                                                                                                 \
    } else {                                                                                               \
      enum { MOST = MANY };                                                                                \
      count = C - start < MOST ? C - start : MOST;                                                         \
      BODY                                                                                                 \
    }                                                                                                      \
  }

#define AVERAGE_POOL_FORWARD(NAME, NUMBER, FLOAT, ROUND)                                                   \
  CK_CLONES void NAME(NUMBER *restrict y, const NUMBER *restrict x, const ck_pooling *s) {                 \
    const int64_t C = s->channels;                                                                         \
    const float area = (float)(s->kernel[0] * s->kernel[1]);                                               \
    EACH_WINDOW({                                                                                          \
      EACH_BLOCK({                                                                                         \
        float sums[MOST];                                                                                  \
        for (int64_t c = 0; c < count; c++) sums[c] = 0;                                                   \
        EACH_ELEMENT({                                                                                     \
          (void)k;                                                                                         \
          for (int64_t c = 0; c < count; c++) sums[c] += FLOAT(x[in + start + c]);                         \
        })                                                                                                 \
        for (int64_t c = 0; c < count; c++) y[out + start + c] = ROUND(sums[c] / AREA);                    \
      })                                                                                                   \
    })                                                                                                     \
  }
AVERAGE_POOL_FORWARD(ck_average_pool_forward, float, , )
AVERAGE_POOL_FORWARD(ck_bfloat16_average_pool_forward, uint16_t, ck_float_of, ck_bfloat16_of)

/* Overwrites sums. What a window gives each of its elements is divided once. */
#define AVERAGE_POOL_SUMS(NAME, NUMBER, FLOAT)                                                             \
  CK_CLONES static void NAME(float *restrict sums, const NUMBER *restrict dy, const ck_pooling *s) {       \
    const int64_t C = s->channels;                                                                         \
    const float area = (float)(s->kernel[0] * s->kernel[1]);                                               \
    memset(sums, 0, (size_t)inputs(s) * sizeof *sums);                                                     \
    EACH_WINDOW({                                                                                          \
      EACH_BLOCK({                                                                                         \
        float parts[MOST];                                                                                 \
        for (int64_t c = 0; c < count; c++) parts[c] = FLOAT(dy[out + start + c]) / AREA;                  \
        EACH_ELEMENT({                                                                                     \
          (void)k;                                                                                         \
          for (int64_t c = 0; c < count; c++) sums[in + start + c] += parts[c];                            \
        })                                                                                                 \
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
