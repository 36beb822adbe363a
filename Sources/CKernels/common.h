#pragma once

#include <stdint.h> /* defines __GLIBC__ where it is one: choosing at load time needs its indirect functions */

/* Hot loops are compiled for three x86-64 levels and chosen at load time; the bits are the same on all of them, since
 * no contraction is allowed and the order of every addition is written out. Defined beforehand by the tests, which
 * compile each level by itself. */
#ifndef CK_CLONES
#if defined(__x86_64__) && defined(__GLIBC__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
#endif

#pragma STDC FP_CONTRACT OFF

/* Before a loop whose pointers may be equal but never partly overlap: no iteration reads what another one writes.
 * Without it the vectoriser compares addresses first, and an in-place call runs float by float. */
#define CK_ELEMENTWISE _Pragma("clang loop vectorize(assume_safety)")

/* The same before a loop of many steps that wait for each other, as an exponential's do: four vectors go beside each other. */
#define CK_ELEMENTWISE_LONG _Pragma("clang loop vectorize(assume_safety) interleave_count(4)")

/* A function that is compiled with its caller's instruction set; left to itself, a long one stays at the lowest. */
#define CK_INLINE static inline __attribute__((always_inline))
