// Whether this machine's multiply-adds are the fused ones that the module with them counts on.
#include "simd.h"

// a·a + b, as the kernels compute it: with a = 1 + 2^-12 and b = -(1 + 2^-11) it is 2^-24 rounded once, and 0 rounded twice.
EXPORT(square_and_add)
float square_and_add(float a, float b) {
#ifdef __wasm_relaxed_simd__
  // By name: of one lane alone the compiler makes a product and a sum.
  return __builtin_wasm_relaxed_madd_f32x4(splat(a), splat(a), splat(b))[0];
#else
  return a * a + b;
#endif
}
