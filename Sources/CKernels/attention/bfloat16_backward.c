#include "bfloat16.h"

#include "CKernels.h"

int64_t ck_attention_bfloat16_backward_scratch(const ck_attention *s) {
  const int64_t T = s->positions, d = head_columns(s), longest = T > d ? T : d;
  return up_to(
      2 * score_stride(s) * T + CK_ATTENTION_LANES * (d + 1) + (T + 1 + 2 * (block_queries(s) + 1)) * whole_columns(s) +
          sweep_scratch(longest),
      CK_MOST_WIDTH);
}

/* As that of floats, with the queries' rows packed. */
static void by_key(
    const ck_block *b, const ck_bfloat16_kernels *kernels, const float *scores, const float *queries, float *results,
    int64_t row, float *scratch) {
  const ck_lines lines = {scores, 1, b->stride, 1};
  ck_bfloat16_sweep sweep = {
      .M = b->shape->causal ? b->first : b->keys,
      .columns = head_columns(b->shape),
      .K = b->queries,
      .A = lines,
      .b = queries,
      .bSteps = ck_steps(kernels, b->queries),
      .c = results,
      .cRow = row,
      .isFloat = 1,
      .adds = b->first > 0,
      .scratch = scratch,
  };
  ck_run_bfloat16_sweep(b->kernels, kernels, &sweep);
  if (!b->shape->causal) return;
  sweep.adds = 0;
  for (int64_t first = 0; first < b->queries; first += CK_ATTENTION_GROUP) {
    const int64_t key = b->first + first;
    sweep.M = least(CK_ATTENTION_GROUP, b->queries - first);
    sweep.K = b->queries - first;
    sweep.A = from_line(lines, key, first);
    sweep.first = kernels->isPaired ? first / 2 : first;
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
  const int64_t T = s->positions, D = s->width, d = head_columns(s), size = block_queries(s), stride = score_stride(s);
  const int64_t packedRows = (size + 1) * whole_columns(s);
  float *const scores = scratch, *const gradients = scores + T * stride, *const packed = gradients + T * stride;
  float *const keys = packed + CK_ATTENTION_LANES * (d + 1), *const queries = keys + (T + 1) * whole_columns(s);
  float *const ups = queries + packedRows, *const rest = ups + packedRows;
  for (int64_t h = first; h < first + count; h++) {
    const int64_t row = h / s->heads * T, column = h % s->heads * d;
    const uint16_t *const base = qkv + row * 3 * D + column;
    const float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    const ck_lines Q = {base, 0, 3 * D, 1}, K = {base + D, 0, 3 * D, 1}, V = {base + 2 * D, 0, 3 * D, 1};
    const ck_lines dO = {doutputs + row * D + column, 1, D, 1};
    float *const dQ = dqkv + row * 3 * D + column, *const dK = dQ + D, *const dV = dK + D;
    ck_pack_lines(shape, kernels, (ck_lines){K.base, 0, 1, 3 * D}, d, T, keys);
    for (int64_t at = 0; at < T; at += size) {
      const int64_t these = least(size, T - at), group = s->causal ? CK_ATTENTION_GROUP : these;
      const ck_block block = {shape, s, at, these, s->causal ? at + these : T, stride};
      const ck_lines own = from_line(Q, at, 0), up = from_line(dO, at, 0);
      ck_bfloat16_scores(&block, kernels, K, own, packed, scores, rest);
      ck_bfloat16_scores(&block, kernels, V, up, packed, gradients, rest);
      ck_attention_slopes(&block, scores, gradients, maxima + at, inverses + at);
      for (int64_t query = 0; query < these; query += group) {
        const ck_bfloat16_sweep sweep = {
            .M = least(group, these - query),
            .columns = d,
            .K = seen_keys(&block, query + group),
            .A = {gradients + query, 1, 1, stride},
            .b = keys,
            .bSteps = ck_steps(kernels, T),
            .c = dQ + (at + query) * 3 * D,
            .cRow = 3 * D,
            .isFloat = 1,
            .scratch = rest,
        };
        ck_run_bfloat16_sweep(shape, kernels, &sweep);
      }
      ck_pack_lines(shape, kernels, (ck_lines){own.base, 0, 1, 3 * D}, d, these, queries);
      ck_pack_lines(shape, kernels, (ck_lines){up.base, 1, 1, D}, d, these, ups);
      by_key(&block, kernels, gradients, queries, dK, 3 * D, rest);
      by_key(&block, kernels, scores, ups, dV, 3 * D, rest);
    }
  }
}

void ck_attention_bfloat16_backward(
    float *dqkv, const float *doutputs, const uint16_t *qkv, const float *statistics, const ck_attention *s, int64_t first,
    int64_t count, float *scratch) {
  const uint64_t state = ck_flush_denormals();
  backward(dqkv, doutputs, qkv, statistics, s, first, count, scratch);
  ck_restore_denormals(state);
}
