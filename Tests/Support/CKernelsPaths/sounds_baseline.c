#define PATH baseline
#define CK_CLONES
#include "sounds.inc"
