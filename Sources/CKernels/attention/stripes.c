/* Softmaxes of sixteen queries at a time, a query a lane: a row of scores holds one key. Nothing goes across lanes, and vectors
 * of any width do the same. */
#include "CKernels.h"
#include "../philox.h"
#include "../softmax.h"

enum {
  LANES = CK_ATTENTION_LANES,
  SUMS = 16, /* key k goes into sum k mod 16, as in the softmax of a row */
  BESIDE = 4   /* whose exponentials are computed beside each other: each waits long for its own steps */
};

typedef float lanes __attribute__((ext_vector_type(LANES), aligned(4)));
typedef float many __attribute__((ext_vector_type(BESIDE * LANES), aligned(4)));
typedef uint32_t words __attribute__((ext_vector_type(BESIDE * LANES), aligned(4)));
typedef union {
  many all;
  lanes row[BESIDE];
} rows;
#define UNROLLED _Pragma("clang loop unroll(full)")
#if defined(__x86_64__)
#define STRIPES CK_CLONES __attribute__((min_vector_width(512)))
#else
#define STRIPES CK_CLONES
#endif

static inline int64_t least_of(int64_t a, int64_t b) { return a < b ? a : b; }

/* Lanes are not passed by value, which would ask for vectors that wide. */
CK_INLINE lanes *at(const float *rows, int64_t row, int64_t stride) { return (lanes *)(rows + row * stride); }

/* The larger of two. A NaN may be lost: it is none the less in the sum, and so in all of a query's probabilities. */
CK_INLINE void raise(lanes *most, const lanes *other) { *most = *other > *most ? *other : *most; }

/* As ck_total, of sums that are lanes: in the first of them. */
CK_INLINE void total(lanes *sums) {
  UNROLLED for (int width = SUMS / 2; width > 0; width /= 2) {
    UNROLLED for (int i = 0; i < width; i++) sums[i] += sums[i + width];
  }
}

/* exp gives zero where a query does not see a key. */
CK_INLINE void hide(float *scores, int64_t keys, int64_t stride, int64_t diagonal) {
  for (int64_t row = diagonal + 1; row < keys; row++) {
    float *const score = scores + row * stride;
    for (int lane = 0; lane < LANES; lane++) score[lane] = lane < (int)(row - diagonal) ? -__builtin_inff() : score[lane];
  }
}

CK_EXP_WITHIN(exponentials_within, many, words)

/* As ck_expf_below. */
CK_INLINE void exponentials_below(many *x) {
  const many lowest = CK_EXP_LOWEST, from = *x;
  many e = from < lowest ? lowest : from;
  exponentials_within(&e);
  e = from < lowest ? (many)0.0f : e;
  *x = from != from ? from : e;
}

/* Overwrites `count` rows of scores, at most BESIDE, with their exponentials, times `factor` where there is one. */
CK_INLINE void exponentials_of(
    float *scores, const int count, int64_t stride, float scale, const lanes *maximum, const lanes *factor) {
  rows e;
  UNROLLED for (int i = 0; i < BESIDE; i++) e.row[i] = i < count ? *at(scores, i, stride) * scale - *maximum : 0;
  exponentials_below(&e.all);
  UNROLLED for (int i = 0; i < BESIDE; i++) {
    if (i < count) *at(scores, i, stride) = factor ? e.row[i] * *factor : e.row[i];
  }
}

/* The same of all rows. */
CK_INLINE void all_exponentials(
    float *scores, int64_t keys, int64_t stride, float scale, const lanes *maximum, const lanes *factor) {
  int64_t key = 0;
  for (; key + BESIDE <= keys; key += BESIDE) exponentials_of(scores + key * stride, BESIDE, stride, scale, maximum, factor);
  for (; key < keys; key++) exponentials_of(scores + key * stride, 1, stride, scale, maximum, factor);
}

/* Adds up to 16 rows into the sums, or their products with those of `with` where it is given. */
CK_INLINE void add_rows(lanes *sums, const float *rows, const float *with, int64_t count, int64_t stride) {
  UNROLLED for (int i = 0; i < SUMS; i++) {
    if (i < count) sums[i] += with ? *at(rows, i, stride) * *at(with, i, stride) : *at(rows, i, stride);
  }
}

/* Overwrites `sum` with that of all rows. */
CK_INLINE void sum_rows(lanes *sum, const float *rows, const float *with, int64_t keys, int64_t stride) {
  lanes sums[SUMS];
  UNROLLED for (int i = 0; i < SUMS; i++) sums[i] = 0;
  int64_t key = 0;
  for (; key + SUMS <= keys; key += SUMS) {
    add_rows(sums, rows + key * stride, with ? with + key * stride : NULL, SUMS, stride);
  }
  add_rows(sums, rows + key * stride, with ? with + key * stride : NULL, keys - key, stride);
  total(sums);
  *sum = sums[0];
}

STRIPES void ck_attention_stripe_forward(
    float *restrict scores, float *restrict maxima, float *restrict inverses, int64_t keys, int64_t stride,
    int64_t diagonal, float scale) {
  hide(scores, keys, stride, diagonal);
  /* Of scores before they are scaled: rounding keeps their order. */
  lanes most[BESIDE], sum;
  UNROLLED for (int i = 0; i < BESIDE; i++) most[i] = *at(scores, 0, stride);
  int64_t key = 0;
  for (; key + BESIDE <= keys; key += BESIDE) {
    UNROLLED for (int i = 0; i < BESIDE; i++) raise(&most[i], at(scores, key + i, stride));
  }
  for (; key < keys; key++) raise(&most[0], at(scores, key, stride));
  UNROLLED for (int i = 1; i < BESIDE; i++) raise(&most[0], &most[i]);
  const lanes maximum = most[0] * scale;
  all_exponentials(scores, keys, stride, scale, &maximum, NULL);
  sum_rows(&sum, scores, NULL, keys, stride);
  const lanes inverse = 1.0f / sum;
  *(lanes *)maxima = maximum;
  *(lanes *)inverses = inverse;
  for (key = 0; key < keys; key++) *at(scores, key, stride) *= inverse;
}

STRIPES void ck_attention_stripe_backward(
    float *restrict scores, float *restrict gradient, const float *restrict maxima, const float *restrict inverses,
    int64_t keys, int64_t stride, int64_t diagonal, float scale) {
  hide(scores, keys, stride, diagonal);
  lanes mean;
  all_exponentials(scores, keys, stride, scale, (const lanes *)maxima, (const lanes *)inverses);
  sum_rows(&mean, scores, gradient, keys, stride);
  for (int64_t key = 0; key < keys; key++) {
    lanes *const up = at(gradient, key, stride);
    *up = *at(scores, key, stride) * (*up - mean) * scale;
  }
}

STRIPES void ck_attention_stripe_bias(float *restrict scores, int64_t keys, int64_t stride, int64_t distance, float slope) {
  for (int64_t key = 0; key < keys; key++) {
    float *const score = scores + key * stride;
    const int32_t back = (int32_t)(distance - key);
    for (int lane = 0; lane < LANES; lane++) score[lane] -= slope * (float)(back + lane < 0 ? -(back + lane) : back + lane);
  }
}

CK_CLONES void ck_attention_row_bias(float *restrict scores, int64_t keys, int64_t query, float slope) {
  for (int64_t key = 0; key < keys; key++) {
    const int32_t back = (int32_t)(query - key);
    scores[key] -= slope * (float)(back < 0 ? -back : back);
  }
}

STRIPES void ck_attention_stripe_window(
    float *restrict scores, int64_t keys, int64_t stride, int64_t distance, int64_t window) {
  /* Rows from which on every lane sees its key are left out. */
  const int64_t end = least_of(keys, distance + LANES - window);
  for (int64_t key = 0; key < end; key++) {
    float *const score = scores + key * stride;
    const int64_t lanes_seeing = window - (distance - key);
    for (int lane = 0; lane < LANES; lane++) score[lane] = lane < lanes_seeing ? score[lane] : -__builtin_inff();
  }
}

STRIPES void ck_attention_stripe_dropout(
    float *restrict scores, int64_t keys, int64_t stride, int64_t first, const ck_attention_dropout *draw,
    uint32_t position) {
  enum { ROWS = 4 * PHILOX_GROUP / LANES };
  for (int64_t key = 0; key < keys; key += ROWS) {
    philox_words counters[4][PHILOX_VECTORS];
    uint64_t *const a = (uint64_t *)counters[0], *const b = (uint64_t *)counters[1];
    uint64_t *const c = (uint64_t *)counters[2], *const d = (uint64_t *)counters[3];
    const uint32_t block = (uint32_t)((first + key * LANES) / 4);
    for (int j = 0; j < PHILOX_GROUP; j++) a[j] = block + (uint32_t)j, b[j] = draw->layer, c[j] = position, d[j] = draw->step;
    philox_rounds(counters[0], counters[1], counters[2], counters[3], draw->key0, draw->key1);
    uint32_t words[4 * PHILOX_GROUP];
    for (int j = 0; j < PHILOX_GROUP; j++) {
      words[4 * j] = (uint32_t)a[j];
      words[4 * j + 1] = (uint32_t)b[j];
      words[4 * j + 2] = (uint32_t)c[j];
      words[4 * j + 3] = (uint32_t)d[j];
    }
    const int64_t rows = least_of(ROWS, keys - key);
    for (int64_t row = 0; row < rows; row++) {
      float *const score = scores + (key + row) * stride;
      const uint32_t *const own = words + row * LANES;
      for (int lane = 0; lane < LANES; lane++) {
        const float scaled = score[lane] * draw->scale;
        score[lane] = (uint64_t)own[lane] < draw->threshold ? scaled : 0.0f;
      }
    }
  }
}

CK_CLONES void ck_attention_row(float *restrict scores, float *maximum, float *inverse, int64_t keys, float scale) {
  for (int64_t key = 0; key < keys; key++) scores[key] *= scale;
  *maximum = row_maximum(scores, keys);
  *inverse = 1.0f / exponentials(scores, scores, *maximum, keys);
  for (int64_t key = 0; key < keys; key++) scores[key] *= *inverse;
}
