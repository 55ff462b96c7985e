// A program as the host sends it: src/graph/op.ts and src/devices/program.ts in C++.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "json.h"

enum class Dtype { kFloat32, kFloat16, kInt8 };

enum class OpKind {
  kInput,
  kConvolution,
  kLinear,
  kBatchNorm,
  kActivation,
  kAdd,
  kMultiply,
  kConcat,
  kChannelSplit,
  kChannelShuffle,
  kPool,
  kGlobalAveragePool,
};

enum class Activation { kRelu, kRelu6, kHswish, kHsigmoid, kSigmoid, kSwish, kPrelu };

struct Shape {
  int64_t height = 0, width = 0, channels = 0;
  int64_t elements() const { return height * width * channels; }
  bool operator==(const Shape& other) const {
    return height == other.height && width == other.width && channels == other.channels;
  }
};

// [height, width] of a window, of its steps or between its taps.
struct Extent {
  int64_t height = 1, width = 1;
};

// The fields that an op of some kind does not have keep their defaults.
struct Op {
  OpKind kind = OpKind::kInput;
  Shape shape;           // input
  int64_t channels = 0;  // convolution, linear, channel-split
  int64_t offset = 0;    // channel-split
  int64_t groups = 1;    // convolution, channel-shuffle
  Extent kernel, stride, dilation;
  bool same = false;  // padding: TensorFlow's `same`, else `valid`
  bool bias = false;
  bool average = false;  // pool: average, else max
  Activation activation = Activation::kRelu;
};

struct Node {
  std::string name;
  Op op;
  std::vector<uint32_t> inputs;
  Shape shape;  // inferred
};

struct Program {
  Dtype dtype = Dtype::kFloat32;
  std::vector<Node> nodes;
  std::vector<uint32_t> outputs;
};

// Reads and checks a program with the shapes that follow from it; throws a Refusal.
Program read_program(const Json& request);

const char* dtype_name(Dtype dtype);
