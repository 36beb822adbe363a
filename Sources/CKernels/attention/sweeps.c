#include "attention.h"

#include <string.h>

ck_head ck_head_of(const ck_attention *s, int64_t head) {
  const int64_t T = s->positions, S = key_positions(s), D = s->width, d = head_columns(s), G = key_heads(s), own = 2 * G * d;
  const int64_t sample = head / s->heads, number = head % s->heads, of = number / sharing_heads(s) * d;
  ck_head h = {.sample = sample, .number = number, .o = sample * T * D + number * d};
  h.qRow = s->memory ? D : D + own;
  h.kRow = s->memory ? own : D + own;
  h.q = sample * T * h.qRow + number * d;
  h.k = (s->memory ? s->samples * T * D + sample * S * own : sample * T * h.kRow + D) + of;
  h.v = h.k + G * d;
  const int32_t *const lengths = s->memory ? s->memory_lengths : s->lengths;
  h.queries = s->lengths ? s->lengths[sample] : T;
  h.keys = lengths ? lengths[sample] : S;
  if (h.keys == 0) h.queries = 0;
  return h;
}

ck_block ck_block_of(
    const ck_product_kernels *kernels, const ck_attention *s, const ck_head *head, int64_t first, int64_t queries) {
  ck_block b = {.kernels = kernels, .shape = s, .head = head, .first = first, .queries = queries, .stride = score_stride(s)};
  b.keys = s->causal ? first + queries : head->keys;
  /* Sums of a softmax count keys by sixteens. */
  if (s->window > 0 && first >= s->window) b.from = (first - s->window + 1) / 16 * 16;
  return b;
}

ck_places ck_whole_places(
    const ck_product_kernels *kernels, const ck_attention *s, ck_places places, int64_t count, float **scratch) {
  if (head_columns(s) % kernels->width == 0) return places;
  const ck_places own = {*scratch, whole_columns(s)};
  *scratch += count * own.row;
  return own;
}

ck_rows ck_whole_rows(const ck_product_kernels *kernels, const ck_attention *s, ck_rows rows, int64_t count, float **scratch) {
  const int64_t d = head_columns(s);
  if (d % kernels->width == 0) return rows;
  const ck_places own = ck_whole_places(kernels, s, (ck_places){NULL, 0}, count, scratch);
  for (int64_t i = 0; i < count; i++) {
    memcpy(own.base + i * own.row, rows.base + i * rows.row, (size_t)d * sizeof *own.base);
    memset(own.base + i * own.row + d, 0, (size_t)(own.row - d) * sizeof *own.base);
  }
  return (ck_rows){own.base, own.row};
}

void ck_put_rows(const ck_attention *s, ck_places from, ck_places places, int64_t count) {
  if (from.base == places.base) return;
  for (int64_t i = 0; i < count; i++) {
    memcpy(places.base + i * places.row, from.base + i * from.row, (size_t)head_columns(s) * sizeof *from.base);
  }
}

void ck_clear_rows(const ck_attention *s, ck_places places, int64_t first, int64_t end) {
  for (int64_t i = first; i < end; i++) {
    memset(places.base + i * places.row, 0, (size_t)head_columns(s) * sizeof *places.base);
  }
}

void ck_run_sweep(const ck_product_kernels *kernels, const ck_attention_sweep *s) {
  const int64_t panel = kernels->width * kernels->vectors, tiles = blocks(s->M, kernels->rows);
  for (int64_t j = 0; j < s->columns; j += panel) {
    const int64_t vectors = least(panel, s->columns - j) / kernels->width;
    for (int64_t t = 0; t < tiles; t++) {
      const int64_t first = begin(s->M, tiles, t), R = begin(s->M, tiles, t + 1) - first;
      const ck_tile tile = {
          .K = s->K,
          .segments = 1,
          .a = s->a + first * s->aRow,
          .aRow = s->aRow,
          .aColumn = s->aColumn,
          .b = s->b + j,
          .bRow = s->bRow,
          .c = s->c + first * s->cRow + j,
          .cRow = s->cRow,
          .adds = s->adds,
          .next = t + 1 < tiles ? s->c + (first + R) * s->cRow + j : s->c + j + panel,
      };
      kernels->tiles[R - 1][vectors - 1][0][0](&tile);
    }
  }
}

void ck_attention_scores(const ck_block *b, ck_rows keys, ck_rows queries, float *packed, float *scores) {
  const ck_product_kernels *kernels = b->kernels;
  const int64_t panel = kernels->width * kernels->vectors, d = head_columns(b->shape);
  const int64_t columns = up_to(b->queries, CK_ATTENTION_LANES);
  for (int64_t j = 0; j < columns; j += panel) {
    const int64_t own = least(panel, columns - j);
    const ck_factor transposed = {queries.base + j * queries.row, 1, queries.row};
    kernels->pack_b(d, least(own, b->queries - j), own, transposed, packed);
    /* Those before the first stripe's end for the whole panel, and for the stripe behind it those up to its own. */
    const int64_t half = least(own, CK_ATTENTION_LANES - j % CK_ATTENTION_LANES);
    const int64_t first = seen_keys(b, up_to(j + half, CK_ATTENTION_LANES));
    const int64_t last = seen_keys(b, up_to(j + own, CK_ATTENTION_LANES));
    ck_attention_sweep sweep = {
        .M = first,
        .columns = own,
        .K = d,
        .a = keys.base + b->from * keys.row,
        .aRow = keys.row,
        .aColumn = 1,
        .b = packed,
        .bRow = own,
        .c = scores + j,
        .cRow = b->stride,
    };
    ck_run_sweep(kernels, &sweep);
    if (last > first) {
      sweep.M = last - first;
      sweep.columns = own - half;
      sweep.a += first * keys.row;
      sweep.b += half;
      sweep.c += first * b->stride + half;
      ck_run_sweep(kernels, &sweep);
    }
  }
}

/* A key is hidden from the lanes that stand for queries before it. */
static int64_t diagonal(const ck_block *b, int64_t lane) {
  return (b->shape->causal ? b->first + lane : b->keys) - b->from;
}

/* What scores get before their softmax, besides that keys behind a query are hidden. */
static void adjust(const ck_block *b, float *scores, int64_t lane) {
  const ck_attention *const s = b->shape;
  const int64_t keys = seen_keys(b, lane + CK_ATTENTION_LANES), distance = b->first + lane - b->from;
  if (s->slopes) ck_attention_stripe_bias(scores, keys, b->stride, distance, s->slopes[b->head->number]);
  if (s->window) ck_attention_stripe_window(scores, keys, b->stride, distance, s->window);
}

void ck_attention_drop(const ck_block *b, float *scores) {
  const ck_attention *const s = b->shape;
  if (s->dropout.threshold == 0) return;
  const int64_t stripes = blocks(s->positions, CK_ATTENTION_LANES), S = key_positions(s);
  for (int64_t lane = 0; lane < b->queries; lane += CK_ATTENTION_LANES) {
    const int64_t stripe = b->head->number * stripes + (b->first + lane) / CK_ATTENTION_LANES;
    ck_attention_stripe_dropout(
        scores + lane, seen_keys(b, lane + CK_ATTENTION_LANES), b->stride, (stripe * S + b->from) * CK_ATTENTION_LANES,
        &s->dropout, s->dropout.position + (uint32_t)b->head->sample);
  }
}

void ck_attention_probabilities(const ck_block *b, float *scores, float *maxima, float *inverses) {
  for (int64_t lane = 0; lane < b->queries; lane += CK_ATTENTION_LANES) {
    const size_t bytes = (size_t)least(CK_ATTENTION_LANES, b->queries - lane) * sizeof *maxima;
    float maximum[CK_ATTENTION_LANES], inverse[CK_ATTENTION_LANES];
    adjust(b, scores + lane, lane);
    ck_attention_stripe_forward(
        scores + lane, maximum, inverse, seen_keys(b, lane + CK_ATTENTION_LANES), b->stride, diagonal(b, lane),
        b->shape->scale);
    memcpy(maxima + lane, maximum, bytes);
    memcpy(inverses + lane, inverse, bytes);
  }
}

void ck_attention_slopes(
    const ck_block *b, float *scores, float *gradients, const float *maxima, const float *inverses) {
  for (int64_t lane = 0; lane < b->queries; lane += CK_ATTENTION_LANES) {
    const size_t bytes = (size_t)least(CK_ATTENTION_LANES, b->queries - lane) * sizeof *maxima;
    float maximum[CK_ATTENTION_LANES] = {0}, inverse[CK_ATTENTION_LANES] = {0};
    memcpy(maximum, maxima + lane, bytes);
    memcpy(inverse, inverses + lane, bytes);
    adjust(b, scores + lane, lane);
    ck_attention_stripe_backward(
        scores + lane, gradients + lane, maximum, inverse, seen_keys(b, lane + CK_ATTENTION_LANES), b->stride,
        diagonal(b, lane), b->shape->scale);
  }
}

void ck_attention_by_query(const ck_block *b, const float *scores, ck_rows keys, ck_places results) {
  const int64_t group = b->shape->causal ? CK_ATTENTION_GROUP : b->queries;
  for (int64_t first = 0; first < b->queries; first += group) {
    const int64_t count = least(group, b->queries - first);
    const ck_attention_sweep sweep = {
        .M = count,
        .columns = up_to(head_columns(b->shape), b->kernels->width),
        .K = seen_keys(b, first + group),
        .a = scores + first,
        .aRow = 1,
        .aColumn = b->stride,
        .b = keys.base + b->from * keys.row,
        .bRow = keys.row,
        .c = results.base + first * results.row,
        .cRow = results.row,
    };
    ck_run_sweep(b->kernels, &sweep);
  }
}
