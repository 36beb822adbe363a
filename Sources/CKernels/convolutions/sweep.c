/* Chains of many pixels at once: those of a tile's rows lie evenly apart, along whichever axis fills tiles best. */
#include "convolution.h"

/* The axis that tiles go along: columns, whose pixels share what the first cache has, or the one that fills tiles best. */
static int longest(const ck_sweep *s, int64_t rows) {
  int best = 2;
  for (int a = 1; a >= 0 && s->axes[2].count < rows / 2; a--) {
    const int64_t count = s->axes[a].count, other = s->axes[best].count;
    if (count * blocks(other, rows) > other * blocks(count, rows)) best = a;
  }
  return best;
}

void ck_sweep_pixels(
    const ck_convolution_kernels *kernels, const ck_sweep *s, ck_tile tile, const float *packed, float *beside) {
  const int64_t width = kernels->floats->width, panel = width * kernels->floats->vectors, L = tile.segments * tile.K;
  const int along = longest(s, kernels->floats->rows);
  const ck_axis rows = s->axes[along], outer = s->axes[along == 0 ? 1 : 0], inner = s->axes[along == 2 ? 1 : 2];
  const int64_t tiles = blocks(rows.count, kernels->floats->rows);
  /* Sums that are to be rounded are computed beside their place too. */
  const ck_bfloat16_kernels *const rounding = s->isBFloat16 ? ck_bfloat16_kernels_here() : NULL;
  tile.aRow = rows.image;
  tile.aColumn = 1;
  for (int64_t first = 0; first < s->channels; first += panel) {
    const int64_t columns = least(panel, s->channels - first), own = up_to(columns, width);
    const int isWhole = columns == own, isBeside = !isWhole || rounding;
    const float *const bias = s->bias ? s->bias + first : NULL, *const rest = isWhole ? NULL : bias;
    tile.b = packed + first * L;
    tile.bias = isWhole ? bias : NULL;
    tile.bRow = own;
    for (int64_t o = 0; o < outer.count; o++) {
      for (int64_t i = 0; i < inner.count; i++) {
        const float *const image = s->image + o * outer.image + i * inner.image;
        const int64_t results = o * outer.result + i * inner.result + first;
        for (int64_t t = 0, at = 0, R; t < tiles; t++, at += R) {
          R = begin(rows.count, tiles, t + 1) - at;
          void *const result = place_of(s->result, s->isBFloat16, results + at * rows.result);
          tile.a = image + at * rows.image;
          tile.c = isBeside ? beside : result;
          tile.cRow = isBeside ? own : rows.result;
          tile.next = rounding ? beside : (float *)result + R * rows.result;
          ck_tile_of(kernels, R, own / width)(&tile);
          if (rounding) {
            rounding->finish(R, columns, beside, own, rest, result, rows.result, 0);
          } else if (isBeside) {
            write_sums(R, columns, beside, own, rest, result, rows.result);
          }
        }
      }
    }
  }
}
