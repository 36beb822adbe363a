#include "bfloat16.h"

#include "CKernels.h"

int64_t ck_attention_bfloat16_backward_scratch(const ck_attention *s) {
  const int64_t S = key_positions(s), d = head_columns(s);
  /* Chains go over keys, over a head's columns, or over the queries of a block, which may be more than a memory has positions. */
  const int64_t longest = most(most(S, d), block_queries(s));
  return up_to(
      2 * score_stride(s) * S + CK_ATTENTION_LANES * (d + 1) + (S + 1 + 2 * (block_queries(s) + 1)) * whole_columns(s) +
          sweep_scratch(longest),
      CK_MOST_WIDTH);
}

/* As that of floats, with the queries' rows packed. */
static void by_key(
    const ck_block *b, const ck_bfloat16_kernels *kernels, const float *scores, const float *queries, float *results,
    int64_t row, int begins, float *scratch) {
  const ck_lines lines = {scores, 1, b->stride, 1};
  ck_bfloat16_sweep sweep = {
      .M = (b->shape->causal ? b->first : b->keys) - b->from,
      .columns = head_columns(b->shape),
      .K = b->queries,
      .A = lines,
      .b = queries,
      .bSteps = ck_steps(kernels, b->queries),
      .c = results + b->from * row,
      .cRow = row,
      .isFloat = 1,
      .adds = b->first > 0 || !begins,
      .scratch = scratch,
  };
  ck_run_bfloat16_sweep(b->kernels, kernels, &sweep);
  if (!b->shape->causal) return;
  sweep.adds = !begins;
  for (int64_t first = 0; first < b->queries; first += CK_ATTENTION_GROUP) {
    const int64_t key = b->first + first;
    sweep.M = least(CK_ATTENTION_GROUP, b->queries - first);
    sweep.K = b->queries - first;
    sweep.A = from_line(lines, key - b->from, first);
    sweep.first = ck_step_of(kernels, first);
    sweep.c = results + key * row;
    ck_run_bfloat16_sweep(b->kernels, kernels, &sweep);
  }
}

/* Apart, so that nothing of it is computed before denormals count as zero. */
static __attribute__((noinline)) void backward(
    float *dqkv, const float *doutputs, const uint16_t *qkv, const float *statistics, const ck_attention *s, int64_t first,
    int64_t count, float *scratch) {
  const ck_product_kernels *shape = ck_kernels();
  const ck_bfloat16_kernels *kernels = ck_bfloat16_kernels_here();
  const int64_t T = s->positions, S = key_positions(s), D = s->width, d = head_columns(s), size = block_queries(s);
  const int64_t stride = score_stride(s), packedRows = (size + 1) * whole_columns(s), sharing = sharing_heads(s);
  float *const scores = scratch, *const gradients = scores + S * stride, *const packed = gradients + S * stride;
  float *const keys = packed + CK_ATTENTION_LANES * (d + 1), *const queries = keys + (S + 1) * whole_columns(s);
  float *const ups = queries + packedRows, *const rest = ups + packedRows;
  for (int64_t h = first; h < first + count; h++) {
    const ck_head head = ck_head_of(s, h);
    const float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    const ck_lines Q = {qkv + head.q, 0, head.qRow, 1}, K = {qkv + head.k, 0, head.kRow, 1};
    const ck_lines V = {qkv + head.v, 0, head.kRow, 1}, dO = {doutputs + head.o, 1, D, 1};
    float *const dQ = dqkv + head.q, *const dK = dqkv + head.k, *const dV = dqkv + head.v;
    const int begins = head.number % sharing == 0, ends = head.number % sharing == sharing - 1;
    if (begins) ck_pack_lines(shape, kernels, (ck_lines){K.base, 0, 1, head.kRow}, d, head.keys, keys);
    for (int64_t at = 0; at < head.queries; at += size) {
      const int64_t these = least(size, head.queries - at), group = s->causal ? CK_ATTENTION_GROUP : these;
      const ck_block block = ck_block_of(shape, s, &head, at, these);
      const ck_lines own = from_line(Q, at, 0), up = from_line(dO, at, 0);
      ck_bfloat16_scores(&block, kernels, K, own, packed, scores, rest);
      ck_bfloat16_scores(&block, kernels, V, up, packed, gradients, rest);
      ck_attention_drop(&block, gradients);
      ck_attention_slopes(&block, scores, gradients, maxima + at, inverses + at);
      ck_attention_drop(&block, scores);
      for (int64_t query = 0; query < these; query += group) {
        const ck_bfloat16_sweep sweep = {
            .M = least(group, these - query),
            .columns = d,
            .K = seen_keys(&block, query + group),
            .A = {gradients + query, 1, 1, stride},
            .b = keys,
            .bSteps = ck_steps(kernels, head.keys),
            .first = ck_step_of(kernels, block.from),
            .c = dQ + (at + query) * head.qRow,
            .cRow = head.qRow,
            .isFloat = 1,
            .scratch = rest,
        };
        ck_run_bfloat16_sweep(shape, kernels, &sweep);
      }
      ck_pack_lines(shape, kernels, (ck_lines){own.base, 0, 1, head.qRow}, d, these, queries);
      ck_pack_lines(shape, kernels, (ck_lines){up.base, 1, 1, D}, d, these, ups);
      by_key(&block, kernels, gradients, queries, dK, head.kRow, begins, rest);
      by_key(&block, kernels, scores, ups, dV, head.kRow, begins, rest);
    }
    ck_clear_rows(s, (ck_places){dQ, head.qRow}, head.queries, T);
    if (!ends) continue;
    const int64_t written = head.queries > 0 ? head.keys : 0;
    ck_clear_rows(s, (ck_places){dK, head.kRow}, written, S);
    ck_clear_rows(s, (ck_places){dV, head.kRow}, written, S);
  }
}

void ck_attention_bfloat16_backward(
    float *dqkv, const float *doutputs, const uint16_t *qkv, const float *statistics, const ck_attention *s, int64_t first,
    int64_t count, float *scratch) {
  const uint64_t state = ck_flush_denormals();
  backward(dqkv, doutputs, qkv, statistics, s, first, count, scratch);
  ck_restore_denormals(state);
}
