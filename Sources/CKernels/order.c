#include "CKernelsData.h"
#include "common.h"

enum { CK_WIDTH = 16 };

/* Word 0 of Philox 4x32-10 for the counters (x[j], round, epoch, 0), one key. */
static inline __attribute__((always_inline)) void first_words(
    uint32_t *restrict word, const uint32_t *restrict x, uint32_t round, uint32_t epoch, uint32_t k0, uint32_t k1) {
  uint32_t c0[CK_WIDTH], c1[CK_WIDTH], c2[CK_WIDTH], c3[CK_WIDTH];
  for (int j = 0; j < CK_WIDTH; j++) c0[j] = x[j], c1[j] = round, c2[j] = epoch, c3[j] = 0;
  for (int turn = 0; turn < 10; turn++) {
    for (int j = 0; j < CK_WIDTH; j++) {
      uint64_t a = (uint64_t)c0[j] * 0xD2511F53u, b = (uint64_t)c2[j] * 0xCD9E8D57u;
      c0[j] = (uint32_t)(b >> 32) ^ c1[j] ^ k0;
      c1[j] = (uint32_t)b;
      c2[j] = (uint32_t)(a >> 32) ^ c3[j] ^ k1;
      c3[j] = (uint32_t)a;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int j = 0; j < CK_WIDTH; j++) word[j] = c0[j];
}

CK_CLONES
void ck_permute(
    uint64_t *values, ptrdiff_t count, uint64_t domain, int rounds, uint32_t half_bits, uint32_t epoch, uint32_t k0,
    uint32_t k1) {
  const uint32_t mask = half_bits == 32 ? UINT32_MAX : (1u << half_bits) - 1;
  uint32_t left[CK_WIDTH] = {0}, right[CK_WIDTH] = {0}, word[CK_WIDTH];
  ptrdiff_t place[CK_WIDTH], next = 0, done = 0;
  for (int j = 0; j < CK_WIDTH; j++) place[j] = -1;
  while (done < count) {
    /* A slot whose image lay outside of the domain goes round again; the others take the next value. */
    for (int j = 0; j < CK_WIDTH && next < count; j++) {
      if (place[j] >= 0) continue;
      left[j] = (uint32_t)(values[next] >> half_bits) & mask;
      right[j] = (uint32_t)values[next] & mask;
      place[j] = next++;
    }
    for (int round = 0; round < rounds; round++) {
      first_words(word, right, (uint32_t)round, epoch, k0, k1);
      for (int j = 0; j < CK_WIDTH; j++) {
        const uint32_t last = left[j] ^ (word[j] & mask);
        left[j] = right[j];
        right[j] = last;
      }
    }
    for (int j = 0; j < CK_WIDTH; j++) {
      const uint64_t image = (uint64_t)left[j] << half_bits | right[j];
      if (place[j] < 0 || image >= domain) continue;
      values[place[j]] = image;
      place[j] = -1;
      done++;
    }
  }
}
