/* Scaled dot-product attention of many heads, forward and backward.
 *
 * Letters: B samples, T positions, D columns (width), H heads, d = D / H columns a head. [Q K V] is B T x 3D: a row holds the
 * queries of all heads, then their keys, then their values; outputs, the heads side by side, are B T x D.
 * Vaswani et al.: Attention is all you need (NeurIPS 2017). Scores exist for a block of queries of one head at a time: Dao et
 * al.: FlashAttention (NeurIPS 2022).
 *
 * Bits: every product is made of chains as in CKernelsProducts.h, and the softmax's sums as those of a row, whatever the
 * processor. A query's chain over the keys ends with the last key that one of its eight sees, queries counted in eights from the
 * first one given; keys that it does not see have the probability zero there. Gradients of keys and values are chains over the
 * queries, ascending. */
#pragma once

#include <stdint.h>

typedef struct {
  int64_t samples, positions, width, heads; /* B, T, D, H */
  int causal;                               /* a query sees its own position and those before it, or else all */
  float scale;                              /* of scores */
} ck_attention;

/* Floats of scratch that one call takes. Memory is linear in T. */
int64_t ck_attention_forward_scratch(const ck_attention *shape);
int64_t ck_attention_backward_scratch(const ck_attention *shape);

/* Heads are numbered sample by sample, of B H: `count` of them from `first` on. Calls that share no head may run at the same
 * time, each with scratch of its own. No arguments overlap. */

/* Overwrites the heads' part of `outputs` and of `statistics` (B H x 2 T: the maximum of each query's scaled scores, then 1 / (the
 * sum of exp(score - maximum)) of each), for `queries` queries of each sample from `firstQuery` on: 0 and T for all. Where it is
 * causal the keys and values behind them are not read. */
void ck_attention_forward(
    float *outputs, float *statistics, const float *qkv, const ck_attention *shape, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch);

/* Overwrites the heads' part of `dqkv` (B T x 3D), where `doutputs` is the gradient of the outputs and `statistics` are the
 * forward's. */
void ck_attention_backward(
    float *dqkv, const float *doutputs, const float *qkv, const float *statistics, const ck_attention *shape, int64_t first,
    int64_t count, float *scratch);

/* ---- Of bfloat16 numbers -------------------------------------------------------------------------------------------------- */

/* The same with [Q K V] and outputs of bfloat16 numbers, and factors of products that are rounded to them: probabilities, the
 * gradient of the scores and that of the outputs. Chains are those of CKernelsBFloat16.h, in pairs of positions 2 i and 2 i + 1;
 * softmaxes are of floats, as are the gradients. Denormals count as zero in whichever thread. */
int64_t ck_attention_bfloat16_forward_scratch(const ck_attention *shape);
int64_t ck_attention_bfloat16_backward_scratch(const ck_attention *shape);

void ck_attention_bfloat16_forward(
    uint16_t *outputs, float *statistics, const uint16_t *qkv, const ck_attention *shape, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch);

void ck_attention_bfloat16_backward(
    float *dqkv, const float *doutputs, const uint16_t *qkv, const float *statistics, const ck_attention *shape, int64_t first,
    int64_t count, float *scratch);

/* ---- Its loops: a stripe of scores, `keys` rows of `lanes` queries, `stride` floats apart ------------------------------- */

enum { CK_ATTENTION_LANES = 16 };

/* Turns scores into probabilities in place; overwrites each query's maximum and inverse of the sum. Row k is hidden from the
 * queries before lane k - `diagonal`. */
void ck_attention_stripe_forward(
    float *scores, float *maxima, float *inverses, int64_t keys, int64_t stride, int64_t diagonal, float scale);

/* Turns scores into the forward's probabilities, and the probabilities' gradient into that of the scores before scaling. */
void ck_attention_stripe_backward(
    float *scores, float *gradient, const float *maxima, const float *inverses, int64_t keys, int64_t stride,
    int64_t diagonal, float scale);

/* Turns the scores of one query into probabilities in place; overwrites its maximum and the inverse of its sum. */
void ck_attention_row(float *scores, float *maximum, float *inverse, int64_t keys, float scale);
