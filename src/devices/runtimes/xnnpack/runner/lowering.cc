#include "lowering.h"

#include <algorithm>
#include <cmath>

#include "infer-shape.h"

namespace {

using Dims = std::vector<size_t>;

Dims dims_of(const Shape& shape) {
  return {1, size_t(shape.height), size_t(shape.width), size_t(shape.channels)};
}

// How a window hangs over its input. XNNPACK takes TensorFlow's `same` by a flag, as TFLite gives it, but computes
// nonsense for windows that leave pixels out at the end (stride beyond the window); those get numbers.
struct Border {
  uint32_t top = 0, right = 0, bottom = 0, left = 0, flags = 0;
};

Border border_of(const Op& op, const Shape& input) {
  if (!op.same) return {};
  const Axis rows = window_along(input.height, op.kernel.height, op.stride.height, op.dilation.height, true);
  const Axis columns = window_along(input.width, op.kernel.width, op.stride.width, op.dilation.width, true);
  const auto reaches_end = [](int64_t size, const Axis& axis, int64_t kernel, int64_t stride, int64_t dilation) {
    return (axis.output - 1) * stride + (kernel - 1) * dilation + 1 >= size;
  };
  if (reaches_end(input.height, rows, op.kernel.height, op.stride.height, op.dilation.height) &&
      reaches_end(input.width, columns, op.kernel.width, op.stride.width, op.dilation.width)) {
    Border flagged;
    flagged.flags = XNN_FLAG_TENSORFLOW_SAME_PADDING;
    return flagged;
  }
  return {uint32_t(rows.before), uint32_t(columns.after), uint32_t(rows.after), uint32_t(columns.before), 0};
}

class Lowering {
 public:
  Lowering(const Program& program, const Steps& steps, Constants& constants, xnn_subgraph_t subgraph)
      : program_(program), steps_(steps), constants_(constants), subgraph_(subgraph),
        values_(program.nodes.size(), XNN_INVALID_VALUE_ID) {}

  void run() {
    uint32_t external = 0;
    for (const uint32_t input : steps_.inputs) {
      values_[input] = activation(dims_of(program_.nodes[input].shape), external++, XNN_VALUE_FLAG_EXTERNAL_INPUT);
    }
    for (const uint32_t output : steps_.outputs) {
      const Node& node = program_.nodes[output];
      const uint32_t value = activation(dims_of(node.shape), external++, XNN_VALUE_FLAG_EXTERNAL_OUTPUT);
      where_ = node.name;
      if (node.op.kind == OpKind::kInput) {
        ok(xnn_define_copy(subgraph_, values_[output], value, 0));
      } else {
        values_[output] = value;
      }
    }
    for (const Step& step : steps_.steps) {
      where_ = program_.nodes[step.node].name;
      uint32_t& value = values_[step.node];
      if (value == XNN_INVALID_VALUE_ID) value = internal(dims_of(step.shape));
      lower_step(step, value);
    }
  }

 private:
  bool int8() const { return program_.dtype == Dtype::kInt8; }
  void ok(xnn_status status) const { check(status, where_); }

  uint32_t activation(const Dims& dims, uint32_t external, uint32_t flags) {
    uint32_t id = XNN_INVALID_VALUE_ID;
    ok(int8() ? xnn_define_quantized_tensor_value(subgraph_, xnn_datatype_qint8, 0, kActivationScale, dims.size(),
                                                  dims.data(), nullptr, external, flags, &id)
              : xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, dims.size(), dims.data(), nullptr, external,
                                        flags, &id));
    return id;
  }

  uint32_t internal(const Dims& dims) { return activation(dims, XNN_INVALID_VALUE_ID, 0); }

  // A constant operand of an elementwise op: one scale for the whole of it.
  uint32_t operand(const Dims& dims, const std::vector<float>& values) {
    uint32_t id = XNN_INVALID_VALUE_ID;
    if (int8()) {
      const auto quantized = constants_.quantized(values, 1, [](size_t) { return 0; });
      ok(xnn_define_quantized_tensor_value(subgraph_, xnn_datatype_qint8, 0, quantized.scales[0], dims.size(),
                                           dims.data(), quantized.values, XNN_INVALID_VALUE_ID, 0, &id));
    } else {
      ok(xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, dims.size(), dims.data(), constants_.floats(values),
                                 XNN_INVALID_VALUE_ID, 0, &id));
    }
    return id;
  }

  // Weights with the output channels along `channel_axis`, and the bias that goes with them.
  struct Parameters {
    uint32_t filter, bias;
  };
  Parameters parameters(const Dims& dims, size_t channel_axis, const std::vector<float>& values,
                        const std::vector<float>& bias) {
    Parameters made{XNN_INVALID_VALUE_ID, XNN_INVALID_VALUE_ID};
    const size_t channels = dims[channel_axis];
    const Dims bias_dims{bias.size()};
    if (!int8()) {
      ok(xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, dims.size(), dims.data(), constants_.floats(values),
                                 XNN_INVALID_VALUE_ID, 0, &made.filter));
      if (bias.empty()) return made;
      ok(xnn_define_tensor_value(subgraph_, xnn_datatype_fp32, 1, bias_dims.data(), constants_.floats(bias),
                                 XNN_INVALID_VALUE_ID, 0, &made.bias));
      return made;
    }
    size_t inner = 1;
    for (size_t axis = channel_axis + 1; axis < dims.size(); axis++) inner *= dims[axis];
    const auto quantized =
        constants_.quantized(values, channels, [&](size_t i) { return i / inner % channels; });
    ok(xnn_define_channelwise_quantized_tensor_value(subgraph_, xnn_datatype_qcint8, quantized.scales, dims.size(),
                                                     channel_axis, dims.data(), quantized.values,
                                                     XNN_INVALID_VALUE_ID, 0, &made.filter));
    if (bias.empty()) return made;
    const auto quantized_bias = constants_.quantized_bias(bias, quantized.scales, kActivationScale);
    ok(xnn_define_channelwise_quantized_tensor_value(subgraph_, xnn_datatype_qcint32, quantized_bias.scales, 1, 0,
                                                     bias_dims.data(), quantized_bias.values, XNN_INVALID_VALUE_ID,
                                                     0, &made.bias));
    return made;
  }

  void lower_step(const Step& step, uint32_t output) {
    const uint32_t first = step.inputs.empty() ? XNN_INVALID_VALUE_ID : values_[step.inputs[0]];
    switch (step.op.kind) {
      case OpKind::kInput:
        return;
      case OpKind::kConvolution:
        return convolution(step, first, output);
      case OpKind::kLinear:
        return linear(step, first, output);
      case OpKind::kBatchNorm:
        return batch_norm(step, first, output);
      case OpKind::kActivation:
        return activate(step, first, output);
      case OpKind::kAdd:
        return binary(xnn_binary_add, first, values_[step.inputs[1]], output, step.range);
      case OpKind::kMultiply:
        return binary(xnn_binary_multiply, first, values_[step.inputs[1]], output, step.range);
      case OpKind::kConcat:
        return concat(step, output);
      case OpKind::kChannelSplit: {
        const size_t offsets[4] = {0, 0, 0, size_t(step.op.offset)};
        ok(xnn_define_static_slice(subgraph_, 4, offsets, dims_of(step.shape).data(), first, output, 0));
        return;
      }
      case OpKind::kChannelShuffle:
        return shuffle(step, first, output);
      case OpKind::kPool:
        return pool(step, first, output);
      case OpKind::kGlobalAveragePool: {
        const size_t axes[2] = {1, 2};
        ok(xnn_define_static_reduce(subgraph_, xnn_reduce_mean, 2, axes, first, output, XNN_FLAG_KEEP_DIMS));
        return;
      }
    }
  }

  const Shape& input_shape(const Step& step) const { return program_.nodes[step.inputs[0]].shape; }

  void binary(xnn_binary_operator type, uint32_t first, uint32_t second, uint32_t output, Range range = {}) {
    const xnn_binary_params params{range.low, range.high};
    ok(xnn_define_binary(subgraph_, type, &params, first, second, output, 0));
  }

  void unary(xnn_unary_operator type, uint32_t input, uint32_t output) {
    ok(xnn_define_unary(subgraph_, type, nullptr, input, output, 0));
  }

  void convolution(const Step& step, uint32_t input, uint32_t output) {
    const Op& op = step.op;
    const int64_t inputs = input_shape(step).channels;
    const int64_t per_group = inputs / op.groups;
    const int64_t taps = op.kernel.height * op.kernel.width;
    const std::vector<float> values = weights(op.channels, taps * per_group);
    const std::vector<float> bias = op.bias ? biases(op.channels) : std::vector<float>();
    if (op.groups == inputs && op.groups > 1) {
      // XNNPACK wants depthwise weights as [1, rows, columns, output channels].
      std::vector<float> transposed(values.size());
      for (int64_t channel = 0; channel < op.channels; channel++) {
        for (int64_t tap = 0; tap < taps; tap++) {
          transposed[size_t(tap * op.channels + channel)] = values[size_t(channel * taps + tap)];
        }
      }
      return depthwise(op, input_shape(step), transposed, bias, step.range, input, output);
    }
    const auto [filter, bias_id] =
        parameters({size_t(op.channels), size_t(op.kernel.height), size_t(op.kernel.width), size_t(per_group)}, 0,
                   values, bias);
    const Border border = border_of(op, input_shape(step));
    ok(xnn_define_convolution_2d(subgraph_, border.top, border.right, border.bottom, border.left,
                                 uint32_t(op.kernel.height), uint32_t(op.kernel.width),
                                 uint32_t(op.stride.height), uint32_t(op.stride.width), uint32_t(op.dilation.height),
                                 uint32_t(op.dilation.width), uint32_t(op.groups), size_t(per_group),
                                 size_t(op.channels / op.groups), step.range.low, step.range.high, input, filter,
                                 bias_id, output, border.flags));
  }

  // `weights` and `op.channels` as in a depthwise convolution, whatever the kind of `op`.
  void depthwise(const Op& op, const Shape& input_shape, const std::vector<float>& weights,
                 const std::vector<float>& bias, Range range, uint32_t input, uint32_t output) {
    const int64_t outputs = int64_t(weights.size()) / (op.kernel.height * op.kernel.width);
    const auto [filter, bias_id] =
        parameters({1, size_t(op.kernel.height), size_t(op.kernel.width), size_t(outputs)}, 3, weights, bias);
    const Border border = border_of(op, input_shape);
    ok(xnn_define_depthwise_convolution_2d(
        subgraph_, border.top, border.right, border.bottom, border.left, uint32_t(op.kernel.height), uint32_t(op.kernel.width), uint32_t(op.stride.height),
        uint32_t(op.stride.width), uint32_t(op.dilation.height), uint32_t(op.dilation.width),
        uint32_t(outputs / input_shape.channels), size_t(input_shape.channels), range.low, range.high, input, filter,
        bias_id, output, border.flags));
  }

  void linear(const Step& step, uint32_t input, uint32_t output) {
    const int64_t inputs = input_shape(step).channels;
    const int64_t outputs = step.op.channels;
    const auto [filter, bias] = parameters({size_t(outputs), size_t(inputs)}, 0, weights(outputs, inputs),
                                           step.op.bias ? biases(outputs) : std::vector<float>());
    ok(xnn_define_fully_connected(subgraph_, step.range.low, step.range.high, input, filter, bias, output, 0));
  }

  void batch_norm(const Step& step, uint32_t input, uint32_t output) {
    const int64_t channels = step.shape.channels;
    std::vector<float> scale = biases(channels);
    for (float& value : scale) value += 1;
    const uint32_t scaled = internal(dims_of(step.shape));
    binary(xnn_binary_multiply, input, operand({size_t(channels)}, scale), scaled);
    binary(xnn_binary_add, scaled, operand({size_t(channels)}, biases(channels)), output, step.range);
  }

  void activate(const Step& step, uint32_t input, uint32_t output) {
    const Dims dims = dims_of(step.shape);
    switch (step.op.activation) {
      case Activation::kRelu:
      case Activation::kRelu6: {
        xnn_unary_params params{};
        params.clamp.min = 0;
        params.clamp.max = step.op.activation == Activation::kRelu6 ? 6 : INFINITY;
        ok(xnn_define_unary(subgraph_, xnn_unary_clamp, &params, input, output, 0));
        return;
      }
      case Activation::kHswish:
        return unary(xnn_unary_hardswish, input, output);
      case Activation::kSigmoid:
        return unary(xnn_unary_sigmoid, input, output);
      case Activation::kHsigmoid: {
        const uint32_t clamped = internal(dims);
        binary(xnn_binary_add, input, operand({1}, {3.0f}), clamped, {0.0f, 6.0f});
        return binary(xnn_binary_multiply, clamped, operand({1}, {1.0f / 6}), output);
      }
      case Activation::kSwish: {
        const uint32_t gate = internal(dims);
        unary(xnn_unary_sigmoid, input, gate);
        return binary(xnn_binary_multiply, input, gate, output);
      }
      case Activation::kPrelu: {
        const size_t channels = dims[3];
        const uint32_t slope = operand({channels}, std::vector<float>(channels, 0.25f));
        return binary(xnn_binary_prelu, input, slope, output);
      }
    }
  }

  // XNNPACK concatenates at most five at once: more are joined five by five, and the results again.
  void concat(const Step& step, uint32_t output) {
    struct Part {
      uint32_t value;
      int64_t channels;
    };
    std::vector<Part> parts;
    for (const uint32_t input : step.inputs) {
      parts.push_back({values_[input], program_.nodes[input].shape.channels});
    }
    while (parts.size() > 5) {
      std::vector<Part> joined;
      for (size_t begin = 0; begin < parts.size(); begin += 5) {
        const size_t end = std::min(begin + 5, parts.size());
        if (end - begin == 1) {
          joined.push_back(parts[begin]);
          continue;
        }
        std::vector<uint32_t> ids;
        Shape shape{step.shape.height, step.shape.width, 0};
        for (size_t i = begin; i < end; i++) {
          ids.push_back(parts[i].value);
          shape.channels += parts[i].channels;
        }
        const uint32_t value = internal(dims_of(shape));
        concat_few(ids, value);
        joined.push_back({value, shape.channels});
      }
      parts = joined;
    }
    std::vector<uint32_t> ids;
    for (const Part& part : parts) ids.push_back(part.value);
    concat_few(ids, output);
  }

  void concat_few(const std::vector<uint32_t>& v, uint32_t output) {
    switch (v.size()) {
      case 2:
        return ok(xnn_define_concatenate2(subgraph_, 3, v[0], v[1], output, 0));
      case 3:
        return ok(xnn_define_concatenate3(subgraph_, 3, v[0], v[1], v[2], output, 0));
      case 4:
        return ok(xnn_define_concatenate4(subgraph_, 3, v[0], v[1], v[2], v[3], output, 0));
      default:
        return ok(xnn_define_concatenate5(subgraph_, 3, v[0], v[1], v[2], v[3], v[4], output, 0));
    }
  }

  // Channel g·n + i moves to i·groups + g: a transpose of [groups, n].
  void shuffle(const Step& step, uint32_t input, uint32_t output) {
    const Dims dims = dims_of(step.shape);
    const size_t groups = size_t(step.op.groups);
    const size_t per_group = dims[3] / groups;
    const Dims split{1, dims[1], dims[2], groups, per_group};
    const Dims swapped{1, dims[1], dims[2], per_group, groups};
    const size_t permutation[5] = {0, 1, 2, 4, 3};
    const uint32_t before = internal(split);
    const uint32_t after = internal(swapped);
    ok(xnn_define_static_reshape(subgraph_, 5, split.data(), input, before, 0));
    ok(xnn_define_static_transpose(subgraph_, 5, permutation, before, after, 0));
    ok(xnn_define_static_reshape(subgraph_, 4, dims.data(), after, output, 0));
  }

  void pool(const Step& step, uint32_t input, uint32_t output) {
    const Op& op = step.op;
    if (op.kernel.height * op.kernel.width == 1) return subsample(step, op.stride, input_shape(step), input, output);
    if (op.average && int8()) return average_pool_int8(step, input, output);
    const Border border = border_of(op, input_shape(step));
    if (op.average) {
      ok(xnn_define_average_pooling_2d(subgraph_, border.top, border.right, border.bottom, border.left,
                                       uint32_t(op.kernel.height), uint32_t(op.kernel.width),
                                       uint32_t(op.stride.height), uint32_t(op.stride.width), step.range.low,
                                       step.range.high, input, output, border.flags));
      return;
    }
    if (op.stride.height > op.kernel.height || op.stride.width > op.kernel.width) {
      return sparse_max_pool(step, input, output);
    }
    ok(xnn_define_max_pooling_2d(subgraph_, border.top, border.right, border.bottom, border.left,
                                 uint32_t(op.kernel.height), uint32_t(op.kernel.width), uint32_t(op.stride.height),
                                 uint32_t(op.stride.width), 1, 1, step.range.low, step.range.high, input, output,
                                 border.flags));
  }

  // XNNPACK has no window of one pixel: a depthwise convolution by 1 takes every stride-th pixel.
  void subsample(const Step& step, const Extent& stride, const Shape& from, uint32_t input, uint32_t output) {
    Op op;
    op.stride = stride;
    depthwise(op, from, std::vector<float>(size_t(from.channels), 1.0f), {}, step.range, input, output);
  }

  // XNNPACK's max-pool does not jump further than its window: pool at every pixel, then take every stride-th.
  void sparse_max_pool(const Step& step, uint32_t input, uint32_t output) {
    const Op& op = step.op;
    const Shape& from = input_shape(step);
    const Axis rows = window_along(from.height, op.kernel.height, op.stride.height, 1, op.same);
    const Axis columns = window_along(from.width, op.kernel.width, op.stride.width, 1, op.same);
    const Shape dense{from.height + rows.before + rows.after - op.kernel.height + 1,
                      from.width + columns.before + columns.after - op.kernel.width + 1, from.channels};
    const uint32_t pooled = internal(dims_of(dense));
    ok(xnn_define_max_pooling_2d(subgraph_, uint32_t(rows.before), uint32_t(columns.after), uint32_t(rows.after),
                                 uint32_t(columns.before), uint32_t(op.kernel.height), uint32_t(op.kernel.width), 1, 1,
                                 1, 1, -INFINITY, INFINITY, input, pooled, 0));
    subsample(step, op.stride, dense, pooled, output);
  }

  // XNNPACK has no average-pool of signed int8: a depthwise convolution by 1/taps, and where windows hang over
  // the border a factor a pixel, because padded pixels do not count.
  void average_pool_int8(const Step& step, uint32_t input, uint32_t output) {
    const Op& op = step.op;
    const Shape& from = input_shape(step);
    const Axis rows = window_along(from.height, op.kernel.height, op.stride.height, 1, op.same);
    const Axis columns = window_along(from.width, op.kernel.width, op.stride.width, 1, op.same);
    const int64_t taps = op.kernel.height * op.kernel.width;
    const std::vector<float> equal(size_t(taps * from.channels), 1.0f / float(taps));
    if (rows.before + rows.after + columns.before + columns.after == 0) {
      return depthwise(op, from, equal, {}, step.range, input, output);
    }
    std::vector<float> factors;
    for (int64_t y = 0; y < rows.output; y++) {
      for (int64_t x = 0; x < columns.output; x++) {
        const int64_t inside = covered(y, rows, from.height, op.kernel.height, op.stride.height) *
                               covered(x, columns, from.width, op.kernel.width, op.stride.width);
        factors.push_back(float(taps) / float(inside));
      }
    }
    const uint32_t sums = internal(dims_of(step.shape));
    depthwise(op, from, equal, {}, {}, input, sums);
    binary(xnn_binary_multiply, sums, operand({1, size_t(rows.output), size_t(columns.output), 1}, factors), output,
           step.range);
  }

  // How many taps of the window at `position` lie inside the input.
  static int64_t covered(int64_t position, const Axis& axis, int64_t input, int64_t kernel, int64_t stride) {
    const int64_t begin = position * stride - axis.before;
    return std::min(begin + kernel, input) - std::max<int64_t>(begin, 0);
  }

  const Program& program_;
  const Steps& steps_;
  Constants& constants_;
  xnn_subgraph_t subgraph_;
  std::vector<uint32_t> values_;  // of each node
  std::string where_;
};

const char* status_name(xnn_status status) {
  switch (status) {
    case xnn_status_success:
      return "success";
    case xnn_status_uninitialized:
      return "uninitialized";
    case xnn_status_invalid_parameter:
      return "invalid parameter";
    case xnn_status_invalid_state:
      return "invalid state";
    case xnn_status_unsupported_parameter:
      return "unsupported parameter";
    case xnn_status_unsupported_hardware:
      return "unsupported hardware";
    case xnn_status_out_of_memory:
      return "out of memory";
    default:
      return "another status";
  }
}

}  // namespace

void check(xnn_status status, const std::string& where) {
  if (status == xnn_status_success) return;
  throw Refusal{where, std::string("XNNPACK refuses it: ") + status_name(status), "", ""};
}

void lower(const Program& program, const Steps& steps, Constants& constants, Subgraph& subgraph) {
  const uint32_t externals = uint32_t(steps.inputs.size() + steps.outputs.size());
  check(xnn_create_subgraph(externals, 0, &subgraph.handle), "subgraph");
  Lowering(program, steps, constants, subgraph.handle).run();
}
