/* Prints a digest of the pixels of each picture that is named: of JPEG files in every kind of samples and every reduction that they
 * can be had in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CJPEG.h"
/* JPEG files alone, where libpng cannot be had: what a PNG file holds no decoder has a choice about. */
#ifndef JPEG_ALONE
#include "CPNG.h"
#endif

/* FNV-1a, which tells an accident. */
static uint64_t digest(const uint8_t *bytes, size_t count) {
  uint64_t sum = 14695981039346656037u;
  for (size_t i = 0; i < count; i++) sum = (sum ^ bytes[i]) * 1099511628211u;
  return sum;
}

static void fail(const char *path, const char *message) {
  fprintf(stderr, "%s: %s\n", path, message);
  exit(1);
}

static void jpeg(CJPEG *decoder, const char *path, const uint8_t *bytes, size_t count) {
  const int kinds[] = {CJPEG_GREY, CJPEG_RGB, CJPEG_CMYK};
  for (int i = 0; i < 3; i++) {
    const int kind = kinds[i];
    for (int reduction = 1; reduction <= 8; reduction *= 2) {
      CJPEG_header header;
      if (!CJPEG_begin(decoder, bytes, count, &header)) fail(path, CJPEG_message(decoder));
      if (header.is_cmyk != (kind == CJPEG_CMYK) || (kind == CJPEG_GREY && !header.has_grey)) continue;
      const int height = (header.height + reduction - 1) / reduction, width = (header.width + reduction - 1) / reduction;
      const size_t size = (size_t)width * (size_t)height * (size_t)kind;
      uint8_t *pixels = malloc(size);
      if (!CJPEG_read(decoder, kind, reduction, height, pixels)) fail(path, CJPEG_message(decoder));
      printf("%s %d 1/%d %016llx\n", path, kind, reduction, (unsigned long long)digest(pixels, size));
      free(pixels);
    }
  }
}

#ifndef JPEG_ALONE
static void png(const char *path, const uint8_t *bytes, size_t count) {
  CPNG_header header;
  CPNG *file;
  if (!CPNG_begin(bytes, count, 1 << 16, &header, &file)) fail(path, CPNG_message(file));
  const size_t size = (size_t)header.width * header.height * (size_t)header.samples * (size_t)(header.depth / 8);
  uint8_t *pixels = malloc(size);
  if (!CPNG_read(file, pixels)) fail(path, CPNG_message(file));
  printf("%s %d %016llx\n", path, header.samples, (unsigned long long)digest(pixels, size));
  free(pixels);
  CPNG_end(file);
}
#endif

int main(int count, char **paths) {
  CJPEG *decoder = CJPEG_create();
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(paths[i], "rb");
    if (!file) fail(paths[i], "it cannot be opened");
    fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(size);
    if (fread(bytes, 1, size, file) != size) fail(paths[i], "it cannot be read");
    fclose(file);
    if (size > 1 && bytes[0] == 0xFF)
      jpeg(decoder, paths[i], bytes, size);
#ifndef JPEG_ALONE
    else
      png(paths[i], bytes, size);
#endif
    free(bytes);
  }
  CJPEG_destroy(decoder);
  return 0;
}
