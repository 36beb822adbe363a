/* What forward and backward share: where things lie, and sweeps of tiles.
 *
 * Scores are keys x queries, a block of queries at a time: so softmaxes go across nothing, the probabilities are a factor that
 * tiles read as it lies, and of all factors the block's queries alone are transposed. */
#pragma once

#include "../products/product.h"
#include "CKernelsAttention.h"

enum {
  /* Queries of a block, a multiple of lanes. */
  CK_ATTENTION_BLOCK = 64,
  /* Queries whose chains end with the same key; keys whose chains begin with the same query. */
  CK_ATTENTION_GROUP = 8
};


/* Columns of a head, and with zeros behind them up to whole vectors of any width. */
static inline int64_t head_columns(const ck_attention *s) { return s->width / s->heads; }
static inline int64_t whole_columns(const ck_attention *s) { return up_to(head_columns(s), CK_MOST_WIDTH); }
static inline int64_t block_queries(const ck_attention *s) {
  return least(CK_ATTENTION_BLOCK, up_to(s->positions, CK_ATTENTION_LANES));
}
/* G and S, and the heads of queries that share one of keys. */
static inline int64_t key_heads(const ck_attention *s) { return s->key_heads ? s->key_heads : s->heads; }
static inline int64_t key_positions(const ck_attention *s) { return s->memory ? s->memory : s->positions; }
static inline int64_t sharing_heads(const ck_attention *s) { return s->heads / key_heads(s); }
/* Floats from one key of scores to the next: so that those of a stripe spread over the whole of the first cache. */
static inline int64_t score_stride(const ck_attention *s) { return block_queries(s) + CK_ATTENTION_LANES; }

/* Where a head of queries lies: places of the first of its queries, keys, values and outputs, numbers from row to row, and how many
 * of its queries and keys are real. */
typedef struct {
  int64_t sample, number; /* of the samples; of the sample's heads */
  int64_t q, k, v, o, qRow, kRow;
  int64_t queries, keys;
} ck_head;

ck_head ck_head_of(const ck_attention *s, int64_t head);

/* Whether a query is computed by itself: alone, of all keys before it, with nothing dropped. */
static inline int ck_is_lone(const ck_attention *s, int64_t queries) {
  return queries == 1 && s->window == 0 && s->dropout.threshold == 0;
}

/* Rows of a head, `row` floats apart: those that are read, and those that are written. */
typedef struct {
  const float *base;
  int64_t row;
} ck_rows;
typedef struct {
  float *base;
  int64_t row;
} ck_places;

/* `count` rows as tiles read them, by whole vectors: as they lie where those fill a row, else copied to scratch, which is taken
 * off it, with zeros behind each. */
ck_rows ck_whole_rows(const ck_product_kernels *kernels, const ck_attention *s, ck_rows rows, int64_t count, float **scratch);
/* Where tiles may write such rows, and what puts the first `count` of them to their places. */
ck_places ck_whole_places(
    const ck_product_kernels *kernels, const ck_attention *s, ck_places places, int64_t count, float **scratch);
void ck_put_rows(const ck_attention *s, ck_places from, ck_places places, int64_t count);
/* Overwrites rows `first` up to `end` with zeros. */
void ck_clear_rows(const ck_attention *s, ck_places places, int64_t first, int64_t end);

/* One product: M rows, `columns` columns, a multiple of the vectors' width; chains of K steps. */
typedef struct {
  int64_t M, columns, K;
  const float *a;
  int64_t aRow, aColumn;
  const float *b;
  int64_t bRow;
  float *c;
  int64_t cRow;
  int adds;
} ck_attention_sweep;

void ck_run_sweep(const ck_product_kernels *kernels, const ck_attention_sweep *sweep);

/* A block of queries of a head. */
typedef struct {
  const ck_product_kernels *kernels;
  const ck_attention *shape;
  const ck_head *head;
  int64_t first, queries; /* the first one, and how many */
  int64_t from, keys;     /* the first key that one of them sees, rounded down to a multiple of 16, and where they end */
  int64_t stride;         /* floats from one key of scores to the next, of which the first is that of `from` */
} ck_block;

ck_block ck_block_of(
    const ck_product_kernels *kernels, const ck_attention *s, const ck_head *head, int64_t first, int64_t queries);

/* Keys from the block's first on that the queries before `end`, counted from the block's first, see at most. */
static inline int64_t seen_keys(const ck_block *b, int64_t end) {
  return (b->shape->causal ? least(b->first + end, b->keys) : b->keys) - b->from;
}

/* Overwrites scores: those of each stripe of queries with all keys that one of its queries sees, which begin with the head's first.
 * `packed` gets the block's `queries`, transposed. */
void ck_attention_scores(const ck_block *block, ck_rows keys, ck_rows queries, float *packed, float *scores);

/* Turns a block's scores into probabilities, and their gradient into that of the scores before scaling; the block's maxima and
 * inverses of sums are overwritten, or read. */
void ck_attention_probabilities(const ck_block *block, float *scores, float *maxima, float *inverses);
void ck_attention_slopes(
    const ck_block *block, float *scores, float *gradients, const float *maxima, const float *inverses);

/* Drops what is drawn among a block's probabilities, or their gradients. */
void ck_attention_drop(const ck_block *block, float *scores);

/* Overwrites a row of `results` for each query: its scores times the rows of the keys that its group sees. */
void ck_attention_by_query(const ck_block *block, const float *scores, ck_rows keys, ck_places results);
