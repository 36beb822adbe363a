/* Whatever the compiler makes of it. Where the processor has no fused multiply-add the C library computes each, slowly. */
#define PRODUCT ck_product_plain
#define BFLOAT16 ck_bfloat16_plain
#define PRODUCT_TARGET
#define WIDTH 4
#define VECTORS 2
#define ROWS 2
#define EACH_ROW T(1) T(2)
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#include "product_tile.h"
