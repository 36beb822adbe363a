/* PNG files as Swift sees them: bytes in memory, rows of pixels, and a text where something is wrong.
 *
 * libpng reports errors by a jump out of its functions, which must not cross Swift's: it starts and ends in here. What a file says of
 * gamma and of colour profiles is passed over: pixels are the numbers that it holds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CPNG CPNG;

typedef struct {
  /* Pixels. */
  uint32_t width, height;
  /* Samples a pixel after palettes have become colours, and transparent ones an opacity: 1 grey, 2 grey and opacity, 3 red, green and
   * blue, 4 these and opacity. */
  int samples;
  /* Bits of a sample: 8, also where the file has fewer, or 16. */
  int depth;
} CPNG_header;

/* Begins with a file, which must stay where it is until CPNG_end, and overwrites `header`; no side may have more pixels than
 * `most_side`. Where it returns false `*file` tells why, or is NULL where there is no memory; it is to be ended all the same. */
bool CPNG_begin(const uint8_t *bytes, size_t count, uint32_t most_side, CPNG_header *header, CPNG **file);

/* Overwrites `pixels`, row-major without gaps, samples of 16 bits in this machine's order; once a file. */
bool CPNG_read(CPNG *file, void *pixels);

/* What was wrong when a function returned false. */
const char *CPNG_message(const CPNG *file);
void CPNG_end(CPNG *file);

/* The library that runs: `libpng 1.6.39`. */
const char *CPNG_version(void);
