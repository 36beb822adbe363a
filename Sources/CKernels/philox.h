#ifndef CKERNELS_PHILOX_H
#define CKERNELS_PHILOX_H

#include <string.h>

#include "common.h"

/* Words that are worked on together: vectors of V, and as many of these as hide that a round waits for the one before it. */
enum { PHILOX_VECTOR = 8, PHILOX_VECTORS = 4, PHILOX_GROUP = PHILOX_VECTOR * PHILOX_VECTORS };

/* A word is the low half of its number, and the high half anything: products need no shuffles then, as vectors multiply low
 * halves alone. */
typedef uint64_t philox_words __attribute__((vector_size(8 * PHILOX_VECTOR)));

/* Replaces the counters (x[j], y[j], z[j], w[j]), j < PHILOX_VECTORS, with the words of Philox 4x32-10 for them.
 *
 * Loops over j are unrolled, so that all words stay in registers. */
CK_INLINE void philox_rounds(
    philox_words *x, philox_words *y, philox_words *z, philox_words *w, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < PHILOX_VECTORS; j++) {
      const philox_words a = (x[j] & UINT32_MAX) * 0xD2511F53u, b = (z[j] & UINT32_MAX) * 0xCD9E8D57u;
      x[j] = (b >> 32) ^ y[j] ^ key0;
      y[j] = b;
      z[j] = (a >> 32) ^ w[j] ^ key1;
      w[j] = a;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

/* The words of Philox for a group of counters (first + j, stream), j < PHILOX_GROUP. */
CK_INLINE void philox_words_of_rows(
    philox_words *x, philox_words *y, philox_words *z, philox_words *w, uint64_t first, uint64_t stream, uint32_t k0,
    uint32_t k1) {
  uint64_t index[PHILOX_GROUP];
  const philox_words zero = {0};
  for (int j = 0; j < PHILOX_GROUP; j++) index[j] = first + (uint64_t)j;
  memcpy(x, index, sizeof index);
#pragma clang loop unroll(full)
  for (int j = 0; j < PHILOX_VECTORS; j++) {
    y[j] = x[j] >> 32;
    z[j] = zero + stream;
    w[j] = zero + (stream >> 32);
  }
  philox_rounds(x, y, z, w, k0, k1);
}

#endif
