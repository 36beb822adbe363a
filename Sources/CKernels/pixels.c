#include "CKernels.h"
#include "common.h"

#include <string.h>

#define PIXEL uint8_t
#define WIDE int32_t
#define LARGEST 255
#define NAMED(name) name##_8
#include "pixels.inc"
#undef PIXEL
#undef WIDE
#undef LARGEST
#undef NAMED

/* 16 bits by 22, and sums of some of them. */
#define PIXEL uint16_t
#define WIDE int64_t
#define LARGEST 65535
#define NAMED(name) name##_16
#include "pixels.inc"
