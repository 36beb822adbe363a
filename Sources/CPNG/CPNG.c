#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CPNG {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count, place;
  size_t stride;
  uint32_t height;
  jmp_buf escape;
  char message[128];
};

static void fail(png_structp png, png_const_charp text) {
  CPNG *file = png_get_error_ptr(png);
  snprintf(file->message, sizeof file->message, "%s", text);
  longjmp(file->escape, 1);
}

/* What libpng goes on after leaves pixels whole, but for a damaged part, which is an error: see png_set_crc_action. */
static void warn(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep into, size_t count) {
  CPNG *file = png_get_io_ptr(png);
  if (count > file->count - file->place) png_error(png, "it ends too early");
  memcpy(into, file->bytes + file->place, count);
  file->place += count;
}

/* The most bytes of a part that is unpacked in memory, a palette's or a text's. */
enum { MOST_CHUNK = 8 << 20 };

static void read_header(CPNG *file, uint32_t most_side, CPNG_header *header) {
  png_structp png = file->png;
  png_set_read_fn(png, file, take);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits(png, most_side, most_side);
  png_set_chunk_malloc_max(png, MOST_CHUNK);
  png_read_info(png, file->info);
  png_set_expand(png);
  if (png_get_bit_depth(png, file->info) == 16) {
    const uint16_t one = 1;
    if (*(const uint8_t *)&one) png_set_swap(png);
  }
  png_set_interlace_handling(png);
  png_read_update_info(png, file->info);
  header->width = png_get_image_width(png, file->info);
  header->height = png_get_image_height(png, file->info);
  header->samples = png_get_channels(png, file->info);
  header->depth = png_get_bit_depth(png, file->info);
  file->height = header->height;
  file->stride = png_get_rowbytes(png, file->info);
}

bool CPNG_begin(const uint8_t *bytes, size_t count, uint32_t most_side, CPNG_header *header, CPNG **begun) {
  CPNG *file = *begun = calloc(1, sizeof *file);
  if (!file) return false;
  file->bytes = bytes;
  file->count = count;
  if (setjmp(file->escape)) return false;
  file->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, file, fail, warn);
  if (file->png) file->info = png_create_info_struct(file->png);
  if (!file->info) {
    snprintf(file->message, sizeof file->message, "no memory");
    return false;
  }
  read_header(file, most_side, header);
  return true;
}

bool CPNG_read(CPNG *file, void *pixels) {
  if (setjmp(file->escape)) return false;
  const int passes = png_set_interlace_handling(file->png);
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < file->height; y++)
      png_read_row(file->png, (png_bytep)pixels + file->stride * y, NULL);
  png_read_end(file->png, NULL);
  return true;
}

const char *CPNG_message(const CPNG *file) { return file ? file->message : "no memory"; }

void CPNG_end(CPNG *file) {
  if (!file) return;
  png_destroy_read_struct(&file->png, &file->info, NULL);
  free(file);
}

const char *CPNG_version(void) {
  static char text[32];
  /* The same bytes, whoever writes them. */
  snprintf(text, sizeof text, "libpng %s", png_get_libpng_ver(NULL));
  return text;
}
