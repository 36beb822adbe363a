#include <string.h>

#include "integers.h"

void ck_integer_gather(
    uint8_t *q, int64_t row, const uint8_t *canvas, const ck_integer_windows *windows, int64_t first, int64_t count) {
  const ck_integer_windows s = *windows;
  const int64_t size = s.kernelHeight * s.kernelWidth * s.channels;
  /* Bytes that lie side by side in the canvas as in a window. */
  const int64_t elements = s.dilationWidth == 1 ? s.kernelWidth : 1, run = elements * s.channels;
  for (int64_t i = 0; i < count; i++, q += row) {
    const int64_t top = (first + i) / s.outputWidth * s.strideHeight, left = (first + i) % s.outputWidth * s.strideWidth;
    uint8_t *to = q;
    for (int64_t y = 0; y < s.kernelHeight; y++) {
      const uint8_t *from = canvas + ((top + y * s.dilationHeight) * s.width + left) * s.channels;
      for (int64_t x = 0; x < s.kernelWidth; x += elements, to += run) {
        memcpy(to, from + x * s.dilationWidth * s.channels, (size_t)run);
      }
    }
    memset(to, 0, (size_t)(row - size));
  }
}
