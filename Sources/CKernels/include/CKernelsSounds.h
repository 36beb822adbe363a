// Loops on sounds: channels made one, other rates, spectra of short pieces, and what is made of these.
//
// Letters: N samples of a frame, a power of two; T frames; F bands; K = N/2 + 1 frequencies.
// Every function gives the same bits on every instruction set: no contraction, and a written order for every sum. Frames lie beside
// each other in vectors, so that whatever is done to one of them is done number by number.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Frames that are transformed beside each other.
#define CK_FRAMES 16

/// Overwrites `y` (n) with the means of `channels` whole numbers of 32 bits, as parts of 2^31: sums are exact, and divided in double
/// precision by channels · 2^31.
void ck_mix_whole(float *y, const int32_t *x, ptrdiff_t n, ptrdiff_t channels);

/// The same of floating-point numbers as they are: sums in double precision, from the first channel on, divided by `channels`.
void ck_mix_real(float *y, const double *x, ptrdiff_t n, ptrdiff_t channels);

/// The place of the first of n numbers that is none, or further than `bound` from 0; n: there is none.
ptrdiff_t ck_first_beyond(const float *x, ptrdiff_t n, float bound);

/// The most taps of a filter of `ck_resample_sound` are a multiple of this many.
#define CK_TAPS 16

/// Overwrites y[first ..< first + n] with a sound of another rate, up/down times as high: y[o] = Σ filter[p·taps + t] · x[q + t] where
/// o·down = q·up + p, 0 ≤ p < up. Sixteen sums, tap t in sum t mod 16 from the first on, halves added onto halves.
///
/// Of `x` q + taps numbers count. `taps` is a multiple of CK_TAPS.
void ck_resample_sound(
    float *y, const float *x, ptrdiff_t n, ptrdiff_t first, const float *filter, ptrdiff_t taps, ptrdiff_t up, ptrdiff_t down);

/// How frames become bands.
typedef struct {
  /// N, from 16 to 65,536, and how many samples later the next frame begins.
  int32_t size, hop;
  /// N weights of a frame's samples.
  const float *window;
  /// N/2: pair k of samples, 2k and 2k + 1, is the complex number at places[k] before the first stage.
  const int32_t *places;
  /// Of each stage, radix 4 and with rest 2 the last, W^j, W^2j and W^3j (of radix 2 W^j), cosine and sine of -2π j / length, for the j
  /// of one of its transforms; then, for k = 0 ..< N/4, those of -2π k / N.
  const float *twiddles;
  /// Exponent of |X|: 2, or 1.
  int32_t power;
  /// F bands: band f is the sum of `counts[f]` frequencies from `firsts[f]` on, times weights that lie behind each other.
  int32_t bands;
  const int32_t *firsts, *counts;
  const float *weights;
} ck_spectrum;

/// Floats of scratch that `ck_band_frames` needs.
ptrdiff_t ck_band_scratch(const ck_spectrum *s);

/// Overwrites `y` (T×F) with the bands of the spectra of T frames, of which the first begins at x[0].
///
/// X[k] = Σ window[i] x[i] exp(-2πi k i / N) by a complex transform of N/2 pairs, decimated in time, in place: products rounded before
/// they are added. Bands are added from their lowest frequency on. `scratch` is aligned to 64 bytes.
void ck_band_frames(float *y, const float *x, ptrdiff_t T, const ck_spectrum *s, float *scratch);

/// y = factor · ln(max(y, floor)) in double precision, rounded; `floor` is a normal number above 0.
void ck_logarithms(float *y, ptrdiff_t n, float floor, double factor);

/// The largest of n > 0 numbers.
float ck_largest(const float *x, ptrdiff_t n);

/// y = max(y, bound)
void ck_at_least(float *y, ptrdiff_t n, float bound);

/// Overwrites `y` (T×C) with x (T×F) times a matrix (F×C): Σ over f, f ascending, products rounded.
void ck_cepstra(float *y, const float *x, const float *matrix, ptrdiff_t T, ptrdiff_t F, ptrdiff_t C);
