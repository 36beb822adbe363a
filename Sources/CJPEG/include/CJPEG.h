/* JPEG files as Swift sees them: bytes in memory, rows of pixels, and a text where something is wrong.
 *
 * libjpeg reports errors by a jump out of its functions, which must not cross Swift's: it starts and ends in here. A decoder is used
 * by one thread at a time, and again for any number of files: its memory stays.
 *
 * Pixels: the accurate integer inverse transform (JDCT_ISLOW), the usual triangle interpolation of colours, no smoothing of blocks:
 * of these the library's vector code gives the bits that its plain C gives. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CJPEG CJPEG;

/* What a decoder makes of a file's colours: samples a pixel. */
enum { CJPEG_GREY = 1, CJPEG_RGB = 3, CJPEG_CMYK = 4 };

typedef struct {
  /* Pixels, as they are stored. */
  int width, height;
  /* Samples a pixel in the file. */
  int components;
  /* Whether there is a brightness of its own in the file, so that CJPEG_GREY can be had. */
  bool has_grey;
  /* Whether it holds four inks, so that CJPEG_CMYK is all that can be had. */
  bool is_cmyk;
  /* Whether these are inverted, as Adobe's programs write them. */
  bool is_inverted;
} CJPEG_header;

/* NULL where there is no memory. */
CJPEG *CJPEG_create(void);
void CJPEG_destroy(CJPEG *decoder);

/* Begins with a file, which must stay where it is until CJPEG_read has returned; overwrites `header`. */
bool CJPEG_begin(CJPEG *decoder, const uint8_t *bytes, size_t count, CJPEG_header *header);

/* Overwrites the first `rows` rows of `pixels`, row-major without gaps, with samples of one of the three kinds, and ends the file, of
 * which nothing behind these rows is looked at.
 *
 * `reduction` is 1, 2, 4 or 8: a file of H×W pixels becomes ⌈H/reduction⌉×⌈W/reduction⌉ by inverse transforms of the lowest
 * frequencies alone, which take a fraction of the time. `rows` counts those. */
bool CJPEG_read(CJPEG *decoder, int kind, int reduction, int rows, uint8_t *pixels);

/* What was wrong when a function returned false last. */
const char *CJPEG_message(const CJPEG *decoder);

/* The library, as it was compiled against: `libjpeg-turbo 2.1.5`. */
const char *CJPEG_version(void);
