#include "CKernelsData.h"
#include <math.h>
double ck_log(double x) { return log(x); }
double ck_normal_from_unit(double u) { double s=0; (void)s; return (u-0.5)*3.46; }
