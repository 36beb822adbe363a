/* The depthwise kernels of one instruction set, a part of product_tile.h: vectors of channels, the last ones of which are narrower
 * until no channel is left. Chains of several pixels, or elements of the kernel, stay in registers. */

enum { PIXELS = WIDTH == 16 ? 8 : 4, ELEMENTS = 9 };

/* R pixels of one vector of channels; RUN elements side by side share what they read. */
#define DEPTHWISE_TILE(WIDE)                                                                                              \
  TILE_INLINE void depthwise_tile_##WIDE(                                                                                 \
      const int R, const int RUN, const ck_depthwise_row *row, int64_t first, int64_t channel) {                          \
    vector_##WIDE sums[PIXELS];                                                                                           \
    const float *const x = row->x + first * row->xStep + channel, *w = row->w + channel;                                  \
    UNROLLED for (int r = 0; r < R; r++) sums[r] = (vector_##WIDE)0;                                                      \
    for (int64_t e = 0; e < row->elements; e += RUN) {                                                                    \
      const float *const at = x + row->starts[e];                                                                         \
      vector_##WIDE xs[PIXELS + 2];                                                                                       \
      UNROLLED for (int r = 0; r < R + RUN - 1; r++) xs[r] = *(const vector_##WIDE *)(at + r * row->xStep);               \
      UNROLLED for (int j = 0; j < RUN; j++, w += row->channels) {                                                        \
        const vector_##WIDE weight = *(const vector_##WIDE *)w;                                                           \
        UNROLLED for (int r = 0; r < R; r++) sums[r] = __builtin_elementwise_fma(xs[r + j], weight, sums[r]);             \
      }                                                                                                                   \
    }                                                                                                                     \
    float *const y = row->y + first * row->yStep + channel;                                                               \
    UNROLLED for (int r = 0; r < R; r++) *(vector_##WIDE *)(y + r * row->yStep) = sums[r];                                \
  }                                                                                                                       \
  TILE_INLINE void depthwise_pixels_##WIDE(const int RUN, const ck_depthwise_row *row, int64_t channel) {                 \
    int64_t first = 0;                                                                                                    \
    for (; first + PIXELS <= row->count; first += PIXELS) depthwise_tile_##WIDE(PIXELS, RUN, row, first, channel);        \
    for (; first + 2 <= row->count; first += 2) depthwise_tile_##WIDE(2, RUN, row, first, channel);                       \
    if (first < row->count) depthwise_tile_##WIDE(1, RUN, row, first, channel);                                           \
  }                                                                                                                       \
  PRODUCT_TARGET static int64_t depthwise_##WIDE(const ck_depthwise_row *row, int64_t channel) {                          \
    for (; channel + WIDE <= row->channels; channel += WIDE) {                                                            \
      if (row->run == 3) depthwise_pixels_##WIDE(3, row, channel);                                                        \
      else depthwise_pixels_##WIDE(1, row, channel);                                                                      \
    }                                                                                                                     \
    return channel;                                                                                                       \
  }

/* E elements of one vector of channels. */
#define GRADIENT_TILE(WIDE)                                                                                               \
  TILE_INLINE void gradient_tile_##WIDE(const int E, const ck_depthwise_gradient *g, int64_t first, int64_t channel) {    \
    vector_##WIDE sums[ELEMENTS];                                                                                         \
    const float *starts[ELEMENTS], *dy = g->dy + channel;                                                                 \
    float *const dw = g->dw + first * g->channels + channel;                                                              \
    UNROLLED for (int e = 0; e < E; e++) {                                                                                \
      sums[e] = *(vector_##WIDE *)(dw + e * g->channels);                                                                 \
      starts[e] = g->x + g->starts[first + e] + channel;                                                                  \
    }                                                                                                                     \
    for (int64_t r = 0, at = 0; r < g->count; r++, at += g->xStep, dy += g->yStep) {                                      \
      const vector_##WIDE up = *(const vector_##WIDE *)dy;                                                                \
      UNROLLED for (int e = 0; e < E; e++) {                                                                              \
        sums[e] = __builtin_elementwise_fma(*(const vector_##WIDE *)(starts[e] + at), up, sums[e]);                       \
      }                                                                                                                   \
    }                                                                                                                     \
    UNROLLED for (int e = 0; e < E; e++) *(vector_##WIDE *)(dw + e * g->channels) = sums[e];                              \
  }                                                                                                                       \
  PRODUCT_TARGET static int64_t gradient_##WIDE(const ck_depthwise_gradient *g, int64_t channel) {                        \
    for (; channel + WIDE <= g->channels; channel += WIDE) {                                                              \
      int64_t first = 0;                                                                                                  \
      for (; first + ELEMENTS <= g->elements; first += ELEMENTS) gradient_tile_##WIDE(ELEMENTS, g, first, channel);       \
      for (; first + 3 <= g->elements; first += 3) gradient_tile_##WIDE(3, g, first, channel);                            \
      for (; first < g->elements; first++) gradient_tile_##WIDE(1, g, first, channel);                                    \
    }                                                                                                                     \
    return channel;                                                                                                       \
  }

#define DEPTHWISE(WIDE)                                                        \
  typedef float vector_##WIDE __attribute__((ext_vector_type(WIDE), aligned(4))); \
  DEPTHWISE_TILE(WIDE)                                                         \
  GRADIENT_TILE(WIDE)
#if WIDTH >= 16
DEPTHWISE(16)
#endif
#if WIDTH >= 8
DEPTHWISE(8)
#endif
DEPTHWISE(4)
DEPTHWISE(2)
DEPTHWISE(1)

PRODUCT_TARGET static void depthwise(const ck_depthwise_row *row) {
  int64_t channel = 0;
#if WIDTH >= 16
  channel = depthwise_16(row, channel);
#endif
#if WIDTH >= 8
  channel = depthwise_8(row, channel);
#endif
  channel = depthwise_4(row, channel);
  channel = depthwise_2(row, channel);
  depthwise_1(row, channel);
}

PRODUCT_TARGET static void depthwise_gradient(const ck_depthwise_gradient *g) {
  int64_t channel = 0;
#if WIDTH >= 16
  channel = gradient_16(g, channel);
#endif
#if WIDTH >= 8
  channel = gradient_8(g, channel);
#endif
  channel = gradient_4(g, channel);
  channel = gradient_2(g, channel);
  gradient_1(g, channel);
}
