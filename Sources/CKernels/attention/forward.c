#include "attention.h"

int64_t ck_attention_forward_scratch(const ck_attention *s) {
  const int64_t copies = head_columns(s) == whole_columns(s) ? 0 : 2 * s->positions * whole_columns(s);
  return score_stride(s) * s->positions + block_queries(s) * head_columns(s) + copies;
}

/* Sixteen queries would cost as much as one. */
static void lone_query(
    const ck_attention *s, ck_rows query, ck_rows keys, ck_rows values, int64_t count, float *output, float *maximum,
    float *inverse, float *scores) {
  const int64_t d = head_columns(s);
  const ck_product_task scoring = {1, count, d, {query.base, query.row, 1}, {keys.base, 1, keys.row}, scores, count, 0};
  ck_product(&scoring);
  ck_attention_row(scores, maximum, inverse, count, s->scale);
  const ck_product_task mixing = {1, d, count, {scores, count, 1}, {values.base, values.row, 1}, output, d, 0};
  ck_product(&mixing);
}

void ck_attention_forward(
    float *outputs, float *statistics, const float *qkv, const ck_attention *s, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch) {
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t T = s->positions, D = s->width, d = head_columns(s), size = block_queries(s), stride = score_stride(s);
  const int64_t end = firstQuery + queries;
  float *const scores = scratch, *const packed = scores + T * stride;
  for (int64_t h = first; h < first + count; h++) {
    const int64_t row = h / s->heads * T, column = h % s->heads * d, keys = s->causal ? end : T;
    const float *const base = qkv + row * 3 * D + column;
    const ck_rows Q = {base, 3 * D}, K = {base + D, 3 * D}, V = {base + 2 * D, 3 * D};
    const ck_places O = {outputs + row * D + column, D};
    float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    if (queries == 1) {
      const ck_rows query = {Q.base + firstQuery * Q.row, Q.row};
      lone_query(s, query, K, V, keys, O.base + firstQuery * D, maxima + firstQuery, inverses + firstQuery, scores);
      continue;
    }
    float *rest = packed + size * d;
    const ck_rows wholeV = ck_whole_rows(kernels, s, V, keys, &rest);
    const ck_places wholeO = ck_whole_places(kernels, s, O, &rest);
    for (int64_t at = firstQuery; at < end; at += size) {
      const int64_t these = least(size, end - at);
      const ck_block block = {kernels, s, at, these, s->causal ? at + these : T, stride};
      ck_attention_scores(&block, K, (ck_rows){Q.base + at * Q.row, Q.row}, packed, scores);
      ck_attention_probabilities(&block, scores, maxima + at, inverses + at);
      const ck_places results = {wholeO.base + at * wholeO.row, wholeO.row};
      ck_attention_by_query(&block, scores, wholeV, results);
      ck_put_rows(s, results, (ck_places){O.base + at * O.row, O.row}, these);
    }
  }
}
