// A program ready to run: XNNPACK's runtime, its constants, and a buffer for every input and output.
#pragma once
#include <pthreadpool.h>
#include <xnnpack.h>

#include <memory>
#include <vector>

#include "constants.h"
#include "steps.h"

class LoadedProgram {
 public:
  // Throws a Refusal. A null pool means this thread alone.
  LoadedProgram(const Program& program, const Steps& steps, pthreadpool_t pool);
  ~LoadedProgram();
  LoadedProgram(const LoadedProgram&) = delete;

  void invoke();
  // Reads every cache line of the inputs.
  void touch_inputs() const;

  // Values in, values out, of any dtype, of the first of several copies; leaves the inputs as they are while samples
  // are taken.
  std::vector<std::vector<float>> compute(const std::vector<std::vector<float>>& inputs);
  const std::vector<size_t>& input_sizes() const { return input_sizes_; }

  double bytes = 0;        // what it was estimated to take
  bool isolated = false;  // a kernel on its own, not a network
  int copies = 1;         // of what was asked for, in one invocation

 private:
  struct Tensor {
    Buffer memory;
    void* values;
    size_t elements;
  };
  size_t element_bytes() const { return int8_ ? 1 : sizeof(float); }
  void write(Tensor& tensor, size_t i, float value);
  float read(const Tensor& tensor, size_t i) const;
  void write_pattern();

  bool int8_;
  Constants constants_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
  std::vector<size_t> input_sizes_;
  std::vector<size_t> output_position_;
  xnn_runtime_t runtime_ = nullptr;
};
