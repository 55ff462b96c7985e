#include "estimate.h"

namespace {

double element_bytes(Dtype dtype) { return dtype == Dtype::kInt8 ? 1 : dtype == Dtype::kFloat16 ? 2 : 4; }

double parameters_of(const Program& program, const Step& step, double bytes, double bias_bytes) {
  const double channels = double(step.shape.channels);
  const double bias = step.op.bias ? channels * bias_bytes : 0;
  switch (step.op.kind) {
    case OpKind::kConvolution: {
      const double inputs = double(program.nodes[step.inputs[0]].shape.channels / step.op.groups);
      return double(step.op.kernel.height) * double(step.op.kernel.width) * inputs * channels * bytes + bias;
    }
    case OpKind::kLinear:
      return double(program.nodes[step.inputs[0]].shape.channels) * channels * bytes + bias;
    case OpKind::kBatchNorm:
      return 2 * channels * bytes;
    case OpKind::kActivation:
      return step.op.activation == Activation::kPrelu ? channels * bytes : 0;
    default:
      return 0;
  }
}

double windows_of(const Step& step) {
  if (step.op.kind != OpKind::kConvolution && step.op.kind != OpKind::kPool) return 0;
  const double pixels = double(step.shape.height) * double(step.shape.width);
  return 8 * pixels * double(step.op.kernel.height) * double(step.op.kernel.width);
}

}  // namespace

double parameter_bytes(const Program& program, const Steps& steps) {
  const double bytes = element_bytes(program.dtype);
  double sum = 0;
  for (const Step& step : steps.steps) {
    sum += parameters_of(program, step, bytes, program.dtype == Dtype::kInt8 ? 4 : bytes);
  }
  return sum;
}

double estimate_bytes(const Program& program, const Steps& steps) {
  double sum = 0;
  for (const uint32_t input : steps.inputs) sum += 4 * double(program.nodes[input].shape.elements());
  for (const Step& step : steps.steps) {
    sum += 4 * double(step.shape.elements()) + 3 * parameters_of(program, step, 4, 4) + windows_of(step);
  }
  return sum;
}

double multiply_accumulates(const Program& program, const Steps& steps) {
  double sum = 0;
  for (const Step& step : steps.steps) {
    const double read = step.op.kind == OpKind::kConvolution || step.op.kind == OpKind::kLinear
                            ? double(program.nodes[step.inputs[0]].shape.channels / step.op.groups)
                            : 0;
    sum += read * double(step.op.kernel.height * step.op.kernel.width) * double(step.shape.elements());
  }
  return sum;
}

double moved_bytes(const Program& program, const Steps& steps) {
  double elements = 0;
  for (const uint32_t input : steps.inputs) elements += double(program.nodes[input].shape.elements());
  for (const Step& step : steps.steps) elements += double(step.shape.elements());
  return element_bytes(program.dtype) * elements + parameter_bytes(program, steps);
}
