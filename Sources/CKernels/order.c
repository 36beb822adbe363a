#include <string.h>

#include "CKernelsData.h"
#include "common.h"
#include "philox.h"

/* Replaces PHILOX_GROUP numbers of two halves with their images in a balanced Feistel network. */
CK_INLINE void feistel(
    uint64_t *values, int rounds, uint32_t half_bits, uint32_t epoch, uint32_t k0, uint32_t k1) {
  const uint64_t mask = half_bits == 32 ? UINT32_MAX : (1u << half_bits) - 1;
  philox_words left[PHILOX_VECTORS], right[PHILOX_VECTORS];
  memcpy(right, values, sizeof right);
#pragma clang loop unroll(full)
  for (int j = 0; j < PHILOX_VECTORS; j++) {
    left[j] = (right[j] >> half_bits) & mask;
    right[j] &= mask;
  }
  for (int round = 0; round < rounds; round++) {
    philox_words word[PHILOX_VECTORS], turn[PHILOX_VECTORS], second[PHILOX_VECTORS], last[PHILOX_VECTORS];
    const philox_words zero = {0};
#pragma clang loop unroll(full)
    for (int j = 0; j < PHILOX_VECTORS; j++) {
      word[j] = right[j];
      turn[j] = zero + (uint64_t)round;
      second[j] = zero + epoch;
      last[j] = zero;
    }
    philox_rounds(word, turn, second, last, k0, k1);
#pragma clang loop unroll(full)
    for (int j = 0; j < PHILOX_VECTORS; j++) {
      const philox_words image = left[j] ^ (word[j] & mask);
      left[j] = right[j];
      right[j] = image;
    }
  }
#pragma clang loop unroll(full)
  for (int j = 0; j < PHILOX_VECTORS; j++) left[j] = left[j] << half_bits | right[j];
  memcpy(values, left, sizeof left);
}

CK_CLONES
void ck_permute(
    uint64_t *values, ptrdiff_t count, uint64_t domain, int rounds, uint32_t half_bits, uint32_t epoch, uint32_t k0,
    uint32_t k1) {
  uint64_t image[PHILOX_GROUP] = {0};
  ptrdiff_t place[PHILOX_GROUP], next = 0;
  int taken = 0;
  while (taken > 0 || next < count) {
    for (; taken < PHILOX_GROUP && next < count; taken++, next++) {
      image[taken] = values[next];
      place[taken] = next;
    }
    feistel(image, rounds, half_bits, epoch, k0, k1);
    /* An image outside of the domain goes round again, and what is written of it here is overwritten then. */
    int others = 0;
    for (int i = 0; i < taken; i++) {
      const uint64_t value = image[i];
      values[place[i]] = value;
      image[others] = value;
      place[others] = place[i];
      others += value >= domain;
    }
    taken = others;
  }
}

CK_CLONES
void ck_row_keys(uint64_t *keys, ptrdiff_t count, uint64_t first, uint64_t stream, uint32_t k0, uint32_t k1) {
  for (ptrdiff_t i = 0; i < count; i += PHILOX_GROUP) {
    philox_words x[PHILOX_VECTORS], y[PHILOX_VECTORS], z[PHILOX_VECTORS], w[PHILOX_VECTORS];
    philox_words_of_rows(x, y, z, w, first + (uint64_t)i, stream, k0, k1);
#pragma clang loop unroll(full)
    for (int j = 0; j < PHILOX_VECTORS; j++) x[j] = x[j] << 32 | (y[j] & UINT32_MAX);
    const ptrdiff_t most = count - i < PHILOX_GROUP ? count - i : PHILOX_GROUP;
    memcpy(keys + i, x, (size_t)most * sizeof *keys);
  }
}

/* 2³² times the chances that a Poisson number of mean 1 is at most 0, 1, …, rounded; those beyond are 2³². */
static const uint32_t CK_POISSON[12] = {
    1580030169u, 3160060337u, 3950075422u, 4213413783u, 4279248374u, 4292415292u,
    4294609778u, 4294923276u, 4294962463u, 4294966817u, 4294967253u, 4294967292u};

CK_CLONES
void ck_poisson_draws(uint8_t *draws, ptrdiff_t count, uint64_t stream, uint32_t k0, uint32_t k1) {
  enum { ROWS = 4 * PHILOX_GROUP };
  _Static_assert(PHILOX_GROUP == 32, "which word is whose number is part of the result");
  for (ptrdiff_t i = 0; i < count; i += ROWS) {
    uint64_t numbers[ROWS];
    philox_words words[4][PHILOX_VECTORS];
    philox_words_of_rows(words[0], words[1], words[2], words[3], (uint64_t)i / 4, stream, k0, k1);
    memcpy(numbers, words, sizeof numbers);
    uint8_t group[ROWS];
    for (int j = 0; j < ROWS; j++) {
      const uint32_t number = (uint32_t)numbers[j];
      uint32_t draw = 0;
      for (int k = 0; k < 12; k++) draw += number >= CK_POISSON[k];
      group[j] = (uint8_t)draw;
    }
    const ptrdiff_t most = count - i < ROWS ? count - i : ROWS;
    memcpy(draws + i, group, (size_t)most);
  }
}
