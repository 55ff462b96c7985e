#include "loaded-program.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "lowering.h"

namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kStaggerBytes = 9 * kAlignment;

}  // namespace

LoadedProgram::LoadedProgram(const Program& program, const Steps& steps, pthreadpool_t pool)
    : int8_(program.dtype == Dtype::kInt8), output_position_(steps.output_position) {
  Subgraph subgraph;
  lower(program, steps, constants_, subgraph);
  std::vector<xnn_external_value> externals;
  const auto attach = [&](uint32_t node, std::vector<Tensor>& tensors) {
    const size_t elements = size_t(program.nodes[node].shape.elements());
    // A read and a write whose addresses differ by whole pages wait for each other. Left to the allocator it would be
    // chance which tensors do, and the same program could take a tenth longer the next time.
    const size_t offset = externals.size() * kStaggerBytes % kPageBytes;
    Buffer memory = allocate(elements * element_bytes() + offset, kPageBytes);
    void* values = static_cast<char*>(memory.get()) + offset;
    tensors.push_back({std::move(memory), values, elements});
    externals.push_back({uint32_t(externals.size()), values});
  };
  for (const uint32_t input : steps.inputs) attach(input, inputs_);
  for (const uint32_t output : steps.outputs) attach(output, outputs_);
  for (const Tensor& input : inputs_) input_sizes_.push_back(input.elements);
  write_pattern();
  const uint32_t flags = program.dtype == Dtype::kFloat16 ? XNN_FLAG_FORCE_FP16_INFERENCE : 0;
  const auto whole = [&](xnn_status status) {
    if (status != xnn_status_success && runtime_ != nullptr) xnn_delete_runtime(runtime_);
    check(status, "program");
  };
  whole(xnn_create_runtime_v4(subgraph.handle, nullptr, nullptr, pool, flags, &runtime_));
  whole(xnn_reshape_runtime(runtime_));
  whole(xnn_setup_runtime_v2(runtime_, externals.size(), externals.data()));
  // The first invocation pays for every page of memory that nobody has touched: no sample of a deployed network.
  whole(xnn_invoke_runtime(runtime_));
}

LoadedProgram::~LoadedProgram() { xnn_delete_runtime(runtime_); }

void LoadedProgram::invoke() { check(xnn_invoke_runtime(runtime_), "program"); }

void LoadedProgram::touch_inputs() const {
  for (const Tensor& input : inputs_) {
    const volatile char* bytes = static_cast<const volatile char*>(input.values);
    for (size_t i = 0; i < input.elements * element_bytes(); i += 64) (void)bytes[i];
  }
}

std::vector<std::vector<float>> LoadedProgram::compute(const std::vector<std::vector<float>>& inputs) {
  for (size_t n = 0; n < inputs_.size(); n++) {
    for (size_t i = 0; i < inputs_[n].elements; i++) write(inputs_[n], i, inputs[n][i]);
  }
  invoke();
  std::vector<std::vector<float>> outputs;
  for (size_t n = 0; n < output_position_.size() / size_t(copies); n++) {
    const Tensor& tensor = outputs_[output_position_[n]];
    outputs.emplace_back(tensor.elements);
    for (size_t i = 0; i < tensor.elements; i++) outputs.back()[i] = read(tensor, i);
  }
  write_pattern();
  return outputs;
}

void LoadedProgram::write(Tensor& tensor, size_t i, float value) {
  if (!int8_) {
    static_cast<float*>(tensor.values)[i] = value;
    return;
  }
  const float steps = std::round(value / kActivationScale);
  static_cast<int8_t*>(tensor.values)[i] = int8_t(std::min(127.0f, std::max(-128.0f, steps)));
}

float LoadedProgram::read(const Tensor& tensor, size_t i) const {
  if (!int8_) return static_cast<const float*>(tensor.values)[i];
  return kActivationScale * float(static_cast<const int8_t*>(tensor.values)[i]);
}

void LoadedProgram::write_pattern() {
  for (Tensor& input : inputs_) {
    for (size_t i = 0; i < input.elements; i++) write(input, i, input_pattern(int64_t(i)));
  }
}
