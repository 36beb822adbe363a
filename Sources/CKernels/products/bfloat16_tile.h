/* The bfloat16 kernels of one instruction set, from the tiles of tile.h: a file that includes this one defines BFLOAT16, the name
 * of their table, and IS_PAIRED; ROUNDED_HALVES, where it has a quicker way to round a vector. */
#include "bfloat16_product.h"

typedef uint32_t words __attribute__((ext_vector_type(WIDTH), aligned(4)));
typedef uint32_t loose_words __attribute__((ext_vector_type(WIDTH), aligned(2)));
typedef uint16_t halves __attribute__((ext_vector_type(WIDTH), aligned(2)));

/* As ck_rounded. */
TILE_INLINE words rounded(words bits) {
  const words magnitude = bits & 0x7fffffffu;
  const words nearest = bits + 0x7fffu + (bits >> 16 & 1u);
  const words number = magnitude > 0x7f800000u ? bits | 0x00400000u : nearest;
  return (magnitude < 0x00800000u ? bits & 0x80000000u : number) & 0xffff0000u;
}

#ifndef ROUNDED_HALVES
#define ROUNDED_HALVES(sum) __builtin_convertvector(rounded((words)(sum)) >> 16, halves)
#endif

/* Number k of a line, as the upper half of a word; zero behind its end. */
TILE_INLINE uint32_t number(const void *line, const int isFloat, int64_t step, int64_t k, int64_t K) {
  if (k >= K) return 0;
  return isFloat ? ck_rounded(ck_bits(((const float *)line)[k * step])) : (uint32_t)((const uint16_t *)line)[k * step] << 16;
}

/* Step s of a line. */
TILE_INLINE uint32_t word(const void *line, const int isFloat, int64_t step, int64_t s, int64_t K) {
  if (!IS_PAIRED) return number(line, isFloat, step, s ^ 1, K);
  return number(line, isFloat, step, 2 * s, K) >> 16 | number(line, isFloat, step, 2 * s + 1, K);
}

/* W numbers that lie side by side, each as the upper half of a word. */
TILE_INLINE words vector_of(const void *base, const int isFloat, int64_t at) {
  if (isFloat) return rounded(*(const words *)((const float *)base + at));
  return __builtin_convertvector(*(const halves *)((const uint16_t *)base + at), words) << 16;
}

#if WIDTH == 16
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define SWAPPED 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14
#elif WIDTH == 8
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#define SWAPPED 1, 0, 3, 2, 5, 4, 7, 6
#else
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#define SWAPPED 1, 0, 3, 2
#endif

/* W steps from s on, an even one, of a line whose numbers lie side by side. */
TILE_INLINE words along(const void *line, const int isFloat, int64_t s) {
  if (!IS_PAIRED) {
    const words all = vector_of(line, isFloat, s);
    return __builtin_shufflevector(all, all, SWAPPED);
  }
  if (!isFloat) return *(const loose_words *)((const uint16_t *)line + 2 * s);
  const words a = vector_of(line, isFloat, 2 * s), b = vector_of(line, isFloat, 2 * s + WIDTH);
  return __builtin_shufflevector(a, b, EVEN) >> 16 | __builtin_shufflevector(a, b, ODD);
}

/* Step s of W lines that lie side by side; all of its numbers are there. */
TILE_INLINE words across(const void *base, const int isFloat, int64_t step, int64_t s) {
  if (!IS_PAIRED) return vector_of(base, isFloat, (s ^ 1) * step);
  return vector_of(base, isFloat, 2 * s * step) >> 16 | vector_of(base, isFloat, (2 * s + 1) * step);
}

/* `lines` lines, at most W. Where a step is narrower than a vector, the words behind it are those of the next one, which comes
 * later. */
TILE_INLINE void pack_lines(
    const void *base, const int isFloat, int64_t line, int64_t step, int64_t K, int64_t first, int64_t count, int64_t lines,
    int64_t panel, const int isWide, float *to) {
  const char *const bytes = base;
  const int64_t size = isFloat ? 4 : 2, perStep = IS_PAIRED ? 2 : 1, end = first + count;
  /* Steps whose numbers are all there. */
  const int64_t whole = least(end, IS_PAIRED ? K / 2 : K / 2 * 2);
  int64_t s = first;
  if (step == 1 && (isWide || panel <= WIDTH) && whole - first >= WIDTH) {
    while (s < whole) {
      /* The last vectors once more in part. */
      s = least(s, whole - WIDTH);
      vector rows[WIDTH];
      UNROLLED for (int i = 0; i < WIDTH; i++) {
        const char *const from = bytes + i * line * size;
        rows[i] = i < lines ? (vector)along(from, isFloat, s) : (vector)0;
        /* The same steps of the panel after this one. */
        const char *const ahead = from + (panel * line + s * perStep) * size;
        UNROLLED for (int64_t l = 0; l < WIDTH * perStep * size; l += 64) __builtin_prefetch(ahead + l, 0, 2);
      }
      transpose(rows);
      UNROLLED for (int i = 0; i < WIDTH; i++) *(vector *)(to + (s - first + i) * panel) = rows[i];
      s += WIDTH;
    }
  } else if (line == 1 && lines == WIDTH) {
    for (; s < whole; s++) *(words *)(to + (s - first) * panel) = across(base, isFloat, step, s);
  } else if (line == 1 && step >= WIDTH && (isWide || panel <= WIDTH)) {
    /* What lies behind the lines is the memory of the next step's, but not at the last number's. */
    const int64_t inside = least(whole, IS_PAIRED ? (K - 1) / 2 : (K - 1) / 2 * 2);
    for (; s < inside; s++) *(words *)(to + (s - first) * panel) = across(base, isFloat, step, s);
  }
  for (; s < end; s++) {
    for (int64_t l = 0; l < (isWide ? WIDTH : lines); l++) {
      const uint32_t bits = l < lines ? word(bytes + l * line * size, isFloat, step, s, K) : 0;
      memcpy(to + (s - first) * panel + l, &bits, sizeof bits);
    }
  }
}

PRODUCT_TARGET static void pack_bfloat16(
    const void *base, int isFloat, int64_t line, int64_t step, int64_t K, int64_t first, int64_t count, int64_t lines,
    int64_t panel, float *to) {
  for (int64_t at = 0; at < panel; at += WIDTH) {
    const char *const from = (const char *)base + at * line * (isFloat ? 4 : 2);
    const int64_t own = most(0, least(lines - at, WIDTH));
    const int isWide = at + WIDTH <= panel;
    if (isFloat) {
      pack_lines(from, 1, line, step, K, first, count, own, panel, isWide, to + at);
    } else {
      pack_lines(from, 0, line, step, K, first, count, own, panel, isWide, to + at);
    }
  }
}

TILE_INLINE void finish_rows(
    int64_t R, int64_t N, const float *sums, int64_t row, const float *bias, void *to, int64_t stride, const int isFloat) {
  for (int64_t r = 0; r < R; r++) {
    const float *const from = sums + r * row;
    int64_t j = 0;
    for (; j + WIDTH <= N; j += WIDTH) {
      vector sum = *(const vector *)(from + j);
      if (bias) sum += *(const vector *)(bias + j);
      if (isFloat) {
        *(vector *)((float *)to + r * stride + j) = sum;
      } else {
        *(halves *)((uint16_t *)to + r * stride + j) = ROUNDED_HALVES(sum);
      }
    }
    for (; j < N; j++) {
      const float sum = bias ? from[j] + bias[j] : from[j];
      if (isFloat) {
        ((float *)to)[r * stride + j] = sum;
      } else {
        ((uint16_t *)to)[r * stride + j] = ck_bfloat16_of(sum);
      }
    }
  }
}

PRODUCT_TARGET static void finish(
    int64_t R, int64_t N, const float *sums, int64_t row, const float *bias, void *to, int64_t stride, int isFloat) {
  if (isFloat) {
    finish_rows(R, N, sums, row, bias, to, stride, 1);
  } else {
    finish_rows(R, N, sums, row, bias, to, stride, 0);
  }
}

#undef T
#define BFLOAT16_OF(R, V) {tile_##R##_##V##_0_0, tile_##R##_##V##_1_0}
#define T(R) {BFLOAT16_OF(R, 1), BFLOAT16_OF(R, 2)},
const ck_bfloat16_kernels BFLOAT16 = {
    .isPaired = IS_PAIRED,
    .tiles = {EACH_ROW},
    .pack = pack_bfloat16,
    .finish = finish,
};
#undef T
