/* Vectors of 8 floats and 16 registers: 12 sums, 2 of B, 1 of A. */
#if defined(__x86_64__)
#define PRODUCT ck_product_avx2
#define BFLOAT16 ck_bfloat16_avx2
#define PRODUCT_TARGET __attribute__((target("arch=x86-64-v3")))
#define WIDTH 8
#define VECTORS 2
#define ROWS 6
#define EACH_ROW T(1) T(2) T(3) T(4) T(5) T(6)
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#include "product_tile.h"
#endif
