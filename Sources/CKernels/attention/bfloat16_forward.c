#include "bfloat16.h"

#include "CKernels.h"

int64_t ck_attention_bfloat16_forward_scratch(const ck_attention *s) {
  const int64_t T = s->positions, d = head_columns(s), scores = score_stride(s) * T;
  return up_to(
      scores + CK_ATTENTION_LANES * (d + 1) + (T + 1) * whole_columns(s) + sweep_scratch(T > d ? T : d), CK_MOST_WIDTH);
}

static void lone_query(
    const ck_attention *s, const uint16_t *qkv, int64_t at, int64_t count, uint16_t *output, float *maximum, float *inverse,
    float *scores) {
  const int64_t D = s->width, d = head_columns(s);
  const ck_bfloat16_task scoring = {
      .M = 1, .N = count, .K = d, .A = {qkv + at * 3 * D, 3 * D, 1, 0}, .B = {qkv + D, 1, 3 * D, 0}, .C = scores,
      .stride = count, .isFloat = 1};
  ck_bfloat16_product(&scoring);
  ck_attention_row(scores, maximum, inverse, count, s->scale);
  const ck_bfloat16_task mixing = {
      .M = 1, .N = d, .K = count, .A = {scores, count, 1, 1}, .B = {qkv + 2 * D, 3 * D, 1, 0}, .C = output, .stride = d};
  ck_bfloat16_product(&mixing);
}

/* Apart, so that nothing of it is computed before denormals count as zero. */
static __attribute__((noinline)) void forward(
    uint16_t *outputs, float *statistics, const uint16_t *qkv, const ck_attention *s, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch) {
  const ck_product_kernels *shape = ck_kernels();
  const ck_bfloat16_kernels *kernels = ck_bfloat16_kernels_here();
  const int64_t T = s->positions, D = s->width, d = head_columns(s), size = block_queries(s), stride = score_stride(s);
  const int64_t end = firstQuery + queries, keys = s->causal ? end : T, steps = ck_steps(kernels, keys);
  float *const scores = scratch, *const packed = scores + T * stride, *const values = packed + CK_ATTENTION_LANES * (d + 1);
  float *const rest = values + (T + 1) * whole_columns(s);
  for (int64_t h = first; h < first + count; h++) {
    const int64_t row = h / s->heads * T, column = h % s->heads * d;
    const uint16_t *const base = qkv + row * 3 * D + column;
    uint16_t *const O = outputs + row * D + column;
    float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    if (queries == 1) {
      lone_query(s, base, firstQuery, keys, O + firstQuery * D, maxima + firstQuery, inverses + firstQuery, scores);
      continue;
    }
    const ck_lines Q = {base, 0, 3 * D, 1}, K = {base + D, 0, 3 * D, 1}, columns = {base + 2 * D, 0, 1, 3 * D};
    ck_pack_lines(shape, kernels, columns, d, keys, values);
    for (int64_t at = firstQuery; at < end; at += size) {
      const int64_t these = least(size, end - at), group = s->causal ? CK_ATTENTION_GROUP : these;
      const ck_block block = {shape, s, at, these, s->causal ? at + these : T, stride};
      ck_bfloat16_scores(&block, kernels, K, from_line(Q, at, 0), packed, scores, rest);
      ck_attention_probabilities(&block, scores, maxima + at, inverses + at);
      for (int64_t query = 0; query < these; query += group) {
        const ck_bfloat16_sweep sweep = {
            .M = least(group, these - query),
            .columns = d,
            .K = seen_keys(&block, query + group),
            .A = {scores + query, 1, 1, stride},
            .b = values,
            .bSteps = steps,
            .c = O + (at + query) * D,
            .cRow = D,
            .scratch = rest,
        };
        ck_run_bfloat16_sweep(shape, kernels, &sweep);
      }
    }
  }
}

void ck_attention_bfloat16_forward(
    uint16_t *outputs, float *statistics, const uint16_t *qkv, const ck_attention *s, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch) {
  const uint64_t state = ck_flush_denormals();
  forward(outputs, statistics, qkv, s, first, count, firstQuery, queries, scratch);
  ck_restore_denormals(state);
}
