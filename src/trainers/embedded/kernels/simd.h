// Four float32 lanes, the vector of WebAssembly SIMD, and the few operations on it that C has no operator for.
// Nothing here may depend on the machine: no reassociation, and of relaxed SIMD nothing but the multiply-adds that the
// compiler makes of `a * b + c` in the fused module, which runs only where they round once (rounding.c).
#pragma once

typedef float f32x4 __attribute__((vector_size(16), aligned(4)));
typedef int i32x4 __attribute__((vector_size(16), aligned(4)));

#define LANES 4
#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

INLINE f32x4 load(const float *from) { return *(const f32x4 *)from; }
INLINE void store(float *to, f32x4 value) { *(f32x4 *)to = value; }
INLINE f32x4 splat(float value) { return (f32x4){value, value, value, value}; }

// Lanes of `yes` where `mask` is all ones, of `no` where it is all zeros.
INLINE f32x4 select(i32x4 mask, f32x4 yes, f32x4 no) {
  return (f32x4)(((i32x4)yes & mask) | ((i32x4)no & ~mask));
}

// `value` where `mask` is all ones, else 0.
INLINE f32x4 keep_where(i32x4 mask, f32x4 value) { return (f32x4)((i32x4)value & mask); }

// A NaN in `value` stays, so that a diverged network shows in its loss.
INLINE f32x4 at_least(f32x4 value, f32x4 bound) { return __builtin_wasm_pmax_f32x4(value, bound); }
INLINE f32x4 at_most(f32x4 value, f32x4 bound) { return __builtin_wasm_pmin_f32x4(value, bound); }

INLINE f32x4 square_root(f32x4 value) { return __builtin_wasm_sqrt_f32x4(value); }

INLINE int smaller(int a, int b) { return a < b ? a : b; }
INLINE int larger(int a, int b) { return a > b ? a : b; }
INLINE int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }
