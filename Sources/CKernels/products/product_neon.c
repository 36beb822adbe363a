/* Vectors of 4 floats and 32 registers: 24 sums, 2 of B, 1 of A. */
#if defined(__aarch64__)
#define PRODUCT ck_product_neon
#define BFLOAT16 ck_bfloat16_neon
#define PRODUCT_TARGET
#define WIDTH 4
#define VECTORS 2
#define ROWS 12
#define EACH_ROW T(1) T(2) T(3) T(4) T(5) T(6) T(7) T(8) T(9) T(10) T(11) T(12)
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#include "product_tile.h"
#endif
