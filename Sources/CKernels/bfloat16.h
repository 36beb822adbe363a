/* Floats to bfloat16 numbers and back. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint32_t ck_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float ck_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The bits of the bfloat16 number nearest to a float, as the upper half of a word whose lower half is zero. */
static inline uint32_t ck_rounded(uint32_t bits) {
  const uint32_t magnitude = bits & 0x7fffffffu;
  const uint32_t nearest = bits + 0x7fffu + (bits >> 16 & 1u);
  const uint32_t kept = magnitude < 0x00800000u ? bits & 0x80000000u : magnitude > 0x7f800000u ? bits | 0x00400000u : nearest;
  return kept & 0xffff0000u;
}

static inline uint16_t ck_bfloat16_of(float x) { return (uint16_t)(ck_rounded(ck_bits(x)) >> 16); }
static inline float ck_float_of(uint16_t x) { return ck_float((uint32_t)x << 16); }
