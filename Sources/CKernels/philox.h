#ifndef CKERNELS_PHILOX_H
#define CKERNELS_PHILOX_H

#include "common.h"

/* Counters worked on together, so that the rounds are vectorised. */
enum { PHILOX_GROUP = 16 };

/* Replaces the counters (x[j], y[j], z[j], w[j]), j < PHILOX_GROUP, with the words of Philox 4x32-10 for them.
 *
 * A word is the low half of its number, and the high half anything: products need no shuffles then, as vectors multiply low halves
 * alone. */
CK_INLINE void philox_rounds(uint64_t *x, uint64_t *y, uint64_t *z, uint64_t *w, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < 10; round++) {
    for (int j = 0; j < PHILOX_GROUP; j++) {
      uint64_t a = (x[j] & UINT32_MAX) * 0xD2511F53u, b = (z[j] & UINT32_MAX) * 0xCD9E8D57u;
      x[j] = (b >> 32) ^ y[j] ^ key0;
      y[j] = b;
      z[j] = (a >> 32) ^ w[j] ^ key1;
      w[j] = a;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

#endif
