#include "infer-shape.h"

#include <algorithm>

#include "limits.h"

namespace {

std::string print(const Shape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" + std::to_string(shape.channels);
}

Shape windowed(const Op& op, const Shape& input, int64_t channels, const std::string& where) {
  const int64_t rows = window_along(input.height, op.kernel.height, op.stride.height, op.dilation.height, op.same).output;
  const int64_t columns = window_along(input.width, op.kernel.width, op.stride.width, op.dilation.width, op.same).output;
  if (rows < 1 || columns < 1) throw Refusal{where, "a window larger than its input " + print(input), "one that fits", ""};
  return {rows, columns, channels};
}

Shape concatenated(const std::vector<Shape>& inputs, const std::string& where) {
  Shape sum = inputs[0];
  for (size_t i = 1; i < inputs.size(); i++) {
    if (inputs[i].height != sum.height || inputs[i].width != sum.width) {
      throw Refusal{where, "inputs " + print(inputs[0]) + " and " + print(inputs[i]), "one height and one width", ""};
    }
    sum.channels += inputs[i].channels;
  }
  return sum;
}

Shape shape_of(const Op& op, const std::vector<Shape>& inputs, const std::string& where) {
  const Shape first = inputs.empty() ? op.shape : inputs[0];
  const auto multiple_of_groups = [&](int64_t channels) {
    if (channels % op.groups != 0) {
      throw Refusal{where, std::to_string(channels) + " channels",
                    "a multiple of its " + std::to_string(op.groups) + " groups", ""};
    }
  };
  switch (op.kind) {
    case OpKind::kInput:
      return op.shape;
    case OpKind::kConvolution:
      multiple_of_groups(first.channels);
      multiple_of_groups(op.channels);
      return windowed(op, first, op.channels, where);
    case OpKind::kPool:
      return windowed(op, first, first.channels, where);
    case OpKind::kLinear:
      if (first.height != 1 || first.width != 1) throw Refusal{where, "input " + print(first), "1x1 pixels", ""};
      return {1, 1, op.channels};
    case OpKind::kBatchNorm:
    case OpKind::kActivation:
      return first;
    case OpKind::kAdd:
      if (!(first == inputs[1])) throw Refusal{where, print(first) + " and " + print(inputs[1]), "one shape", ""};
      return first;
    case OpKind::kMultiply:
      if (!(first == inputs[1]) && !(inputs[1] == Shape{1, 1, first.channels})) {
        throw Refusal{where, print(first) + " and " + print(inputs[1]),
                      "one shape, or 1x1x" + std::to_string(first.channels) + " second", ""};
      }
      return first;
    case OpKind::kConcat:
      return concatenated(inputs, where);
    case OpKind::kChannelSplit:
      if (op.offset + op.channels > first.channels) {
        throw Refusal{where, "channels " + std::to_string(op.offset) + " to " + std::to_string(op.offset + op.channels - 1),
                      "some of " + std::to_string(first.channels), ""};
      }
      return {first.height, first.width, op.channels};
    case OpKind::kChannelShuffle:
      multiple_of_groups(first.channels);
      return first;
    case OpKind::kGlobalAveragePool:
      return {1, 1, first.channels};
  }
  return first;
}

}  // namespace

Axis window_along(int64_t input, int64_t kernel, int64_t stride, int64_t dilation, bool same) {
  const int64_t span = (kernel - 1) * dilation + 1;
  if (!same) return {input < span ? 0 : (input - span) / stride + 1, 0, 0};
  const int64_t output = (input + stride - 1) / stride;
  const int64_t padding = std::max<int64_t>(0, (output - 1) * stride + span - input);
  return {output, padding / 2, padding - padding / 2};
}

Shape infer_shape(const Op& op, const std::vector<Shape>& inputs, const std::string& where) {
  const size_t arity = op.kind == OpKind::kInput                                     ? 0
                       : op.kind == OpKind::kAdd || op.kind == OpKind::kMultiply ? 2
                                                                                       : 1;
  if (op.kind == OpKind::kConcat ? inputs.size() < 2 : inputs.size() != arity) {
    throw Refusal{where, std::to_string(inputs.size()) + " inputs",
                  op.kind == OpKind::kConcat ? "two or more" : std::to_string(arity), ""};
  }
  const Shape shape = shape_of(op, inputs, where);
  if (shape.channels > limits::kSize || double(shape.elements()) * 4 > limits::kProgramBytes) {
    throw Refusal{where, "a tensor of " + print(shape), "one that fits into 1 GiB", ""};
  }
  return shape;
}
