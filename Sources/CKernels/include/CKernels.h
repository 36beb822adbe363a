#pragma once
#include "CKernelsData.h"
