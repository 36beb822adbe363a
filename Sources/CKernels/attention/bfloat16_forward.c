#include "bfloat16.h"

#include "CKernels.h"

#include <string.h>

int64_t ck_attention_bfloat16_forward_scratch(const ck_attention *s) {
  const int64_t S = key_positions(s), d = head_columns(s), scores = score_stride(s) * S;
  return up_to(
      scores + CK_ATTENTION_LANES * (d + 1) + (S + 1) * whole_columns(s) + sweep_scratch(S > d ? S : d), CK_MOST_WIDTH);
}

static void lone_query(
    const ck_attention *s, const ck_head *head, const uint16_t *qkv, int64_t at, int64_t count, uint16_t *output,
    float *maximum, float *inverse, float *scores) {
  const int64_t d = head_columns(s);
  const ck_bfloat16_task scoring = {
      .M = 1, .N = count, .K = d, .A = {qkv + head->q + at * head->qRow, head->qRow, 1, 0},
      .B = {qkv + head->k, 1, head->kRow, 0}, .C = scores, .stride = count, .isFloat = 1};
  ck_bfloat16_product(&scoring);
  if (s->slopes) ck_attention_row_bias(scores, count, at, s->slopes[head->number]);
  ck_attention_row(scores, maximum, inverse, count, s->scale);
  const ck_bfloat16_task mixing = {
      .M = 1, .N = d, .K = count, .A = {scores, count, 1, 1}, .B = {qkv + head->v, head->kRow, 1, 0}, .C = output,
      .stride = d};
  ck_bfloat16_product(&mixing);
}

/* Apart, so that nothing of it is computed before denormals count as zero. */
static __attribute__((noinline)) void forward(
    uint16_t *outputs, float *statistics, const uint16_t *qkv, const ck_attention *s, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch) {
  const ck_product_kernels *shape = ck_kernels();
  const ck_bfloat16_kernels *kernels = ck_bfloat16_kernels_here();
  const int64_t T = s->positions, S = key_positions(s), D = s->width, d = head_columns(s), size = block_queries(s);
  const int64_t stride = score_stride(s);
  float *const scores = scratch, *const packed = scores + S * stride, *const values = packed + CK_ATTENTION_LANES * (d + 1);
  float *const rest = values + (S + 1) * whole_columns(s);
  for (int64_t h = first; h < first + count; h++) {
    const ck_head head = ck_head_of(s, h);
    const int64_t last = firstQuery + queries, end = least(last, head.queries), keys = s->causal ? end : head.keys;
    const int64_t steps = ck_steps(kernels, keys);
    uint16_t *const O = outputs + head.o;
    float *const maxima = statistics + h * 2 * T, *const inverses = maxima + T;
    for (int64_t at = end > firstQuery ? end : firstQuery; at < last; at++) {
      memset(O + at * D, 0, (size_t)d * sizeof *O);
      maxima[at] = inverses[at] = 0;
    }
    if (end <= firstQuery) continue;
    if (ck_is_lone(s, queries)) {
      lone_query(s, &head, qkv, firstQuery, keys, O + firstQuery * D, maxima + firstQuery, inverses + firstQuery, scores);
      continue;
    }
    const ck_lines Q = {qkv + head.q, 0, head.qRow, 1}, K = {qkv + head.k, 0, head.kRow, 1};
    const ck_lines columns = {qkv + head.v, 0, 1, head.kRow};
    ck_pack_lines(shape, kernels, columns, d, keys, values);
    for (int64_t at = firstQuery; at < end; at += size) {
      const int64_t these = least(size, end - at), group = s->causal ? CK_ATTENTION_GROUP : these;
      const ck_block block = ck_block_of(shape, s, &head, at, these);
      ck_bfloat16_scores(&block, kernels, K, from_line(Q, at, 0), packed, scores, rest);
      ck_attention_probabilities(&block, scores, maxima + at, inverses + at);
      ck_attention_drop(&block, scores);
      for (int64_t query = 0; query < these; query += group) {
        const ck_bfloat16_sweep sweep = {
            .M = least(group, these - query),
            .columns = d,
            .K = seen_keys(&block, query + group),
            .A = {scores + query, 1, 1, stride},
            .b = values,
            .bSteps = steps,
            .first = ck_step_of(kernels, block.from),
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
