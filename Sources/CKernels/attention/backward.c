#include "attention.h"

int64_t ck_attention_backward_scratch(const ck_attention *s) {
  const int64_t S = key_positions(s);
  const int64_t copies = head_columns(s) == whole_columns(s) ? 0 : 3 * (s->positions + S) * whole_columns(s);
  return 2 * score_stride(s) * S + block_queries(s) * head_columns(s) + copies;
}

/* A row of `results` for each key goes on, or begins where `begins`, with the scores of the block's queries that see it times their
 * rows. */
static void by_key(const ck_block *b, const float *scores, ck_rows queries, ck_places results, int begins) {
  ck_attention_sweep sweep = {
      .M = (b->shape->causal ? b->first : b->keys) - b->from,
      .columns = up_to(head_columns(b->shape), b->kernels->width),
      .K = b->queries,
      .a = scores,
      .aRow = b->stride,
      .aColumn = 1,
      .b = queries.base,
      .bRow = queries.row,
      .c = results.base + b->from * results.row,
      .cRow = results.row,
      .adds = b->first > 0 || !begins,
  };
  ck_run_sweep(b->kernels, &sweep);
  if (!b->shape->causal) return;
  /* The block's own keys, which no query of the head before it has seen, and its first ones do not see either. */
  sweep.adds = !begins;
  for (int64_t first = 0; first < b->queries; first += CK_ATTENTION_GROUP) {
    const int64_t key = b->first + first;
    sweep.M = least(CK_ATTENTION_GROUP, b->queries - first);
    sweep.K = b->queries - first;
    sweep.a = scores + (key - b->from) * b->stride + first;
    sweep.b = queries.base + first * queries.row;
    sweep.c = results.base + key * results.row;
    ck_run_sweep(b->kernels, &sweep);
  }
}

void ck_attention_backward(
    float *dqkv, const float *doutputs, const float *qkv, const float *statistics, const ck_attention *s, int64_t first,
    int64_t count, float *scratch) {
  const ck_product_kernels *kernels = ck_kernels();
  const int64_t T = s->positions, S = key_positions(s), D = s->width, d = head_columns(s), size = block_queries(s);
  const int64_t stride = score_stride(s), sharing = sharing_heads(s);
  float *const scores = scratch, *const gradients = scores + S * stride, *const packed = gradients + S * stride;
  float *rest = NULL;
  ck_rows wholeK = {NULL, 0};
  ck_places ownK = {NULL, 0}, ownV = {NULL, 0};
  for (int64_t h = first; h < first + count; h++) {
    const ck_head head = ck_head_of(s, h);
    const float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    const ck_rows Q = {qkv + head.q, head.qRow}, K = {qkv + head.k, head.kRow}, V = {qkv + head.v, head.kRow};
    const ck_rows dO = {doutputs + head.o, D};
    const ck_places dQ = {dqkv + head.q, head.qRow}, dK = {dqkv + head.k, head.kRow}, dV = {dqkv + head.v, head.kRow};
    const int begins = head.number % sharing == 0, ends = head.number % sharing == sharing - 1;
    if (begins) {
      /* What heads of queries share. */
      rest = packed + size * d;
      wholeK = ck_whole_rows(kernels, s, K, head.keys, &rest);
      ownK = ck_whole_places(kernels, s, dK, S, &rest);
      ownV = ck_whole_places(kernels, s, dV, S, &rest);
    }
    float *own = rest;
    const ck_rows wholeQ = ck_whole_rows(kernels, s, Q, head.queries, &own);
    const ck_rows wholedO = ck_whole_rows(kernels, s, dO, head.queries, &own);
    const ck_places ownQ = ck_whole_places(kernels, s, dQ, T, &own);
    for (int64_t at = 0; at < head.queries; at += size) {
      const int64_t these = least(size, head.queries - at);
      const ck_block block = ck_block_of(kernels, s, &head, at, these);
      ck_attention_scores(&block, K, (ck_rows){Q.base + at * Q.row, Q.row}, packed, scores);
      ck_attention_scores(&block, V, (ck_rows){dO.base + at * dO.row, dO.row}, packed, gradients);
      ck_attention_drop(&block, gradients);
      ck_attention_slopes(&block, scores, gradients, maxima + at, inverses + at);
      ck_attention_drop(&block, scores);
      ck_attention_by_query(&block, gradients, wholeK, (ck_places){ownQ.base + at * ownQ.row, ownQ.row});
      by_key(&block, gradients, (ck_rows){wholeQ.base + at * wholeQ.row, wholeQ.row}, ownK, begins);
      by_key(&block, scores, (ck_rows){wholedO.base + at * wholedO.row, wholedO.row}, ownV, begins);
    }
    ck_put_rows(s, ownQ, dQ, head.queries);
    ck_clear_rows(s, dQ, head.queries, T);
    if (!ends) continue;
    /* Where no query is real, none has written the gradients of keys. */
    const int64_t written = head.queries > 0 ? head.keys : 0;
    ck_put_rows(s, ownK, dK, written);
    ck_put_rows(s, ownV, dV, written);
    ck_clear_rows(s, dK, written, S);
    ck_clear_rows(s, dV, written, S);
  }
}
