/* Scaled dot-product attention of many heads, forward and backward.
 *
 * Letters: B samples, T positions, S positions that are attended to, D columns (width), H heads of queries, G heads of keys and
 * values, d = D / H columns a head, W = D + 2 G d. Where positions attend to each other (S is T) [Q K V] is B T x W: a row holds the
 * queries of all heads, then their keys, then their values. Where they attend to a memory, [Q K V] is Q, B T x D, and behind it
 * [K V], B S x 2 G d. Outputs, the heads side by side, are B T x D. Head h of the queries has the keys and values of head h G / H.
 * Vaswani et al.: Attention is all you need (NeurIPS 2017). Scores exist for a block of queries of one head at a time: Dao et
 * al.: FlashAttention (NeurIPS 2022). Fewer heads of keys: Ainslie et al.: GQA (EMNLP 2023).
 *
 * Bits: every product is made of chains as in CKernelsProducts.h, and the softmax's sums as those of a row, whatever the
 * processor. A query's chain over the keys ends with the last key that one of its eight sees, queries counted in eights from the
 * first one given; keys that it does not see have the probability zero there. Gradients of keys and values are chains over the
 * queries, ascending, of one head of queries after the other. A sample of which fewer positions are real has the bits of one that
 * has no more. */
#pragma once

#include <stdint.h>

/* Zeros among probabilities, drawn anew in each pass: element e is kept where the word that Philox has for it is below `threshold`,
 * and multiplied by `scale`. The counter is (e / 4, layer, position of the sample in the batch, step); of head h, query q and key
 * k, e is ((h ceil(T / 16) + q / 16) S + k) 16 + q mod 16. */
typedef struct {
  uint64_t threshold; /* 0: nothing is dropped */
  float scale;
  uint32_t key0, key1, layer, position, step; /* position: of the first sample */
} ck_attention_dropout;

typedef struct {
  int64_t samples, positions, width, heads; /* B, T, D, H */
  int causal;                               /* a query sees its own position and those before it, or else all; S is T */
  float scale;                              /* of scores */
  int64_t key_heads;                        /* G, which divides H; 0: H */
  int64_t memory;                           /* S; 0: positions attend to each other */
  int64_t window;                           /* keys that a causal query sees at most, its own the last; 0: any number */
  const float *slopes; /* H: a score before scaling is less by slope |q - k|; NULL: none. Press et al.: ALiBi (ICLR 2022) */
  const int32_t *lengths, *memory_lengths; /* B: positions of each sample that are real, and of its memory; NULL: all */
  ck_attention_dropout dropout;
} ck_attention;

/* Floats of scratch that one call takes. Memory is linear in T and S. */
int64_t ck_attention_forward_scratch(const ck_attention *shape);
int64_t ck_attention_backward_scratch(const ck_attention *shape);

/* Heads are numbered sample by sample, of B H: `count` of them from `first` on. Calls that share no head may run at the same
 * time, each with scratch of its own; in the backward pass both are multiples of H / G. No arguments overlap. */

/* Overwrites the heads' part of `outputs` and of `statistics` (B H x 2 T: the maximum of each query's scaled scores, then 1 / (the
 * sum of exp(score - maximum)) of each), for `queries` queries of each sample from `firstQuery` on: 0 and T for all, which dropout
 * asks for. Where it is causal the keys and values behind them are not read. Positions that are not real, or see none that is, give
 * 0. */
void ck_attention_forward(
    float *outputs, float *statistics, const float *qkv, const ck_attention *shape, int64_t first, int64_t count,
    int64_t firstQuery, int64_t queries, float *scratch);

/* Overwrites the heads' part of `dqkv`, which is as [Q K V], where `doutputs` is the gradient of the outputs and `statistics` are the
 * forward's. Positions that are not real have a gradient of 0. */
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

/* Makes the score of key k less by slope |query - k|. */
void ck_attention_row_bias(float *scores, int64_t keys, int64_t query, float slope);

/* Makes the score of row k and lane l less by slope |distance + l - k|, where `distance` is how far lane 0's query lies behind row 0's key. */
void ck_attention_stripe_bias(float *scores, int64_t keys, int64_t stride, int64_t distance, float slope);

/* Makes it -infinity where distance + l - k is at least `window`. */
void ck_attention_stripe_window(float *scores, int64_t keys, int64_t stride, int64_t distance, int64_t window);

/* Drops elements of `keys` rows of lanes, of which the first has the number `first`, a multiple of 16; `position` is the sample's. */
void ck_attention_stripe_dropout(
    float *scores, int64_t keys, int64_t stride, int64_t first, const ck_attention_dropout *dropout, uint32_t position);

/* ---- Rotary positions -------------------------------------------------------------------------------------------------- */

/* Turns columns j and j + d / 2 of each of `heads` heads, `columns` (d) each, of `positions` rows `row` numbers apart, by the angle of
 * their position: (a, b) becomes (a cos - b sin, b cos + a sin), each product rounded, or with `back` the other way round. Row t
 * of `cosines` and `sines` has the d / 2 angles of position t. Su et al.: RoFormer (2021), paired by halves as in LLaMA. */
void ck_rotate(
    float *x, int64_t positions, int64_t row, int64_t heads, int64_t columns, const float *cosines, const float *sines,
    int back);
/* The same of bfloat16 numbers, each rounded once. */
void ck_bfloat16_rotate(
    uint16_t *x, int64_t positions, int64_t row, int64_t heads, int64_t columns, const float *cosines, const float *sines,
    int back);
