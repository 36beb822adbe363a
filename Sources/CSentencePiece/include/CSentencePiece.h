/* SentencePiece as Swift sees it: opaque models, bytes and whole numbers.
 *
 * Functions that may fail return false, or a null pointer, and write why into `error`, `room` bytes at most, the closing
 * zero included. No C++ exception leaves them, and nothing is kept between calls. A model may be read by several threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csp_model csp_model;

/* What a piece is. */
typedef enum {
  CSP_NORMAL,
  CSP_UNKNOWN,
  CSP_CONTROL,
  CSP_BYTE,
  CSP_UNUSED,
} csp_kind;

/* Gives the next line of the training text, UTF-8 without a line break, which must last until the next call; null at the end. */
typedef const char *(*csp_next_line)(void *context, size_t *count);

/* Learns `size` pieces, `<pad>` as the first and `<unk>` as the second, the 256 bytes behind them, of lines in their order, on the
 * thread that calls. `method` is "bpe" or "unigram"; characters that make up `coverage` of the text have pieces of their own, others
 * are bytes. Overwrites `model` and `count` with a file of SentencePiece in memory, which csp_free frees. */
bool csp_train(const char *method, int size, double coverage, csp_next_line next, void *context, uint8_t **model,
               size_t *count, char *error, size_t room);
void csp_free(void *memory);

/* Opens what csp_train gave, or a file's bytes, of which it keeps a copy. csp_close ends it. */
csp_model *csp_open(const uint8_t *bytes, size_t count, char *error, size_t room);
void csp_close(csp_model *model);

/* How many pieces there are. */
int csp_size(const csp_model *model);
/* The UTF-8 of a piece, `▁` for a blank, which lasts as long as the model; its kind. */
const char *csp_piece(const csp_model *model, int id, size_t *count);
csp_kind csp_kind_of(const csp_model *model, int id);
/* The number of padding; -1 where there is none. */
int csp_padding(const csp_model *model);
/* The number of a piece, or that of the unknown one. */
int csp_id(const csp_model *model, const char *piece);

/* Encodes UTF-8 that has no line break: overwrites `ids`, of which there is room for `capacity`, and `count`, which may be more than
 * that: then nothing is written. */
bool csp_encode(const csp_model *model, const char *text, size_t bytes, int32_t *ids, size_t capacity, size_t *count,
                char *error, size_t room);

#ifdef __cplusplus
}
#endif
