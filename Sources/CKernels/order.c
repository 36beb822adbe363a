#include "CKernelsData.h"
#include "common.h"
#include "philox.h"

enum { CK_WIDTH = PHILOX_GROUP };

CK_CLONES
void ck_permute(
    uint64_t *values, ptrdiff_t count, uint64_t domain, int rounds, uint32_t half_bits, uint32_t epoch, uint32_t k0,
    uint32_t k1) {
  const uint32_t mask = half_bits == 32 ? UINT32_MAX : (1u << half_bits) - 1;
  uint32_t left[CK_WIDTH] = {0}, right[CK_WIDTH] = {0};
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
      uint64_t word[CK_WIDTH], turn[CK_WIDTH], second[CK_WIDTH], last[CK_WIDTH];
      for (int j = 0; j < CK_WIDTH; j++) word[j] = right[j], turn[j] = (uint32_t)round, second[j] = epoch, last[j] = 0;
      philox_rounds(word, turn, second, last, k0, k1);
      for (int j = 0; j < CK_WIDTH; j++) {
        const uint32_t image = left[j] ^ ((uint32_t)word[j] & mask);
        left[j] = right[j];
        right[j] = image;
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

CK_CLONES
void ck_row_keys(uint64_t *keys, ptrdiff_t count, uint64_t first, uint64_t stream, uint32_t k0, uint32_t k1) {
  for (ptrdiff_t i = 0; i < count; i += CK_WIDTH) {
    uint64_t x[CK_WIDTH], y[CK_WIDTH], z[CK_WIDTH], w[CK_WIDTH];
    for (int j = 0; j < CK_WIDTH; j++) {
      const uint64_t index = first + (uint64_t)i + (uint64_t)j;
      x[j] = index;
      y[j] = index >> 32;
      z[j] = stream;
      w[j] = stream >> 32;
    }
    philox_rounds(x, y, z, w, k0, k1);
    const ptrdiff_t most = count - i < CK_WIDTH ? count - i : CK_WIDTH;
    for (ptrdiff_t j = 0; j < most; j++) keys[i + j] = x[j] << 32 | (uint32_t)y[j];
  }
}
