// Activation functions on vectors, and their derivatives.
#pragma once
#include "exponential.h"
#include "simd.h"

// The host numbers them alike: see `ACTIVATION_CODES` in operations/activation.ts.
enum activation { LINEAR, RELU, RELU6, HSWISH, HSIGMOID, SIGMOID, SWISH };

// Calls `call` with `function` a constant, so that each activation gets a loop of its own.
#define WITH_CONSTANT_ACTIVATION(function, call)                                                             \
  switch (function) {                                                                                        \
    case LINEAR: { enum { FUNCTION = LINEAR }; call; break; }                                                \
    case RELU: { enum { FUNCTION = RELU }; call; break; }                                                    \
    case RELU6: { enum { FUNCTION = RELU6 }; call; break; }                                                  \
    case HSWISH: { enum { FUNCTION = HSWISH }; call; break; }                                                \
    case HSIGMOID: { enum { FUNCTION = HSIGMOID }; call; break; }                                            \
    case SIGMOID: { enum { FUNCTION = SIGMOID }; call; break; }                                              \
    case SWISH: { enum { FUNCTION = SWISH }; call; break; }                                                  \
  }

// Whether its derivative is dearer to compute twice than to send through memory.
INLINE int is_dear(int function) { return function == HSWISH || function == SIGMOID || function == SWISH; }

INLINE f32x4 sigmoid(f32x4 z) { return splat(1) / (splat(1) + exponential(-z)); }

// relu6(z + 3) / 6
INLINE f32x4 hard_sigmoid(f32x4 z) {
  return at_most(at_least(z + splat(3), splat(0)), splat(6)) * splat(1.0f / 6);
}

INLINE f32x4 activate(int function, f32x4 z) {
  switch (function) {
    case RELU: return at_least(z, splat(0));
    case RELU6: return at_most(at_least(z, splat(0)), splat(6));
    case HSWISH: return z * hard_sigmoid(z);
    case HSIGMOID: return hard_sigmoid(z);
    case SIGMOID: return sigmoid(z);
    case SWISH: return z * sigmoid(z);
    default: return z;
  }
}

// `gradient` times the derivative at `z`; at a kink, the derivative is that of the flat side.
INLINE f32x4 activate_backward(int function, f32x4 z, f32x4 gradient) {
  switch (function) {
    case RELU: return keep_where(z > splat(0), gradient);
    case RELU6: return keep_where((z > splat(0)) & (z < splat(6)), gradient);
    case HSWISH: {
      const f32x4 inner = keep_where(z > splat(-3), z * splat(1.0f / 3) + splat(0.5f));
      return gradient * select(z > splat(3), splat(1), inner);
    }
    case HSIGMOID: return keep_where((z > splat(-3)) & (z < splat(3)), gradient * splat(1.0f / 6));
    case SIGMOID: {
      const f32x4 s = sigmoid(z);
      return gradient * s * (splat(1) - s);
    }
    case SWISH: {
      const f32x4 s = sigmoid(z);
      return gradient * (s + z * s * (splat(1) - s));
    }
    default: return gradient;
  }
}
