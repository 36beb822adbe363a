#define PATH baseline
#define CK_CLONES
#include "augmentations.inc"
