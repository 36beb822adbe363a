#define PATH v4
#if defined(__x86_64__)
#define CK_CLONES __attribute__((target("arch=x86-64-v4")))
#else
#define CK_CLONES
#endif
#include "sounds.inc"
