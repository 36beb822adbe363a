#include "attention.h"

#include <string.h>

int64_t ck_attention_forward_scratch(const ck_attention *s) {
  const int64_t rows = s->positions + key_positions(s);
  const int64_t copies = head_columns(s) == whole_columns(s) ? 0 : rows * whole_columns(s);
  return score_stride(s) * key_positions(s) + block_queries(s) * head_columns(s) + copies;
}

/* Sixteen queries would cost as much as one. */
static void lone_query(
    const ck_attention *s, const ck_head *head, ck_rows query, int64_t at, ck_rows keys, ck_rows values, int64_t count,
    float *output, float *maximum, float *inverse, float *scores) {
  const int64_t d = head_columns(s);
  const ck_product_task scoring = {1, count, d, {query.base, query.row, 1}, {keys.base, 1, keys.row}, scores, count, 0};
  ck_product(&scoring);
  if (s->slopes) ck_attention_row_bias(scores, count, at, s->slopes[head->number]);
  ck_attention_row(scores, maximum, inverse, count, s->scale);
  const ck_product_task mixing = {1, d, count, {scores, count, 1}, {values.base, values.row, 1}, output, d, 0};
  ck_product(&mixing);
}

void ck_attention_forward(
    float *outputs, float *statistics, const float *qkv, const ck_attention *s, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch) {
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t T = s->positions, D = s->width, d = head_columns(s), size = block_queries(s), stride = score_stride(s);
  float *const scores = scratch, *const packed = scores + key_positions(s) * stride;
  for (int64_t h = first; h < first + count; h++) {
    const ck_head head = ck_head_of(s, h);
    const int64_t last = firstQuery + queries, end = least(last, head.queries), keys = s->causal ? end : head.keys;
    const ck_rows Q = {qkv + head.q, head.qRow}, K = {qkv + head.k, head.kRow}, V = {qkv + head.v, head.kRow};
    const ck_places O = {outputs + head.o, D};
    float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    for (int64_t at = end > firstQuery ? end : firstQuery; at < last; at++) {
      memset(O.base + at * O.row, 0, (size_t)d * sizeof *O.base);
      maxima[at] = inverses[at] = 0;
    }
    if (ck_is_lone(s, queries)) {
      if (end <= firstQuery) continue;
      const ck_rows query = {Q.base + firstQuery * Q.row, Q.row};
      lone_query(
          s, &head, query, firstQuery, K, V, keys, O.base + firstQuery * D, maxima + firstQuery, inverses + firstQuery, scores);
      continue;
    }
    float *rest = packed + size * d;
    const ck_rows wholeV = ck_whole_rows(kernels, s, V, keys, &rest);
    const ck_places wholeO = ck_whole_places(kernels, s, O, T, &rest);
    for (int64_t at = firstQuery; at < end; at += size) {
      const int64_t these = least(size, end - at);
      const ck_block block = ck_block_of(kernels, s, &head, at, these);
      ck_attention_scores(&block, K, (ck_rows){Q.base + at * Q.row, Q.row}, packed, scores);
      ck_attention_probabilities(&block, scores, maxima + at, inverses + at);
      ck_attention_drop(&block, scores);
      const ck_places results = {wholeO.base + at * wholeO.row, wholeO.row};
      ck_attention_by_query(&block, scores, wholeV, results);
      ck_put_rows(s, results, (ck_places){O.base + at * O.row, O.row}, these);
    }
  }
}
