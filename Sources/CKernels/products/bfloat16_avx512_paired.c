/* AVX-512 with BF16: one instruction goes on with sixteen chains by two steps. */
#if defined(__x86_64__)
#define BFLOAT16 ck_bfloat16_avx512_paired
#define IS_PAIRED 1
#define PRODUCT_TARGET __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#define WIDTH 16
#define VECTORS 2
#define ROWS 12
#define EACH_ROW T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8) T(9) T(10) T(11) T(12)
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
typedef __bf16 pairs __attribute__((__vector_size__(64)));
#define MULTIPLY_ADD(a, b, c) ((vector)__builtin_ia32_dpbf16ps_512(c, (pairs)(a), (pairs)(b)))
/* As ck_rounded, in one instruction. */
typedef __bf16 half_vector __attribute__((__vector_size__(32)));
#define ROUNDED_HALVES(sum) ((halves)__builtin_ia32_cvtneps2bf16_512_mask(sum, (half_vector){0}, (unsigned short)-1))
#define TILES_OF(R, V) TILE(R, V, 0, 0) TILE(R, V, 1, 0)
#include "tile.h"

#include "bfloat16_tile.h"
#endif
