#define PATH baseline
#define CK_CLONES
#include "path.inc"
