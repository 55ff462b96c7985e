// A program cut into what XNNPACK executes as one node each, as TFLite's delegate cuts it:
// a batch-norm that alone reads a convolution or linear is folded into it (which then has a bias), and a relu or
// relu6 that alone reads a convolution, linear, batch-norm, add, multiply or pool becomes that op's output range.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "program.h"

struct Range {
  float low = -INFINITY, high = INFINITY;
  bool limits() const { return std::isfinite(low) || std::isfinite(high); }
};

struct Step {
  uint32_t node;  // the op; its bias is set where a batch-norm was folded in
  Op op;
  Shape shape;
  std::vector<uint32_t> inputs;  // nodes that have a step or are inputs
  Range range;
};

struct Steps {
  std::vector<Step> steps;              // in order; what no output needs is left out
  std::vector<uint32_t> inputs;         // nodes of kind input, in order
  std::vector<uint32_t> outputs;        // nodes, in the program's order, each once
  std::vector<size_t> output_position;  // of each of the program's outputs in `outputs`
};

Steps cut(const Program& program);
