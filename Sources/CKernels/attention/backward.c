#include "attention.h"

int64_t ck_attention_backward_scratch(const ck_attention *s) {
  const int64_t copies = head_columns(s) == whole_columns(s) ? 0 : 6 * s->positions * whole_columns(s);
  return 2 * score_stride(s) * s->positions + block_queries(s) * head_columns(s) + copies;
}

/* A row of `results` for each key goes on, or begins, with the scores of the block's queries that see it times their rows. */
static void by_key(const ck_block *b, const float *scores, ck_rows queries, ck_places results) {
  ck_attention_sweep sweep = {
      .M = b->shape->causal ? b->first : b->keys,
      .columns = up_to(head_columns(b->shape), b->kernels->width),
      .K = b->queries,
      .a = scores,
      .aRow = b->stride,
      .aColumn = 1,
      .b = queries.base,
      .bRow = queries.row,
      .c = results.base,
      .cRow = results.row,
      .adds = b->first > 0,
  };
  ck_run_sweep(b->kernels, &sweep);
  if (!b->shape->causal) return;
  /* The block's own keys, which no query before it has seen, and its first ones do not see either. */
  sweep.adds = 0;
  for (int64_t first = 0; first < b->queries; first += CK_ATTENTION_GROUP) {
    const int64_t key = b->first + first;
    sweep.M = least(CK_ATTENTION_GROUP, b->queries - first);
    sweep.K = b->queries - first;
    sweep.a = scores + key * b->stride + first;
    sweep.b = queries.base + first * queries.row;
    sweep.c = results.base + key * results.row;
    ck_run_sweep(b->kernels, &sweep);
  }
}

void ck_attention_backward(
    float *dqkv, const float *doutputs, const float *qkv, const float *statistics, const ck_attention *s, int64_t first,
    int64_t count, float *scratch) {
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t T = s->positions, D = s->width, d = head_columns(s), size = block_queries(s), stride = score_stride(s);
  float *const scores = scratch, *const gradients = scores + T * stride, *const packed = gradients + T * stride;
  for (int64_t h = first; h < first + count; h++) {
    const int64_t row = h / s->heads * T, column = h % s->heads * d;
    const float *const base = qkv + row * 3 * D + column, *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    float *const dbase = dqkv + row * 3 * D + column, *rest = packed + size * d;
    const ck_rows Q = {base, 3 * D}, K = {base + D, 3 * D}, V = {base + 2 * D, 3 * D}, dO = {doutputs + row * D + column, D};
    const ck_places dQ = {dbase, 3 * D}, dK = {dbase + D, 3 * D}, dV = {dbase + 2 * D, 3 * D};
    const ck_rows wholeQ = ck_whole_rows(kernels, s, Q, T, &rest), wholeK = ck_whole_rows(kernels, s, K, T, &rest);
    const ck_rows wholedO = ck_whole_rows(kernels, s, dO, T, &rest);
    const ck_places ownQ = ck_whole_places(kernels, s, dQ, &rest), ownK = ck_whole_places(kernels, s, dK, &rest);
    const ck_places ownV = ck_whole_places(kernels, s, dV, &rest);
    for (int64_t at = 0; at < T; at += size) {
      const int64_t these = least(size, T - at);
      const ck_block block = {kernels, s, at, these, s->causal ? at + these : T, stride};
      ck_attention_scores(&block, K, (ck_rows){Q.base + at * Q.row, Q.row}, packed, scores);
      ck_attention_scores(&block, V, (ck_rows){dO.base + at * dO.row, dO.row}, packed, gradients);
      ck_attention_slopes(&block, scores, gradients, maxima + at, inverses + at);
      ck_attention_by_query(&block, gradients, wholeK, (ck_places){ownQ.base + at * ownQ.row, ownQ.row});
      by_key(&block, gradients, (ck_rows){wholeQ.base + at * wholeQ.row, wholeQ.row}, ownK);
      by_key(&block, scores, (ck_rows){wholedO.base + at * wholedO.row, wholedO.row}, ownV);
    }
    ck_put_rows(s, ownQ, dQ, T);
    ck_put_rows(s, ownK, dK, T);
    ck_put_rows(s, ownV, dV, T);
  }
}
