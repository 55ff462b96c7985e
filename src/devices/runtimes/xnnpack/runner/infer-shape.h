// The shape an op gives for the shapes of its inputs: src/graph/shape.ts in C++.
#pragma once
#include <string>
#include <vector>

#include "program.h"

// Throws a Refusal where op and inputs do not fit.
Shape infer_shape(const Op& op, const std::vector<Shape>& inputs, const std::string& where);

// Pixels of padding along one axis and the number of outputs (TensorFlow's rule; none for `valid`).
struct Axis {
  int64_t output, before, after;
};
Axis window_along(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, bool same);
