// e^x in float32, the same bits on every machine.
#pragma once
#include "simd.h"

// x = n ln 2 + r with |r| <= ln 2 / 2; e^x = 2^n e^r, and e^r by the polynomial of Cephes' expf.
// Relative error below 2e-7. Clamped where 2^n would leave the normal floats.
INLINE f32x4 exponential(f32x4 x) {
  x = at_most(at_least(x, splat(-87.0f)), splat(88.0f));
  const f32x4 n = __builtin_wasm_nearest_f32x4(x * splat(1.44269504088896341f));
  // ln 2 in two parts, so that n ln 2 is subtracted without rounding.
  const f32x4 r = x - n * splat(0.693359375f) - n * splat(-2.12194440e-4f);
  f32x4 p = splat(1.9875691500e-4f);
  p = p * r + splat(1.3981999507e-3f);
  p = p * r + splat(8.3334519073e-3f);
  p = p * r + splat(4.1665795894e-2f);
  p = p * r + splat(1.6666665459e-1f);
  p = p * r + splat(5.0000001201e-1f);
  p = p * r * r + r + splat(1.0f);
  const i32x4 exponent = __builtin_convertvector(n, i32x4);
  return p * (f32x4)((exponent + 127) << 23);
}
