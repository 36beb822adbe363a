// Loops that change samples at random: pictures, spectrograms, tables. What is drawn is drawn elsewhere.
//
// Letters: H height, W width, C channels of a picture, H×W×C floats, channels last; P = H·W pixels; i row, j column; white: the
// float of the brightest pixel, 0 being the darkest.
// Every function gives the same bits on every instruction set: no contraction, a written order for every sum, no libm but what
// IEEE 754 rounds correctly.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// What stands outside of a picture.
enum { CK_EDGE_FILL = 0, CK_EDGE_NEAREST = 1, CK_EDGE_REFLECT = 2, CK_EDGE_WRAP = 3 };

/// Overwrites `y` with `x` moved: pixel (i, j) of `y` is (i + down, j + right) of `x`. Outside of it stands `fill`, or what
/// `edge` says: the nearest pixel; the picture mirrored at its first and last pixels, which are not repeated; or the picture
/// again. No arguments may alias.
void ck_move_picture(
    float *y, const float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, ptrdiff_t down, ptrdiff_t right, int edge,
    float fill);

/// Mirrors the columns of a picture, in place.
void ck_flip_columns(float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C);

/// Mirrors the rows of a picture, in place.
void ck_flip_rows(float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C);

/// Overwrites `y` with the picture that has at pixel (i, j) what `x` has at row m[3] j + m[4] i + m[5] and column
/// m[0] j + m[1] i + m[2], between its pixels bilinearly: (1 - v) ((1 - u) a + u b) + v ((1 - u) c + u d), u and v the parts of the
/// column and the row, a and b the two pixels of the row above, c and d of that below. Coordinates are doubles, u and v floats.
///
/// Of `x` only the window counts of `height` rows from `top` on and `width` columns from `left` on. Outside of it stands `fill`, or
/// where `edge` is CK_EDGE_NEAREST its nearest pixel. No arguments may alias.
void ck_resample_picture(
    float *y, const float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, const double m[6], ptrdiff_t top, ptrdiff_t left,
    ptrdiff_t height, ptrdiff_t width, int edge, float fill);

/// Overwrites a rectangle of a picture with `fill`.
void ck_fill_rectangle(
    float *x, ptrdiff_t W, ptrdiff_t C, ptrdiff_t top, ptrdiff_t left, ptrdiff_t height, ptrdiff_t width, float fill);

/// x = share x + (1 - share) z.
void ck_mix(float *x, const float *z, ptrdiff_t n, float share);

/// The same in a rectangle of a picture, whose pixels become those of `z`.
void ck_copy_rectangle(
    float *x, const float *z, ptrdiff_t W, ptrdiff_t C, ptrdiff_t top, ptrdiff_t left, ptrdiff_t height,
    ptrdiff_t width);

/// x = x + scale z.
void ck_add_scaled(float *x, const float *z, ptrdiff_t n, float scale);

/// Brings floats to 0…white.
void ck_clamp(float *x, ptrdiff_t n, float white);

/// x = min(max(factor x + (1 - factor) grey, 0), white), grey being one number.
void ck_blend_constant(float *x, ptrdiff_t n, float factor, float grey, float white);

/// The same, grey being that of each pixel: 0.2989 r + 0.587 g + 0.114 b. Three channels.
void ck_blend_grey(float *x, ptrdiff_t P, float factor, float white);

/// The mean of the greys of P pixels of three channels, or of one: eight sums in double precision, of pixels p mod 8, joined in
/// their order.
double ck_mean_grey(const float *x, ptrdiff_t P, ptrdiff_t C);

/// The mean of n floats: eight sums in double precision, of floats i mod 8, joined in their order.
double ck_mean(const float *x, ptrdiff_t n);

/// Turns hues by `turn`, a part of the circle, in HSV (Smith 1978). Three channels, floats of 0…white.
void ck_turn_hue(float *x, ptrdiff_t P, float turn, float white);

/// floor(x levels / white), at most levels - 1, times white / levels; levels = 2^bits.
void ck_posterise(float *x, ptrdiff_t n, int bits, float white);

/// white - x where x ≥ threshold.
void ck_solarise(float *x, ptrdiff_t n, float threshold, float white);

/// Stretches each channel so that its floats go from 0 to white; one of a single number stays as it is.
void ck_stretch_contrast(float *x, ptrdiff_t P, ptrdiff_t C, float white);

/// Gives each channel all of 256 levels equally often, as near as may be, as PIL's equalize does: level b becomes
/// (Σ of the counts below b + step / 2) / step in whole numbers, step = (P - count of the highest level there is) / 255. A channel
/// whose step is 0 becomes its levels. A float's level is ⌊255.999 x / white⌋.
void ck_equalise(float *x, ptrdiff_t P, ptrdiff_t C, float white);

/// Overwrites `y` with factor x + (1 - factor) b, brought to 0…white; b is x smoothed by (1 1 1; 1 5 1; 1 1 1) / 13, rows first,
/// and x itself at the picture's border. No arguments may alias.
void ck_sharpen_picture(float *y, const float *x, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, float factor, float white);

/// Smooths a picture by a row of K weights, K odd, along its columns and then along its rows, mirrored at its border; each
/// pixel is Σ weights[k] x, k ascending from 0. In place; `scratch` has H×W×C floats. K / 2 < H and W.
void ck_blur_picture(float *x, float *scratch, ptrdiff_t H, ptrdiff_t W, ptrdiff_t C, const float *weights, ptrdiff_t K);

/// e to the power of x, with a relative error below 1e-14 and the same bits on every host; 0 below -700, and that of 700 above.
double ck_exponential(double x);

/// The sine and the cosine of an angle in degrees, with an absolute error below 1e-14 and the same bits on every host.
void ck_sine_cosine(double degrees, double *sine, double *cosine);
