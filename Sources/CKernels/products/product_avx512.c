/* Vectors of 16 floats and 32 registers: 24 sums, 2 of B, 1 of A. */
#if defined(__x86_64__)
#define PRODUCT ck_product_avx512
#define BFLOAT16 ck_bfloat16_avx512
#define PRODUCT_TARGET __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define WIDTH 16
#define VECTORS 2
#define ROWS 12
#define EACH_ROW T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8) T(9) T(10) T(11) T(12)
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#include "product_tile.h"
#endif
